/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which address the internet knows us by where another router has it (decision 035), and whether a further NAT stands in front of that router. Pure: what was said by
 * whom, and when, is told; public_watch.c asks.
 *
 * The first source, in the order of the enum, that said a public address and still answers. One that is silent is believed for PUBLIC_FRESH_S more, but not against one behind it that
 * has said something new since. Without any of them the one that was heard last counts, for PUBLIC_KEEP_S: an address too many does no harm, one too few ends
 * connections.
 */
#pragma once

#include <stdbool.h>

#include <hairpin/limits.h>

#include "addr.h"
#include "strbuf.h"

enum public_source {
	PUBLIC_CONFIGURED, /* wan.public-address: ADDRESS */
	PUBLIC_NAME, /* wan.public-address: NAME */
	PUBLIC_ROUTER, /* the router upstream, by PCP, NAT-PMP or UPnP */
	PUBLIC_STUN,
	PUBLIC_SERVICES, /* the names of services, asked outside */
	PUBLIC_REMEMBERED, /* what this machine knew before it was started anew */
	PUBLIC_SOURCES, /* none of them */
};

/* What one of them said last. All-zero: nothing so far. */
struct public_word {
	bool has, answers; /* it said an address; its last try was answered */
	struct ip_addr addr; /* of any class */
	__u64 since_ms, at_ms; /* when it said this address first, and last */
};

struct public_case {
	struct public_word words[PUBLIC_SOURCES];
	struct ip_addr split; /* what another STUN server saw; zero: all saw the same */
	bool is_addressless; /* the router answers, and says that it has no public address */
	struct ip_addr own; /* our WAN address; zero: none */
	__u64 now_ms; /* of a clock that never jumps */
};

/* Whether the router upstream is on the internet itself. */
enum public_nat {
	PUBLIC_NAT_UNKNOWN, /* it does not say which address it has */
	PUBLIC_NAT_NONE, /* its own is public, and nobody outside says otherwise */
	PUBLIC_NAT_LIKELY, /* the internet sees another address than its own, or it says that it has none: another NAT, or a proxy or VPN on the way */
	PUBLIC_NAT_PROVED, /* its own is no public one */
};

struct public_verdict {
	enum public_source source; /* PUBLIC_SOURCES: not known */
	struct ip_addr addr;
	enum public_source
		against; /* another that answers and says another; PUBLIC_SOURCES: none */
	struct ip_addr against_addr;
	enum public_nat nat;
	bool is_addressless; /* of LIKELY: the router says that it has none */
	struct ip_addr
		nat_addr; /* of PROVED, what the router has; of LIKELY, what the internet sees */
};

/* @source said @addr, or did not answer (NULL). */
void public_word_heard(struct public_word *word, const struct ip_addr *addr, __u64 now_ms);

struct public_verdict public_decide(const struct public_case *the_case);

/* "the router upstream", for people; "router", for JSON. */
const char *public_source_words(enum public_source source);
const char *public_source_key(enum public_source source);
/* "unknown", "none", "likely", "proved", for JSON. */
const char *public_nat_key(enum public_nat nat);

/* One sentence without a stop at its end; nothing is added where there is nothing to say. */
void public_disagreement_say(const struct public_verdict *verdict, struct strbuf *out);
void public_nat_say(const struct public_verdict *verdict, struct strbuf *out);
