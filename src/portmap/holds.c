// SPDX-License-Identifier: GPL-2.0-or-later
#include "holds.h"

#include <string.h>

#include "cleanup.h"
#include "retry.h"

#define NOBODY PORTMAP_PROTOCOLS

/* A port that is somebody else's is asked for again: his forward may end. */
#define TAKEN_AGAIN_MS 120000
/* Refusals last as long as the router says, within these; one that says nothing is asked after the first. */
#define REFUSED_MIN_MS 60000
#define REFUSED_MAX_MS 1800000
/* No answer to a request, of a router that may be there. */
#define SILENT_AGAIN_MS 15000
/* What has no end is looked at by the list; by itself, as often as the others are renewed. */
#define ENDLESS_MS (PORTMAP_LIFETIME_S * 500ULL)

static struct hold *hold_by_token(struct holds *holds, __u32 token)
{
	for (size_t i = 0; i < holds->n; i++) {
		if (holds->list[i].token == token)
			return &holds->list[i];
	}
	return NULL;
}

static bool forward_equal(const struct portmap_forward *a, const struct portmap_forward *b)
{
	return a->proto == b->proto && a->external_port == b->external_port &&
	       a->internal_port == b->internal_port;
}

static void hold_drop(struct holds *holds, struct hold *hold)
{
	*hold = holds->list[--holds->n];
}

static void hold_want(struct holds *holds, const struct portmap_forward *forward, __u64 now_ms)
{
	struct hold *hold = NULL;

	for (size_t i = 0; i < holds->n && !hold; i++) {
		if (forward_equal(&holds->list[i].forward, forward))
			hold = &holds->list[i];
	}
	if (!hold && holds->n < HOLDS_MAX) {
		hold = &holds->list[holds->n++];
		*hold = (struct hold){.token = ++holds->tokens,
				      .made_by = NOBODY,
				      .by = NOBODY,
				      .state = PORTMAP_STATE_ASKING,
				      .due_ms = now_ms};
	}
	if (!hold)
		return;
	/* It was to be given back: asked for again before it has an end, or behind the answer to that. */
	if (!hold->is_wanted)
		hold->due_ms = now_ms;
	hold->is_wanted = true;
	hold->forward = *forward;
}

static bool is_among(const struct portmap_forward *forward, const struct portmap_forward *list,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (forward_equal(forward, &list[i]))
			return true;
	}
	return false;
}

void holds_set(struct holds *holds, const struct portmap_forward *forwards, size_t n, __u64 now_ms)
{
	for (size_t i = holds->n; i-- > 0;) {
		struct hold *hold = &holds->list[i];

		if (!hold->is_wanted || is_among(&hold->forward, forwards, n))
			continue;
		hold->is_wanted = false;
		hold->due_ms = now_ms;
		if (!hold->is_asked && hold->made_by == NOBODY)
			hold_drop(holds, hold);
	}
	for (size_t i = 0; i < n; i++)
		hold_want(holds, &forwards[i], now_ms);
}

/* --- what is asked --------------------------------------------------------------------------------------- */

/* To whom it goes; NOBODY: nothing is to be asked about it. */
static unsigned int asked_by(const struct hold *hold, unsigned int chosen)
{
	if (hold->is_asked)
		return NOBODY;
	if (hold->is_wanted && !hold->gives_back)
		return chosen;
	return hold->made_by;
}

static void request_make(const struct hold *hold, struct portmap_request *request)
{
	bool ends = !hold->is_wanted || hold->gives_back;

	*request = (struct portmap_request){
		.token = hold->token,
		.forward = hold->forward,
		.lifetime_s = ends ? 0 : PORTMAP_LIFETIME_S,
		.is_exact = !hold->is_inexact,
		.is_renewal = hold->state == PORTMAP_STATE_MAPPED,
	};
}

bool holds_next(struct holds *holds, unsigned int chosen, unsigned int by, __u64 now_ms,
		struct portmap_request *ret_request)
{
	for (size_t i = 0; i < holds->n; i++) {
		struct hold *hold = &holds->list[i];

		if (by == NOBODY || asked_by(hold, chosen) != by || hold->due_ms > now_ms)
			continue;
		request_make(hold, ret_request);
		hold->is_asked = true;
		hold->is_ending = !ret_request->lifetime_s;
		return true;
	}
	return false;
}

void holds_put_back(struct holds *holds, __u32 token)
{
	struct hold *hold = hold_by_token(holds, token);

	if (hold)
		hold->is_asked = false;
}

