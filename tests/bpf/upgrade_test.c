// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables of another layout or size are replaced with the first plan; what fails on the way leaves them in force. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "place.h"
#include "test.h"

#define OTHER_LAYOUT (HP_LAYOUT_VERSION + 1)

/* The data plane in force becomes one of another layout by the name of its directory, and is opened by ours. */
static void upgrade_open(struct place *place)
{
	place_open(place);
	place_apply(place);
	place_close(place);
	place_run("cd " PLACE_PINS " && mv v%d v%d", HP_LAYOUT_VERSION, OTHER_LAYOUT);
	place_run("for dir in ingress egress; do tc filter show dev wan $dir; done >/run/before");
	place_open(place);
}

static void assert_layout(int version)
{
	place_run("[ \"$(ls -A " PLACE_PINS ")\" = v%d ]", version);
}

static void an_upgrade_replaces_the_layout_before(void **state)
{
	struct place *place = *state;
	struct backend_status status;

	upgrade_open(place);
	assert_int_equal(backend_bpf.status(place->backend, &status), 0);
	assert_true(status.adopted && status.moving);
	place_apply(place);
	assert_int_equal(backend_bpf.status(place->backend, &status), 0);
	assert_true(status.adopted && !status.moving);
	assert_layout(HP_LAYOUT_VERSION);
	assert_false(place_try("for dir in ingress egress; do tc filter show dev wan $dir; done | "
			       "cmp -s - /run/before"));
}

/* All is in force but the last pin, whose place is taken: the programs of before have to come back, with their tables. */
static void an_upgrade_that_cannot_be_completed_goes_back(void **state)
{
	struct place *place = *state;
	struct backend_status status;

	upgrade_open(place);
	place_run("ln -s nowhere " PLACE_PINS "/v%d/hp_active", HP_LAYOUT_VERSION);
	assert_int_equal(backend_bpf.apply(place->backend, &place->plan, 8, &place->why), -EEXIST);
	assert_non_null(strstr(strbuf_text(&place->why), "cannot be completed"));
	place_run("for dir in ingress egress; do tc filter show dev wan $dir; done | "
		  "cmp - /run/before");
	place_close(place);
	assert_layout(OTHER_LAYOUT);

	place_open(place);
	assert_int_equal(backend_bpf.status(place->backend, &status), 0);
	assert_true(status.adopted && status.moving);
	place_apply(place);
	assert_layout(HP_LAYOUT_VERSION);
}

/* A directory among the old pins is not ours to remove. */
static void old_pins_that_stay_are_in_nobodys_way(void **state)
{
	struct place *place = *state;
	struct backend_status status;

	upgrade_open(place);
	place_run("mkdir " PLACE_PINS "/v%d/odd", OTHER_LAYOUT);
	place_apply(place);
	place_run("[ ! -e " PLACE_PINS "/v%d/hp_active ]", OTHER_LAYOUT);
	place_close(place);
	place_open(place);
	assert_int_equal(backend_bpf.status(place->backend, &status), 0);
	assert_true(status.adopted && !status.moving);
	assert_int_equal(status.generation, PLACE_GENERATION);
}

/* --- from one size to another ------------------------------------------------------------------------------ */

/* The data plane in force with @n sessions between segments, written by hand. */
static void fill(struct place *place, __u32 n)
{
	struct hp_session session = {
		.word = 1 | (__u64)HP_LIFE_ACTIVE << HP_WORD_LIFE_SHIFT,
		.proto = 17,
		.kind = HP_KIND_ROUTED,
		.orig_side = HP_SIDE_LAN,
		.reply_side = HP_SIDE_LAN,
		.service = 0xffffffff,
	};
	_close_ int fd = -1;
	struct timespec now;

	place_open(place);
	place_apply(place);
	fd = place_map("hp_sessions");
	clock_gettime(CLOCK_BOOTTIME, &now);
	session.created_s = session.last_seen_s = (__u32)now.tv_sec;
	session.v4.orig.saddr = inet_addr("192.168.11.30");
	session.v4.orig.daddr = inet_addr("192.168.12.30");
	for (__u32 i = 0; i < n; i++) {
		session.v4.orig.sport = htons((__u16)(1024 + i));
		session.v4.xlat = session.v4.orig;
		assert_int_equal(bpf_map_update_elem(fd, &i, &session, 0), 0);
	}
	place_close(place);
	place_run("for dir in ingress egress; do tc filter show dev wan $dir; done >/run/before");
}

