// SPDX-License-Identifier: GPL-2.0-or-later
#include "sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>
#include <linux/nsfs.h>

#include <hairpin/limits.h>

#include "apart.h"
#include "cleanup.h"
#include "file.h"
#include "nft.h"

#define PLACE "sorter"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define PROC "/proc/sys/net/"

/* What is set inside; what a kernel does not know it does not do either. */
static const struct {
	const char *name, *value;
} settings[] = {
	{"ipv4/ip_forward", "1"},
	/* Every source comes by the one cable and goes back by it. */
	{"ipv4/conf/all/rp_filter", "0"},
	{"ipv4/conf/default/rp_filter", "0"},
	{"ipv4/conf/all/send_redirects", "0"},
	{"ipv4/conf/default/send_redirects", "0"},
	/* A stranger must not be able to fill the log. */
	{"ipv4/conf/all/log_martians", "0"},
	{"ipv4/conf/default/log_martians", "0"},
	{"ipv4/ipfrag_time", TEXT(SORTER_WAIT_S)},
	{"ipv6/conf/all/disable_ipv6", "1"},
	{"ipv6/conf/default/disable_ipv6", "1"},
};

/*
 * Datagrams are put together (priority -400) because a rule speaks of connections, and no connection is tracked (-300): the sorter
 * is to have no state but the fragments that it holds.
 */
static const char table[] =
	"add table ip sorter\n"
	"flush table ip sorter\n"
	"add chain ip sorter early { type filter hook prerouting priority -300; policy accept; }\n"
	"add rule ip sorter early notrack\n"
	"add chain ip sorter late { type filter hook prerouting priority 0; policy accept; }\n"
	"add rule ip sorter late ct state new accept\n";

static int set(const char *name, const char *value)
{
	_strbuf_ struct strbuf path = {0};
	_close_ int fd = -1;

	strbuf_add(&path, PROC "%s", name);
	fd = open(strbuf_text(&path), O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return write(fd, value, strlen(value)) < 0 ? -errno : 0;
}

static int set_up(struct strbuf *why)
{
	_strbuf_ struct strbuf memory = {0};
	int ret;

	strbuf_add(&memory, "%d", LIMIT_SORTER_BYTES);
	ret = set("ipv4/ipfrag_high_thresh", strbuf_text(&memory));
	for (size_t i = 0; i < ARRAY_SIZE(settings) && !ret; i++)
		ret = set(settings[i].name, settings[i].value);
	if (ret) {
		strbuf_add(why, "its settings cannot be written: %s", strerror(-ret));
		return ret;
	}
	return nft_run(table, 0, NULL, why);
}

/* --- inside ----------------------------------------------------------------------------------------------- */

static int open_inside(struct sorter *sorter, struct strbuf *why)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		int ret = -errno;

		strbuf_add(why, "netlink inside: %s", strerror(errno));
		if (socket)
			mnl_socket_close(socket);
		return ret;
	}
	sorter->inside = socket;
	return 0;
}

/* The namespace of the calling thread stays for as long as something is mounted here. */
static int mount_here(const char *path, struct strbuf *why)
{
	_close_ int place = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

	if (place >= 0 && !mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL))
		return 0;
	strbuf_add(why, "%s: its namespace cannot be mounted: %s", path, strerror(errno));
	return -errno;
}

/* Also where it was there: what another version or somebody else set is set right. */
static int act_open(void *data, struct strbuf *why)
{
	struct sorter *sorter = data;
	int ret = set_up(why);

	if (!ret && sorter->netns < 0)
		ret = mount_here(sorter->path, why);
	return ret ? ret : open_inside(sorter, why);
}

static int act_probe(void *data _unused_, struct strbuf *why)
{
	int ret = set_up(why);

	if (ret)
		return ret;
	ret = sorter_cable_probe();
	if (ret)
		strbuf_add(why, "no virtual cable (veth): %s", strerror(-ret));
	return ret;
}

int sorter_probe(struct strbuf *why)
{
	return apart_run(-1, act_probe, NULL, why);
}

/* --- the namespace ------------------------------------------------------------------------------------------ */

static char *place_of(const char *state)
{
	_strbuf_ struct strbuf path = {0};

	strbuf_add(&path, "%s/" PLACE, state);
	return TAKE_PTR(path.text);
}

/* The namespace mounted at @path; -ENOENT if none is, as after a restart of the machine. */
static int namespace_open(const char *path)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs))
		return -errno;
	if (fs.f_type != NSFS_MAGIC || ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return -ENOENT;
	return TAKE_FD(fd);
}

/* After the visit. A daemon that the guardian started may not enter, and what is inside was set by one that could. */
static void settle(struct sorter *sorter, int ret)
{
	if (!ret && sorter->netns < 0)
		sorter->netns = namespace_open(sorter->path);
	else if (ret && ret != -EPERM)
		cleanup_close(&sorter->netns);
	if (ret && ret != -EPERM)
		sorter->netns = -1;
}

void sorter_open(struct sorter *sorter, const char *state)
{
	*sorter = (struct sorter){.path = place_of(state)};
	sorter->netns = namespace_open(sorter->path);
	if (sorter->netns < 0 && sorter->netns != -ENOENT)
		strbuf_add(&sorter->why, "%s: %s", sorter->path, strerror(-sorter->netns));
	else
		settle(sorter, apart_run(sorter->netns, act_open, sorter, &sorter->why));
	if (sorter->netns < 0)
		sorter->netns = -1;
}

void sorter_up(struct sorter *sorter, __u32 mtu)
{
	sorter->ifindex = 0;
	sorter->mtu = mtu;
	if (sorter->netns < 0)
		return;
	strbuf_reset(&sorter->why);
	sorter_cable_up(sorter);
}

const char *sorter_why(const struct sorter *sorter)
{
	return sorter->ifindex ? NULL : strbuf_text(&sorter->why);
}

void sorter_close(struct sorter *sorter)
{
	if (sorter->inside)
		mnl_socket_close(sorter->inside);
	cleanup_close(&sorter->netns);
	strbuf_fini(&sorter->why);
	free(sorter->path);
	*sorter = (struct sorter){.netns = -1};
}

char *sorter_place(const char *state)
{
	char *path = place_of(state);
	_close_ int netns = namespace_open(path);

	if (netns < 0)
		free(TAKE_PTR(path));
	return path;
}

int sorter_unmount(const char *path, struct strbuf *why)
{
	_close_ int netns = namespace_open(path);
	int ret = netns < 0 ? -EINVAL : 0;

	if (!ret && umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
		ret = -errno;
	if (ret)
		strbuf_add(why, "%s: cannot be unmounted: %s", path, strerror(-ret));
	else
		unlink(path);
	return ret;
}

int sorter_remove(const char *state, struct strbuf *why)
{
	_free_ char *path = place_of(state), *mounted = sorter_place(state);
	_strbuf_ struct strbuf reason = {0};
	int ret = sorter_cable_remove();

	if (ret) {
		strbuf_add(why, SORTER_DEVICE ": cannot be removed: %s", strerror(-ret));
		return ret;
	}
	if (!mounted) {
		unlink(path);
		return 0;
	}
	ret = sorter_unmount(mounted, &reason);
	if (ret && ret != -EPERM) {
		strbuf_add(why, "%s", strbuf_text(&reason));
		return ret;
	}
	return 0;
}
