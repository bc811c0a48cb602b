/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forwards that a router is asked for, whichever protocol it speaks: what is wanted, what is mapped by whom until when, and what is to be asked next. No socket, no clock; @random is any
 * number.
 */
#pragma once

#include "request.h"

/* Wanted ones, and as many that are being given back. */
#define HOLDS_MAX (2 * LIMIT_UPSTREAM_FORWARDS)

struct hold {
	__u32 token; /* its number for life */
	struct portmap_forward forward;
	bool is_wanted;
	bool is_asked; /* a request about it is on its way */
	bool is_ending; /* that request is to forget it */
	bool gives_back; /* it was granted, and not as wanted: that is given back */
	bool is_inexact; /* the router does not know how to refuse another port */
	__u8 made_by; /* enum portmap_protocol; PORTMAP_PROTOCOLS: nothing is mapped */
	__u8 state; /* enum portmap_state */
	__u8 by; /* protocol of the state */
	__u16 other_port;
	char words[LIMIT_UPSTREAM_TEXT];
	__u64 granted_ms, until_ms; /* until_ms 0: without an end */
	__u64 due_ms; /* when it is asked for, renewed or given back */
	__u32 lifetime_s;
	unsigned int renewals; /* tries since the grant */
};

struct holds {
	struct hold list[HOLDS_MAX];
	size_t n;
	__u32 tokens; /* given so far */
};

/* What is wanted from now on. What no longer is is given back. */
void holds_set(struct holds *holds, const struct portmap_forward *forwards, size_t n, __u64 now_ms);

/*
 * The next request that is due and for @by: what is wanted if that is @chosen (PORTMAP_PROTOCOLS: no one answers), and what it made and is to forget. It counts as asked
 * until holds_replied() or holds_put_back(). False: none.
 */
bool holds_next(struct holds *holds, unsigned int chosen, unsigned int by, __u64 now_ms,
		struct portmap_request *ret_request);
/* That one could not be sent now. */
void holds_put_back(struct holds *holds, __u32 token);

/* True: @protocol has to be asked whether it is still there. */
bool holds_replied(struct holds *holds, unsigned int protocol, const struct portmap_reply *reply,
		   __u64 now_ms, __u32 random);

/* What @protocol has made is lost (PORTMAP_PROTOCOLS: by any): asked for anew. */
void holds_lost(struct holds *holds, unsigned int protocol, __u64 now_ms);
/* All that is wanted is asked for at once: the router's address changed, or another protocol does it. */
void holds_again(struct holds *holds, __u64 now_ms);
/* No protocol answers. */
void holds_unanswered(struct holds *holds);
/* The whole list of the router: what UPnP has made for @own and is not in it is lost. */
void holds_compare(struct holds *holds, const struct portmap_entry *entries, size_t n,
		   const struct ip_addr *own, __u64 now_ms);

/* When holds_next() has something next; ~0: never. */
__u64 holds_next_ms(const struct holds *holds, unsigned int chosen, unsigned int by);

/* Mapped and no longer wanted. */
size_t holds_left(const struct holds *holds);
/* The result for @forward, without a holder. */
struct portmap_result holds_result(const struct holds *holds,
				   const struct portmap_forward *forward);
