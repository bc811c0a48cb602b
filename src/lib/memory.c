// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "strbuf.h"

/* The largest of these files is mountinfo: on a machine with a thousand containers a few hundred KiB. */
#define FILE_MAX (4 * 1024 * 1024)

/* One hierarchy of cgroups that limits memory. */
struct hierarchy {
	const char *type; /* of its file system */
	const char *option; /* that its mount has, NULL: any */
	const char *
		controllers; /* as /proc/self/cgroup has it, NULL: one of several that `option` is */
	const char *file;
};

static const struct hierarchy hierarchies[] = {
	{"cgroup2", NULL, "", "memory.max"},
	{"cgroup", "memory", NULL, "memory.limit_in_bytes"},
};

static char *read_text(const char *root, const char *path)
{
	_strbuf_ struct strbuf full = {0};
	char *text = NULL;
	size_t length;

	strbuf_add(&full, "%s%s", root, path);
	return file_read(full.text, FILE_MAX, &text, &length) ? NULL : text;
}

/* A number at the beginning of @text; else, as of "max", no limit. */
static __u64 number_or_none(const char *text)
{
	unsigned long long number;

	if (!isdigit((unsigned char)*text))
		return UINT64_MAX;
	errno = 0;
	number = strtoull(text, NULL, 10);
	return errno ? UINT64_MAX : number;
}

static __u64 machine_bytes(const char *root)
{
	static const char key[] = "MemTotal:";
	_free_ char *text = read_text(root, "/proc/meminfo");
	const char *line = text ? strstr(text, key) : NULL;

	if (!line)
		return 0;
	line += strlen(key);
	return number_or_none(line + strspn(line, " \t")) * 1024;
}

/* Whether @word is one of @list, which has commas between them. */
static bool is_listed(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (list) {
		if (!strncmp(list, word, length) && (!list[length] || list[length] == ','))
			return true;
		list = strchr(list, ',');
		list += list != NULL;
	}
	return false;
}

/* The group of this process: of a line "4:cpu,memory:/path", the path. NULL without such a line. */
static char *group_of(char *cgroups, const struct hierarchy *hierarchy)
{
	char *lines = cgroups, *line;

	while ((line = strsep(&lines, "\n"))) {
		const char *number = strsep(&line, ":"), *controllers = strsep(&line, ":");

		if (!number || !controllers || !line)
			continue;
		if (hierarchy->controllers ? !strcmp(controllers, hierarchy->controllers)
					   : is_listed(controllers, hierarchy->option))
			return line;
	}
	return NULL;
}

struct mount {
	const char *root; /* the group that is seen at the mount point */
	const char *point;
};

#define MOUNT_FIELDS 5
#define MOUNT_ROOT 3
#define MOUNT_POINT 4

/*
 * "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS ... - TYPE SOURCE OPTIONS" (proc(5)). A blank within a field is written as \040, so that
 * blanks part fields; a mount point with one in it is nobody's place for cgroups.
 */
static bool mount_parse(char *line, const struct hierarchy *hierarchy, struct mount *ret_mount)
{
	char *behind = strstr(line, " - ");
	const char *fields[MOUNT_FIELDS], *type, *source;

	if (!behind)
		return false;
	behind += strlen(" - ");
	type = strsep(&behind, " ");
	source = strsep(&behind, " ");
	if (!source || !behind || strcmp(type, hierarchy->type) ||
	    (hierarchy->option && !is_listed(behind, hierarchy->option)))
		return false;
	for (size_t i = 0; i < MOUNT_FIELDS; i++) {
		fields[i] = strsep(&line, " ");
		if (!fields[i])
			return false;
	}
	ret_mount->root = fields[MOUNT_ROOT];
	ret_mount->point = fields[MOUNT_POINT];
	return true;
}

/*
 * Where below the mount point the group is. A container sees its own group as the root of what is mounted; a group outside of that has
 * no place there, and of its limits only that of the mounted root can be read.
 */
static const char *path_below(const struct mount *mount, const char *group)
{
	size_t length = strlen(mount->root);

	if (!strcmp(mount->root, "/"))
		return strncmp(group, "/..", 3) ? group : "";
	if (!strncmp(group, mount->root, length) && (!group[length] || group[length] == '/'))
		return group + length;
	return "";
}

static __u64 limit_in(const char *root, const struct mount *mount, const char *path,
		      const struct hierarchy *hierarchy)
{
	_strbuf_ struct strbuf file = {0};
	_free_ char *text = NULL;

	strbuf_add(&file, "%s%s/%s", mount->point, path, hierarchy->file);
	text = read_text(root, file.text);
	return text ? number_or_none(text) : UINT64_MAX;
}

/* The least from the group to what is mounted. */
static __u64 mount_bytes(const char *root, const struct mount *mount, const char *group,
			 const struct hierarchy *hierarchy)
{
	_free_ char *path = strdup(path_below(mount, group));
	__u64 least = UINT64_MAX;

	while (path) {
		__u64 limit = limit_in(root, mount, path, hierarchy);
		char *slash = strrchr(path, '/');

		least = limit < least ? limit : least;
		if (!slash)
			break;
		*slash = '\0';
	}
	return least;
}

/* By every mount of it: an earlier one may lie hidden below a later one, or show less of the groups above. */
static __u64 hierarchy_bytes(const char *root, const struct hierarchy *hierarchy)
{
	_free_ char *cgroups = read_text(root, "/proc/self/cgroup");
	_free_ char *mounts = read_text(root, "/proc/self/mountinfo");
	const char *group = cgroups ? group_of(cgroups, hierarchy) : NULL;
	char *lines = mounts, *line;
	__u64 least = UINT64_MAX;

	while (group && (line = strsep(&lines, "\n"))) {
		struct mount mount;
		__u64 limit;

		if (!mount_parse(line, hierarchy, &mount))
			continue;
		limit = mount_bytes(root, &mount, group, hierarchy);
		least = limit < least ? limit : least;
	}
	return least;
}

__u64 memory_usable_bytes(const char *root)
{
	__u64 least = machine_bytes(root);

	for (size_t i = 0; i < ARRAY_SIZE(hierarchies); i++) {
		__u64 limit = hierarchy_bytes(root, &hierarchies[i]);

		least = limit < least ? limit : least;
	}
	return least;
}
