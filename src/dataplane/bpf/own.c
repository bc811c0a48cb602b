// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include <own.skel.h>
#pragma GCC diagnostic pop

/* Debian 12's headers have it in asm-generic only. */
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

struct own {
	struct own_bpf *skel;
	struct strbuf why; /* why the programs are not attached; empty: they are */
};

static int netns_cookie(__u64 *ret_cookie)
{
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(*ret_cookie);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, ret_cookie, &length))
		return -errno;
	return 0;
}

/*
 * The root of the unified hierarchy, as a mount of our own that nobody sees: where it is mounted differs, and a sandbox may
 * have hidden it. By the kernel's calls themselves: musl has no functions for them, and glibc's header does not go with the kernel's.
 */
static int cgroup_open(void)
{
	_close_ int fs = (int)syscall(SYS_fsopen, "cgroup2", FSOPEN_CLOEXEC), mount = -1;
	int fd;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	mount = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		return -errno;
	fd = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The rules are those of the data plane; the sockets' notes outlive the daemon like everything else. */
static int share_maps(struct backend *backend, struct own_bpf *skel)
{
	const struct {
		struct bpf_map *theirs, *ours;
	} maps[] = {
		{backend->skel->maps.hp_rules, skel->maps.hp_rules},
		{backend->skel->maps.hp_prefixes, skel->maps.hp_prefixes},
		{backend->skel->maps.hp_active, skel->maps.hp_active},
		{backend->skel->maps.hp_settings, skel->maps.hp_settings},
	};
	_strbuf_ struct strbuf notes = {0};
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(maps) && !ret; i++)
		ret = bpf_map__reuse_fd(maps[i].ours, bpf_map__fd(maps[i].theirs));
	strbuf_add(&notes, "%s/own_sockets", backend->path);
	return ret ? ret : bpf_map__set_pin_path(skel->maps.own_sockets, notes.text);
}

static int load_programs(struct backend *backend)
{
	struct own_bpf *skel = own_bpf__open();
	int ret;

	if (!skel)
		return errno ? -errno : -EINVAL;
	backend->own->skel = skel;
	ret = netns_cookie(&skel->rodata->own_netns);
	if (!ret)
		ret = share_maps(backend, skel);
	return ret ? ret : own_bpf__load(skel);
}

/* One program, in the place of the one that an earlier daemon attached if there is one. */
static int attach_one(const struct backend *backend, struct bpf_program *program, int cgroup)
{
	_strbuf_ struct strbuf pin = {0};
	struct bpf_link *link;
	int ret;

	strbuf_add(&pin, "%s/%s", backend->path, bpf_program__name(program));
	link = bpf_link__open(pin.text);
	if (link) {
		ret = bpf_link__update_program(link, program);
	} else {
		link = bpf_program__attach_cgroup(program, cgroup);
		if (!link)
			return -errno;
		ret = bpf_link__pin(link, pin.text);
	}
	bpf_link__destroy(link);
	return ret;
}

static int attach_programs(const struct backend *backend)
{
	const struct own_bpf *skel = backend->own->skel;
	_close_ int cgroup = cgroup_open();
	struct bpf_program *program;
	int ret = cgroup < 0 ? cgroup : 0;

	if (!skel)
		return -EINVAL;
	bpf_object__for_each_program(program, skel->obj)
	{
		if (!ret)
			ret = attach_one(backend, program, cgroup);
	}
	return ret;
}

int own_attach(struct backend *backend)
{
	int ret;

	if (backend->own)
		return 0;
	backend->own = calloc(1, sizeof(*backend->own));
	if (!backend->own)
		return -ENOMEM;
	ret = load_programs(backend);
	if (!ret)
		ret = attach_programs(backend);
	if (!ret)
		return 0;
	strbuf_add(&backend->own->why, "%s", strerror(-ret));
	text_add(&backend->own->why);
	return 0;
}

const char *own_why(const struct backend *backend)
{
	if (!backend->own || !backend->own->why.length)
		return NULL;
	return strbuf_text(&backend->own->why);
}

void own_close(struct backend *backend)
{
	if (!backend->own)
		return;
	own_bpf__destroy(backend->own->skel);
	strbuf_fini(&backend->own->why);
	free(backend->own);
	backend->own = NULL;
}
