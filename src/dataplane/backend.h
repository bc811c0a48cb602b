/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backend carries out a plan. The data plane belongs to the kernel and outlives this process: closing a
 * backend leaves it in place, only backends_detach() removes it.
 *
 * Called by hairpind (root); by the command only for detach without a daemon. Not thread-safe.
 */
#pragma once

#include "plan.h"

struct backend; /* opaque, per backend */

struct backend_options {
	const char
		*pins; /* bpffs directory, e.g. /sys/fs/bpf/hairpin; v<layout>/ is made below it */
	const char *state; /* directory that remembers what detach restores */
	unsigned int
		sessions; /* size of the table; one in force that holds too many for that keeps its own */
};

/* One session as `show sessions` gives it; addresses v4-mapped, ports host byte order. */
struct backend_session {
	__u8 proto, kind, tcp_state;
	bool replied;
	struct ip_addr orig_src, orig_dst, xlat_src, xlat_dst;
	__u16 orig_sport, orig_dport, xlat_sport, xlat_dport;
	__u32 idle_s, age_s, expires_s;
	__u32 service; /* index in the plan, or 0xffffffff */
};

struct backend_mapping {
	__u8 proto, pool;
	bool host, fixed;
	struct ip_addr internal, external;
	__u16 internal_port, external_port;
	__u32 sessions, age_s;
};

/* External ports of one address and protocol (of ICMP, the ids). */
struct backend_ports {
	__u8 proto, pool;
	struct ip_addr address;
	__u32 in_use, resting;
	__u32 in_range; /* of both, those that are in nat.ports */
};

struct backend_ports_list {
	struct backend_ports *items; /* n, owned */
	size_t n;
};

void backend_ports_list_fini(struct backend_ports_list *list);

/* What one host inside holds. */
struct backend_host {
	struct ip_addr address;
	__u32 mappings, sessions;
};

/* Who inside answers connections that never came by here (HP_PASS_UNSEEN): by TCP with a SYN-ACK, by UDP from a declared port. */
struct backend_past {
	struct ip_addr host;
	__u16 port;
	__u8 proto;
};

/* Hosts that hold anything; of these the ones that hold most, most first. */
struct backend_hosts {
	size_t n;
	struct backend_host top[10];
	size_t n_top;
};

/* Which way packets of known flows take that arrive on an interface. */
enum backend_fast_path {
	BACKEND_FAST_OFF, /* as all others */
	BACKEND_FAST_TC, /* the way that was noted, in tc */
	BACKEND_FAST_XDP, /* the same, in XDP */
};

struct backend_fast {
	char interface[IFNAMSIZ];
	bool is_port; /* of the bridge before it in a list */
	enum backend_fast_path path;
	char why[160]; /* why no faster one, or what is missing; empty: nothing */
};

typedef void (*backend_session_cb)(const struct backend_session *session, void *data);
typedef void (*backend_mapping_cb)(const struct backend_mapping *mapping, void *data);

struct backend_status {
	bool adopted; /* took over a running data plane */
	bool table_shared; /* the kernel's, for everybody on the machine: the configuration asks for room in it, and makes none of its own */
	bool moving; /* ... of another layout or size: the first plan replaces its tables, and then `taken` is known */
	const char *
		own_why; /* why the gateway's own processes are not led to forwards; NULL: they are */
	const char *
		sorter_why; /* why there is no sorter, so that fragments are dropped; NULL: there is one */
	const char *
		hold_why; /* why nothing would outlive a flush of all rules (hold.h); NULL: it does, or need not */
	__u32 taken; /* sessions taken over from a data plane of another layout or size */
	__u32 sessions_size; /* room of the table */
	__u32 sessions_active; /* now */
	__u64 table_bytes; /* memory of the tables */
	__u32 generation; /* plan in force in the kernel */
};

/* What of ours somebody else took away or changed. */
enum backend_loss {
	BACKEND_LOSS_TABLE_GONE = 0x1,
	BACKEND_LOSS_TABLE_ALTERED = 0x2,
	BACKEND_LOSS_FILTER = 0x4,
	BACKEND_LOSS_SORTER = 0x8,
	BACKEND_LOSS_SETTING = 0x10,
};

struct backend_losses {
	unsigned int which; /* enum backend_loss, or-ed; 0: everything is there */
	struct strbuf what; /* in words, with commas between; freed by backend_losses_fini() */
};

void backend_losses_fini(struct backend_losses *losses);
#define _backend_losses_ _cleanup_(backend_losses_fini)
/* Adds one. */
void backend_losses_add(struct backend_losses *losses, enum backend_loss loss, const char *format,
			...) _printf_(3, 4);
/* Adds what listing_holds() says of our table, if anything; 0, or its -errno when it could not be seen. */
int backend_losses_add_table(struct backend_losses *losses, int holds);

struct backend_ops {
	const char *name;

