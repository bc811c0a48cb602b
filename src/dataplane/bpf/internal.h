/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the bpf backend share. The contract is ../backend.h. */
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <pthread.h>

#include "backend.h"
#include "guard.h"
#include "hold.h"
#include "sorter.h"

/* Made by bpftool, which casts more freely than we do. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "hairpin.skel.h"
#pragma GCC diagnostic pop

/* A filter of ours: where it hangs, and for which side of the NAT it works. */
struct attached {
	unsigned int ifindex;
	enum bpf_tc_attach_point point;
	enum hp_side side;
};

struct attached_list {
	struct attached *items; /* n, owned */
	size_t n;
};

/* The tables of a plan, each a map of maps with one for each slot. */
enum tables { TABLES_RULES, TABLES_PREFIXES, TABLES_MAX };

/*
 * Who makes the slot that is not in force ready for the next plan: a thread, since the kernel keeps it waiting for more than a tenth of a second under load. Nothing else of the daemon runs in it.
 */
struct spare {
	pthread_t thread;
	bool is_allowed; /* the daemon has given up what rights it does not need */
	bool is_running; /* it has to be joined before what is below, or a slot, is touched */
	bool is_settled; /* no packet goes by the slot that was left */
	__u32 slot; /* which that is */
	int made[TABLES_MAX]; /* maps that are in it since; -1: the ones that were */
};

struct backend {
	struct hairpin_bpf *skel;
	char *path; /* of our layout's pins; owned */
	struct move *move; /* tables to be replaced by ours, or NULL; owned */
	bool resizes; /* ... of our own layout: `path` is beside its directory until ours take that */
	struct own *own; /* own.c; NULL before the first plan; owned */
	struct fast *fast; /* fast.c; owned */
	char *state; /* directory, owned */
	bool adopted;
	unsigned int taken; /* sessions taken over from such tables */
	int inner[TABLES_MAX][HP_SLOTS]; /* the maps in the slots, or -1 */
	bool flip_fresh; /* a packet may be on its way by the slot that was in force before the last flip */
	__u32 n_rows[TABLES_MAX]; /* of the plan written last */
	struct spare spare;
	struct guard guard;
	struct hold hold;
	struct sorter sorter; /* without a path before the first plan */
	struct attached_list attached;
	bool let_go; /* there shall be no hold */
	bool audit_due; /* a plan came into force and its audit did not run to the end */
};

/* --- text.c: what libbpf says ------------------------------------------------------------------- */

/* From here on libbpf's warnings are kept instead of printed; the last of them are added to @why by text_add(). */
void text_start(void);
void text_add(struct strbuf *why);

/* --- pins.c ------------------------------------------------------------------------------------- */

/* A bpffs is under @pins; one is mounted at /sys/fs/bpf if that is where @pins points and there is none. */
int pins_ready(const char *pins, struct strbuf *why);
/* Whether the data plane pinned in @path, a layout's directory, is a whole one: its last pin is there. */
bool pins_whole(const char *path);
/* Makes it one that is not, so that what is left of it is in nobody's way. */
void pins_break(const char *path);
/*
 * A whole data plane of another layout under @pins: 1 and its directory in *ret_path (owned by the caller), 0: none; -EPROTO with the
 * advice in @why if it is older than any that can be taken over.
 */
int pins_other(const char *pins, char **ret_path, struct strbuf *why);
/* Removes all others than that of our layout, which a replacement that was interrupted left behind. */
int pins_remove_others(const char *pins);
/* A map pinned in @path: a descriptor, closed by the caller, or -errno. */
int pins_open(const char *path, const char *name, struct bpf_map_info *ret_info);
/* The directory of this layout: <pins>/v<n>, owned by the caller. */
int pins_path(const char *pins, char **ret_path);
/* One beside it for tables of the same layout that shall replace it; owned by the caller. */
void pins_next(const char *pins, char **ret_path);
/* Removes one such directory with what is in it; 0 if there is none. */
int pins_remove(const char *path);
/* XDP programs of all layouts. */
void pins_remove_fast(const char *pins);
/* Removes those of all layouts, and @pins itself if it is empty then. */
int pins_remove_all(const char *pins);

/* --- load.c --------------------------------------------------------------------------------------- */

