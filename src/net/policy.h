/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which device the routing policy of this machine would send an IPv4 packet by: the kernel's rules (`ip rule`) and the routes of all tables they lead to.
 *
 * The kernel itself can be asked for a route (RTM_GETROUTE), but not for a packet that the bpf backend routes before the stack sees it, nor which rule it was
 * that decided. So both are read, and asked here.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>

#include "addr.h"
#include "strbuf.h"

enum policy_action {
	POLICY_TABLE,
	POLICY_GOTO,
	POLICY_NOP,
	POLICY_REFUSE, /* blackhole, unreachable, prohibit */
};

struct policy_rule {
	__u32 priority;
	enum policy_action action;
	__u32 table, target; /* of POLICY_TABLE, of POLICY_GOTO */
	bool inverted; /* "not" */
	bool unknown; /* it asks for something that we do not know */
	struct ip_net from, to; /* length 0: all */
	char iif[IFNAMSIZ], oif[IFNAMSIZ]; /* "": any */
	__u32 mark, mask;
	__u8 proto; /* 0: any */
	__u16 sport_first, sport_last, dport_first, dport_last; /* 0, 0: any */
	int suppress_length; /* a route of this length or shorter does not count; -1: all do */
};

enum policy_kind { POLICY_UNICAST, POLICY_LOCAL, POLICY_DEAD, POLICY_THROW };

struct policy_route {
	__u32 table;
	struct ip_net net;
	__u32 metric;
	enum policy_kind kind;
	unsigned int ifindex;
};

/* All-zero: nothing. Freed by policy_fini(). */
struct policy {
	struct policy_rule *rules; /* n_rules, owned; in the order in which they are asked */
	size_t n_rules;
	struct policy_route *routes; /* n_routes, owned */
	size_t n_routes;
};

#define _policy_ _cleanup_(policy_fini)

/* A packet that comes in from a host. Port 0: not known, what asks for ports does not fit. */
struct policy_packet {
	struct ip_addr from, to;
	const char *iif;
	__u8 proto;
	__u16 sport, dport;
	__u32 mark;
};

struct policy_answer {
	enum policy_kind kind; /* POLICY_DEAD also where there is no route */
	unsigned int ifindex; /* 0: none */
	const struct policy_rule *rule; /* that led there; NULL: none did */
	bool doubt; /* a rule that was passed by asks for something that we do not know */
};

/* Of the network namespace of the caller. 0 or -errno. */
int policy_read(struct policy *ret_policy);

/* Pure. */
struct policy_answer policy_ask(const struct policy *policy, const struct policy_packet *packet);

/* A priority at which a rule is asked before all but that of the table `local`. */
__u32 policy_front(const struct policy *policy);

/* "9003: not from all iif lo lookup 2022", as `ip rule` has it. */
void policy_rule_print(const struct policy_rule *rule, struct strbuf *out);

void policy_fini(struct policy *policy);
