// SPDX-License-Identifier: GPL-2.0-or-later
#include "blocktable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <hairpin/limits.h>

#include "blocktable_format.h"
#include "rewrites.h"

/* Without the last, somebody could still take the others back. */
#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)

struct dns_blocktable {
	void *at;
	const struct block_header *header;
	const struct block_list *lists;
	const __u64 *names;
	const struct block_clause *clauses;
	const __u64 *denied;
	const struct block_set *sets;
	const __u32 *buckets;
	const struct block_addr *addrs;
	const __u16 *types;
	__u64 own_block, own_allow; /* the operator's words, as masks */
};

/* --- checked once ------------------------------------------------------------------------------------------ */

static bool is_header_good(const struct block_header *header, __u64 octets)
{
	if (memcmp(header->magic, BLOCKTABLE_MAGIC, sizeof(header->magic)) ||
	    header->octets != octets)
		return false;
	if (header->n_names > LIMIT_LISTS_RULES || !header->n_buckets ||
	    header->n_buckets > LIMIT_LISTS_RULES ||
	    (header->n_buckets & (header->n_buckets - 1)) ||
	    header->n_lists > DNS_BLOCK_LISTS_MAX || !header->n_sets ||
	    header->n_sets > BLOCK_SETS_MAX)
		return false;
	return block_places(header).end == octets;
}

static bool are_lists_good(const struct dns_blocktable *table)
{
	for (__u32 i = 0; i < table->header->n_lists; i++) {
		const struct block_list *list = &table->lists[i];

		if (list->kind > DNS_BLOCK_OWN_ALLOW ||
		    !memchr(list->name, '\0', sizeof(list->name)))
			return false;
	}
	return true;
}

static bool is_within(__u32 at, __u32 n, __u32 all)
{
	return at <= all && n <= all - at;
}

static bool are_clauses_good(const struct dns_blocktable *table)
{
	const struct block_header *header = table->header;

	for (__u32 i = 0; i < header->n_clauses; i++) {
		const struct block_clause *clause = &table->clauses[i];

		if (clause->match > DNS_MATCH_TREE || clause->says >= BLOCK_SAYS_MAX ||
		    !is_within(clause->types_at, clause->n_types, header->n_types) ||
		    !is_within(clause->denied_at, clause->n_denied, header->n_denied))
			return false;
	}
	for (__u32 i = 0; i < header->n_sets; i++) {
		const struct block_set *set = &table->sets[i];

		/* The second is what one answer may cost. */
		if (!is_within(set->at, set->n, header->n_clauses) || set->n > LIMIT_LISTS_CLAUSES)
			return false;
	}
	return true;
}

static bool are_names_good(const struct dns_blocktable *table)
{
	const struct block_header *header = table->header;

	if (table->buckets[0] || table->buckets[header->n_buckets] != header->n_names)
		return false;
	for (__u32 i = 0; i < header->n_buckets; i++) {
		__u32 at = table->buckets[i], end = table->buckets[i + 1];

		if (at > end || end - at > LIMIT_LISTS_BUCKET)
			return false;
	}
	for (__u32 i = 0; i < header->n_names; i++) {
		if ((table->names[i] & (BLOCK_SETS_MAX - 1)) >= header->n_sets)
			return false;
	}
	for (__u32 i = 0; i < header->n_addrs; i++) {
		if (table->addrs[i].set >= header->n_sets)
			return false;
	}
	return true;
}

static void places_set(struct dns_blocktable *table)
{
	const struct block_places p = block_places(table->header);
	const char *base = table->at;

	table->lists = (const struct block_list *)(base + p.lists);
	table->names = (const __u64 *)(base + p.names);
	table->clauses = (const struct block_clause *)(base + p.clauses);
	table->denied = (const __u64 *)(base + p.denied);
	table->sets = (const struct block_set *)(base + p.sets);
	table->buckets = (const __u32 *)(base + p.buckets);
	table->addrs = (const struct block_addr *)(base + p.addrs);
	table->types = (const __u16 *)(base + p.types);
}

