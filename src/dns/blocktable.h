/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all block and allow lists together say of a name or of an address: one sealed file in memory, made by the list loader and mapped by the DNS process.
 *
 * Nothing in it is a pointer, so that it means the same wherever it is mapped, and it is read only: it is swapped whole. Whoever maps it did not make it and
 * does not trust it. Every place in it is checked once, when it is mapped, and its seals say that it cannot change afterwards.
 *
 * A name is kept as 64 bits of its hash (16 or so by where it stands, 48 written down) and two octets for what is said of it; the names
 * themselves are not in it. A name that is in no list is taken for one that is with a chance of 1 in 10^13 or less a question. A lookup goes from the
 * whole name up, one probe a label, each in one or two lines of the CPU's cache.
 *
 * Lists have numbers, the places of bits in the masks: blocklists, then allowlists, both in the order of the configuration, then the operator's own words to
 * block, then those to allow. The numbers are those of this table: who keeps them asks again, by name, after each swap.
 */
#pragma once

#include "addr.h"
#include "name.h"

/* A mask has a bit for each. */
#define DNS_BLOCK_LISTS_MAX 64
/* As the schema has names, NUL included. */
#define DNS_BLOCK_LIST_NAME 64

enum dns_block_kind {
	DNS_BLOCK_LIST,
	DNS_BLOCK_ALLOWLIST,
	DNS_BLOCK_OWN_BLOCK, /* dns.block; its name is "block" */
	DNS_BLOCK_OWN_ALLOW, /* dns.allow; its name is "allow" */
};

struct dns_block_list {
	enum dns_block_kind kind;
	const char *name; /* in the table */
};

/* Bits of lists that say so of what was asked. A blocklist may allow too: "@@" in adblock syntax. */
struct dns_block_said {
	__u64 block, block_important;
	__u64 allow, allow_important;
};

enum dns_block_verdict {
	DNS_BLOCK_NOTHING,
	DNS_BLOCK_ALLOWED,
	DNS_BLOCK_BLOCKED,
};

struct dns_blocktable;

/*
 * Maps the sealed file @fd, which the caller still owns and may close. 0; -EPERM: somebody could still change it; -EBADMSG: not what the loader makes, or
 * a place in it leads outside; -ENOMEM. Freed by dns_blocktable_close(), also of NULL, which returns NULL.
 */
int dns_blocktable_open(int fd, struct dns_blocktable **ret_table);
struct dns_blocktable *dns_blocktable_close(struct dns_blocktable *table);

/*
 * What is said of @name when it is asked for @type; rules for some types only (`$dnstype`) are looked through. True: something. *ret_said is set either
 * way. @table may be NULL: nothing is.
 */
bool dns_blocktable_find(const struct dns_blocktable *table, const struct dns_name *name,
			 __u16 type, struct dns_block_said *ret_said);

/* The same of an address in an answer: lines of lists that are an address or a network. */
bool dns_blocktable_find_addr(const struct dns_blocktable *table, const struct ip_addr *addr,
			      struct dns_block_said *ret_said);

/*
 * What @said means for a client that the lists of mask @lists are for. The operator's own words come first, whether or not they are in @lists, and of these those
 * to allow; then `$important`, then what allows, then what blocks. *ret_list, if not NULL: the number of the list that decided, the lowest.
 */
enum dns_block_verdict dns_blocktable_judge(const struct dns_blocktable *table,
					    const struct dns_block_said *said, __u64 lists,
					    unsigned int *ret_list);

/* Lists of @table, by number. */
unsigned int dns_blocktable_n_lists(const struct dns_blocktable *table);
struct dns_block_list dns_blocktable_list(const struct dns_blocktable *table, unsigned int number);
/* The bit of the list of that kind and name; 0: this table has none. */
__u64 dns_blocktable_bit(const struct dns_blocktable *table, enum dns_block_kind kind,
			 const char *name);

struct dns_blocktable_size {
	__u32 names, addrs;
	__u64 octets; /* of the file */
};

struct dns_blocktable_size dns_blocktable_size(const struct dns_blocktable *table);
