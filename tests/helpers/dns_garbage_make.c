// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "dns_garbage.h"

/* Of the test's own zone, so that what stays a question is one for us. */
#define NAME "\3app\7example\3com\0"
#define ASKED NAME "\0\1\0\1"
/* Id, flags, and the counts of questions, answers, authorities and additional records. */
#define HEAD(flags, q, an, ns, ar) "\0\0" flags "\0" q "\0" an "\0" ns "\0" ar
#define OPT(length) "\0\0\x29\4\xd0\0\0\0\0\0" length

struct seed {
	const char *octets;
	size_t length;
};

#define SEED(text)                       \
	{                                \
		(text), sizeof(text) - 1 \
	}

/* What servers have fallen over before: each alone is wrong, or becomes so by one octet. */
static const struct seed built_in[] = {
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") ASKED),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\0")),
	/* Options: a cookie, half a cookie, a subnet, one with too long a prefix, one of no family, keepalive, padding, an empty one. */
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\14") "\0\12\0\10cookies!"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\7") "\0\12\0\3abc"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\13") "\0\10\0\7\0\1\30\0\300\0\2"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\13") "\0\10\0\7\0\1\377\377\300\0\2"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\10") "\0\10\0\4\0\0\0\0"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\6") "\0\13\0\2\0\1"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\14") "\0\14\0\10\0\0\0\0\0\0\0\0"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\4") "\0\3\0\0"),
	/* ... longer than its OPT, and cut short. */
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\5") "\0\3\0\5x"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\3") "\0\3\0"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\4") "\0\3\377\377"),
	/* EDNS version 19; two OPT; one with a name; among the answers; longer than the message. */
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED "\0\0\x29\4\xd0\0\23\0\0\0\0"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\2") ASKED OPT("\0") OPT("\0")),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED "\1x" OPT("\0")),
	SEED(HEAD("\1\0", "\1", "\1", "\0", "\0") ASKED OPT("\0")),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED OPT("\377")),
	/* Names: a pointer to itself, forward, to the header, behind the end; labels of kinds that there are not; one too long. */
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") "\300\14\0\1\0\1"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") "\300\40\0\1\0\1" NAME),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") "\300\0\0\1\0\1"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") "\3app\377\377\0\1\0\1"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") "\100app\0\0\1\0\1"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") "\200app\0\0\1\0\1"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") "\77" NAME "\0\1\0\1"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") "\0\0\1\0\1"),
	/* Records where a query has none: whole, cut short, with a name that goes round, a signature of a transaction. */
	SEED(HEAD("\1\0", "\1", "\1", "\0", "\0") ASKED "\300\14\0\1\0\1\0\0\0\74\0\4\300\0\2\1"),
	SEED(HEAD("\1\0", "\1", "\1", "\0", "\0") ASKED "\300\14\0\1\0\1\0\0\0\74\0\50\300\0\2\1"),
	SEED(HEAD("\1\0", "\1", "\0", "\1", "\0") ASKED "\300\41\0\6\0\1\0\0\0\0\0\0"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\1") ASKED
	     "\3key\0\0\372\0\377\0\0\0\0\0\12\3md5\0\0\0\0\0\0"),
	/* Questions: none, two, as many as there can be; no type; half a class; octets behind. */
	SEED(HEAD("\1\0", "\0", "\0", "\0", "\0")),
	SEED(HEAD("\1\0", "\2", "\0", "\0", "\0") ASKED ASKED),
	SEED("\0\0\1\0\377\377\377\377\377\377\377\377" ASKED),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") NAME),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") NAME "\0\1\0"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") ASKED "behind"),
	/* Other kinds: transfers, CHAOS, an update, a notify, an answer. */
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") NAME "\0\374\0\1"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") NAME "\0\373\0\1"),
	SEED(HEAD("\1\0", "\1", "\0", "\0", "\0") "\7version\4bind\0\0\20\0\3"),
	SEED(HEAD("\50\0", "\1", "\0", "\1", "\0") NAME "\0\6\0\1" NAME "\0\1\0\377\0\0\0\0\0\0"),
	SEED(HEAD("\40\0", "\1", "\0", "\0", "\0") NAME "\0\6\0\1"),
	SEED(HEAD("\201\200", "\1", "\1", "\0", "\0") ASKED
	     "\300\14\0\1\0\1\0\0\0\74\0\4\300\0\2\1"),
	SEED(""),
};

#define N_BUILT_IN (sizeof(built_in) / sizeof(built_in[0]))
#define SEEDS_MAX 1024

static struct seed seeds[SEEDS_MAX];
static size_t n_seeds;
static uint64_t state;

/* splitmix64 */
static uint64_t random_next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Below @n; 0 where that is 0. */
static size_t below(size_t n)
{
	return n ? random_next() % n : 0;
}

