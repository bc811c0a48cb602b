// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "file.h"
#include "internal.h"

/*
 * The maps that outlive the daemon, in the order in which they are pinned: the last one says that the others are all there.
 * `eighths` makes the size: eighths of an entry for each session, 0 leaves it as declared. Maps that are not named here are
 * scratch and belong to one loading of the programs.
 */
static const struct pinned {
	const char *name;
	unsigned int eighths;
	__u32 flags_free; /* those that it may have or not: allocate_ahead() */
} pinned[] = {
	{"hp_flows4", 16, 0},
	{"hp_flows6", 8, 0},
	{"hp_sessions", 8, 0},
	{"hp_free", 8, 0},
	{"hp_mappings", 0, BPF_F_NO_PREALLOC},
	{"hp_bindings", 0, BPF_F_NO_PREALLOC},
	{"hp_resting", 0, 0},
	{"hp_old_ports", 0, 0},
	{"hp_totals", 0, 0},
	{"hp_clock", 0, 0},
	{"hp_peer_sets", 2, 0},
	{"hp_peers", 4, 0},
	{"hp_hosts", 0, 0},
	{"hp_unproven", 1, 0},
	{"hp_notes", 0, 0},
	{"hp_fragments", 0, 0},
	{"hp_rules", 0, 0},
	{"hp_prefixes", 0, 0},
	{"hp_settings", 0, 0},
	{"hp_reasons", 0, 0},
	{"hp_stats", 0, 0},
	{"hp_pace", 0, 0},
	{"hp_active", 0, 0},
};

_Static_assert(LIMIT_UNPROVEN_SHARE == 8, "hp_unproven has an eighth of an entry for each session");
_Static_assert(LIMIT_PEER_SET_SHARE == 4 && LIMIT_PEER_SHARE == 2,
	       "hp_peer_sets has two eighths, hp_peers four");

static struct bpf_map *map_of(const struct backend *backend, const struct pinned *pin)
{
	return bpf_object__find_map_by_name(backend->skel->obj, pin->name);
}

static int failed(const char *what, int ret, struct strbuf *why)
{
	strbuf_add(why, "%s: %s", what, strerror(-ret));
	text_add(why);
	return ret;
}

static int pin_path(const char *path, const struct pinned *pin, struct strbuf *ret_path)
{
	strbuf_add(ret_path, "%s/%s", path, pin->name);
	return 0;
}

/* --- a new data plane ---------------------------------------------------------------------------- */

/*
 * Mappings and bindings with all their elements from the start, where there are so many sessions beside them that it is not the memory that matters: a new flow
 * costs a fifth less then (limits.h). On a small machine they take theirs as they come.
 */
static int allocate_ahead(struct backend *backend, unsigned int sessions)
{
	for (size_t i = 0; sessions >= LIMIT_AHEAD_SESSIONS && i < ARRAY_SIZE(pinned); i++) {
		struct bpf_map *map = map_of(backend, &pinned[i]);
		__u32 flags = bpf_map__map_flags(map) & ~pinned[i].flags_free;
		int ret = pinned[i].flags_free ? bpf_map__set_map_flags(map, flags) : 0;

		if (ret)
			return ret;
	}
	return 0;
}

static int size_tables(struct backend *backend, unsigned int sessions)
{
	for (size_t i = 0; i < ARRAY_SIZE(pinned); i++) {
		unsigned int size = (unsigned int)((__u64)pinned[i].eighths * sessions / 8);
		int ret = size ? bpf_map__set_max_entries(map_of(backend, &pinned[i]), size) : 0;

		if (ret)
			return ret;
	}
	return allocate_ahead(backend, sessions);
}

static int pin_tables(struct backend *backend, size_t first, size_t end)
{
	int ret = dir_make(backend->path, 0700);

	for (size_t i = first; !ret && i < end; i++) {
		_strbuf_ struct strbuf file = {0};

		pin_path(backend->path, &pinned[i], &file);
		ret = bpf_obj_pin(bpf_map__fd(map_of(backend, &pinned[i])), file.text);
	}
	return ret;
}

int load_commit(struct backend *backend)
{
	int ret = pin_tables(backend, ARRAY_SIZE(pinned) - 1, ARRAY_SIZE(pinned));

	if (ret || !backend->resizes)
		return ret;
	ret = move_exchange(backend);
	if (ret)
		pins_break(backend->path);
	return ret;
}

/* The last pin of tables that replace others has to wait for load_commit(). */
static int load_fresh(struct backend *backend, unsigned int sessions, struct strbuf *why)
{
	size_t n = ARRAY_SIZE(pinned) - (backend->move ? 1 : 0);
	const char *path = backend->path;
	int ret = pins_remove(path);

	if (ret)
		return failed(path, ret, why);
	ret = size_tables(backend, sessions);
	if (!ret)
		ret = hairpin_bpf__load(backend->skel);
	if (ret)
		return failed("the BPF programs do not load", ret, why);
	ret = sweep_fill(backend, sessions);
	if (ret)
		return failed("the session table cannot be filled", ret, why);
	ret = pin_tables(backend, 0, n);
	if (ret) {
		pins_remove(path);
		return failed(path, ret, why);
	}
	return 0;
}

