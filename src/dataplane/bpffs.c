// SPDX-License-Identifier: GPL-2.0-or-later
#include "bpffs.h"

#include <dirent.h>
#include <errno.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "cleanup.h"

/* Where other file systems have their device. By it alone a detach knows whose the mount is: a file that says so could be older than the last boot. */
#define NAME "hairpin"

int bpffs_mount(void)
{
	return mount(NAME, BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") ? -errno
											: 0;
}

/* The last one there is on top of the others. */
static bool is_ours(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *entry;
	bool ours = false;

	if (!mounts)
		return false;
	while ((entry = getmntent(mounts))) {
		if (!strcmp(entry->mnt_dir, BPFFS))
			ours = !strcmp(entry->mnt_type, "bpf") && !strcmp(entry->mnt_fsname, NAME);
	}
	endmntent(mounts);
	return ours;
}

/* Of the kernel's own, which every such file system may have: maps.debug, progs.debug. */
static bool is_of_kernel(const char *name)
{
	const char *end = strrchr(name, '.');

	return end && !strcmp(end, ".debug");
}

static bool is_empty(void)
{
	DIR *dir = opendir(BPFFS);
	const struct dirent *entry;
	bool empty = dir;

	while (empty && (entry = readdir(dir)))
		empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
			is_of_kernel(entry->d_name);
	if (dir)
		closedir(dir);
	return empty;
}

void bpffs_unmount(void)
{
	if (is_ours() && is_empty())
		umount2(BPFFS, UMOUNT_NOFOLLOW);
}
