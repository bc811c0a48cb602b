// SPDX-License-Identifier: GPL-2.0-or-later
/* A value of one layout made into one of another: members that moved, came, went, grew; unions; what cannot be carried over. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <bpf/btf.h>
#include <cmocka.h>

#include "bpf/convert.h"
#include "cleanup.h"

/* One member of a type made for a test. */
struct member {
	const char *name;
	__u32 size; /* of an integer; with n an array of them */
	__u32 n;
};

static __u32 add_integer(struct btf *btf, __u32 size)
{
	return (__u32)btf__add_int(btf,
				   size == 8   ? "u64"
				   : size == 4 ? "u32"
				   : size == 2 ? "u16"
					       : "u8",
				   size, 0);
}

static __u32 add_member_type(struct btf *btf, const struct member *member)
{
	__u32 type = add_integer(btf, member->size);

	if (!member->n)
		return type;
	return (__u32)btf__add_array(btf, (int)type, (int)type, member->n);
}

/* A structure of these members one after the other, without padding. */
static struct convert_type make(struct btf *btf, const struct member *members, size_t n)
{
	__u32 types[8], size = 0, at = 0;
	struct convert_type made = {.btf = btf};

	for (size_t i = 0; i < n; i++) {
		types[i] = add_member_type(btf, &members[i]);
		size += members[i].size * (members[i].n ? members[i].n : 1);
	}
	made.id = (__u32)btf__add_struct(btf, "value", size);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(btf__add_field(btf, members[i].name, (int)types[i], at * 8, 0), 0);
		at += members[i].size * (members[i].n ? members[i].n : 1);
	}
	return made;
}

static void btf_freep(struct btf **btf)
{
	btf__free(*btf);
}
#define _btf_ _cleanup_(btf_freep)

static void members_move_come_and_go(void **state _unused_)
{
	static const struct member old[] = {
		{"word", 8, 0}, {"gone", 4, 0}, {"seen", 4, 0}, {"port", 2, 0}};
	static const struct member new[] = {
		{"fresh", 4, 0}, {"port", 2, 0}, {"seen", 4, 0}, {"word", 8, 0}};
	_btf_ struct btf *old_btf = btf__new_empty(), *new_btf = btf__new_empty();
	const struct convert_type from = make(old_btf, old, 4), to = make(new_btf, new, 4);
	const unsigned char source[] = {1,    2,    3,	  4, 5,	 6,  7,	 8,  0xee,
					0xee, 0xee, 0xee, 9, 10, 11, 12, 13, 14};
	const unsigned char wanted[] = {0, 0, 0, 0, 13, 14, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8};
	unsigned char target[sizeof(wanted)];
	__u32 at = 99;

	memset(target, 0xff, sizeof(target));
	assert_int_equal(convert_value(&from, source, &to, target), 0);
	assert_memory_equal(target, wanted, sizeof(wanted));
	assert_int_equal(convert_find(&from, "gone", &at), 4);
	assert_int_equal(at, 8);
	assert_int_equal(convert_find(&to, "gone", &at), -ENOENT);
	assert_int_equal(convert_find(&to, "word", &at), 8);
	assert_int_equal(at, 10);
}

static void arrays_grow_and_shrink(void **state _unused_)
{
	static const struct member two[] = {{"track", 4, 2}, {"end", 1, 0}};
	static const struct member three[] = {{"track", 4, 3}, {"end", 1, 0}};
	_btf_ struct btf *btf2 = btf__new_empty(), *btf3 = btf__new_empty();
	const struct convert_type small = make(btf2, two, 2), large = make(btf3, three, 2);
	const unsigned char source[] = {1, 2, 3, 4, 5, 6, 7, 8, 99};
	const unsigned char grown[] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 99};
	unsigned char target[sizeof(grown)], back[sizeof(source)];

	assert_int_equal(convert_value(&small, source, &large, target), 0);
	assert_memory_equal(target, grown, sizeof(grown));
	assert_int_equal(convert_value(&large, target, &small, back), 0);
	assert_memory_equal(back, source, sizeof(source));
}

/* A number that changed its width, or became another kind of thing, has no right value. */
static void what_changed_its_kind_is_refused(void **state _unused_)
{
	static const struct member narrow[] = {{"seen", 4, 0}}, wide[] = {{"seen", 8, 0}},
				   list[] = {{"seen", 4, 2}};
	_btf_ struct btf *a = btf__new_empty(), *b = btf__new_empty(), *c = btf__new_empty();
	const struct convert_type from = make(a, narrow, 1), to = make(b, wide, 1),
				  other = make(c, list, 1);
	const unsigned char source[8] = {1};
	unsigned char target[8];

	assert_int_equal(convert_value(&from, source, &to, target), -EPROTO);
	assert_int_equal(convert_value(&from, source, &other, target), -EPROTO);
}

/* struct { union { u16 narrow; u8 wide[6]; }; u8 kind; }, before which @shift octets stand. */
static struct convert_type make_union(struct btf *btf, __u32 shift)
{
	const struct member fields[] = {{"narrow", 2, 0}, {"wide", 1, 6}};
	__u32 narrow = add_member_type(btf, &fields[0]), wide = add_member_type(btf, &fields[1]);
	__u32 octet = add_integer(btf, 1), both = (__u32)btf__add_union(btf, "", 6);
	struct convert_type made = {.btf = btf};

	assert_int_equal(btf__add_field(btf, "narrow", (int)narrow, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "wide", (int)wide, 0, 0), 0);
	made.id = (__u32)btf__add_struct(btf, "value", shift + 7);
	assert_int_equal(btf__add_field(btf, "", (int)both, shift * 8, 0), 0);
	assert_int_equal(btf__add_field(btf, "kind", (int)octet, (shift + 6) * 8, 0), 0);
	return made;
}

static void a_nameless_union_keeps_its_octets(void **state _unused_)
{
	_btf_ struct btf *a = btf__new_empty(), *b = btf__new_empty();
	const struct convert_type from = make_union(a, 0), to = make_union(b, 3);
	const unsigned char source[] = {1, 2, 3, 4, 5, 6, 7},
			    wanted[] = {0, 0, 0, 1, 2, 3, 4, 5, 6, 7};
	unsigned char target[sizeof(wanted)];
	__u32 at = 99;

	assert_int_equal(convert_value(&from, source, &to, target), 0);
	assert_memory_equal(target, wanted, sizeof(wanted));
	assert_int_equal(convert_find(&to, "narrow", &at), 2);
	assert_int_equal(at, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_move_come_and_go),
		cmocka_unit_test(arrays_grow_and_shrink),
		cmocka_unit_test(what_changed_its_kind_is_refused),
		cmocka_unit_test(a_nameless_union_keeps_its_octets),
	};

	return cmocka_run_group_tests_name("convert", tests, NULL, NULL);
}
