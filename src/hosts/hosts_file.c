// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hairpin/limits.h>

#include "file.h"
#include "hosts_block.h"

struct seen {
	struct stat is;
	bool is_there;
};

static int look(const char *path, struct seen *ret_seen, struct strbuf *why)
{
	*ret_seen = (struct seen){.is.st_mode = 0644};
	if (stat(path, &ret_seen->is)) {
		if (errno == ENOENT)
			return 0;
		strbuf_add(why, "%s: %s", path, strerror(errno));
		return -errno;
	}
	ret_seen->is_there = true;
	if (S_ISREG(ret_seen->is.st_mode))
		return 0;
	strbuf_add(why, "%s: not a file", path);
	return -EINVAL;
}

/* Somebody else wrote it while we read. */
static bool has_changed(const char *path, const struct seen *seen)
{
	struct stat now;

	if (stat(path, &now))
		return seen->is_there;
	return !seen->is_there || now.st_ino != seen->is.st_ino ||
	       now.st_size != seen->is.st_size || now.st_mtim.tv_sec != seen->is.st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != seen->is.st_mtim.tv_nsec;
}

static int write_back(const char *path, const struct seen *seen, const struct strbuf *text,
		      struct strbuf *why)
{
	int ret = has_changed(path, seen) ? -EAGAIN : 0;

	if (!ret)
		ret = file_write_durable(path, strbuf_text(text), text->length,
					 seen->is.st_mode & 0777);
	if (ret == -EAGAIN)
		strbuf_add(why, "%s: somebody else writes it now; try again", path);
	else if (ret == -EBUSY)
		strbuf_add(
			why,
			"%s: is mounted by itself, as in a container; change it where it comes from",
			path);
	else if (ret)
		strbuf_add(why, "%s: %s", path, strerror(-ret));
	if (!ret && seen->is_there &&
	    (seen->is.st_uid != geteuid() || seen->is.st_gid != getegid()) &&
	    chown(path, seen->is.st_uid, seen->is.st_gid)) {
		ret = -errno;
		strbuf_add(why, "%s: its owner: %s", path, strerror(errno));
	}
	return ret;
}

int hosts_file_put(const char *path, const char *lines, bool *ret_changed, struct strbuf *why)
{
	_strbuf_ struct strbuf next = {0}, fault = {0};
	_free_ char *real = realpath(path, NULL), *text = NULL;
	const char *there = real ? real : path;
	struct seen seen;
	size_t length = 0;
	int ret = look(there, &seen, why);

	if (ret)
		return ret;
	if (seen.is_there) {
		ret = file_read(there, LIMIT_HOSTS_BYTES, &text, &length);
		if (ret) {
			strbuf_add(why, "%s: %s", path, strerror(-ret));
			return ret;
		}
	}
	ret = hosts_block_put(text ? text : "", length, lines, &next, &fault);
	if (ret) {
		strbuf_add(why, "%s: %s", path, strbuf_text(&fault));
		return ret;
	}
	*ret_changed =
		next.length != length || (length && memcmp(strbuf_text(&next), text, length));
	return *ret_changed ? write_back(there, &seen, &next, why) : 0;
}
