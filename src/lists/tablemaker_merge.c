// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules to a table: sorted, those of one name made into a set, sets that say the same made one, and all of it written down.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cleanup.h"
#include "tablemaker_internal.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)
/* Names of one bucket of the table, on average at most. */
#define BUCKET_LOAD 4
/* Below this a plain insertion is faster than qsort(). */
#define INSERTION_MAX 16

struct said {
	__u64 lists;
	__u32 meaning;
	__u32 unused; /* zero: compared as a whole */
};

/* An address from which on another set holds. */
struct bound {
	struct ip_addr first;
	__u32 set;
};

struct merge {
	struct tablemaker *maker;
	__u64 *names; /* hashes in order, then as the table has them */
	__u16 *name_sets;
	size_t n_names;
	struct said *said;
	struct block_set *sets; /* into said */
	__u32 *places; /* sets by the hash of what they say; 0: none */
	struct bound *bounds;
	size_t n_said, n_sets, n_bounds;
	size_t said_room, sets_room, bounds_room;
};

/* Of merge.places: twice as many as sets, a power of two. */
#define PLACES (2 * BLOCK_SETS_MAX)

/* --- sets ------------------------------------------------------------------------------------------------------ */

static __u32 said_hash(const struct said *said, size_t n)
{
	__u64 hash = n;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ said[i].lists ^ (__u64)said[i].meaning << 48) *
		       0x9e3779b97f4a7c15ULL;
	return (__u32)(hash >> 32);
}

/* The number of the set that says what the @n at @said say, which are in the order of their meanings. 0 or -errno. */
static int set_find(struct merge *merge, const struct said *said, size_t n, __u32 *ret_set)
{
	__u32 place = said_hash(said, n) % PLACES;
	int ret;

	for (; merge->places[place]; place = (place + 1) % PLACES) {
		const struct block_set *set = &merge->sets[merge->places[place]];

		*ret_set = merge->places[place];
		if (set->n == n && !memcmp(merge->said + set->at, said, n * sizeof(*said)))
			return 0;
	}
	if (merge->n_sets == BLOCK_SETS_MAX)
		return -ENOSPC;
	ret = tablemaker_grow(&merge->said, merge->n_said, n, &merge->said_room, sizeof(*said));
	if (!ret)
		ret = tablemaker_grow(&merge->sets, merge->n_sets, 1, &merge->sets_room,
				      sizeof(*merge->sets));
	if (ret)
		return ret;
	for (size_t i = 0; i < n; i++)
		merge->said[merge->n_said + i] = said[i];
	*ret_set = (__u32)merge->n_sets;
	merge->sets[merge->n_sets++] = (struct block_set){(__u32)merge->n_said, (__u32)n};
	merge->n_said += n;
	merge->places[place] = *ret_set;
	return 0;
}

/* --- names ----------------------------------------------------------------------------------------------------- */

static int compare_rules(const void *left, const void *right)
{
	const struct name_rule *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->meaning != b->meaning)
		return a->meaning < b->meaning ? -1 : 1;
	return (a->list > b->list) - (a->list < b->list);
}

static void rules_insert(struct name_rule *rules, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct name_rule rule = rules[i];
		size_t k = i;

		for (; k > 0 && compare_rules(&rule, &rules[k - 1]) < 0; k--)
			rules[k] = rules[k - 1];
		rules[k] = rule;
	}
}

static __u32 buckets_for(size_t n)
{
	__u32 buckets = 1;

	while (buckets < n / BUCKET_LOAD)
		buckets *= 2;
	return buckets;
}