/*
 * Loads the programs: with new tables, or with those pinned already. Where these are of another layout, or of another size and what they hold
 * has room in the one asked for, backend->move is set; ours are new then, and not whole (pins_whole()) before load_commit().
 */
int load(struct backend *backend, const struct backend_options *options, struct strbuf *why);
/* Makes them whole, and in the place of those that they replace. */
int load_commit(struct backend *backend);

/* --- move.c: from one layout, or size, to another --------------------------------------------------- */

/*
 * An upgrade across a changed layout, or another nat.limits.sessions: new tables are made, the sessions copied while the old programs run, the programs replaced in
 * place, and what the old ones opened meanwhile copied too. Only sessions are carried over, by hp_import: mappings, bindings, peers and
 * counts all follow from them, so that an index cannot disagree with what it indexes. Copying the maps one by one would
 * need a lock between two generations of programs that know nothing of each other. Ports that rest, notes and counters begin anew.
 */

/* Opens the data plane pinned in @path. 0, or -errno with the advice in @why. */
int move_open(const char *path, struct move **ret_move, struct strbuf *why);
struct move *move_close(struct move *move); /* NULL is fine; returns NULL */
/* The directory of the old pins. */
const char *move_path(const struct move *move);
/* Sessions that the old table has room for. */
__u32 move_size(const struct move *move);
/* Whether what it holds finds room in a table for @sessions. */
bool move_fits(const struct move *move, __u32 sessions);
/* Keeps the programs of @list, so that move_undo() can put them back. */
int move_hold(struct move *move, const struct attached_list *list);
void move_undo(const struct move *move);
/* Takes over the sessions that were not yet; their number is added to *ret_taken. */
int move_copy(struct backend *backend, unsigned int *ret_taken);
/* The directories of ours and of those to be replaced change places, in one go. */
int move_exchange(struct backend *backend);
/* Ours is the data plane now, as its pins are whole: the old ones go. backend->move is NULL then. */
void move_done(struct backend *backend);

/* --- tables.c ------------------------------------------------------------------------------------- */

/* Opens what is in the slots already; only a start may do so, it takes CAP_SYS_ADMIN. */
void tables_open(struct backend *backend);
void tables_close(struct backend *backend);
/* Writes @plan into the slot that is not in force, then tables_flip() puts that one in force. */
int tables_write(struct backend *backend, const struct plan *plan, __u32 generation,
		 struct strbuf *why);
int tables_flip(struct backend *backend);
/*
 * Waits until no packet goes by the slot that was in force before the last flip; at once where that has been done. 0 or -errno: it cannot be waited for, and what the slot holds must
 * not be changed.
 */
int tables_settle(struct backend *backend);
/*
 * The plan in force will not be taken back: from now on, beside the daemon, the other slot is waited for and emptied, so that the next plan finds it ready. tables_tick(), called once a second, does
 * the same for a plan of the start, and the thread has the rights that the daemon has then.
 */
void tables_final(struct backend *backend);
void tables_tick(struct backend *backend);
/* The sorter's device in the plan in force; it changes when the device is made anew. */
int tables_put_sorter(struct backend *backend);
/* The settings of the plan in force. 0 or -errno. */
int tables_settings(const struct backend *backend, struct hp_settings *ret_settings);
int tables_generation(const struct backend *backend, __u32 *ret_generation);

/* --- attach.c --------------------------------------------------------------------------------------- */

/* Notes the filters of ours that hang on any device. */
int attach_scan(struct backend *backend);
/* A copy of that list, and what makes it true again. */
int attach_save(const struct backend *backend, struct attached_list *ret_list);
void attach_restore(struct backend *backend, const struct attached_list *list);
void attach_list_fini(struct attached_list *list);
/* Filters on every device of @plan, replaced where they are there. */
int attach_plan(struct backend *backend, const struct plan *plan, struct strbuf *why);
/* The filter of the sorter's device where it has none yet, before a plan names that device. */
int attach_sorter(struct backend *backend, struct strbuf *why);
/* Takes off those that @plan does not name. */
void attach_prune(struct backend *backend, const struct plan *plan);
/* The program that hangs in the place of @filter, 0: none; and one put there. */
__u32 attach_program(const struct attached *filter);
int attach_put(const struct attached *filter, int program);
/* Adds those of @plan that are missing or not ours. */
void attach_look(const struct backend *backend, const struct plan *plan,
		 struct backend_losses *ret_losses);