/* Names behind one another, each a pointer to the one before: as deep as it gets. */
static void chain_add(void)
{
	uint8_t octets[12 + 17 + 4 + 200 * 12] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 200};
	size_t at = 12;

	memcpy(octets + at, ASKED, sizeof(ASKED) - 1);
	at += sizeof(ASKED) - 1;
	for (size_t before = 12, i = 0; i < 200; i++) {
		octets[at] = (uint8_t)(0xc0 | before >> 8);
		octets[at + 1] = (uint8_t)before;
		octets[at + 3] = 1;
		octets[at + 5] = 1;
		before = at;
		at += 12;
	}
	garbage_seed_add(octets, at);
}

void garbage_begin(uint64_t seed)
{
	state = seed;
	memcpy(seeds, built_in, sizeof(built_in));
	n_seeds = N_BUILT_IN;
	chain_add();
}

void garbage_seed_add(const uint8_t *octets, size_t length)
{
	uint8_t *copy = length <= GARBAGE_MAX && n_seeds < SEEDS_MAX ? malloc(length + 1) : NULL;

	if (!copy)
		return;
	memcpy(copy, octets, length);
	seeds[n_seeds++] = (struct seed){(const char *)copy, length};
}

/* --- changes ------------------------------------------------------------------------------------ */

static void bit_flip(struct garbage *g)
{
	if (g->length)
		g->octets[below(g->length)] ^= (uint8_t)(1u << below(8));
}

static void octet_set(struct garbage *g)
{
	static const uint8_t odd[] = {0, 1, 0x29, 0x3f, 0x40, 0x80, 0xc0, 0xff};

	if (g->length)
		g->octets[below(g->length)] =
			below(2) ? odd[below(sizeof(odd))] : (uint8_t)random_next();
}

/* Flags and counts are what a reader believes first. */
static void header_set(struct garbage *g)
{
	size_t at = 2 + below(10);

	if (at < g->length)
		g->octets[at] = (uint8_t)(below(2) ? below(4) : random_next());
}

static void pointer_set(struct garbage *g)
{
	size_t at = below(g->length), to = below(g->length + 8);

	if (at + 1 >= g->length)
		return;
	g->octets[at] = (uint8_t)(0xc0 | to >> 8);
	g->octets[at + 1] = (uint8_t)to;
}

static void end_cut(struct garbage *g)
{
	g->length = below(g->length);
}

static void end_add(struct garbage *g)
{
	for (size_t n = 1 + below(64); n && g->length < GARBAGE_MAX; n--)
		g->octets[g->length++] = (uint8_t)random_next();
}

static void part_take_out(struct garbage *g)
{
	size_t at = below(g->length), n = below(g->length - at);

	memmove(g->octets + at, g->octets + at + n, g->length - at - n);
	g->length -= n;
}

static void part_repeat(struct garbage *g)
{
	size_t at = below(g->length), n = below(g->length - at);

	if (g->length + n > GARBAGE_MAX)
		return;
	memmove(g->octets + at + n, g->octets + at, g->length - at);
	g->length += n;
}

/* The end of another. */
static void splice(struct garbage *g)
{
	const struct seed *other = &seeds[below(n_seeds)];
	size_t from = below(other->length), at = below(g->length);
	size_t n = other->length - from;

	if (at + n > GARBAGE_MAX)
		return;
	memcpy(g->octets + at, other->octets + from, n);
	g->length = at + n;
}

static void random_all(struct garbage *g)
{
	g->length = below(below(200) ? 200 : GARBAGE_MAX + 1);
	for (size_t i = 0; i < g->length; i++)
		g->octets[i] = (uint8_t)random_next();
}

void garbage_make(struct garbage *ret_garbage)
{
	static void (*const changes[])(struct garbage *) = {
		bit_flip, octet_set,	 header_set,  pointer_set, end_cut,
		end_add,  part_take_out, part_repeat, splice,
	};
	const struct seed *seed = &seeds[below(n_seeds)];

	memcpy(ret_garbage->octets, seed->octets, seed->length);
	ret_garbage->length = seed->length;
	if (!below(16))
		random_all(ret_garbage);
	for (size_t n = below(5); n; n--)
		changes[below(sizeof(changes) / sizeof(changes[0]))](ret_garbage);
}

void garbage_ask(struct garbage *ret_garbage)
{
	static const uint8_t head[12] = {0, 0, 1, 0, 0, 1},
			     tail[] = {7,   'i', 'n', 'v', 'e', 'n', 't', 's', 3,
				       'o', 'r', 'g', 0,   0,	1,   0,	  1};
	uint8_t *p = ret_garbage->octets;
	uint64_t number = random_next();

	memcpy(p, head, sizeof(head));
	p += sizeof(head);
	*p++ = 16;
	for (int i = 0; i < 16; i++, number >>= 4)
		*p++ = (uint8_t)('a' + (number & 15));
	memcpy(p, tail, sizeof(tail));
	ret_garbage->length = (size_t)(p + sizeof(tail) - ret_garbage->octets);
}
