// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a plan's tables are written: into a slot that no packet reads any more, where its maps have room without another map, for which the kernel would keep the caller waiting, and
 * with nothing in them of the plan before.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "place.h"
#include "test.h"

#define FIRST_PORT 20000
#define UNTIL_MS 20000

/* What libbpf was asked to write since the last look, by the daemon or beside it. */
static struct {
	int outer[2], active; /* rules and prefixes; hp_active */
	_Atomic bool
		is_read; /* the slot that is not in force, by a packet that came before the flip */
	_Atomic unsigned int waits; /* changes of a map of maps, for which the daemon waited */
	_Atomic unsigned int deletes; /* calls by which it took rows away itself */
	_Atomic unsigned int faults; /* writes into a slot that is, or may be, read */
	pthread_t daemon;
} seen;

static bool is_daemon(void)
{
	return pthread_equal(pthread_self(), seen.daemon);
}

static __u32 id_of(int fd)
{
	struct bpf_map_info info = {0};
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &length) ? 0 : info.id;
}

static __u32 slot_in_force(void)
{
	__u32 zero = 0, slot = 0;

	assert_int_equal(bpf_map_lookup_elem(seen.active, &zero, &slot), 0);
	return slot;
}

static __u32 inner_id(int outer, __u32 slot)
{
	__u32 id = 0;

	bpf_map_lookup_elem(seen.outer[outer], &slot, &id);
	return id;
}

/* A map that is in no slot is read by nobody. */
static void saw_write(int fd)
{
	__u32 id = id_of(fd), slot = seen.active ? slot_in_force() : 0;

	for (int outer = 0; outer < 2 && seen.active; outer++) {
		if (id == inner_id(outer, slot))
			seen.faults++;
		if (id == inner_id(outer, !slot) && seen.is_read)
			seen.faults++;
	}
}

static void saw_outer(__u32 slot)
{
	seen.waits += is_daemon();
	if (slot == slot_in_force())
		seen.is_read = false;
	else if (seen.is_read)
		seen.faults++;
}

static void saw_update(int fd, const void *key)
{
	__u32 id = id_of(fd);

	if (!seen.active)
		return;
	if (id == id_of(seen.active))
		seen.is_read = true;
	else if (id == id_of(seen.outer[0]) || id == id_of(seen.outer[1]))
		saw_outer(*(const __u32 *)key);
	else
		saw_write(fd);
}

/* In libbpf's place. */
int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	static int (*real)(int, const void *, const void *, __u64);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "bpf_map_update_elem");
	saw_update(fd, key);
	return real(fd, key, value, flags);
}

int bpf_map_update_batch(int fd, const void *keys, const void *values, __u32 *n,
			 const struct bpf_map_batch_opts *options)
{
	static int (*real)(int, const void *, const void *, __u32 *,
			   const struct bpf_map_batch_opts *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "bpf_map_update_batch");
	saw_write(fd);
	return real(fd, keys, values, n, options);
}

int bpf_map_delete_batch(int fd, const void *keys, __u32 *n,
			 const struct bpf_map_batch_opts *options)
{
	static int (*real)(int, const void *, __u32 *, const struct bpf_map_batch_opts *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "bpf_map_delete_batch");
	seen.deletes += is_daemon();
	saw_write(fd);
	return real(fd, keys, n, options);
}

int bpf_map_delete_elem(int fd, const void *key)
{
	static int (*real)(int, const void *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "bpf_map_delete_elem");
	seen.deletes += is_daemon();
	saw_write(fd);
	return real(fd, key);
}

/* --- plans ------------------------------------------------------------------------------------------------ */

static int setup(void **state)
{
	memset(&seen, 0, sizeof(seen));
	seen.daemon = pthread_self();
	return place_setup(state);
}

static int teardown(void **state)
{
	/* With it ends whoever works beside the daemon. */
	int ret = place_teardown(state);

	close(seen.active);
	close(seen.outer[0]);
	close(seen.outer[1]);
	seen.active = 0;
	return ret;
}

static void open_and_look(struct place *place)
{
	place_open(place);
	seen.outer[0] = place_map("hp_rules");
	seen.outer[1] = place_map("hp_prefixes");
	seen.active = place_map("hp_active");
}

/* @n ports from FIRST_PORT + @from, and a network of that number. */
static void apply(struct place *place, unsigned int from, unsigned int n)
{
	struct plan_rule *rules = calloc(n, sizeof(*rules));

	assert_non_null(rules);
	for (unsigned int i = 0; i < n; i++) {
		rules[i] = place->rules[0];
		rules[i].key.port = htons((__u16)(FIRST_PORT + from + i));
	}
	place->prefixes[0].key.addr[14] = (__u8)from;
	place->plan.rules = rules;
	place->plan.n_rules = n;
	seen.waits = seen.deletes = 0;
	place_apply(place);
	place->plan.rules = place->rules;
	free(rules);
	assert_int_equal(seen.faults, 0);
}

