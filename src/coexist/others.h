/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of netfilter, whoever wrote them, in one form: read from nft's JSON (others_nft.c) and from what iptables-save prints (others_iptables.c), asked by walk.h.
 *
 * What a reader does not understand becomes a match or a verdict that says so, and never goes missing: whoever asks has to know that it cannot be told.
 */
#pragma once

#include <jansson.h>
#include <net/if.h>
#include <netinet/in.h>

#include "addr.h"
#include "strbuf.h"

enum rule_hook {
	HOOK_NONE,
	HOOK_PREROUTING,
	HOOK_INPUT,
	HOOK_FORWARD,
	HOOK_OUTPUT,
	HOOK_POSTROUTING
};

/* What of a packet a match looks at. */
enum rule_field {
	FIELD_UNKNOWN,
	FIELD_IIF, /* device */
	FIELD_OIF,
	FIELD_FAMILY, /* 4 or 6, a range as all numbers */
	FIELD_PROTO,
	FIELD_SADDR, /* address */
	FIELD_DADDR,
	FIELD_SPORT,
	FIELD_DPORT,
	FIELD_CONNECTION, /* enum connection_bit: `low` is what may be set */
	FIELD_DIRECTION, /* of the packet in its connection: 0 as it began, 1 the answers */
	FIELD_TCP_FLAGS, /* `low` is the mask, `high` what it has to leave; high 0 and mask: any of them */
	FIELD_SADDR_TYPE, /* enum address_type */
	FIELD_DADDR_TYPE,
	FIELD_MARK, /* of packet or connection */
	FIELD_ROUTE_BACK, /* `low` 1: there is one to where it came from */
	FIELD_PACKET_TYPE, /* 0: to this machine alone, as its link layer says */
};

enum connection_bit {
	CONNECTION_NEW = 1,
	CONNECTION_ESTABLISHED = 2,
	CONNECTION_RELATED = 4,
	CONNECTION_INVALID = 8,
	CONNECTION_UNTRACKED = 16,
	CONNECTION_DNAT = 32, /* from here on, of its status */
	CONNECTION_SNAT = 64,
	CONNECTION_CONFIRMED = 128,
	CONNECTION_OTHER = 256,
};

enum address_type { ADDRESS_UNICAST = 1, ADDRESS_LOCAL, ADDRESS_OTHER };

/* Which part is meant is the field's to say. */
struct rule_value {
	char device[IFNAMSIZ + 1]; /* "*" or "+" at its end: all that begin so */
	struct ip_addr first, last;
	__u32 low, high;
};

#define MATCH_FIELDS_MAX 5

/* True if all fields are as one of the rows says; of no rows, never. */
struct rule_match {
	enum rule_field fields[MATCH_FIELDS_MAX];
	size_t n_fields;
	bool negated;
	struct rule_value *values; /* n_rows × n_fields, owned */
	size_t n_rows;
};

enum rule_verdict {
	VERDICT_NONE, /* it goes on: counters, logs, marks */
	VERDICT_ACCEPT,
	VERDICT_DROP, /* or reject */
	VERDICT_JUMP,
	VERDICT_GOTO,
	VERDICT_RETURN,
	VERDICT_DNAT, /* or redirect */
	VERDICT_SNAT, /* or masquerade */
	VERDICT_NOTRACK,
	VERDICT_FLOW, /* into a flowtable */
	VERDICT_PROXY, /* to a socket of this machine, as it is: tproxy */
	VERDICT_UNKNOWN, /* a queue, a target that we do not know */
};

struct rule {
	struct rule_match *matches; /* n_matches, owned */
	size_t n_matches;
	enum rule_verdict verdict;
	char *target; /* owned; of jump and goto, a chain; else NULL */
	struct ip_addr to; /* of DNAT, with has_to */
	__u16 to_port; /* 0: as it was */
	bool has_to;
	__u32 mark; /* bits that it sets in the packet's, whatever else it does; 0: none */
	char *text; /* owned; as its own program prints it */
};

struct chain {
	char *name; /* owned */
	enum rule_hook hook; /* HOOK_NONE: only jumps lead here */
	bool is_nat; /* its type; what is of type route is here as filter */
	bool drops; /* by policy */
	int priority;
	struct rule *rules; /* n_rules, owned */
	size_t n_rules;
};

struct ruletable {
	char *family, *name; /* owned; "ip", "ip6", "inet" */
	const char *program; /* "iptables", "ip6tables", "iptables-legacy", ...; NULL: nft's own */
	struct chain *chains; /* n_chains, owned */
	size_t n_chains;
};

/* All-zero: none. Freed by rules_fini(). Memory that runs out ends the process, as with strbuf. */
struct rules {
	struct ruletable *tables; /* n_tables, owned */
	size_t n_tables;
};

#define _rules_ _cleanup_(rules_fini)

/*
 * @root is what `nft -j list ruleset` prints, @text what `nft -a list ruleset` does: rules are shown in its words. Our own table and other families than those above are left
 * out. 0 or -EINVAL.
 */
int rules_read_nft(struct rules *rules, const json_t *root, const char *text);

/*
 * What `iptables-save` prints; @family is "ip" or "ip6" and @program as above. A table that is there already under that name is replaced: nft shows those of iptables-nft without
 * what their modules say. Lines that are none of its are passed over.
 */
void rules_read_iptables(struct rules *rules, const char *family, const char *program,
			 const char *text);

/* NULL: there is none. */
const struct chain *rules_chain(const struct ruletable *table, const char *name);

void rules_fini(struct rules *rules);

/* --- for the readers -------------------------------------------------------------------------------- */

struct ruletable *rules_add_table(struct rules *rules, const char *family, const char *name);
/* The pointers that came before are invalid behind each of these. */
struct chain *rules_add_chain(struct ruletable *table, const char *name);
struct rule *rules_add_rule(struct chain *chain, const char *text);
struct rule_match *rule_add_match(struct rule *rule, enum rule_field field);
/* A row of @match->n_fields values, all-zero. */
struct rule_value *match_add_row(struct rule_match *match);
/* Shorter: one row of one number, or of a range. */
void rule_add_number(struct rule *rule, enum rule_field field, __u32 low, __u32 high);
/* A copy with its matches. */
struct rule *rules_copy_rule(struct chain *chain, const struct rule *from);
void rule_fini(struct rule *rule);
