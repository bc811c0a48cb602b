/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last good copy of a list: a line of JSON that says where it came from, and the list behind it. One file, so that both change together. */
#pragma once

#include "list_fetch.h"

struct list_copy {
	char *text; /* owned: the whole file */
	const char *body; /* in it; n octets */
	size_t n;
	char *url; /* owned; NULL: it was a file */
	struct fetch_mark mark;
};

/* Reads it from the start of @fd. 0; -EBADMSG: it is none; another -errno. *ret_copy is to be freed by list_copy_fini() on 0. */
int list_copy_read(int fd, struct list_copy *ret_copy);
void list_copy_fini(struct list_copy *copy);

/* Writes one into @fd, which is empty, and onto the disk. 0 or -errno. */
int list_copy_write(int fd, const struct list_copy *copy);