static void own_find(struct dns_blocktable *table)
{
	for (__u32 i = 0; i < table->header->n_lists; i++) {
		if (table->lists[i].kind == DNS_BLOCK_OWN_BLOCK)
			table->own_block |= 1ULL << i;
		else if (table->lists[i].kind == DNS_BLOCK_OWN_ALLOW)
			table->own_allow |= 1ULL << i;
	}
}

/* Of @octets, mapped at table->at. */
static int table_check(struct dns_blocktable *table, __u64 octets)
{
	table->header = table->at;
	if (!is_header_good(table->header, octets))
		return -EBADMSG;
	places_set(table);
	if (!are_lists_good(table) || !are_clauses_good(table) || !are_names_good(table))
		return -EBADMSG;
	own_find(table);
	return 0;
}

int dns_blocktable_open(int fd, struct dns_blocktable **ret_table)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct dns_blocktable *table;
	struct stat status;
	int ret;

	/* Without them it could be cut under us, and reading it would end the process (SIGBUS). */
	if (seals < 0 || (seals & SEALS) != SEALS)
		return -EPERM;
	if (fstat(fd, &status))
		return -errno;
	if (status.st_size < (off_t)sizeof(struct block_header))
		return -EBADMSG;
	table = calloc(1, sizeof(*table));
	if (!table)
		return -ENOMEM;
	table->at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (table->at == MAP_FAILED) {
		free(table);
		return -ENOMEM;
	}
	ret = table_check(table, (__u64)status.st_size);
	if (!ret) {
		*ret_table = table;
		return 0;
	}
	munmap(table->at, (size_t)status.st_size);
	free(table);
	return ret;
}

struct dns_blocktable *dns_blocktable_close(struct dns_blocktable *table)
{
	if (table)
		munmap(table->at, table->header->octets);
	free(table);
	return NULL;
}

/* --- asked --------------------------------------------------------------------------------------------------- */

/* One question as it goes through the clauses. */
struct asking {
	const struct dns_blocktable *table;
	const struct dns_suffixes *suffixes; /* NULL: of an address */
	__u16 type;
	struct dns_block_said *said;
};

static bool is_of_type(const struct asking *asking, const struct block_clause *clause)
{
	const __u16 *types = asking->table->types + clause->types_at;

	for (unsigned int i = 0; i < clause->n_types; i++) {
		if (types[i] == asking->type)
			return !clause->is_but_types;
	}
	return !clause->n_types || clause->is_but_types;
}

static bool is_denied(const struct asking *asking, const struct block_clause *clause)
{
	const __u64 *denied = asking->table->denied + clause->denied_at;

	for (unsigned int i = 0; i < clause->n_denied; i++) {
		for (unsigned int k = 0; k < asking->suffixes->n; k++) {
			if (denied[i] == asking->suffixes->hash[k])
				return true;
		}
	}
	return false;
}

static void clause_say(const struct block_clause *clause, struct dns_block_said *said)
{
	switch (clause->says) {
	case BLOCK_SAYS_BLOCK:
		said->block |= clause->lists;
		break;
	case BLOCK_SAYS_BLOCK_IMPORTANT:
		said->block |= clause->lists;
		said->block_important |= clause->lists;
		break;
	case BLOCK_SAYS_ALLOW:
		said->allow |= clause->lists;
		break;
	default:
		said->allow |= clause->lists;
		said->allow_important |= clause->lists;
		break;
	}
}

/* @other: the match that does not count here: what is for all below a name at the name, and for the name alone below it. */
static void set_say(const struct asking *asking, __u32 number, enum dns_match other)
{
	const struct block_set *set = &asking->table->sets[number];
	const struct block_clause *clause = &asking->table->clauses[set->at];

	for (__u32 i = 0; i < set->n; i++, clause++) {
		if (clause->match != other && is_of_type(asking, clause) &&
		    !(clause->n_denied && is_denied(asking, clause)))
			clause_say(clause, asking->said);
	}
}

