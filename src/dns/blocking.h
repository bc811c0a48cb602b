/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What block lists say of a name, for whom, and what is answered then.
 *
 * Each client is in one group: the one that has its address; else its Ethernet address, which the daemon turns into addresses; else the longest network that it
 * is in; else the first group, which has everybody. A group has lists of its own. Order: dns_blocktable_judge().
 *
 * A name that is not blocked may lead to one that is (CNAME cloaking): answers of upstreams are looked through, also when they come from the cache. A name that is allowed is
 * allowed with all that it leads to. Names of ours never come here.
 *
 * The DNS process has one; one thread.
 */
#pragma once

#include <hairpin/limits.h>

#include "blocktable.h"
#include "cache.h"

/* In the order of enum conf_block_mode, which this folder does not see. */
enum dns_block_mode {
	DNS_BLOCK_MODE_NULL, /* 0.0.0.0 and :: */
	DNS_BLOCK_MODE_NXDOMAIN,
	DNS_BLOCK_MODE_REFUSED,
	DNS_BLOCK_MODE_NODATA,
	DNS_BLOCK_MODE_CUSTOM, /* addresses of the operator's */
	DNS_BLOCK_MODE_MAX,
};

/* Lists of one kind that a group has. */
struct dns_block_names {
	bool has_all;
	char (*names)[DNS_BLOCK_LIST_NAME]; /* n, owned; without has_all */
	size_t n;
};

struct dns_block_group {
	bool is_on;
	struct dns_block_names blocklists, allowlists;
};

struct dns_block_client {
	struct ip_net net;
	__u32 group;
};

struct dns_blocking_conf {
	enum dns_block_mode mode;
	struct ip_addr *answers; /* n_answers, owned, as all of this; of CUSTOM */
	size_t n_answers;
	struct dns_block_group *groups; /* n_groups, 1 at least: the first has everybody else */
	size_t n_groups;
	struct dns_block_client *clients; /* n_clients */
	size_t n_clients;
};

void dns_blocking_conf_fini(struct dns_blocking_conf *conf);

struct dns_blocking;

/* NULL: no memory. Nothing is blocked before there is a table. */
struct dns_blocking *dns_blocking_make(void);
struct dns_blocking *dns_blocking_free(struct dns_blocking *blocking);

/* Takes @conf over, which is empty then. */
void dns_blocking_set_conf(struct dns_blocking *blocking, struct dns_blocking_conf *conf);
/* Addresses that belong to a group by their Ethernet address, now; taken over. */
void dns_blocking_set_clients(struct dns_blocking *blocking, struct dns_block_client *clients,
			      size_t n);
/* Takes @table over, instead of the one before; NULL: none. */
void dns_blocking_set_table(struct dns_blocking *blocking, struct dns_blocktable *table);
/* Off: nothing is blocked, as if there were no table. */
void dns_blocking_set_off(struct dns_blocking *blocking, bool is_off);

struct dns_block_ask {
	struct ip_addr client;
	const struct dns_query *query;
};

/* What is said of the name that is asked for. BLOCKED: *ret_list is 1 + the number of the list, as dns_outcome has it. */
enum dns_block_verdict dns_blocking_judge(struct dns_blocking *blocking,
					  const struct dns_block_ask *ask, __u8 *ret_list);

/*
 * Whether @reply, of an upstream and read to its end before, leads to what is blocked for whoever asks: names of CNAMEs, addresses, targets and hints of SVCB and
 * HTTPS. Only where the verdict on the name itself is NOTHING. @mark: of the entry of the cache that @reply is of, NULL if none.
 */
bool dns_blocking_inspect(struct dns_blocking *blocking, const struct dns_block_ask *ask,
			  struct dns_reply reply, __u32 *mark, __u8 *ret_list);

/* Writes the answer of a blocked name (dns_answer_begin() was called) and ends it; its octets. */
size_t dns_blocking_answer(const struct dns_blocking *blocking, struct dns_answer *answer);
