/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The servers whose default gateway is asked for, each with what is known of it: by the daemon for as long as it runs (gateway_probe.h), by `hairpin check` for a moment. */
#pragma once

#include <linux/types.h>
#include <net/if.h>

#include "conf.h"
#include "echo.h"
#include "echo_tap.h"
#include "facts.h"
#include "gateway_state.h"
#include "neighs.h"

struct gateway_target {
	__be32 host;
	__be32 via; /* who is asked for its Ethernet address: the host, or the router in front of it */
	__be32 own; /* our address that it sees */
	__u8 mac[6]; /* of `via`; with has_mac */
	bool has_mac;
	bool is_moved; /* it has another one than before, and nobody has taken notice */
	struct gateway gateway;
	__u8 tokens
		[2]
		[ECHO_TOKEN_BYTES]; /* of the last question and of the one before: a late answer is one too */
	bool is_asked; /* an answer is waited for */
	bool has_own; /* since the last question it has answered us */
	unsigned int due_s; /* until the next question */
	__u64 since_ms; /* in this state */
	__u64 heard_ms; /* last answer to the outside; 0: none */
};

/* Where they are. */
struct gateway_place {
	unsigned int ifindex; /* 0: nowhere now */
	__u8 mac[6]; /* ours */
	bool running;
	__be32 outside; /* what the question from outside says that it comes from */
};

struct gateway_targets {
	struct gateway_target *list; /* owned; sorted by memcmp() of `host` */
	size_t n;
};

/*
 * The hosts of @conf of whom something depends on it, in role bypass; in others none. Those that stay keep what is known of them. 0; -ENOMEM, and nothing
 * changed.
 */
int gateway_targets_set(struct gateway_targets *targets, const struct conf *conf,
			const struct facts *facts, __u64 now_ms);
void gateway_targets_fini(struct gateway_targets *targets);

/* NULL: it is not asked. */
struct gateway_target *gateway_targets_find(const struct gateway_targets *targets, __be32 host);

/* Its `outside` is GATEWAY_OUTSIDE. */
struct gateway_place gateway_place_of(const struct conf *conf, const struct facts *facts);

/* Takes Ethernet addresses on the device from @neighs, which it sorts; `is_moved` where one is another than before. */
void gateway_targets_resolve(struct gateway_targets *targets, unsigned int ifindex,
			     struct neigh *neighs, size_t n);

/*
 * Asks it in our own name and in that of the outside, with a number for both that nobody else knows. Nothing of it is sent where its Ethernet address is not known or
 * the tap is closed. The kernel is made to find that address out, or to make sure of it, whether it was known or not: gateway_targets_resolve() before the next
 * question. 0 or -errno.
 */
int gateway_target_ask(struct gateway_target *target, const struct echo_tap *tap,
		       const struct gateway_place *place);

/*
 * Whom that is an answer of, to us or to the outside (echo->to says which): from the host that was asked, by its own Ethernet address, to ours, with a number that only who saw one
 * of the last two questions knows. NULL: nobody's (unit test gateway_targets: what somebody makes up).
 */
struct gateway_target *gateway_targets_answer(const struct gateway_targets *targets,
					      const struct gateway_place *place,
					      const struct echo *echo);