__u64 holds_next_ms(const struct holds *holds, unsigned int chosen, unsigned int by)
{
	__u64 next = ~0ULL;

	for (size_t i = 0; i < holds->n; i++) {
		const struct hold *hold = &holds->list[i];

		if (asked_by(hold, chosen) == by && hold->due_ms < next)
			next = hold->due_ms;
	}
	return next;
}

/* --- what is answered ------------------------------------------------------------------------------------ */

static void state_set(struct hold *hold, enum portmap_state state, unsigned int by,
		      const char *words)
{
	hold->state = (__u8)state;
	hold->by = (__u8)by;
	snprintf(hold->words, sizeof(hold->words), "%s", words);
}

/* What there is is kept until it ends: the next try, or a new start where there is no time for one. */
static void renewal_set(struct hold *hold, __u32 random)
{
	__u64 after_ms = renewal_after_ms(hold->lifetime_s, hold->renewals, random);

	if (!hold->until_ms)
		hold->due_ms = hold->granted_ms + ENDLESS_MS;
	else
		hold->due_ms = after_ms ? hold->granted_ms + after_ms : hold->until_ms;
}

static void granted(struct hold *hold, unsigned int protocol, const struct portmap_reply *reply,
		    __u64 now_ms, __u32 random)
{
	hold->made_by = (__u8)protocol;
	if (reply->external_port != hold->forward.external_port) {
		hold->other_port = reply->external_port;
		hold->gives_back = true;
		hold->due_ms = now_ms;
		state_set(hold, PORTMAP_STATE_OTHER_PORT, protocol, "");
		return;
	}
	state_set(hold, PORTMAP_STATE_MAPPED, protocol, "");
	hold->granted_ms = now_ms;
	hold->lifetime_s = reply->lifetime_s;
	hold->until_ms = reply->lifetime_s ? now_ms + reply->lifetime_s * 1000ULL : 0;
	hold->renewals = 0;
	renewal_set(hold, random);
}

/* It is given back, or nobody could be told. What is left of it ends by itself. */
static void given_back(struct holds *holds, struct hold *hold, __u64 now_ms)
{
	bool was_other = hold->gives_back;

	hold->made_by = NOBODY;
	hold->gives_back = false;
	if (!hold->is_wanted) {
		hold_drop(holds, hold);
		return;
	}
	hold->due_ms = was_other ? now_ms + TAKEN_AGAIN_MS : now_ms;
	if (!was_other)
		state_set(hold, PORTMAP_STATE_ASKING, NOBODY, "");
}

static __u64 refused_ms(__u32 lifetime_s)
{
	__u64 ms = lifetime_s * 1000ULL;

	if (ms < REFUSED_MIN_MS)
		return REFUSED_MIN_MS;
	return ms > REFUSED_MAX_MS ? REFUSED_MAX_MS : ms;
}

static void refused(struct hold *hold, unsigned int protocol, const struct portmap_reply *reply,
		    __u64 now_ms)
{
	bool taken = reply->outcome == PORTMAP_TAKEN;

	hold->made_by = NOBODY;
	state_set(hold, taken ? PORTMAP_STATE_CONFLICT : PORTMAP_STATE_REFUSED, protocol,
		  reply->words);
	hold->due_ms = now_ms + (taken ? TAKEN_AGAIN_MS : refused_ms(reply->lifetime_s));
	/* Another protocol may do it, and is asked as soon as it is chosen. */
	if (reply->outcome == PORTMAP_UNUSABLE)
		hold->due_ms = now_ms;
}

static void not_answered(struct hold *hold, __u64 now_ms, __u32 random)
{
	if (hold->state != PORTMAP_STATE_MAPPED) {
		hold->due_ms = now_ms + SILENT_AGAIN_MS;
		return;
	}
	hold->renewals++;
	renewal_set(hold, random);
	if (hold->until_ms && hold->due_ms >= hold->until_ms) {
		hold->made_by = NOBODY;
		hold->due_ms = now_ms;
		state_set(hold, PORTMAP_STATE_ASKING, NOBODY, "");
	} else if (hold->due_ms < now_ms + RENEWAL_APART_MS) {
		hold->due_ms = now_ms + RENEWAL_APART_MS;
	}
}

/* It was asked for while it was wanted: what is there goes back next. */
static void unwanted_replied(struct holds *holds, struct hold *hold, unsigned int protocol,
			     const struct portmap_reply *reply, __u64 now_ms)
{
	if (reply->outcome == PORTMAP_GRANTED)
		hold->made_by = (__u8)protocol;
	hold->due_ms = now_ms;
	if (hold->made_by == NOBODY)
		hold_drop(holds, hold);
}

