// SPDX-License-Identifier: GPL-2.0-or-later
#include "gateway_state.h"

#include <hairpin/limits.h>

struct cell {
	enum gateway_state next;
	enum gateway_state at_last; /* instead of `next`, with GATEWAY_MISSES in a row */
	bool is_miss; /* counts as one; else the count begins anew */
};

/* clang-format off */
#define TO(state) {state, state, false}
#define MISS(state, at_last) {state, at_last, true}

static const struct cell table[GATEWAY_STATE_MAX][GATEWAY_EVENT_MAX] = {
	/*                      HEARD                ONLY_OWN                                  NOTHING                                   CHANGED */
	[GATEWAY_ASKING] =    { TO(GATEWAY_PROVED), MISS(GATEWAY_ASKING, GATEWAY_ELSEWHERE),  MISS(GATEWAY_ASKING, GATEWAY_SILENT),     TO(GATEWAY_ASKING) },
	[GATEWAY_PROVED] =    { TO(GATEWAY_PROVED), MISS(GATEWAY_DOUBTED, GATEWAY_ELSEWHERE), MISS(GATEWAY_DOUBTED, GATEWAY_SILENT),    TO(GATEWAY_DOUBTED) },
	[GATEWAY_DOUBTED] =   { TO(GATEWAY_PROVED), MISS(GATEWAY_DOUBTED, GATEWAY_ELSEWHERE), MISS(GATEWAY_DOUBTED, GATEWAY_SILENT),    TO(GATEWAY_DOUBTED) },
	/* A lost answer to us is no reason to say that it is silent, one that came is to say that it is not. */
	[GATEWAY_ELSEWHERE] = { TO(GATEWAY_PROVED), TO(GATEWAY_ELSEWHERE),                    MISS(GATEWAY_ELSEWHERE, GATEWAY_SILENT),  TO(GATEWAY_ASKING) },
	[GATEWAY_SILENT] =    { TO(GATEWAY_PROVED), TO(GATEWAY_ELSEWHERE),                    TO(GATEWAY_SILENT),                       TO(GATEWAY_ASKING) },
};

static const struct {
	const char *name;
	unsigned int first_s, most_s; /* between questions */
} states[GATEWAY_STATE_MAX] = {
	[GATEWAY_ASKING] =    { "asking",    1, 1 },
	[GATEWAY_PROVED] =    { "proved",    GATEWAY_PROVED_FIRST_S, GATEWAY_PROVED_MOST_S },
	[GATEWAY_DOUBTED] =   { "doubted",   1, 1 },
	[GATEWAY_ELSEWHERE] = { "elsewhere", GATEWAY_ELSEWHERE_FIRST_S, GATEWAY_ELSEWHERE_MOST_S },
	[GATEWAY_SILENT] =    { "silent",    GATEWAY_SILENT_FIRST_S, GATEWAY_SILENT_MOST_S },
};
/* clang-format on */

void gateway_init(struct gateway *gateway)
{
	*gateway = (struct gateway){.state = GATEWAY_ASKING,
				    .interval_s = states[GATEWAY_ASKING].first_s};
}

bool gateway_step(struct gateway *gateway, enum gateway_event event)
{
	const struct cell *cell = &table[gateway->state][event];
	enum gateway_state before = gateway->state;
	unsigned int most_s;

	gateway->misses = cell->is_miss ? gateway->misses + 1 : 0;
	gateway->state = gateway->misses < GATEWAY_MISSES ? cell->next : cell->at_last;
	if (gateway->state != before) {
		gateway->interval_s = states[gateway->state].first_s;
		/* What is doubted goes on counting; a verdict counts anew what speaks against it. */
		if (gateway->state != GATEWAY_DOUBTED)
			gateway->misses = 0;
		return true;
	}
	most_s = states[gateway->state].most_s;
	gateway->interval_s = 2 * gateway->interval_s < most_s ? 2 * gateway->interval_s : most_s;
	return false;
}

bool gateway_is_proved(const struct gateway *gateway)
{
	return gateway->state == GATEWAY_PROVED || gateway->state == GATEWAY_DOUBTED;
}

const char *gateway_state_name(enum gateway_state state)
{
	return states[state].name;
}
