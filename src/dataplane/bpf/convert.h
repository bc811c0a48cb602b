/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of one layout made into values of another, member by member, by the names that their BTF has: who upgrades need not know the
 * layouts of all versions before, and a member may move, come or go. One that changed its kind or its width cannot be carried over.
 */
#pragma once

#include <linux/types.h>

struct btf;

/* A type in the BTF of some object; nothing is owned. */
struct convert_type {
	const struct btf *btf;
	__u32 id;
};

/* The member of that name of the structure @type, in a nameless union too: its size, and its octet in *ret_offset; or -ENOENT. */
int convert_find(const struct convert_type *type, const char *member, __u32 *ret_offset);

/*
 * Writes @source, a value of type @from, as a value of type @to into @target, which has room for one; what @from does not have is
 * 0. 0, or -EPROTO if a member cannot be carried over.
 */
int convert_value(const struct convert_type *from, const void *source,
		  const struct convert_type *to, void *target);
