// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "cleanup.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

static int text_write(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

int dns_json_seal(const char *name, const json_t *json)
{
	/* json_dumpfd() would make a system call for each word. */
	_free_ char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	_close_ int fd = text ? memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING) : -1;
	int ret;

	if (!text)
		return -ENOMEM;
	if (fd < 0)
		return -errno;
	ret = text_write(fd, text);
	if (ret)
		return ret;
	if (fcntl(fd, F_ADD_SEALS, SEALS))
		return -errno;
	return TAKE_FD(fd);
}

/* Mapped, since json_loadfd() makes a system call for each octet. */
json_t *dns_json_load(int fd)
{
	struct stat status;
	json_t *json;
	void *text;

	if (fstat(fd, &status) || status.st_size <= 0)
		return NULL;
	text = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return NULL;
	json = json_loadb(text, (size_t)status.st_size, 0, NULL);
	munmap(text, (size_t)status.st_size);
	return json;
}