static int inner_open(int outer, __u32 slot)
{
	int fd = bpf_map_get_fd_by_id(inner_id(outer, slot));

	assert_true(fd >= 0);
	return fd;
}

static unsigned int n_entries(int fd, size_t key_size)
{
	char key[64];
	unsigned int n = 0;

	assert_true(key_size <= sizeof(key));
	for (const char *last = NULL; !bpf_map_get_next_key(fd, last, key); last = key)
		n++;
	return n;
}

static void assert_in_force(const struct place *place, unsigned int from, unsigned int n)
{
	_close_ int rules = inner_open(0, slot_in_force()),
		    prefixes = inner_open(1, slot_in_force());
	struct hp_rule_key key = place->rules[0].key;
	struct hp_prefix prefix;
	struct hp_rule rule;

	for (unsigned int i = 0; i < n; i++) {
		key.port = htons((__u16)(FIRST_PORT + from + i));
		assert_int_equal(bpf_map_lookup_elem(rules, &key, &rule), 0);
	}
	assert_int_equal(n_entries(rules, sizeof(key)), n);
	assert_int_equal(bpf_map_lookup_elem(prefixes, &place->prefixes[0].key, &prefix), 0);
	assert_int_equal(n_entries(prefixes, sizeof(place->prefixes[0].key)),
			 place->plan.n_prefixes);
}

static __u32 spare_room(void)
{
	struct bpf_map_info info = {0};
	__u32 length = sizeof(info), id = inner_id(0, !slot_in_force());
	_close_ int fd = id ? bpf_map_get_fd_by_id(id) : -1;

	return fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length) ? info.max_entries : 0;
}

static unsigned int spare_rows(void)
{
	_close_ int rules = inner_open(0, !slot_in_force()),
		    prefixes = inner_open(1, !slot_in_force());

	return n_entries(rules, sizeof(struct hp_rule_key)) +
	       n_entries(prefixes, sizeof(struct hp_prefix_key));
}

/* As the daemon does, until the slot that is not in force is read by nobody, has room for so many rules, and none. */
static void tick_until(struct place *place, __u32 least, __u32 most)
{
	__u64 end_ms = clock_monotonic_ms() + UNTIL_MS;

	seen.waits = seen.deletes = 0;
	while (seen.is_read || !inner_id(1, !slot_in_force()) || spare_room() < least ||
	       spare_room() > most || spare_rows() > 0) {
		assert_true(clock_monotonic_ms() < end_ms);
		assert_int_equal(backend_bpf.sweep(place->backend), 0);
		poll(NULL, 0, 10);
	}
	assert_int_equal(seen.faults, 0);
	/* A daemon that waits answers nobody. */
	assert_int_equal(seen.waits + seen.deletes, 0);
}

/* --- the tests ---------------------------------------------------------------------------------------------- */

static void what_a_plan_does_not_name_is_gone(void **state)
{
	struct place *place = *state;

	open_and_look(place);
	for (unsigned int i = 0; i < 6; i++) {
		apply(place, 50 * i, 100 - i);
		assert_in_force(place, 50 * i, 100 - i);
	}
}

static void a_slot_is_written_when_nobody_reads_it(void **state)
{
	struct place *place = *state;

	open_and_look(place);
	for (unsigned int i = 0; i < 4; i++)
		apply(place, i, 10);
	/* Also after a daemon that died behind its flip. */
	place_close(place);
	place_open(place);
	assert_true(seen.is_read);
	apply(place, 7, 10);
	assert_in_force(place, 7, 10);
}

static void a_plan_like_the_last_waits_for_nobody(void **state)
{
	struct place *place = *state;
	__u32 before;

	open_and_look(place);
	apply(place, 0, 1000);
	tick_until(place, 1000, 2000);
	for (unsigned int i = 1; i < 4; i++) {
		before = inner_id(0, !slot_in_force());
		apply(place, 10 * i, 1000 + 40 * i);
		assert_int_equal(seen.waits, 0);
		assert_int_equal(seen.deletes, 0);
		assert_int_equal(inner_id(0, slot_in_force()), before);
		assert_in_force(place, 10 * i, 1000 + 40 * i);
		tick_until(place, 1000, 2000);
	}
}

static void one_that_is_larger_has_room_and_one_that_is_small_gives_it_back(void **state)
{
	struct place *place = *state;

	open_and_look(place);
	apply(place, 0, 10);
	tick_until(place, 10, 100);
	apply(place, 0, 5000);
	assert_true(seen.waits > 0);
	assert_in_force(place, 0, 5000);
	tick_until(place, 5000, 10000);
	apply(place, 5, 10);
	assert_in_force(place, 5, 10);
	tick_until(place, 10, 100);
	apply(place, 6, 10);
	tick_until(place, 10, 100);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_plan_does_not_name_is_gone),
		TEST(a_slot_is_written_when_nobody_reads_it),
		TEST(a_plan_like_the_last_waits_for_nobody),
		TEST(one_that_is_larger_has_room_and_one_that_is_small_gives_it_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
