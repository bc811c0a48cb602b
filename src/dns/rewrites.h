/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names that are ours: those of services, of dns.rewrites, of hosts. A table made whole and then only read; a new one takes its place.
 *
 * A rewritten name is owned. What it has is answered here, every other type with "no data" and an SOA, and nothing of it is asked upstream: a public
 * AAAA or HTTPS record beside our A would lead half of the clients out of the house. The exceptions are those that the operator lists
 * in dns_rewrite.pass.
 */
#pragma once

#include <hairpin/limits.h>

#include "addr.h"
#include "answer.h"

/* Which names a pattern stands for. */
enum dns_match {
	DNS_MATCH_EXACT, /* "x" */
	DNS_MATCH_BELOW, /* "*.x": all below, x not */
	DNS_MATCH_TREE, /* ".x": x and all below */
};

/* The data of an HTTPS record up to its hints, which each asker gets of his own. Priority, root, ALPN, no-default-alpn, port. */
#define DNS_HTTPS_MAX 40
struct dns_https {
	__u8 data[DNS_HTTPS_MAX];
	size_t length;
};

struct dns_rewrite {
	struct dns_name name;
	enum dns_match match;
	struct ip_addr *addrs; /* n_addrs, of the table's maker; both families in any order */
	size_t n_addrs;
	struct dns_name target; /* of a CNAME, instead of addresses; length 0: none */
	__u16 pass[LIMIT_PASS_PER_REWRITE]; /* types that are asked upstream, n_pass */
	size_t n_pass;
	struct dns_https https[LIMIT_HTTPS_PER_REWRITE]; /* n_https */
	size_t n_https;
	bool is_kept; /* an exception under a wider pattern: all of its types are asked upstream */
	bool is_absent; /* there is no such name: NXDOMAIN */
	__u32 ttl_s;
};

/*
 * Freed by dns_rewrites_free(). Copies @rewrites; of two with the same name and match the first counts (the checker has refused them before). NULL: no
 * memory.
 */
struct dns_rewrites *dns_rewrites_make(const struct dns_rewrite *rewrites, size_t n);
struct dns_rewrites *dns_rewrites_free(struct dns_rewrites *rewrites);

/*
 * What a question for @name and @type is answered with: the pattern that says most of the name, an exact one before all. NULL: it is not ours.
 *
 * HTTPS and SVCB records of a name stand also at "_8443._https.NAME" (RFC 9460 section 9.1), and there they are as much ours.
 */
const struct dns_rewrite *dns_rewrites_find(const struct dns_rewrites *rewrites,
					    const struct dns_name *name, __u16 type);

enum dns_rewritten {
	DNS_REWRITTEN_WHOLE, /* the answer has all its records */
	DNS_REWRITTEN_PASS, /* this type is asked upstream, like any other name */
	DNS_REWRITTEN_ALIAS, /* the answer has CNAMEs, and what *ret_target has is to be asked upstream */
	DNS_REWRITTEN_ABSENT, /* whole, and its RCODE is NXDOMAIN */
	DNS_REWRITTEN_LOOP, /* CNAMEs that lead nowhere: SERVFAIL */
};

/*
 * Writes the records of answer->query, whose rewrite is @rewrite, CNAMEs followed through the table. @segment: the network of the asker; where a
 * name has addresses in it, only these are given, since they need no router. NULL: not known. ALIAS sets *ret_target.
 */
enum dns_rewritten dns_rewrite_answer(const struct dns_rewrites *rewrites,
				      const struct dns_rewrite *rewrite,
				      const struct ip_net *segment, struct dns_answer *answer,
				      struct dns_name *ret_target);
