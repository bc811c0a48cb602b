// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "bpffs.h"
#include "file.h"
#include "internal.h"

/* Tables that shall take the place of those of our layout. */
#define NEXT "next"

static void closedir_p(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}
#define _closedir_ _cleanup_(closedir_p)

/* Of @path, or of its nearest parent that exists. */
static int fs_type(const char *path, long *ret_type)
{
	char part[PATH_MAX];
	struct statfs fs;
	char *slash;

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	while (statfs(part, &fs)) {
		slash = strrchr(part, '/');
		if (errno != ENOENT || !slash || slash == part)
			return -errno;
		*slash = '\0';
	}
	*ret_type = (long)fs.f_type;
	return 0;
}

int pins_ready(const char *pins, struct strbuf *why)
{
	bool is_usual_place = !strncmp(pins, BPFFS, strlen(BPFFS));
	long type = 0;
	int ret = fs_type(pins, &type);

	if (!ret && type != BPF_FS_MAGIC && is_usual_place) {
		ret = bpffs_mount();
		if (!ret)
			ret = fs_type(pins, &type);
	}
	if (!ret && type != BPF_FS_MAGIC)
		ret = -EINVAL;
	if (ret == -EINVAL)
		strbuf_add(why,
			   "%s is not on a BPF file system: mount one there (mount -t bpf bpf DIR)",
			   pins);
	else if (ret)
		strbuf_add(why, "%s: no BPF file system: %s", pins, strerror(-ret));
	return ret;
}

int pins_path(const char *pins, char **ret_path)
{
	_strbuf_ struct strbuf path = {0};

	strbuf_add(&path, "%s/v%d", pins, HP_LAYOUT_VERSION);
	*ret_path = TAKE_PTR(path.text);
	return 0;
}

void pins_next(const char *pins, char **ret_path)
{
	_strbuf_ struct strbuf path = {0};

	strbuf_add(&path, "%s/" NEXT, pins);
	*ret_path = TAKE_PTR(path.text);
}

int pins_open(const char *path, const char *name, struct bpf_map_info *ret_info)
{
	_strbuf_ struct strbuf pin = {0};
	__u32 length = sizeof(*ret_info);
	_close_ int fd = -1;
	int ret;

	strbuf_add(&pin, "%s/%s", path, name);
	fd = bpf_obj_get(pin.text);
	if (fd < 0)
		return fd;
	memset(ret_info, 0, sizeof(*ret_info));
	ret = bpf_obj_get_info_by_fd(fd, ret_info, &length);
	return ret ? ret : TAKE_FD(fd);
}

/* The version if @name is that of a layout's directory, else 0. */
static unsigned long layout_of(const char *name)
{
	char *end;
	unsigned long version;

	if (name[0] != 'v' || !isdigit((unsigned char)name[1]))
		return 0;
	version = strtoul(name + 1, &end, 10);
	return *end ? 0 : version;
}

int pins_other(const char *pins, char **ret_path, struct strbuf *why)
{
	_closedir_ DIR *dir = opendir(pins);
	const struct dirent *entry;
	unsigned long version = 0;
	_free_ char *path = NULL;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		_strbuf_ struct strbuf other = {0};
		unsigned long found = layout_of(entry->d_name);

		strbuf_add(&other, "%s/%s", pins, entry->d_name);
		if (found <= version || found == HP_LAYOUT_VERSION || !pins_whole(other.text))
			continue;
		version = found;
		free(path);
		path = TAKE_PTR(other.text);
	}
	if (!version)
		return 0;
	if (version < HP_LAYOUT_OLDEST) {
		strbuf_add(
			why,
			"a data plane of layout v%lu is in force; this hairpind speaks v%d and takes over "
			"from v%d on: run that version's hairpind, or `hairpin detach` first",
			version, HP_LAYOUT_VERSION, HP_LAYOUT_OLDEST);
		return -EPROTO;
	}
	*ret_path = TAKE_PTR(path);
	return 1;
}

int pins_remove(const char *path)
{
	_closedir_ DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	/* First, since the rest may not be removed to its end; half a data plane must not be taken for a whole one. */
	pins_break(path);
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    unlinkat(dirfd(dir), entry->d_name, 0) && errno != ENOENT)
			return -errno;
	}
	return rmdir(path) && errno != ENOENT ? -errno : 0;
}

/* The directories of all layouts but @keep. */
static int remove_layouts(const char *pins, unsigned long keep)
{
	_closedir_ DIR *dir = opendir(pins);
	const struct dirent *entry;
	int ret = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (!ret && (entry = readdir(dir))) {
		_strbuf_ struct strbuf path = {0};
		unsigned long version = layout_of(entry->d_name);

		if ((!version || version == keep) && strcmp(entry->d_name, NEXT))
			continue;
		strbuf_add(&path, "%s/%s", pins, entry->d_name);
		ret = pins_remove(path.text);
	}
	return ret;
}

void pins_remove_fast(const char *pins)
{
	_closedir_ DIR *dir = opendir(pins);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		_strbuf_ struct strbuf path = {0};

		if (!layout_of(entry->d_name))
			continue;
		strbuf_add(&path, "%s/%s", pins, entry->d_name);
		fast_xdp_remove_all(strbuf_text(&path));
	}
}

int pins_remove_others(const char *pins)
{
	return remove_layouts(pins, HP_LAYOUT_VERSION);
}

int pins_remove_all(const char *pins)
{
	int ret = remove_layouts(pins, 0);

	/* Whatever else is in it is not ours, and keeps it. */
	if (!ret)
		rmdir(pins);
	return ret;
}
