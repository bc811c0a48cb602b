// SPDX-License-Identifier: GPL-2.0-or-later
/* Landlock: which files a process can still reach. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cleanup.h"
#include "sandbox.h"

/* Rights of kernels newer than the headers that this is built with (Linux 6.2 and 6.10). */
#define ACCESS_TRUNCATE (1ULL << 14)
#define ACCESS_IOCTL_DEV (1ULL << 15)

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_WRITE                                                      \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |    \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK | ACCESS_TRUNCATE)
/* What a rule about a file, and not a folder, may say. */
#define ACCESS_OF_FILE                                                  \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	 LANDLOCK_ACCESS_FS_EXECUTE | ACCESS_TRUNCATE)

/* All rights that this kernel knows; 0: it has no Landlock. -errno. */
static int rights_known(__u64 *ret_rights)
{
	/* By version of the interface; from the last on, no right about files was added that matters here. */
	static const unsigned int bits[] = {0, 13, 14, 15, 15, 16};
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	*ret_rights = 0;
	if (version < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
	if (version >= (long)ARRAY_SIZE(bits))
		version = (long)ARRAY_SIZE(bits) - 1;
	*ret_rights = (1ULL << bits[version]) - 1;
	return 0;
}

static __u64 rights_of(unsigned int access)
{
	__u64 rights = 0;

	if (access & SANDBOX_READ)
		rights |= ACCESS_READ;
	if (access & SANDBOX_WRITE)
		rights |= ACCESS_READ | ACCESS_WRITE;
	if (access & SANDBOX_RUN)
		rights |= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
	return rights;
}

static int path_allow(int ruleset, const struct sandbox_path *path, __u64 known)
{
	struct landlock_path_beneath_attr rule = {.allowed_access =
							  rights_of(path->access) & known};
	_close_ int fd = open(path->path, O_PATH | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	if (fstat(fd, &status))
		return -errno;
	if (!S_ISDIR(status.st_mode))
		rule.allowed_access &= ACCESS_OF_FILE;
	rule.parent_fd = fd;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0)
		       ? -errno
		       : 0;
}

int sandbox_files_close(const struct sandbox *profile)
{
	struct landlock_ruleset_attr attr = {0};
	int ret = rights_known(&attr.handled_access_fs);
	_close_ int fd = -1;

	if (ret || !attr.handled_access_fs)
		return ret;
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < SANDBOX_PATHS_MAX && profile->paths[i].path && !ret; i++)
		ret = path_allow(fd, &profile->paths[i], attr.handled_access_fs);
	if (ret)
		return ret;
	return syscall(SYS_landlock_restrict_self, fd, 0) ? -errno : 0;
}
