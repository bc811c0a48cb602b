// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal.h"

#include <errno.h>
#include <linux/types.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <hairpin/limits.h>

#include "cleanup.h"

bool journal_is_stream(int fd)
{
	const char *said = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;

	/* The name of the stream is inherited by what is started with another stderr, too: it is ours only where both numbers are. */
	return said && sscanf(said, "%llu:%llu", &device, &inode) == 2 && !fstat(fd, &status) &&
	       status.st_dev == device && status.st_ino == inode;
}

int journal_open(const char *path)
{
	const struct timeval patience = {.tv_usec = LIMIT_LOG_JOURNAL_MS * 1000};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ||
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return -errno;
	return TAKE_FD(fd);
}

/* The journal drops what begins with '_' or has other characters, and with some versions the whole entry. */
static bool is_name(const char *name)
{
	return *name >= 'A' && *name <= 'Z' &&
	       !name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")];
}

static void octets_add(struct journal_entry *entry, const void *octets, size_t n)
{
	memcpy(entry->octets + entry->length, octets, n);
	entry->length += n;
}

void journal_add(struct journal_entry *entry, const char *name, const char *value)
{
	size_t name_length = strlen(name), length = strlen(value);
	/* A value of several lines is told by its length, little-endian, so that it cannot pass for another field. */
	bool is_long = strchr(value, '\n');
	__u8 size[8];

	if (!is_name(name) ||
	    name_length + 1 + sizeof(size) + length + 1 > sizeof(entry->octets) - entry->length)
		return;
	for (size_t i = 0; i < sizeof(size); i++)
		size[i] = (__u8)((__u64)length >> (8 * i));
	octets_add(entry, name, name_length);
	octets_add(entry, is_long ? "\n" : "=", 1);
	if (is_long)
		octets_add(entry, size, sizeof(size));
	octets_add(entry, value, length);
	octets_add(entry, "\n", 1);
}