bool holds_replied(struct holds *holds, unsigned int protocol, const struct portmap_reply *reply,
		   __u64 now_ms, __u32 random)
{
	struct hold *hold = hold_by_token(holds, reply->token);
	bool is_silent = reply->outcome == PORTMAP_NO_ANSWER;

	if (!hold || !hold->is_asked)
		return false;
	hold->is_asked = false;
	if (hold->is_ending) {
		given_back(holds, hold, now_ms);
	} else if (!hold->is_wanted) {
		unwanted_replied(holds, hold, protocol, reply, now_ms);
	} else if (is_silent) {
		not_answered(hold, now_ms, random);
	} else if (reply->outcome == PORTMAP_INEXACT && !hold->is_inexact) {
		hold->is_inexact = true;
		hold->due_ms = now_ms;
	} else if (reply->outcome == PORTMAP_GRANTED) {
		granted(hold, protocol, reply, now_ms, random);
	} else {
		refused(hold, protocol, reply, now_ms);
	}
	return is_silent;
}

/* --- what happens to all --------------------------------------------------------------------------------- */

void holds_lost(struct holds *holds, unsigned int protocol, __u64 now_ms)
{
	for (size_t i = holds->n; i-- > 0;) {
		struct hold *hold = &holds->list[i];

		if (protocol != NOBODY && hold->made_by != protocol)
			continue;
		hold->made_by = NOBODY;
		hold->gives_back = false;
		/* Nobody is told what came of requests to a router that is another one now. */
		if (protocol == NOBODY)
			hold->is_asked = hold->is_inexact = false;
		if (hold->is_wanted) {
			hold->due_ms = now_ms;
			state_set(hold, PORTMAP_STATE_ASKING, NOBODY, "");
		} else if (!hold->is_asked) {
			hold_drop(holds, hold);
		}
	}
}

void holds_again(struct holds *holds, __u64 now_ms)
{
	for (size_t i = 0; i < holds->n; i++) {
		struct hold *hold = &holds->list[i];

		hold->due_ms = now_ms;
		hold->is_inexact = false;
		if (hold->state == PORTMAP_STATE_UNANSWERED)
			state_set(hold, PORTMAP_STATE_ASKING, NOBODY, "");
	}
}

void holds_unanswered(struct holds *holds)
{
	for (size_t i = 0; i < holds->n; i++) {
		struct hold *hold = &holds->list[i];

		if (hold->state == PORTMAP_STATE_ASKING || hold->state == PORTMAP_STATE_MAPPED)
			state_set(hold, PORTMAP_STATE_UNANSWERED, NOBODY, "");
	}
}

static bool is_listed(const struct hold *hold, const struct portmap_entry *entries, size_t n,
		      const struct ip_addr *own)
{
	for (size_t i = 0; i < n; i++) {
		if (entries[i].proto == hold->forward.proto &&
		    entries[i].external_port == hold->forward.external_port &&
		    ip_addr_equal(&entries[i].client, own))
			return true;
	}
	return false;
}

void holds_compare(struct holds *holds, const struct portmap_entry *entries, size_t n,
		   const struct ip_addr *own, __u64 now_ms)
{
	for (size_t i = 0; i < holds->n; i++) {
		struct hold *hold = &holds->list[i];

		if (hold->made_by != PORTMAP_IGD || !hold->is_wanted || hold->is_asked ||
		    is_listed(hold, entries, n, own))
			continue;
		hold->made_by = NOBODY;
		hold->due_ms = now_ms;
		state_set(hold, PORTMAP_STATE_ASKING, NOBODY, "");
	}
}

size_t holds_left(const struct holds *holds)
{
	size_t left = 0;

	for (size_t i = 0; i < holds->n; i++) {
		const struct hold *hold = &holds->list[i];

		left += !hold->is_wanted && (hold->made_by != NOBODY || hold->is_asked);
	}
	return left;
}

struct portmap_result holds_result(const struct holds *holds, const struct portmap_forward *forward)
{
	struct portmap_result result = {.proto = forward->proto,
					.external_port = forward->external_port,
					.internal_port = forward->internal_port,
					.protocol = NOBODY,
					.state = PORTMAP_STATE_ASKING};

	for (size_t i = 0; i < holds->n; i++) {
		const struct hold *hold = &holds->list[i];

		if (!forward_equal(&hold->forward, forward))
			continue;
		result.state = hold->state;
		result.protocol = hold->by;
		if (hold->state == PORTMAP_STATE_MAPPED)
			result.until_ms = hold->until_ms;
		if (hold->state == PORTMAP_STATE_OTHER_PORT)
			result.other_port = hold->other_port;
		memcpy(result.words, hold->words, sizeof(result.words));
		break;
	}
	return result;
}
