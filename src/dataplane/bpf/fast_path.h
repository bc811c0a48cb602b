/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's half of the noted way (bpf/way.h): which devices ways lead from and to, and until when what was noted of them holds.
 *
 * Whatever may change where a packet goes raises the epoch, after which nothing holds that was noted before it. The kernel tells by netlink; what it could not tell
 * counts as changed. Tables first, the epoch last: a packet that sees the new epoch sees the new tables.
 */
#pragma once

#include "fast_judge.h"
#include "internal.h"

struct fast;
struct nlmsghdr;

/* --- fast_facts.c: all devices of this namespace, as a dump has them ------------------------------------ */

struct fast_fact {
	char name[IFNAMSIZ];
	unsigned int ifindex, master; /* 0: none */
	unsigned int
		lower; /* IFLA_LINK: what it is made of, of a veth its other end; 0: none, or in another namespace */
	bool ethernet;
	bool has_xdp; /* anybody's program, of whatever kind */
	bool filters_vlans; /* a bridge */
	bool forwarding, isolated, guarded; /* a port of a bridge (struct fast_case) */
	__u8 mac[6];
	char kind[16]; /* empty: a device with hardware */
	char qdisc[16]; /* what it sends through */
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
/* Whether it is made of others, so that XDP on it would come above them. */
bool fast_facts_stacked(const struct fast_fact *fact);
/* Whether a VLAN device stands on it, on its bridge, or on the other end of a veth. */
bool fast_facts_vlans(const struct fast_facts *facts, const struct fast_fact *fact);

/* --- fast_rules.c, fast_drivers.c: what else a device does with frames ------------------------------------- */

/* tc filters there that are not ours. */
bool fast_filtered(unsigned int ifindex, enum bpf_tc_attach_point point);
/* Whether a queue that it sends through is more than a queue (fast_queue_is_plain()), or cannot be seen. */
bool fast_shapes(const struct fast_fact *fact);
/* What netfilter has that frames do not come to by XDP; true where that cannot be seen. */
struct fast_rules {
	bool bridges; /* rules for what bridges forward */
	bool devices; /* rules at devices, before or behind all else */
};

void fast_rules_read(struct fast_rules *ret_rules);
/* Whether it takes VLAN tags off, or does not say so. */
bool fast_strips_tags(const char *name);
/* Whether it sends what XDP redirects to it. */
bool fast_sends_redirected(const char *name, unsigned int ifindex);

/* --- fast_devices.c: the devices of a plan, and the ports of its bridges ------------------------------------ */

struct fast_device {
	char name[IFNAMSIZ];
	unsigned int ifindex;
	unsigned int bridge; /* of a port: its bridge; 0: it is none */
	enum hp_side side;
	bool is_bridge;
	__u8 mac[6]; /* our address there, a port's that of its bridge */
	enum fast_why why;
	int error; /* with FAST_WHY_REFUSED */
	const char *mute; /* why nothing is sent there by XDP; NULL: it is */
};

struct fast_devices {
	struct fast_device *items; /* n, owned */
	size_t n;
};

/* Judged as far as that is possible without attaching. 0 or -errno; freed by fast_devices_fini(), also on failure. */
int fast_devices_make(const struct fast *fast, const struct fast_facts *facts,
		      struct fast_devices *ret_devices);
void fast_devices_fini(struct fast_devices *devices);
const struct fast_device *fast_devices_find(const struct fast_devices *devices,
					    unsigned int ifindex);
/* Has all with FAST_WHY_NOTHING say whether frames can be sent there. */
void fast_devices_ask(struct fast_devices *devices, const struct fast_facts *facts);
/* What stands in hp_links of them; @links has room for all. Their number. */
size_t fast_devices_links(const struct fast_devices *devices, struct hp_link *links);

/* --- fast_places.c: hp_links ---------------------------------------------------------------------------- */

struct fast_places {
	struct hp_link at[LIMIT_LINKS]; /* as in the map; ifindex 0: nobody's */
};

/* Whether the device has its place. */
bool fast_places_has(const struct fast_places *places, unsigned int ifindex);
/* Whether the place of the device at @i, or that of its bridge, is another one's of @devices: who has it keeps it, else the first. */
bool fast_places_taken(const struct fast_places *places, const struct fast_devices *devices,
		       size_t i);
/* Takes from their places all that are not among the @n of @wanted. 1 if there were any, 0, or -errno. */
int fast_places_clear(struct fast_places *places, int map, const struct hp_link *wanted, size_t n);
/* Writes those of @wanted whose place is free or their own; no epoch may hold that is older than fast_places_clear(). 1: something changed, 0, or -errno. */
int fast_places_fill(struct fast_places *places, int map, const struct hp_link *wanted, size_t n);

/* --- fast_xdp.c: the program on devices ------------------------------------------------------------------- */

struct fast_xdp {
	unsigned int ifindex;
	int link;
	bool is_ours; /* our program; else that of the daemon before */
};

struct fast_xdps {
	struct fast_xdp *items; /* n, owned */
	size_t n;
};

/* Takes in what is pinned in @path. */
void fast_xdp_scan(struct fast_xdps *list, const char *path);
bool fast_xdp_has(const struct fast_xdps *list, unsigned int ifindex);
/* 1: attached, or in the place of an earlier one; 0: it was there; or the kernel's -errno. */
int fast_xdp_put(struct fast_xdps *list, const char *path, int program, unsigned int ifindex);
void fast_xdp_remove(struct fast_xdps *list, const char *path, unsigned int ifindex);
/* Lets go of all; they stay attached. */
void fast_xdp_close(struct fast_xdps *list);

/* --- fast_out.c: hp_out, where XDP sends -------------------------------------------------------------------- */

/* By the places of hp_links: the device that stands there, 0: none. */
struct fast_out {
	unsigned int at[LIMIT_LINKS];
};

/* Adds all that send. 1: something changed, 0, or -errno. */
int fast_out_fill(struct fast_out *out, int map, const struct fast_devices *devices);
/* Whether any is there that shall not be; and takes those out. */
bool fast_out_is_stale(const struct fast_out *out, const struct fast_devices *devices);
void fast_out_prune(struct fast_out *out, int map, const struct fast_devices *devices);

/* --- fast_fdb.c: hp_fdb, behind which port of a bridge an address is ------------------------------------------- */

/* Reads all anew. 1: something changed or went, 0, or -errno. */
int fast_fdb_read(struct fast *fast);
/* Takes in what RTM_NEWNEIGH or RTM_DELNEIGH of a bridge tells: whether an address that was known is elsewhere now. One that was not sets `fdb_grew`. */
bool fast_fdb_differs(struct fast *fast, const struct nlmsghdr *header);

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
unsigned int fast_watch_read(struct fast *fast);

/* --- fast.c -------------------------------------------------------------------------------------------------- */

struct fast {
	int pace, links, fdb, out; /* maps of the skeleton, which owns them */
	int program; /* the same */
	const char *path; /* of the pins; the backend's */
	int watch; /* netlink; -1: nobody would tell, so nothing is noted */
	__u32 epoch; /* the last that was in force; never 0 */
	enum conf_fast_path wanted;
	bool one_arm;
	bool fdb_grew; /* ways to a new address of a bridge may have been noted without a port; the next tick raises the epoch */
	bool links_due; /* the devices could not be read: nothing holds until they can */
	struct fast_rules rules; /* when they were ... */
	__u32 rules_generation; /* ... of this one; 0: not known */
	__u32 looked_s; /* when all was read last, whether or not anything was told */
	struct plan_device *
		wanted_devices; /* n_wanted_devices, owned: of the plan in force; NULL before the first */
	size_t n_wanted_devices;
	struct fast_devices devices;
	struct fast_places places;
	struct fast_out sends;
	struct fast_xdps xdps;
	struct fast_neighs neighs;
};
