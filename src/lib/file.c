// SPDX-License-Identifier: GPL-2.0-or-later
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"

int file_read_fd(int fd, size_t limit, char **ret_text, size_t *ret_length)
{
	_free_ char *text = malloc(limit + 2);
	size_t length = 0;

	if (!text)
		return -ENOMEM;
	while (length <= limit) {
		ssize_t n = read(fd, text + length, limit + 1 - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0) {
			text[length] = '\0';
			*ret_length = length;
			*ret_text = TAKE_PTR(text);
			return 0;
		}
		length += (size_t)n;
	}
	return -EFBIG;
}

int file_read(const char *path, size_t limit, char **ret_text, size_t *ret_length)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return file_read_fd(fd, limit, ret_text, ret_length);
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

int file_write_atomic(const char *path, const char *text, size_t length, mode_t mode)
{
	char temporary[PATH_MAX];
	_close_ int fd = -1;
	int ret;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	ret = write_all(fd, text, length);
	if (!ret && fsync(fd))
		ret = -errno;
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret)
		unlink(temporary);
	return ret;
}

/* The folder that @path is in, so that the name in it outlives a power cut. */
static int folder_sync(const char *path)
{
	char folder[PATH_MAX];
	_close_ int fd = -1;

	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? -errno : 0;
}

int file_write_durable(const char *path, const char *text, size_t length, mode_t mode)
{
	int ret = file_write_atomic(path, text, length, mode);

	return ret ? ret : folder_sync(path);
}

/* One directory; what is there already must be one. */
static int dir_make_one(const char *path, mode_t mode)
{
	struct stat st;

	if (!mkdir(path, mode))
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st))
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int dir_make(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t length = strlen(path);
	int ret;

	while (length > 1 && path[length - 1] == '/')
		length--;
	if (length >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= length; i++) {
		if (path[i] != '/' && i < length)
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		ret = dir_make_one(part, i == length ? mode : 0755);
		if (ret)
			return ret;
	}
	return 0;
}