/* In the order of compare_rules(): hashes are spread evenly, so they are dealt into buckets first. 0 or -ENOMEM. */
static int rules_sort(struct tablemaker *maker)
{
	__u32 n_buckets = buckets_for(maker->n_names);
	_free_ __u32 *ends = calloc((size_t)n_buckets + 1, sizeof(*ends));
	struct name_rule *sorted = calloc(maker->n_names + 1, sizeof(*sorted));

	if (!ends || !sorted) {
		free(sorted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < maker->n_names; i++)
		ends[block_bucket(maker->names[i].hash, n_buckets) + 1]++;
	for (__u32 i = 0; i < n_buckets; i++)
		ends[i + 1] += ends[i];
	for (size_t i = 0; i < maker->n_names; i++)
		sorted[ends[block_bucket(maker->names[i].hash, n_buckets)]++] = maker->names[i];
	/* Each end has become that of its own bucket. */
	for (__u32 i = 0, at = 0; i < n_buckets; at = ends[i++]) {
		if (ends[i] - at <= INSERTION_MAX)
			rules_insert(sorted + at, ends[i] - at);
		else
			qsort(sorted + at, ends[i] - at, sizeof(*sorted), compare_rules);
	}
	free(maker->names);
	maker->names = sorted;
	maker->names_room = maker->n_names + 1;
	return 0;
}

/* What the @n rules at @rules, of one name and in order, say without those that their own lists took back. How much that is. */
static size_t rules_said(const struct name_rule *rules, size_t n, struct said *said)
{
	size_t n_said = 0, end;

	for (size_t i = 0; i < n; i = end) {
		bool is_back = false;

		for (end = i; end < n && rules[end].meaning == rules[i].meaning &&
			      rules[end].list == rules[i].list;
		     end++)
			is_back |= rules[end].is_badfilter;
		if (is_back)
			continue;
		if (!n_said || said[n_said - 1].meaning != rules[i].meaning) {
			/* What comes later is the rarer: exact names and trees have the first numbers. */
			if (n_said == LIMIT_LISTS_CLAUSES)
				break;
			said[n_said++] = (struct said){.meaning = rules[i].meaning};
		}
		said[n_said - 1].lists |= 1ULL << rules[i].list;
	}
	return n_said;
}

static void lists_count(struct tablemaker *maker, const struct said *said, size_t n)
{
	__u64 lists = 0;

	for (size_t i = 0; i < n; i++)
		lists |= said[i].lists;
	for (; lists; lists &= lists - 1)
		maker->counts[__builtin_ctzll(lists)]++;
}

static int names_merge(struct merge *merge)
{
	struct tablemaker *maker = merge->maker;
	struct said said[LIMIT_LISTS_CLAUSES];
	size_t end;

	for (size_t i = 0; i < maker->n_names; i = end) {
		__u32 set;
		size_t n;

		for (end = i + 1;
		     end < maker->n_names && maker->names[end].hash == maker->names[i].hash;)
			end++;
		n = rules_said(&maker->names[i], end - i, said);
		if (!n)
			continue;
		if (set_find(merge, said, n, &set))
			return -ENOSPC;
		lists_count(maker, said, n);
		merge->names[merge->n_names] = maker->names[i].hash;
		merge->name_sets[merge->n_names++] = (__u16)set;
	}
	return 0;
}

/* --- addresses ------------------------------------------------------------------------------------------------- */

/* By where they begin, wider ones first: then those that one is in stand before it. */
static int compare_addrs(const void *left, const void *right)
{
	const struct addr_rule *a = left, *b = right;
	int order = ip_addr_compare(&a->first, &b->first);

	if (!order)
		order = ip_addr_compare(&b->last, &a->last);
	if (!order)
		order = (a->meaning > b->meaning) - (a->meaning < b->meaning);
	return order ? order : (a->list > b->list) - (a->list < b->list);
}

/* Networks that lie one in the other, and what they say together down to each. */
struct nest {
	struct ip_addr first, last;
	struct said said[2 * BLOCK_SAYS_MAX];
	size_t n;
};

/* Two networks either lie in each other or apart, so that no more of them can hold one address than there are lengths. */
#define NESTS_MAX 130

static void nest_say(struct nest *nest, __u32 meaning, __u8 list)
{
	size_t i = 0;

	while (i < nest->n && nest->said[i].meaning < meaning)
		i++;
	if (i == nest->n || nest->said[i].meaning != meaning) {
		/* Rules about addresses have no conditions: there are no more meanings of them than of words. */
		if (nest->n == ARRAY_SIZE(nest->said))
			return;
		memmove(&nest->said[i + 1], &nest->said[i], (nest->n - i) * sizeof(*nest->said));
		nest->said[i] = (struct said){.meaning = meaning};
		nest->n++;
	}
	nest->said[i].lists |= 1ULL << list;
}

/* From @first on @nest holds; NULL: nothing does. */
static int bound_put(struct merge *merge, const struct ip_addr *first, const struct nest *nest)
{
	struct bound *last;
	__u32 set = 0;
	int ret = nest ? set_find(merge, nest->said, nest->n, &set) : 0;

	if (!ret)
		ret = tablemaker_grow(&merge->bounds, merge->n_bounds, 1, &merge->bounds_room,
				      sizeof(*merge->bounds));
	if (ret)
		return ret;
	assert(merge->bounds);
	/* Two that end, or end and begin, at one place: the later counts. */
	last = merge->n_bounds ? &merge->bounds[merge->n_bounds - 1] : NULL;
	if (last && !ip_addr_compare(&last->first, first))
		last->set = set;
	else
		merge->bounds[merge->n_bounds++] = (struct bound){*first, set};
	return 0;
}

/* False: there is none behind it. */
static bool addr_behind(struct ip_addr *addr)
{
	for (int i = 15; i >= 0; i--) {
		if (++addr->b[i])
			return true;
	}
	return false;
}

/* Ends of networks before @before, or all with NULL. */
static int nests_end(struct merge *merge, struct nest *nests, size_t *n,
		     const struct ip_addr *before)
{
	int ret = 0;

	while (*n && !ret && (!before || ip_addr_compare(&nests[*n - 1].last, before) < 0)) {
		struct ip_addr behind = nests[--*n].last;

		if (addr_behind(&behind))
			ret = bound_put(merge, &behind, *n ? &nests[*n - 1] : NULL);
	}
	return ret;
}

/* The @n rules at @rules are one rule, but for whether they take it back. */
static size_t addr_run(const struct addr_rule *rules, size_t n, bool *ret_is_back)
{
	size_t end = 0;

	*ret_is_back = false;
	while (end < n && !compare_addrs(rules, &rules[end]))
		*ret_is_back |= rules[end++].is_badfilter;
	return end;
}

static int addr_merge(struct merge *merge, const struct addr_rule *rule, struct nest *nests,
		      size_t *n)
{
	int ret = nests_end(merge, nests, n, &rule->first);
	struct nest *top = *n ? &nests[*n - 1] : NULL;

	if (ret)
		return ret;
	if (!top || ip_addr_compare(&top->first, &rule->first) ||
	    ip_addr_compare(&top->last, &rule->last)) {
		if (*n == NESTS_MAX)
			return -ENOSPC;
		nests[*n] = top ? *top : (struct nest){.n = 0};
		top = &nests[(*n)++];
		top->first = rule->first;
		top->last = rule->last;
	}
	nest_say(top, rule->meaning, rule->list);
	merge->maker->counts[rule->list]++;
	return bound_put(merge, &rule->first, top);
}

static int addrs_merge(struct merge *merge)
{
	struct tablemaker *maker = merge->maker;
	_free_ struct nest *nests = calloc(NESTS_MAX, sizeof(*nests));
	size_t n = 0, step;
	int ret = nests ? 0 : -ENOMEM;

	if (maker->n_addrs)
		qsort(maker->addrs, maker->n_addrs, sizeof(*maker->addrs), compare_addrs);
	for (size_t i = 0; i < maker->n_addrs && !ret; i += step) {
		bool is_back;

		step = addr_run(&maker->addrs[i], maker->n_addrs - i, &is_back);
		if (!is_back)
			ret = addr_merge(merge, &maker->addrs[i], nests, &n);
	}
	return ret ? ret : nests_end(merge, nests, &n, NULL);
}

/* --- the file -------------------------------------------------------------------------------------------------- */

static struct block_header header_of(const struct merge *merge)
{
	const struct tablemaker *maker = merge->maker;
	struct block_header header = {.seed = maker->seed,
				      .n_names = (__u32)merge->n_names,
				      .n_buckets = buckets_for(merge->n_names),
				      .n_sets = (__u32)merge->n_sets,
				      .n_clauses = (__u32)merge->n_said,
				      .n_types = (__u32)maker->n_types,
				      .n_denied = (__u32)maker->n_denied,
				      .n_addrs = (__u32)merge->n_bounds,
				      .n_lists = maker->n_lists};

	memcpy(header.magic, BLOCKTABLE_MAGIC, sizeof(header.magic));
	header.octets = block_places(&header).end;
	return header;
}

static void names_write(const struct merge *merge, const struct block_header *header, char *base)
{
	const struct block_places p = block_places(header);
	__u64 *names = (__u64 *)(base + p.names);
	__u32 *buckets = (__u32 *)(base + p.buckets);

	for (size_t i = 0; i < merge->n_names; i++) {
		names[i] = block_print(merge->names[i], header->n_buckets) << BLOCK_SET_BITS |
			   merge->name_sets[i];
		buckets[block_bucket(merge->names[i], header->n_buckets) + 1]++;
	}
	for (__u32 i = 0; i < header->n_buckets; i++)
		buckets[i + 1] += buckets[i];
}

static void sets_write(const struct merge *merge, const struct block_header *header, char *base)
{
	const struct block_places p = block_places(header);
	struct block_clause *clauses = (struct block_clause *)(base + p.clauses);
	struct block_addr *addrs = (struct block_addr *)(base + p.addrs);

	for (size_t i = 0; i < merge->n_said; i++) {
		const struct meaning *meaning = &merge->maker->meanings[merge->said[i].meaning];

		clauses[i] = (struct block_clause){.lists = merge->said[i].lists,
						   .types_at = meaning->types_at,
						   .denied_at = meaning->denied_at,
						   .match = meaning->match,
						   .says = meaning->says,
						   .n_types = meaning->n_types,
						   .is_but_types = meaning->is_but_types,
						   .n_denied = meaning->n_denied};
	}
	for (size_t i = 0; i < merge->n_bounds; i++) {
		memcpy(addrs[i].first, merge->bounds[i].first.b, sizeof(addrs[i].first));
		addrs[i].set = merge->bounds[i].set;
	}
	memcpy(base + p.sets, merge->sets, merge->n_sets * sizeof(*merge->sets));
}

static void table_fill(const struct merge *merge, const struct block_header *header, char *base)
{
	const struct tablemaker *maker = merge->maker;
	const struct block_places p = block_places(header);

	memcpy(base, header, sizeof(*header));
	memcpy(base + p.lists, maker->lists, maker->n_lists * sizeof(*maker->lists));
	names_write(merge, header, base);
	sets_write(merge, header, base);
	if (maker->n_denied)
		memcpy(base + p.denied, maker->denied, maker->n_denied * sizeof(*maker->denied));
	if (maker->n_types)
		memcpy(base + p.types, maker->types, maker->n_types * sizeof(*maker->types));
}

static int table_write(const struct merge *merge, int *ret_fd)
{
	const struct block_header header = header_of(merge);
	_close_ int fd = memfd_create("dns-lists", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *base;

	/* With room for all of it now: what is written to by mapping ends the process where there is none (SIGBUS). */
	if (fd < 0 || fallocate(fd, 0, 0, (off_t)header.octets))
		return -errno;
	base = mmap(NULL, header.octets, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	table_fill(merge, &header, base);
	munmap(base, header.octets);
	if (fcntl(fd, F_ADD_SEALS, SEALS))
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static void merge_fini(struct merge *merge)
{
	free(merge->names);
	free(merge->name_sets);
	free(merge->said);
	free(merge->sets);
	free(merge->places);
	free(merge->bounds);
}

int tablemaker_finish(struct tablemaker *maker, int *ret_fd)
{
	_cleanup_(merge_fini) struct merge merge = {.maker = maker};
	__u32 empty;
	int ret = rules_sort(maker);

	if (ret)
		return ret;
	merge.names = malloc((maker->n_names + 1) * sizeof(*merge.names));
	merge.name_sets = malloc((maker->n_names + 1) * sizeof(*merge.name_sets));
	merge.places = calloc(PLACES, sizeof(*merge.places));
	if (!merge.names || !merge.name_sets || !merge.places)
		return -ENOMEM;
	/* Set 0, which no place leads to. */
	ret = set_find(&merge, &(struct said){0}, 0, &empty);
	if (!ret)
		ret = names_merge(&merge);
	if (!ret)
		ret = addrs_merge(&merge);
	return ret ? ret : table_write(&merge, ret_fd);
}
