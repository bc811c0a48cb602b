/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of one server's default gateway, and when it is asked again: a table (gateway_state.c).
 *
 * One answer proves. A proof is withdrawn only after GATEWAY_MISSES questions in a row without one, so that a lost frame changes nothing: a wrong one lasts GATEWAY_PROVED_MOST_S and
 * GATEWAY_MISSES seconds at most. Pure: who asks and hears is the caller.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

enum gateway_state {
	GATEWAY_ASKING, /* nothing is known yet */
	GATEWAY_PROVED, /* it is this machine */
	GATEWAY_DOUBTED, /* proved, and the last questions were not answered */
	GATEWAY_ELSEWHERE, /* it answers us, and nobody outside by us */
	GATEWAY_SILENT, /* it answers nothing */
	GATEWAY_STATE_MAX,
};

enum gateway_event {
	GATEWAY_HEARD, /* an answer to the outside came by us */
	GATEWAY_ONLY_OWN, /* a question is over: an answer to us came, and none to the outside */
	GATEWAY_NOTHING, /* ... and no answer at all */
	GATEWAY_CHANGED, /* its Ethernet address, or ours, or the link became another */
	GATEWAY_EVENT_MAX,
};

struct gateway {
	enum gateway_state state;
	unsigned int misses; /* in a row */
	unsigned int interval_s; /* from the last question to the next one */
};

void gateway_init(struct gateway *gateway);

/* Takes @event. True: the state is another, as told; the next question is due after gateway->interval_s. */
bool gateway_step(struct gateway *gateway, enum gateway_event event);

/* Whether the server may see who comes from outside. */
bool gateway_is_proved(const struct gateway *gateway);

/* "proved" */
const char *gateway_state_name(enum gateway_state state);
