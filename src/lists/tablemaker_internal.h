/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tablemaker.c gathers and tablemaker_merge.c makes a table of. */
#pragma once

#include "blocktable_format.h"
#include "tablemaker.h"

/* What a rule says, whoever says it. Compared as a whole: no holes, and what is unused is zero. */
struct meaning {
	__u8 match, says, is_but_types, n_types, n_denied, unused[3];
	__u32 types_at, denied_at; /* in tablemaker.types, .denied */
};

/* A line of a list about a name. Many of these are held at once. */
struct name_rule {
	__u64 hash;
	__u16 meaning;
	__u8 list;
	__u8 is_badfilter;
	__u32 unused;
};

struct addr_rule {
	struct ip_addr first, last;
	__u16 meaning;
	__u8 list;
	__u8 is_badfilter;
};

struct tablemaker {
	__u64 seed;
	struct block_list lists[DNS_BLOCK_LISTS_MAX];
	__u32 counts[DNS_BLOCK_LISTS_MAX];
	unsigned int n_lists;
	struct name_rule *names;
	struct addr_rule *addrs;
	struct meaning *meanings;
	__u16 *types;
	__u64 *denied;
	size_t n_names, n_addrs, n_meanings, n_types, n_denied;
	size_t names_room, addrs_room, meanings_room, types_room, denied_room;
	/* How much of each there was when the last list began. */
	struct {
		size_t names, addrs, meanings, types, denied;
	} before;
};

/* Room for @more behind the @n of @array, whose items have @size octets. 0 or -ENOMEM. */
int tablemaker_grow(void *array, size_t n, size_t more, size_t *room, size_t size);