static struct backend_status reopen(struct place *place, unsigned int sessions)
{
	struct backend_status status;

	place->options.sessions = sessions;
	place_open(place);
	assert_int_equal(backend_bpf.status(place->backend, &status), 0);
	assert_true(status.adopted);
	return status;
}

/* What a smaller table of 256 may be given: three quarters of it. */
#define FITS 192

static void a_table_of_another_size_takes_the_sessions_over(void **state)
{
	static const unsigned int sizes[] = {256, 1024};
	struct place *place = *state;
	struct backend_status status;

	fill(place, FITS);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		status = reopen(place, sizes[i]);
		assert_true(status.moving);
		assert_int_equal(status.sessions_size, sizes[i]);
		place_apply(place);
		assert_int_equal(backend_bpf.status(place->backend, &status), 0);
		assert_false(status.moving);
		assert_int_equal(status.taken, FITS);
		assert_int_equal(status.sessions_active, FITS);
		assert_layout(HP_LAYOUT_VERSION);
		place_close(place);
	}
	assert_int_equal(reopen(place, 1024).moving, false);
}

static void a_table_that_holds_too_many_stays(void **state)
{
	struct place *place = *state;
	struct backend_status status;

	fill(place, FITS + 1);
	status = reopen(place, 256);
	assert_false(status.moving);
	assert_int_equal(status.sessions_size, PLACE_SESSIONS);
	assert_int_equal(status.generation, PLACE_GENERATION);
	place_apply(place);
	assert_layout(HP_LAYOUT_VERSION);
}

/* The same as for another layout: the directory of the new tables cannot be completed. */
static void another_size_that_cannot_be_completed_goes_back(void **state)
{
	struct place *place = *state;

	fill(place, FITS);
	assert_true(reopen(place, 1024).moving);
	place_run("ln -s nowhere " PLACE_PINS "/next/hp_active");
	assert_int_equal(backend_bpf.apply(place->backend, &place->plan, 8, &place->why), -EEXIST);
	place_run("for dir in ingress egress; do tc filter show dev wan $dir; done | "
		  "cmp - /run/before");
	place_close(place);
	assert_layout(HP_LAYOUT_VERSION);
	assert_int_equal(reopen(place, PLACE_SESSIONS).moving, false);
}

/* A start that dies between its first pin and its last leaves what the next one removes. */
static void half_made_tables_of_another_size_go(void **state)
{
	struct place *place = *state;

	fill(place, 0);
	place_run("mkdir " PLACE_PINS "/next && bpftool map create " PLACE_PINS
		  "/next/hp_sessions type array key 4 value 4 entries 1 name odd");
	assert_int_equal(reopen(place, PLACE_SESSIONS).moving, false);
	assert_layout(HP_LAYOUT_VERSION);
	place_run("mkdir " PLACE_PINS "/next");
	place_close(place);
	place_detach(place);
	assert_false(place_try("[ -e " PLACE_PINS " ]"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_upgrade_replaces_the_layout_before),
		TEST(an_upgrade_that_cannot_be_completed_goes_back),
		TEST(old_pins_that_stay_are_in_nobodys_way),
		TEST(a_table_of_another_size_takes_the_sessions_over),
		TEST(a_table_that_holds_too_many_stays),
		TEST(another_size_that_cannot_be_completed_goes_back),
		TEST(half_made_tables_of_another_size_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
