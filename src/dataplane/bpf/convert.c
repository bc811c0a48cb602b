// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include <bpf/btf.h>

#include "convert.h"

/* Structures inside structures; ours are three deep. */
#define DEPTH_MAX 8

/* One type as one object file has it. */
struct side {
	const struct btf *btf;
	__u32 id;
};

static const struct btf_type *type_of(struct side *side)
{
	const struct btf_type *type = btf__type_by_id(side->btf, side->id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type))) {
		side->id = type->type;
		type = btf__type_by_id(side->btf, side->id);
	}
	return type;
}

static const char *name_of(const struct side *side, const struct btf_member *member)
{
	return btf__name_by_offset(side->btf, member->name_off);
}

/*
 * The member @name of @side, also one that stands in a nameless union: its type in *ret_member, its octet in
 * *ret_offset. 0 or -ENOENT.
 */
static int member_find(struct side side, const char *name, struct side *ret_member,
		       __u32 *ret_offset, int depth)
{
	const struct btf_type *type = type_of(&side);
	const struct btf_member *member = btf_members(type);

	for (__u16 i = 0; i < btf_vlen(type) && depth < DEPTH_MAX; i++, member++) {
		struct side inner = {side.btf, member->type};
		const char *has = name_of(&side, member);
		__u32 offset = btf_member_bit_offset(type, i) / 8;

		if (!*has && !member_find(inner, name, ret_member, ret_offset, depth + 1)) {
			*ret_offset += offset;
			return 0;
		}
		if (!*has || strcmp(has, name))
			continue;
		*ret_member = inner;
		*ret_offset = offset;
		return 0;
	}
	return -ENOENT;
}

static int convert(struct side from, const char *source, struct side to, char *target, int depth);

/* Of a union the widest member stands for all: converted one after another, the later would spoil the earlier. */
static __u16 widest(const struct btf *btf, const struct btf_type *type)
{
	const struct btf_member *members = btf_members(type);
	__u16 best = 0;

	for (__u16 i = 1; i < btf_vlen(type); i++) {
		if (btf__resolve_size(btf, members[i].type) >
		    btf__resolve_size(btf, members[best].type))
			best = i;
	}
	return best;
}

/* Every member that @to has: one that @from knows nothing of stays 0. */
static int convert_members(struct side from, const char *source, struct side to, char *target,
			   int depth)
{
	const struct btf_type *type = type_of(&to);
	__u16 first = btf_is_union(type) ? widest(to.btf, type) : 0;
	__u16 end = btf_is_union(type) ? first + 1 : btf_vlen(type);
	const struct btf_member *member = btf_members(type) + first;
	int ret = 0;

	for (__u16 i = first; i < end && !ret; i++, member++) {
		struct side inner = {to.btf, member->type}, old;
		const char *name = name_of(&to, member);
		char *at = target + btf_member_bit_offset(type, i) / 8;
		__u32 offset;

		if (!*name)
			ret = convert_members(from, source, inner, at, depth + 1);
		else if (!member_find(from, name, &old, &offset, 0))
			ret = convert(old, source + offset, inner, at, depth + 1);
	}
	return ret;
}

/* A longer array gets zeros at its end, a shorter one loses what is there. */
static int convert_array(struct side from, const char *source, struct side to, char *target,
			 int depth)
{
	const struct btf_array *old = btf_array(type_of(&from)), *new = btf_array(type_of(&to));
	struct side old_element = {from.btf, old->type}, new_element = {to.btf, new->type};
	__s64 old_size = btf__resolve_size(from.btf, old->type);
	__s64 new_size = btf__resolve_size(to.btf, new->type);
	int ret = old_size < 0 || new_size < 0 ? -EPROTO : 0;

	for (__u32 i = 0; i < old->nelems && i < new->nelems && !ret; i++)
		ret = convert(old_element, source + i * old_size, new_element,
			      target + i * new_size, depth + 1);
	return ret;
}

static int convert(struct side from, const char *source, struct side to, char *target, int depth)
{
	const struct btf_type *old = type_of(&from), *new = type_of(&to);
	__s64 size;

	if (!old || !new || depth > DEPTH_MAX || btf_kind(old) != btf_kind(new))
		return -EPROTO;
	if (btf_is_composite(new))
		return convert_members(from, source, to, target, depth);
	if (btf_is_array(new))
		return convert_array(from, source, to, target, depth);
	size = btf__resolve_size(to.btf, to.id);
	if (size < 0 || size != btf__resolve_size(from.btf, from.id))
		return -EPROTO;
	memcpy(target, source, (size_t)size);
	return 0;
}

int convert_find(const struct convert_type *type, const char *member, __u32 *ret_offset)
{
	struct side found;
	int ret = member_find((struct side){type->btf, type->id}, member, &found, ret_offset, 0);

	return ret ? ret : (int)btf__resolve_size(found.btf, found.id);
}

int convert_value(const struct convert_type *from, const void *source,
		  const struct convert_type *to, void *target)
{
	__s64 size = btf__resolve_size(to->btf, to->id);

	if (size < 0)
		return -EPROTO;
	memset(target, 0, (size_t)size);
	return convert((struct side){from->btf, from->id}, source, (struct side){to->btf, to->id},
		       target, 0);
}
