// SPDX-License-Identifier: GPL-2.0-or-later
/* The query log on disk: what goes in is there again, what is too old or too much goes, and what is damaged gives way. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "store_internal.h"

#define DAY_MS 86400000ull
#define NOW_MS (20000 * DAY_MS)

static const struct store_settings usual = {.retention_s = 7 * 86400, .size = 64 << 20};

static struct store *open_with(const struct store_settings *settings)
{
	struct store *store = NULL;

	assert_int_equal(store_open(settings, &store), 0);
	return store;
}

static int folder_enter(void **state)
{
	char *path = strdup("/tmp/querylog-XXXXXX");

	*state = path;
	return !mkdtemp(path) || chdir(path);
}

static int folder_leave(void **state)
{
	static const char *const files[] = {STORE_FILE, STORE_FILE "-wal", STORE_DAMAGED};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlink(files[i]);
	if (chdir("/") || rmdir(*state))
		return -1;
	free(*state);
	return 0;
}

/* @i: names of their own. */
static void add(struct store *store, unsigned int i, const char *client, __u64 at_ms)
{
	struct dns_ring_record record = {
		.kind = DNS_RING_QUERY, .type = DNS_A, .outcome = {DNS_COUNT_FORWARDED, 1, 0}};
	char name[64];

	snprintf(name, sizeof(name), "name-%u.of-its-own.example.com", i);
	record.name = name_of(name);
	assert_int_equal(ip_addr_parse(client, &record.client), 0);
	assert_int_equal(store_add(store, &record, at_ms), 0);
}

static void add_many(struct store *store, unsigned int first, unsigned int n, __u64 at_ms)
{
	assert_int_equal(store_begin(store), 0);
	for (unsigned int i = first; i < first + n; i++)
		add(store, i, "192.168.11.20", at_ms);
	assert_int_equal(store_commit(store, (struct dns_ring_place){1, first + n}), 0);
}

static sqlite3_int64 number(struct store *store, const char *sql)
{
	sqlite3_int64 number = -1;

	assert_int_equal(database_number(store->db, sql, &number), 0);
	return number;
}

static void trim(struct store *store, __u64 now_ms)
{
	unsigned int steps = 0;
	int ret;

	while ((ret = store_trim(store, now_ms)) > 0)
		assert_true(++steps < 10000);
	assert_int_equal(ret, 0);
}

static void test_again(void **state _unused_)
{
	struct store *store = open_with(&usual);
	struct dns_ring_record label = {
		.kind = DNS_RING_LABEL,
		.label = {.kind = DNS_LABEL_UPSTREAM, .number = 1, .text = "192.0.2.53"}};

	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_add(store, &label, NOW_MS), 0);
	assert_int_equal(store_commit(store, (struct dns_ring_place){7, 8}), 0);
	add_many(store, 0, 10, NOW_MS);
	store_close(store);
	/* Label, numbers and place are as they were. */
	store = open_with(&usual);
	assert_int_equal(store_place(store).ring, 1);
	assert_int_equal(store_place(store).at, 10);
	add_many(store, 5, 10, NOW_MS);
	assert_int_equal(number(store, "SELECT count(*) FROM queries"), 20);
	assert_int_equal(number(store, "SELECT count(*) FROM names"), 15);
	assert_int_equal(number(store, "SELECT count(*) FROM clients"), 1);
	assert_int_equal(number(store, "SELECT count(*) FROM queries q JOIN labels l ON l.id = "
				       "q.upstream WHERE l.text = '192.0.2.53'"),
			 20);
	store_close(store);
}

/* A transaction that does not come to its end leaves nothing, and what was known of it is forgotten. */
static void test_undone(void **state _unused_)
{
	struct store *store = open_with(&usual);

	add_many(store, 0, 1, NOW_MS);
	assert_int_equal(store_begin(store), 0);
	add(store, 1, "192.168.11.99", NOW_MS);
	assert_int_equal(database_run(store->db, "ROLLBACK"), 0);
	/* As a full disk does: the commit says so, and all is as before. */
	assert_int_not_equal(store_commit(store, (struct dns_ring_place){1, 99}), 0);
	assert_int_equal(store_place(store).at, 1);
	assert_int_equal(store_begin(store), 0);
	add(store, 1, "192.168.11.99", NOW_MS);
	assert_int_equal(store_commit(store, (struct dns_ring_place){1, 2}), 0);
	assert_int_equal(number(store, "SELECT count(*) FROM queries q JOIN names n ON n.id = "
				       "q.name JOIN clients c ON c.id = q.client"),
			 2);
	store_close(store);
}