static bool is_anything_said(const struct dns_block_said *said)
{
	return said->block | said->allow;
}

bool dns_blocktable_find(const struct dns_blocktable *table, const struct dns_name *name,
			 __u16 type, struct dns_block_said *ret_said)
{
	struct asking asking = {.table = table, .type = type, .said = ret_said};
	struct dns_suffixes suffixes;
	__u32 n_buckets;

	*ret_said = (struct dns_block_said){0};
	if (!table)
		return false;
	n_buckets = table->header->n_buckets;
	asking.suffixes = &suffixes;
	dns_name_suffixes(name, table->header->seed, &suffixes);
	/* Without the root, which no list has. */
	for (unsigned int i = 0; i + 1 < suffixes.n; i++) {
		__u64 print = block_print(suffixes.hash[i], n_buckets);
		__u32 bucket = block_bucket(suffixes.hash[i], n_buckets);
		__u32 end = table->buckets[bucket + 1];

		for (__u32 at = table->buckets[bucket]; at < end; at++) {
			if (table->names[at] >> BLOCK_SET_BITS == print)
				set_say(&asking, table->names[at] & (BLOCK_SETS_MAX - 1),
					i ? DNS_MATCH_EXACT : DNS_MATCH_BELOW);
		}
	}
	return is_anything_said(ret_said);
}

bool dns_blocktable_find_addr(const struct dns_blocktable *table, const struct ip_addr *addr,
			      struct dns_block_said *ret_said)
{
	__u32 low = 0, high = table ? table->header->n_addrs : 0;

	*ret_said = (struct dns_block_said){0};
	/* The last that begins at @addr or before stands just before `low`. */
	while (low < high) {
		__u32 middle = low + (high - low) / 2;

		if (memcmp(table->addrs[middle].first, addr->b, sizeof(addr->b)) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low) {
		const struct block_set *set = &table->sets[table->addrs[low - 1].set];

		for (__u32 i = 0; i < set->n; i++)
			clause_say(&table->clauses[set->at + i], ret_said);
	}
	return is_anything_said(ret_said);
}

/* --- what it means ------------------------------------------------------------------------------------------- */

enum dns_block_verdict dns_blocktable_judge(const struct dns_blocktable *table,
					    const struct dns_block_said *said, __u64 lists,
					    unsigned int *ret_list)
{
	const struct {
		__u64 mask;
		enum dns_block_verdict verdict;
	} order[] = {
		{said->allow & (table ? table->own_allow : 0), DNS_BLOCK_ALLOWED},
		{said->block & (table ? table->own_block : 0), DNS_BLOCK_BLOCKED},
		{said->allow_important & lists, DNS_BLOCK_ALLOWED},
		{said->block_important & lists, DNS_BLOCK_BLOCKED},
		{said->allow & lists, DNS_BLOCK_ALLOWED},
		{said->block & lists, DNS_BLOCK_BLOCKED},
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (!order[i].mask)
			continue;
		if (ret_list)
			*ret_list = (unsigned int)__builtin_ctzll(order[i].mask);
		return order[i].verdict;
	}
	return DNS_BLOCK_NOTHING;
}

unsigned int dns_blocktable_n_lists(const struct dns_blocktable *table)
{
	return table ? table->header->n_lists : 0;
}

struct dns_block_list dns_blocktable_list(const struct dns_blocktable *table, unsigned int number)
{
	return (struct dns_block_list){(enum dns_block_kind)table->lists[number].kind,
				       table->lists[number].name};
}

__u64 dns_blocktable_bit(const struct dns_blocktable *table, enum dns_block_kind kind,
			 const char *name)
{
	for (unsigned int i = 0; i < dns_blocktable_n_lists(table); i++) {
		if (table->lists[i].kind == (__u32)kind && !strcmp(table->lists[i].name, name))
			return 1ULL << i;
	}
	return 0;
}

struct dns_blocktable_size dns_blocktable_size(const struct dns_blocktable *table)
{
	return (struct dns_blocktable_size){table->header->n_names, table->header->n_addrs,
					    table->header->octets};
}
