/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in a block table (blocktable.h), for the two who have to know: src/dns/blocktable.c reads it, src/lists/tablemaker.c writes it. It does not outlive
 * the program that made it, so numbers are in host order and the layout may change with any version.
 *
 * The sections follow each other without places of their own written down; where each begins follows from the counts.
 */
#pragma once

#include <linux/types.h>

#define BLOCKTABLE_MAGIC "hpblock1"

struct block_header {
	char magic[8];
	__u64 seed; /* of dns_name_hash() */
	__u64 octets; /* of the whole file */
	__u32 n_names, n_buckets; /* buckets: a power of two */
	__u32 n_sets, n_clauses, n_types, n_denied;
	__u32 n_addrs, n_lists;
};

struct block_list {
	__u32 kind; /* enum dns_block_kind */
	__u32 unused;
	char name[64];
};

/*
 * A name: the set of what is said of it, and of its hash the 48 bits below those that chose its bucket. Where there are few buckets, bits
 * at the end of the hash are not looked at: the chance of a false match is the entries of a bucket in 2^48 either way.
 */
#define BLOCK_SET_BITS 16
#define BLOCK_SETS_MAX (1 << BLOCK_SET_BITS)

static inline __u32 block_bucket(__u64 hash, __u32 n_buckets)
{
	return (__u32)(((__u64)(__u32)(hash >> 32) * n_buckets) >> 32);
}

static inline __u64 block_print(__u64 hash, __u32 n_buckets)
{
	return (hash * n_buckets) >> BLOCK_SET_BITS;
}

enum block_says {
	BLOCK_SAYS_BLOCK,
	BLOCK_SAYS_BLOCK_IMPORTANT,
	BLOCK_SAYS_ALLOW,
	BLOCK_SAYS_ALLOW_IMPORTANT,
	BLOCK_SAYS_MAX,
};

/* What some lists say of a name, and when. */
struct block_clause {
	__u64 lists;
	__u32 types_at, denied_at; /* the first of n_types, n_denied */
	__u8 match; /* enum dns_match */
	__u8 says;
	__u8 n_types; /* it is said for these types of question alone, or for all but these; 0: for all */
	__u8 is_but_types;
	__u8 n_denied; /* hashes of names that it does not hold for, with all below them */
	__u8 unused[11];
};

/* All that is said of a name. */
struct block_set {
	__u32 at; /* its first clause */
	__u32 n;
};

/* From this address on, until the next entry's; set 0 is the empty one. In the order of the octets. */
struct block_addr {
	__u8 first[16];
	__u32 set;
};

/* Where the sections begin, in the order that they stand in. */
struct block_places {
	__u64 lists, names, clauses, denied, sets, buckets, addrs, types, end;
};

/* No sum of it can overflow: counts have 32 bits. */
static inline struct block_places block_places(const struct block_header *header)
{
	struct block_places p;

	p.lists = 64;
	p.names = (p.lists + (__u64)header->n_lists * sizeof(struct block_list) + 63) & ~63ULL;
	p.clauses = p.names + (__u64)header->n_names * sizeof(__u64);
	p.denied = p.clauses + (__u64)header->n_clauses * sizeof(struct block_clause);
	p.sets = p.denied + (__u64)header->n_denied * sizeof(__u64);
	/* One more than there are: where the last one ends. */
	p.buckets = p.sets + (__u64)header->n_sets * sizeof(struct block_set);
	p.addrs = p.buckets + ((__u64)header->n_buckets + 1) * sizeof(__u32);
	p.types = p.addrs + (__u64)header->n_addrs * sizeof(struct block_addr);
	p.end = p.types + (__u64)header->n_types * sizeof(__u16);
	return p;
}

_Static_assert(sizeof(struct block_header) <= 64 && sizeof(struct block_clause) == 32 &&
		       sizeof(struct block_addr) == 20,
	       "no holes, and nothing that two compilers see differently");
