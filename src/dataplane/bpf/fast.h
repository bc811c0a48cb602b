/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's half of the noted way (bpf/way.h): which devices ways lead from and to, and until when what was noted of them holds.
 *
 * Whatever may change where a packet goes raises the epoch, after which nothing holds that was noted before it. The kernel tells by netlink; what it could not tell
 * counts as changed. Tables first, the epoch last: a packet that sees the new epoch sees the new tables.
 */
#pragma once

#include "internal.h"

/* --- fast_facts.c: all devices of this namespace, as a dump has them ------------------------------------ */

struct fast_fact {
	unsigned int ifindex, master; /* 0: none */
	bool ethernet;
	bool bridge;
	__u8 mac[6];
};

struct fast_facts {
	struct fast_fact *items; /* n, owned */
	size_t n;
};

/* 0 or -errno; freed by fast_facts_fini(), also on failure. */
int fast_facts_read(struct fast_facts *ret_facts);
void fast_facts_fini(struct fast_facts *facts);
#define _fast_facts_ _cleanup_(fast_facts_fini)
/* NULL: there is none of that number. */
const struct fast_fact *fast_facts_find(const struct fast_facts *facts, unsigned int ifindex);

/* --- fast_places.c: hp_links ---------------------------------------------------------------------------- */

struct fast_places {
	struct hp_link at[LIMIT_LINKS]; /* as in the map; ifindex 0: nobody's */
};

/* Whether the device has its place. */
bool fast_places_has(const struct fast_places *places, unsigned int ifindex);
/* Takes from their places all that are not among the @n of @wanted. 1 if there were any, 0, or -errno. */
int fast_places_clear(struct fast_places *places, int map, const struct hp_link *wanted, size_t n);
/* Writes those of @wanted whose place is free or their own; no epoch may hold that is older than fast_places_clear(). 0 or -errno. */
int fast_places_fill(struct fast_places *places, int map, const struct hp_link *wanted, size_t n);

/* --- fast_neighs.c: whose hardware addresses are known ---------------------------------------------------- */

struct fast_neighs {
	void *tree; /* of tsearch(); owned */
	bool blind; /* not all that are known to the kernel are in it */
};

/* Forgets all, then reads those of the devices that have places. Failing that, any unknown one counts as changed. */
void fast_neighs_read(struct fast_neighs *neighs, const struct fast_places *places);
/* Takes in what RTM_NEWNEIGH or RTM_DELNEIGH tells: whether something that was known is different now. */
bool fast_neighs_differ(struct fast_neighs *neighs, const struct fast_places *places,
			const struct nlmsghdr *header);
void fast_neighs_fini(struct fast_neighs *neighs);

/* --- fast_watch.c: what the kernel tells ------------------------------------------------------------------ */

enum fast_news {
	FAST_NEWS_WAYS = 0x1, /* a packet may go elsewhere */
	FAST_NEWS_LINKS = 0x2, /* a device changed */
	FAST_NEWS_LOST = 0x4, /* some of it was not told */
	FAST_NEWS_MORE = 0x8, /* there is more to read */
};

/* A descriptor, non-blocking, or -errno. */
int fast_watch_open(void);
/* Reads what was told; enum fast_news, or-ed. */
unsigned int fast_watch_read(int fd, struct fast_neighs *neighs, const struct fast_places *places);

/* --- fast.c -------------------------------------------------------------------------------------------------- */

struct fast {
	int pace, links; /* maps of the skeleton, which owns them */
	int watch; /* netlink; -1: nobody would tell, so nothing is noted */
	__u32 epoch; /* the last that was in force; never 0 */
	bool on; /* nat.fast-path */
	bool links_due; /* the devices could not be read: nothing holds until they can */
	struct plan_device *devices; /* n_devices, owned: of the plan in force */
	size_t n_devices;
	struct fast_places places;
	struct fast_neighs neighs;
};