	/* Whether this kernel and machine can run it. 0, or -errno with the reason and the fix in @why. */
	int (*probe)(struct strbuf *why);

	/*
	 * Makes what takes the right to mount, in the place of the caller, for an open() by one that may not. What cannot be made is in @why, and open() does without it or says so. NULL: there is
	 * nothing of the kind.
	 */
	void (*prepare)(const struct backend_options *options, struct strbuf *why);

	/*
	 * Loads the programs, or adopts what is pinned. -EPROTO: pins of another layout are in force (text in @why);
	 * nothing was touched. Freed by close().
	 */
	int (*open)(const struct backend_options *options, struct backend **ret_backend,
		    struct strbuf *why);

	/*
	 * Puts @plan in force: tables first, then one write that swaps, then filters of new devices, then the end of sessions that it no
	 * longer admits. On -errno the one before stays. @generation is what `status` shows.
	 */
	int (*apply)(struct backend *backend, const struct plan *plan, __u32 generation,
		     struct strbuf *why);

	/* What of @plan, which is in force, is not there as we left it; touches nothing of it. 0 or -errno, *ret_losses is freed by the caller. */
	int (*look)(struct backend *backend, const struct plan *plan,
		    struct backend_losses *ret_losses);
	/* Puts all of it back. 0 or -errno. */
	int (*mend)(struct backend *backend, const struct plan *plan);
	/* Whether what outlives a flush of all rules (hold.h) is there; it is from the first plan on. */
	void (*hold)(struct backend *backend, const struct plan *plan, bool on);

	/* Called once a second: what expires does so by itself, this sees to it that it goes on, and that an audit comes to its end. */
	int (*sweep)(struct backend *backend);

	/*
	 * The descriptor that is readable when the network may have changed for what the backend itself remembers of it, -1: none; and what reads it then, at once.
	 * NULL: it remembers nothing.
	 */
	int (*watched)(const struct backend *backend);
	void (*follow)(struct backend *backend);

	/* Walks at most @max entries from *cursor (start: 0). Returns 1 while there is more, 0 at the end, -errno. */
	int (*sessions)(struct backend *backend, __u64 *cursor, unsigned int max,
			backend_session_cb cb, void *data);
	int (*mappings)(struct backend *backend, __u64 *cursor, unsigned int max,
			backend_mapping_cb cb, void *data);

	/* Packets per reason, HP_REASON_MAX values; statistics, HP_STAT_MAX values. */
	int (*counters)(struct backend *backend, __u64 *ret_packets);
	int (*stats)(struct backend *backend, __u64 *ret_stats);
	/*
	 * Rows by address and protocol, with those of the public address also where there is nothing in use. The tables are read as a whole
	 * while others write them: a number can be a little off. @ret_list is freed by the caller, also on failure.
	 */
	int (*ports)(struct backend *backend, struct backend_ports_list *ret_list);
	int (*hosts)(struct backend *backend, struct backend_hosts *ret_hosts);
	/* At most @max, each once, of the last PAST_S; how many, or -errno. NULL: no plan of this backend has any. */
	int (*past)(struct backend *backend, struct backend_past *ret_items, size_t max);
	/* The devices of the plan in force, each bridge before its ports; *ret_items is owned by the caller. NULL: there is no such thing. */
	int (*fast)(const struct backend *backend, struct backend_fast **ret_items, size_t *ret_n);
	int (*status)(struct backend *backend, struct backend_status *ret_status);

	/* A line each: what this backend cannot do, and what of @plan therefore has no effect. NULL: it can do everything. Needs no open backend. */
	void (*lacks)(const struct plan *plan, struct strbuf *ret_lines);

	/* Lets go; the data plane stays. */
	void (*close)(struct backend *backend);

	/* Removes every filter and pin of ours below @options->pins, with or without an open backend. */
	int (*detach)(const struct backend_options *options, struct strbuf *why);
};

extern const struct backend_ops backend_bpf;
/* Leaves it to netfilter. */
extern const struct backend_ops backend_nftables;
/* Of role resolver: takes every plan and touches nothing. */
extern const struct backend_ops backend_none;

/* The one that is in place: by its pins below @options->pins, or by its table. NULL: none. */
const struct backend_ops *backend_in_place(const struct backend_options *options);
/* Removes whatever of ours is in place, of either backend. */
int backends_detach(const struct backend_options *options, struct strbuf *why);

const char *hp_reason_name(enum hp_reason reason); /* "drop-closed" */
const char *hp_reason_text(enum hp_reason reason); /* one sentence */
const char *hp_filtering_name(enum hp_filtering filtering); /* as the configuration has it */
const char *hp_stat_name(enum hp_stat stat); /* "port-kept" */
const char *hp_stat_text(enum hp_stat stat);
const char *hp_kind_name(enum hp_kind kind); /* outgoing, forward, hairpin, host, routed */
const char *hp_tcp_state_name(enum hp_tcp_state state);