/* --- one that is there already --------------------------------------------------------------------- */

static bool fits(const struct bpf_map *map, const struct pinned *pin,
		 const struct bpf_map_info *info)
{
	return info->type == (__u32)bpf_map__type(map) &&
	       info->key_size == bpf_map__key_size(map) &&
	       info->value_size == bpf_map__value_size(map) &&
	       !((info->map_flags ^ bpf_map__map_flags(map)) & ~pin->flags_free) &&
	       (pin->eighths || info->max_entries == bpf_map__max_entries(map));
}

static int adopt(struct backend *backend, const char *path, const struct pinned *pin)
{
	struct bpf_map *map = map_of(backend, pin);
	struct bpf_map_info info;
	_close_ int fd = pins_open(path, pin->name, &info);

	if (fd < 0)
		return fd;
	return fits(map, pin, &info) ? bpf_map__reuse_fd(map, fd) : -EPROTO;
}

static int load_adopt(struct backend *backend, struct strbuf *why)
{
	const char *path = backend->path;
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(pinned); i++) {
		ret = adopt(backend, path, &pinned[i]);
		if (!ret)
			continue;
		strbuf_add(
			why,
			"the data plane in %s is not one that this hairpind can take over (%s does not "
			"fit): run the hairpind that made it, or `hairpin detach` first",
			path, pinned[i].name);
		return ret == -ENOENT ? -EPROTO : ret;
	}
	ret = hairpin_bpf__load(backend->skel);
	if (ret)
		return failed("the BPF programs do not load", ret, why);
	backend->adopted = true;
	return 0;
}

bool pins_whole(const char *path)
{
	_strbuf_ struct strbuf last = {0};

	pin_path(path, &pinned[ARRAY_SIZE(pinned) - 1], &last);
	return !access(last.text, F_OK);
}

void pins_break(const char *path)
{
	_strbuf_ struct strbuf last = {0};

	pin_path(path, &pinned[ARRAY_SIZE(pinned) - 1], &last);
	unlink(last.text);
}

/* --- one that is replaced --------------------------------------------------------------------------- */

static int load_replacing(struct backend *backend, unsigned int sessions, struct strbuf *why)
{
	int ret = load_fresh(backend, sessions, why);

	backend->adopted = !ret;
	return ret;
}

/* Of another layout, if there is one: then in the size asked for, if what it holds finds room there. */
static int load_upgrading(struct backend *backend, const struct backend_options *options,
			  struct strbuf *why)
{
	unsigned int sessions = options->sessions;
	_free_ char *other = NULL;
	int ret = pins_other(options->pins, &other, why);

	if (!ret)
		return load_fresh(backend, sessions, why);
	if (ret > 0)
		ret = move_open(other, &backend->move, why);
	if (ret < 0)
		return ret;
	if (!move_fits(backend->move, sessions))
		sessions = move_size(backend->move);
	return load_replacing(backend, sessions, why);
}

/* Whether the tables in force can be replaced by those of the size asked for; backend->move is set then. */
static bool can_resize(struct backend *backend, const struct backend_options *options)
{
	_strbuf_ struct strbuf ignored = {0};
	struct bpf_map_info info;
	_close_ int fd = pins_open(backend->path, "hp_sessions", &info);

	/* What cannot be read is for load_adopt() to tell. */
	if (fd < 0 || info.max_entries == options->sessions ||
	    move_open(backend->path, &backend->move, &ignored))
		return false;
	if (!move_fits(backend->move, options->sessions))
		backend->move = move_close(backend->move);
	return backend->move;
}

/* Of our layout, with another size: ours are made beside it, and take its place at last. */
static int load_resizing(struct backend *backend, const struct backend_options *options,
			 struct strbuf *why)
{
	backend->resizes = true;
	free(TAKE_PTR(backend->path));
	pins_next(options->pins, &backend->path);
	return load_replacing(backend, options->sessions, why);
}

int load(struct backend *backend, const struct backend_options *options, struct strbuf *why)
{
	int ret = pins_path(options->pins, &backend->path);

	if (ret)
		return ret;
	backend->skel = hairpin_bpf__open();
	if (!backend->skel)
		return failed("the BPF object does not open", -errno, why);
	if (!pins_whole(backend->path))
		return load_upgrading(backend, options, why);
	pins_remove_others(options->pins);
	return can_resize(backend, options) ? load_resizing(backend, options, why)
					    : load_adopt(backend, why);
}
