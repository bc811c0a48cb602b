// SPDX-License-Identifier: GPL-2.0-or-later
#include "ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bits before those of an IPv4 address, and before the address itself in a key. */
#define V4_BITS 96
#define SET_BITS 32

struct block {
	struct ip_addr first, last;
	const struct hp_prefix *prefix;
};

/* One that is open while the blocks inside it are cut out. */
struct sweep {
	struct block *blocks;
	size_t n;
	size_t *open; /* stack, indices into blocks */
	size_t n_open;
	struct ip_addr next; /* first address that belongs to nothing yet */
	bool done; /* the last address of all is taken */
	struct ranges *out;
};

static struct ip_addr addr_step(struct ip_addr addr, bool up)
{
	for (size_t i = sizeof(addr.b); i-- > 0;) {
		addr.b[i] = (__u8)(addr.b[i] + (up ? 1 : 0xff));
		if (addr.b[i] != (up ? 0 : 0xff))
			break;
	}
	return addr;
}

static bool addr_is_last(const struct ip_addr *addr)
{
	for (size_t i = 0; i < sizeof(addr->b); i++) {
		if (addr->b[i] != 0xff)
			return false;
	}
	return true;
}

static struct block block_of(const struct plan_prefix *prefix)
{
	struct block block = {.prefix = &prefix->prefix};
	unsigned int bits = prefix->key.prefixlen - SET_BITS;

	memcpy(block.first.b, prefix->key.addr, sizeof(block.first.b));
	block.last = block.first;
	for (unsigned int bit = bits; bit < 128; bit++)
		block.last.b[bit / 8] |= (__u8)(0x80 >> bit % 8);
	return block;
}

/* A wider one comes before what is inside it. */
static int block_compare(const void *a, const void *b)
{
	const struct block *x = a, *y = b;
	int order = ip_addr_compare(&x->first, &y->first);

	return order ? order : ip_addr_compare(&y->last, &x->last);
}

static void emit(struct sweep *sweep, const struct ip_addr *last, const struct hp_prefix *prefix)
{
	struct ranges *out = sweep->out;

	if (sweep->done || ip_addr_compare(&sweep->next, last) > 0)
		return;
	out->items[out->n++] = (struct range){sweep->next, *last, prefix};
	sweep->done = addr_is_last(last);
	sweep->next = addr_step(*last, true);
}

static void close_before(struct sweep *sweep, const struct ip_addr *first)
{
	while (sweep->n_open) {
		const struct block *top = &sweep->blocks[sweep->open[sweep->n_open - 1]];

		if (first && ip_addr_compare(&top->last, first) >= 0)
			break;
		emit(sweep, &top->last, top->prefix);
		sweep->n_open--;
	}
}

static void sweep_run(struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->n; i++) {
		const struct block *block = &sweep->blocks[i];

		close_before(sweep, &block->first);
		if (sweep->n_open && ip_addr_compare(&sweep->next, &block->first) < 0) {
			struct ip_addr last = addr_step(block->first, false);

			emit(sweep, &last, sweep->blocks[sweep->open[sweep->n_open - 1]].prefix);
		}
		sweep->open[sweep->n_open++] = i;
		sweep->next = block->first;
	}
	close_before(sweep, NULL);
}

static bool is_wanted(const struct plan_prefix *prefix, __u32 set, bool v4)
{
	struct ip_addr addr = ip_addr_from_v6(prefix->key.addr);
	bool is_v4 = prefix->key.prefixlen >= SET_BITS + V4_BITS && ip_addr_is_v4(&addr);

	return prefix->key.set == set && is_v4 == v4;
}

int ranges_make(const struct plan *plan, __u32 set, bool v4, struct ranges *ret_ranges)
{
	_free_ struct block *blocks = calloc(plan->n_prefixes + 1, sizeof(*blocks));
	_free_ size_t *open = calloc(plan->n_prefixes + 1, sizeof(*open));
	struct sweep sweep = {.blocks = blocks, .open = open, .out = ret_ranges};

	*ret_ranges = (struct ranges){0};
	if (!blocks || !open)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n_prefixes; i++) {
		if (is_wanted(&plan->prefixes[i], set, v4))
			blocks[sweep.n++] = block_of(&plan->prefixes[i]);
	}
	/* Each block ends one range and may cut another one in two. */
	ret_ranges->items = calloc(2 * sweep.n + 1, sizeof(*ret_ranges->items));
	if (!ret_ranges->items)
		return -ENOMEM;
	if (sweep.n > 1)
		qsort(blocks, sweep.n, sizeof(*blocks), block_compare);
	sweep_run(&sweep);
	return 0;
}

void ranges_fini(struct ranges *ranges)
{
	free(ranges->items);
	*ranges = (struct ranges){0};
}

const struct hp_prefix *ranges_find(const struct ranges *ranges, const struct ip_addr *addr)
{
	size_t low = 0, high = ranges->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct range *range = &ranges->items[middle];

		if (ip_addr_compare(addr, &range->first) < 0)
			high = middle;
		else if (ip_addr_compare(addr, &range->last) > 0)
			low = middle + 1;
		else
			return range->prefix;
	}
	return NULL;
}

void range_format(const struct range *range, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, "%s", ip_addr_format(&range->first, text));
	if (!ip_addr_equal(&range->first, &range->last))
		strbuf_add(out, "-%s", ip_addr_format(&range->last, text));
}