/* Puts them back. 0 or -errno. */
int attach_mend(struct backend *backend, const struct plan *plan);
/* Takes all of ours off all devices. */
int attach_remove_all(const char *state, struct strbuf *why);

/* --- qdisc.c ------------------------------------------------------------------------------------------ */

/*
 * What filters hang on: 0 if there is one now. A clsact that we made is remembered in @state. -EBUSY: there is an
 * ingress qdisc, which excludes it and will do only where nothing hangs at egress.
 */
int qdisc_make(const char *state, unsigned int ifindex, bool egress);
/* Removes the clsact of the device if we made it and nobody's filter hangs there. */
int qdisc_release(const char *state, unsigned int ifindex);

/* --- sweep.c ------------------------------------------------------------------------------------------- */

/* Runs hp_fill over the whole table. */
int sweep_fill(struct backend *backend, unsigned int sessions);
/* Runs hp_import on one session; what became of it is in @args. */
int sweep_import(struct backend *backend, const struct hp_session *session,
		 struct hp_import_args *args);
/* Runs hp_sweep over the whole table, ending what the plan in force does not admit. */
int sweep_audit(struct backend *backend);
/* Starts the clock by which the kernel ends what is over (bpf/sweep.h); one that runs gets our program and measures. */
int clock_start(struct backend *backend);
/* Starts it again if it stands still. */
int clock_check(struct backend *backend);
int sweep_total(const struct backend *backend, enum hp_total_of of, __u64 *ret_n);
__u32 sweep_sessions(const struct backend *backend);

/* --- own.c: the gateway's own processes ------------------------------------------------------------------ */

/*
 * The programs of bpf/own.bpf.c at the root of the cgroups, pinned beside the maps. -ENOMEM only: that they cannot be had is no
 * reason to have no gateway, and own_why() says so.
 */
int own_attach(struct backend *backend);
/* Why they are not attached; NULL: they are, or nobody asked yet. Valid while the backend is open. */
const char *own_why(const struct backend *backend);
void own_close(struct backend *backend);

/* --- fast.c: until when the ways hold that the programs note --------------------------------------------------- */

/* Listens to the kernel; nothing holds before the first plan. -ENOMEM only: that nobody would tell is no reason to have no gateway. */
int fast_open(struct backend *backend);
void fast_close(struct backend *backend);
/* @plan came into force: its devices, and no way of the one before. 0 or -errno, and then no way holds, whatever was noted. */
int fast_apply(struct backend *backend, const struct plan *plan);
/* Before sessions move to other tables: XDP of those ends, and tc serves alone. */
void fast_yield(struct backend *backend);
/* No way holds that was noted before. */
void fast_changed(struct backend *backend);
/* The descriptor that is readable when the kernel tells something, -1: none; and what reads it. */
int fast_watched(const struct backend *backend);
void fast_follow(struct backend *backend);
/* Once a second: without it no way holds for longer than WAY_TICK_S. */
int fast_tick(struct backend *backend);
int fast_list(const struct backend *backend, struct backend_fast **ret_items, size_t *ret_n);
/* Takes XDP programs of ours off all devices, and their pins in @path, a layout's directory, away. */
void fast_xdp_remove_all(const char *path);

/* --- dump.c, dump_ports.c, probe.c: parts of struct backend_ops ------------------------------------------------------- */

int dump_sessions(struct backend *backend, __u64 *cursor, unsigned int max, backend_session_cb cb,
		  void *data);
int dump_mappings(struct backend *backend, __u64 *cursor, unsigned int max, backend_mapping_cb cb,
		  void *data);
int dump_counters(struct backend *backend, __u64 *ret_packets);
int dump_stats(struct backend *backend, __u64 *ret_stats);
int dump_ports(struct backend *backend, struct backend_ports_list *ret_list);
int dump_hosts(struct backend *backend, struct backend_hosts *ret_hosts);
int dump_past(struct backend *backend, struct backend_past *ret_items, size_t max);
/* The @n values of a per-CPU array of __u64, summed up over the CPUs. */
int dump_percpu(const struct bpf_map *map, __u32 n, __u64 *ret_sums);
/* Memory of all tables, in bytes. */
__u64 dump_memory(const struct backend *backend);
int probe(struct strbuf *why);
