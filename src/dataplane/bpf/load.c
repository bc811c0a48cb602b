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
} pinned[] = {
	{"hp_flows4", 16},  {"hp_flows6", 8},	{"hp_sessions", 8},  {"hp_free", 8},
	{"hp_mappings", 0}, {"hp_bindings", 0}, {"hp_resting", 0},   {"hp_old_ports", 0},
	{"hp_totals", 0},   {"hp_clock", 0},	{"hp_peers", 8},     {"hp_hosts", 0},
	{"hp_unproven", 1}, {"hp_notes", 0},	{"hp_fragments", 0}, {"hp_rules", 0},
	{"hp_prefixes", 0}, {"hp_settings", 0}, {"hp_reasons", 0},   {"hp_stats", 0},
	{"hp_active", 0},
};

_Static_assert(LIMIT_UNPROVEN_SHARE == 8, "hp_unproven has an eighth of an entry for each session");

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

static int size_tables(struct backend *backend, unsigned int sessions)
{
	for (size_t i = 0; i < ARRAY_SIZE(pinned); i++) {
		unsigned int size = (unsigned int)((__u64)pinned[i].eighths * sessions / 8);
		int ret = size ? bpf_map__set_max_entries(map_of(backend, &pinned[i]), size) : 0;

		if (ret)
			return ret;
	}
	return 0;
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
	return pin_tables(backend, ARRAY_SIZE(pinned) - 1, ARRAY_SIZE(pinned));
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
	       info->map_flags == bpf_map__map_flags(map) &&
	       (pin->eighths || info->max_entries == bpf_map__max_entries(map));
}

static int adopt(struct backend *backend, const char *path, const struct pinned *pin)
{
	struct bpf_map *map = map_of(backend, pin);
	_strbuf_ struct strbuf file = {0};
	struct bpf_map_info info = {0};
	__u32 length = sizeof(info);
	_close_ int fd = -1;
	int ret;

	pin_path(path, pin, &file);
	fd = bpf_obj_get(file.text);
	if (fd < 0)
		return fd;
	ret = bpf_obj_get_info_by_fd(fd, &info, &length);
	if (ret)
		return ret;
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

/* No other table is made smaller than what it replaces: all its sessions have to find room. */
static int load_moving(struct backend *backend, const struct backend_options *options,
		       struct strbuf *why)
{
	unsigned int sessions = options->sessions;
	_free_ char *other = NULL;
	int ret = pins_other(options->pins, &other, why);

	if (ret > 0)
		ret = move_open(other, &backend->move, why);
	if (ret < 0)
		return ret;
	if (backend->move && move_size(backend->move) > sessions)
		sessions = move_size(backend->move);
	ret = load_fresh(backend, sessions, why);
	backend->adopted = !ret && backend->move;
	return ret;
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
		return load_moving(backend, options, why);
	ret = pins_remove_others(options->pins);
	return ret ? failed(options->pins, ret, why) : load_adopt(backend, why);
}