static void test_retention(void **state _unused_)
{
	struct store *store = open_with(&usual);

	for (unsigned int day = 0; day < 10; day++)
		add_many(store, day * 5000, 5000, NOW_MS + day * DAY_MS);
	trim(store, NOW_MS + 9 * DAY_MS + 1);
	assert_int_equal(number(store, "SELECT count(*) FROM queries"), 35000);
	assert_int_equal(number(store, "SELECT min(at) FROM queries"), NOW_MS + 3 * DAY_MS);
	/* Names go with the last query for them, as far as their ages are told apart. */
	assert_in_range(number(store, "SELECT count(*) FROM names"), 35000,
			35000 + STORE_AGE_QUERIES);
	assert_int_equal(number(store, "SELECT count(*) FROM queries q LEFT JOIN names n ON n.id "
				       "= q.name WHERE n.id IS NULL"),
			 0);
	trim(store, NOW_MS + 30 * DAY_MS);
	assert_int_equal(number(store, "SELECT count(*) FROM queries"), 0);
	/* Goes on with numbers that nobody had. */
	add_many(store, 0, 1, NOW_MS + 30 * DAY_MS);
	assert_int_equal(number(store, "SELECT min(id) FROM queries"), 50000 + store->next - 50001);
	store_close(store);
}

static void test_size(void **state _unused_)
{
	const struct store_settings small = {.retention_s = 7 * 86400, .size = 2 << 20};
	struct store *store = open_with(&small);

	for (unsigned int i = 0; i < 30; i++) {
		add_many(store, i * 5000, 5000, NOW_MS + i);
		trim(store, NOW_MS + i);
		assert_true(store_size(store).octets <= small.size);
	}
	/* The youngest are there. */
	assert_int_equal(number(store, "SELECT max(at) FROM queries"), NOW_MS + 29);
	assert_true(number(store, "SELECT count(*) FROM queries") > 5000);
	store_close(store);
}

static void test_anonymised(void **state _unused_)
{
	struct store_settings settings = usual;
	struct store *store = open_with(&settings);

	assert_int_equal(store_begin(store), 0);
	add(store, 0, "192.168.11.20", NOW_MS);
	add(store, 1, "192.168.11.21", NOW_MS);
	add(store, 2, "2001:db8:0:1234::7", NOW_MS);
	add(store, 3, "2001:db8:0:12ff::8", NOW_MS);
	add(store, 4, "192.168.12.20", NOW_MS);
	assert_int_equal(store_commit(store, (struct dns_ring_place){1, 1}), 0);
	assert_int_equal(number(store, "SELECT count(*) FROM clients"), 5);
	store_close(store);
	settings.is_anonymised = true;
	store = open_with(&settings);
	assert_int_equal(number(store, "SELECT count(*) FROM clients"), 3);
	assert_int_equal(number(store, "SELECT count(*) FROM queries q JOIN clients c ON c.id = "
				       "q.client WHERE hex(c.addr) = "
				       "'00000000000000000000FFFFC0A80B0018'"),
			 2);
	assert_int_equal(number(store, "SELECT count(*) FROM queries q JOIN clients c ON c.id = "
				       "q.client WHERE hex(c.addr) = "
				       "'20010DB800001200000000000000000038'"),
			 2);
	assert_int_equal(store_begin(store), 0);
	add(store, 5, "192.168.11.99", NOW_MS);
	assert_int_equal(store_commit(store, (struct dns_ring_place){1, 2}), 0);
	assert_int_equal(number(store, "SELECT count(*) FROM clients"), 3);
	store_close(store);
}

static void test_damaged(void **state _unused_)
{
	static const char noise[] = "This is no database, whatever it is called, and long enough "
				    "to be looked at as one would be. ";
	_close_ int fd = open(STORE_FILE, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	struct store *store;
	struct stat status;

	for (int i = 0; i < 100; i++)
		assert_int_equal(write(fd, noise, sizeof(noise)), sizeof(noise));
	store = open_with(&usual);
	add_many(store, 0, 1, NOW_MS);
	assert_int_equal(stat(STORE_DAMAGED, &status), 0);
	assert_int_equal(status.st_size, 100 * sizeof(noise));
	/* A database of somebody else. */
	assert_int_equal(database_run(store->db, "PRAGMA application_id = 7"), 0);
	store_close(store);
	store = open_with(&usual);
	assert_int_equal(number(store, "SELECT count(*) FROM queries"), 0);
	store_close(store);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, folder_enter, folder_leave)
	const struct CMUnitTest tests[] = {
		TEST(test_again), TEST(test_undone),	 TEST(test_retention),
		TEST(test_size),  TEST(test_anonymised), TEST(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
