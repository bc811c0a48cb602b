/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking the router upstream (decision 034): the words for what is wanted of it, and for what it said.
 *
 * Both structures are of a fixed size and hold no pointer: they go between the daemon and the process that asks (src/hairpind/upstream_process.h) as they are.
 * Everything in a report was said by a stranger; texts are printable ASCII and end with NUL.
 */
#pragma once

#include <linux/types.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include <hairpin/limits.h>

#include "addr.h"

enum portmap_protocol {
	PORTMAP_PCP, /* RFC 6887 */
	PORTMAP_NATPMP, /* RFC 6886 */
	PORTMAP_IGD, /* UPnP */
	PORTMAP_STUN, /* RFC 8489; tells an address and maps nothing */
	PORTMAP_PROTOCOLS,
};

/* --- what is wanted ----------------------------------------------------------------------------------- */

/* The router shall forward `port` of its public address to the same port of ours. */
struct portmap_forward {
	__u8 proto; /* IPPROTO_TCP or IPPROTO_UDP */
	__u16 external_port, internal_port;
	char service[LIMIT_SERVICE_NAME +
		     1]; /* told as "hairpin SERVICE" where a protocol has a text */
	__u8 nonce
		[12]; /* of PCP: the same as long as the forward is wanted, also by the next process */
};

struct portmap_server {
	struct ip_addr addr; /* IPv4 */
	__u16 port;
};

struct portmap_wanted {
	__u32 serial; /* comes back in reports */
	char interface[IFNAMSIZ]; /* WAN: nothing is asked by another one */
	unsigned int ifindex;
	struct ip_addr router,
		own; /* IPv4; the gateway of the default route, and our address towards it */
	bool asks; /* what protocols there are, and the public address; false: nothing is asked */
	__u32 n_forwards, n_servers;
	struct portmap_forward forwards[LIMIT_UPSTREAM_FORWARDS];
	struct portmap_server servers[LIMIT_STUN_SERVERS]; /* none: nobody is asked by STUN */
};

/* Whether the same is asked of the same router, from the same address. */
bool portmap_router_equal(const struct portmap_wanted *a, const struct portmap_wanted *b);

/* Whether all is the same but the serial. */
bool portmap_wanted_equal(const struct portmap_wanted *a, const struct portmap_wanted *b);

/* --- what is reported --------------------------------------------------------------------------------- */

enum portmap_answer {
	PORTMAP_NOT_ASKED,
	PORTMAP_ASKING, /* for the first time; nothing is known */
	PORTMAP_SILENT,
	PORTMAP_REFUSES, /* it speaks, and says that it does not do this: `words` */
	PORTMAP_ANSWERS,
};

/* One protocol. */
struct portmap_peer {
	__u32 answer; /* enum portmap_answer */
	__u32 epoch; /* seconds since the router has had its table; PCP and NAT-PMP */
	struct ip_addr external; /* its public address as it says; zero: it does not, or has none */
	char name[LIMIT_UPSTREAM_TEXT]; /* for people: "MiniUPnPd router"; "": not said */
	char words[LIMIT_UPSTREAM_TEXT]; /* why not, as in "not authorized"; "": nothing is wrong */
};

/* What a server of `wanted` said, in the same order. */
struct portmap_stun {
	struct portmap_server server;
	__u32 answer; /* enum portmap_answer */
	struct ip_addr external; /* zero: not known */
};

enum portmap_state {
	PORTMAP_STATE_ASKING, /* nothing is known yet */
	PORTMAP_STATE_MAPPED, /* by `protocol`, until `until_ms` */
	PORTMAP_STATE_REFUSED, /* by `protocol`: `words` */
	PORTMAP_STATE_CONFLICT, /* its port is another's: of `holder`, if that is known */
	PORTMAP_STATE_OTHER_PORT, /* it would be mapped at `other_port` only; that was given back */
	PORTMAP_STATE_UNANSWERED, /* no protocol answers */
	PORTMAP_STATES,
};

/* One forward. */
struct portmap_result {
	__u8 proto;
	__u8 state; /* enum portmap_state */
	__u8 protocol; /* enum portmap_protocol */
	__u16 external_port, internal_port;
	__u16 other_port;
	__u16 holder_port;
	__u64 until_ms; /* CLOCK_MONOTONIC; 0: without an end */
	struct ip_addr holder; /* zero: not known */
	char words
		[LIMIT_UPSTREAM_TEXT]; /* "" or the protocol's own result for people: "not authorized" */
};

/* A port that the router forwards to somebody, by its list of UPnP. */
struct portmap_entry {
	__u8 proto;
	__u16 external_port, internal_port;
	struct ip_addr client; /* may be ours */
	__u32 lease_s; /* 0: without an end */
	char description[LIMIT_UPSTREAM_TEXT];
};

struct portmap_report {
	__u32 serial; /* of the wanted that it is about */
	__u32 protocol; /* that forwards are asked by; PORTMAP_PROTOCOLS: none so far */
	/* 0 or 1, and not bool: any octet may come from a process that was taken over. */
	__u8 is_settled; /* each protocol was asked: what is not there does not come by waiting */
	struct portmap_peer peers[PORTMAP_PROTOCOLS];
	__u32 n_results, n_entries, n_servers;
	__u32 n_left; /* mapped, no longer wanted, and not given back yet */
	__u8 has_entries; /* the router has a list and it was read; `is_cut`: only its beginning */
	__u8 is_cut;
	struct portmap_stun servers[LIMIT_STUN_SERVERS];
	struct portmap_result
		results[LIMIT_UPSTREAM_FORWARDS]; /* in the order of what was wanted */
	struct portmap_entry entries[LIMIT_UPSTREAM_ENTRIES];
};

/* --- words -------------------------------------------------------------------------------------------- */

/* "PCP", "NAT-PMP", "UPnP IGD", "STUN"; "?" for what is none. */
const char *portmap_protocol_name(unsigned int protocol);
/* "pcp", "nat-pmp", "upnp", "stun", for JSON. */
const char *portmap_protocol_key(unsigned int protocol);
/* "not-asked", "asking", "silent", "refuses", "answers", for JSON. */
const char *portmap_answer_key(unsigned int answer);
/* "asking", "mapped", "refused", "conflict", "other-port", "unanswered", for JSON. */
const char *portmap_state_key(unsigned int state);

/*
 * Copies at most @size - 1 octets of @text, @length octets of a stranger's, and NUL: what is not printable ASCII becomes "?", space at both ends goes.
 */
void portmap_text_clean(char *to, size_t size, const char *text, size_t length);

/*
 * The same for all texts of @report, and its numbers within their bounds: for who has it from a process that may be in somebody else's hands. False: it is no
 * report about @wanted.
 */
bool portmap_report_check(struct portmap_report *report, const struct portmap_wanted *wanted);
