// SPDX-License-Identifier: GPL-2.0-or-later
/* The way of queries to the log: what one end puts in comes out at the other, whichever of them dies, and nothing that stands there can hurt the reader. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "ring_internal.h"

struct bench {
	int fd;
	struct dns_log log;
	struct dns_ring_reader *reader;
	struct ring_head *head; /* of somebody who means harm */
};

static void bench_open(struct bench *bench)
{
	*bench = (struct bench){.fd = dns_ring_create()};
	assert_true(bench->fd >= 0);
	assert_int_equal(dns_log_open(&bench->log, bench->fd), 0);
	bench->reader = dns_ring_reader_open(bench->fd, (struct dns_ring_place){0});
	assert_non_null(bench->reader);
	bench->head = ring_map(bench->fd);
	assert_non_null(bench->head);
}

static void bench_close(struct bench *bench)
{
	dns_log_fini(&bench->log);
	dns_ring_reader_close(bench->reader);
	ring_unmap(bench->head);
	close(bench->fd);
}

static void reader_anew(struct bench *bench, struct dns_ring_place place)
{
	dns_ring_reader_close(bench->reader);
	bench->reader = dns_ring_reader_open(bench->fd, place);
	assert_non_null(bench->reader);
}

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

/* @i: told apart by it. */
static void put(struct bench *bench, unsigned int i)
{
	const struct ip_addr client = addr_of("192.168.11.20");
	struct dns_query query = {.type = DNS_AAAA};
	char name[64];

	/* Of all lengths, so that the end of the ring is met in every way. */
	snprintf(name, sizeof(name), "n%u.%.*s.example", i, (int)(1 + i % 40),
		 "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd");
	query.name = name_of(name);
	dns_log_note(&bench->log, &(struct dns_note){.client = &client,
						     .query = &query,
						     .outcome = {DNS_COUNT_FORWARDED, 2, 0},
						     .rcode = DNS_NXDOMAIN,
						     .took_us = i,
						     .now_ms = 1000 + i});
}

/* The next is that which was put as @i. */
static void expect(struct bench *bench, unsigned int i)
{
	const struct ip_addr client = addr_of("192.168.11.20");
	struct dns_ring_record record;
	char text[DNS_NAME_TEXT_MAX], begin[16];

	assert_int_equal(dns_ring_next(bench->reader, &record), 1);
	assert_int_equal(record.kind, DNS_RING_QUERY);
	assert_int_equal(record.took_us, i);
	assert_int_equal(record.at_ms, 1000 + i);
	assert_int_equal(record.type, DNS_AAAA);
	assert_int_equal(record.rcode, DNS_NXDOMAIN);
	assert_int_equal(record.outcome.count, DNS_COUNT_FORWARDED);
	assert_int_equal(record.outcome.upstream, 2);
	assert_true(ip_addr_equal(&record.client, &client));
	snprintf(begin, sizeof(begin), "n%u.", i);
	assert_memory_equal(dns_name_format(&record.name, text), begin, strlen(begin));
}

static void expect_none(struct bench *bench)
{
	struct dns_ring_record record;

	assert_int_equal(dns_ring_next(bench->reader, &record), 0);
}

/* --- honest ------------------------------------------------------------------------------------------- */

static void test_round(void **state _unused_)
{
	unsigned int in = 0, out = 0;
	struct bench bench;

	bench_open(&bench);
	expect_none(&bench);
	/* Some four times round, never quite in step. */
	while (out < 4 * RING_BYTES / 72) {
		for (unsigned int i = 0; i < 777; i++)
			put(&bench, in++);
		for (unsigned int i = 0; i < 777; i++)
			expect(&bench, out++);
		expect_none(&bench);
		dns_ring_release(bench.reader);
	}
	assert_true(atomic_load(&bench.head->written) > 3 * RING_BYTES);
	assert_int_equal(dns_ring_state(bench.reader).dropped, 0);
	assert_int_equal(dns_ring_state(bench.reader).skipped_octets, 0);
	bench_close(&bench);
}

static void test_full(void **state _unused_)
{
	unsigned int in = 0, kept;
	struct bench bench;

	bench_open(&bench);
	while (!dns_ring_state(bench.reader).dropped)
		put(&bench, in++);
	kept = in - 1;
	put(&bench, in++);
	put(&bench, in++);
	assert_int_equal(dns_ring_state(bench.reader).dropped, 3);
	assert_int_equal(bench.log.counts[DNS_COUNT_FORWARDED], in);
	for (unsigned int i = 0; i < kept; i++)
		expect(&bench, i);
	expect_none(&bench);
	/* What was read is still the reader's until it lets go. */
	put(&bench, in);
	expect_none(&bench);
	dns_ring_release(bench.reader);
	put(&bench, 7);
	expect(&bench, 7);
	bench_close(&bench);
}

/* A query without a name: one that could not be read. */
static void test_nameless(void **state _unused_)
{
	const struct ip_addr client = addr_of("fd00::7");
	const struct dns_query query = {0};
	struct dns_ring_record record;
	struct bench bench;

	bench_open(&bench);
	dns_log_note(&bench.log, &(struct dns_note){.client = &client,
						    .query = &query,
						    .outcome = {.count = DNS_COUNT_REFUSED},
						    .rcode = DNS_BADVERS});
	assert_int_equal(dns_ring_next(bench.reader, &record), 1);
	assert_int_equal(record.name.length, 0);
	assert_int_equal(record.rcode, DNS_BADVERS);
	assert_true(ip_addr_equal(&record.client, &client));
	bench_close(&bench);
}

static void expect_label(struct bench *bench, enum dns_label_kind kind, unsigned int number,
			 const char *text)
{
	struct dns_ring_record record;

	assert_int_equal(dns_ring_next(bench->reader, &record), 1);
	assert_int_equal(record.kind, DNS_RING_LABEL);
	assert_int_equal(record.label.kind, kind);
	assert_int_equal(record.label.number, number);
	assert_string_equal(record.label.text, text);
}

static void test_labels(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench);
	dns_log_label(&bench.log, DNS_LABEL_UPSTREAM, 1, "192.0.2.53");
	dns_log_label(&bench.log, DNS_LABEL_LIST, 1, "\x1b[2Jads");
	put(&bench, 0);
	put(&bench, 1);
	expect_label(&bench, DNS_LABEL_UPSTREAM, 1, "192.0.2.53");
	expect_label(&bench, DNS_LABEL_LIST, 1, "?[2Jads");
	expect(&bench, 0);
	/* A number means something else from here on. */
	dns_log_label(&bench.log, DNS_LABEL_UPSTREAM, 1, "192.0.2.54");
	put(&bench, 2);
	expect(&bench, 1);
	expect_label(&bench, DNS_LABEL_UPSTREAM, 1, "192.0.2.54");
	expect_label(&bench, DNS_LABEL_LIST, 1, "?[2Jads");
	expect(&bench, 2);
	/* A log that begins later hears all. */
	assert_int_equal(dns_log_open(&bench.log, bench.fd), 0);
	put(&bench, 3);
	expect_label(&bench, DNS_LABEL_UPSTREAM, 1, "192.0.2.54");
	bench_close(&bench);
}

/* --- deaths ------------------------------------------------------------------------------------------- */

static void test_writer_dies(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench);
	put(&bench, 0);
	/* In the middle of a record: it lies there, and was never told of. */
	memset(ring_data(bench.head) + atomic_load(&bench.head->written), 0xff, 40);
	expect(&bench, 0);
	expect_none(&bench);
	assert_int_equal(dns_log_open(&bench.log, bench.fd), 0);
	put(&bench, 1);
	expect(&bench, 1);
	bench_close(&bench);
}

static void test_reader_dies(void **state _unused_)
{
	struct dns_ring_place place;
	struct bench bench;

	bench_open(&bench);
	put(&bench, 0);
	put(&bench, 1);
	put(&bench, 2);
	expect(&bench, 0);
	dns_ring_release(bench.reader);
	expect(&bench, 1);
	place = dns_ring_place(bench.reader);
	/* It had written down where it was. */
	reader_anew(&bench, place);
	expect(&bench, 2);
	/* It had not: from where it let go, and what was read since is read again. */
	dns_ring_release(bench.reader);
	put(&bench, 3);
	expect(&bench, 3);
	reader_anew(&bench, (struct dns_ring_place){0});
	expect(&bench, 3);
	/* A place that was left behind long ago, and one of another ring. */
	dns_ring_release(bench.reader);
	put(&bench, 4);
	reader_anew(&bench, place);
	expect(&bench, 4);
	place.ring ^= 2;
	dns_ring_release(bench.reader);
	reader_anew(&bench, place);
	expect_none(&bench);
	bench_close(&bench);
}

/* Whatever kills the reader is not read for ever. */
static void test_reader_dies_again(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench);
	put(&bench, 0);
	reader_anew(&bench, (struct dns_ring_place){0});
	expect(&bench, 0);
	reader_anew(&bench, (struct dns_ring_place){0});
	expect_none(&bench);
	assert_true(dns_ring_state(bench.reader).skipped_octets > 0);
	put(&bench, 1);
	expect(&bench, 1);
	bench_close(&bench);
}

/* --- hostile ------------------------------------------------------------------------------------------ */

/* A lie about the first record; then the reader has to skip it, and hears what comes behind. */
static void lie(size_t at, const void *octets, size_t n)
{
	struct bench bench;

	bench_open(&bench);
	put(&bench, 0);
	put(&bench, 1);
	memcpy(ring_data(bench.head) + at, octets, n);
	expect_none(&bench);
	assert_int_equal(dns_ring_state(bench.reader).skipped_octets,
			 atomic_load(&bench.head->written));
	put(&bench, 2);
	expect(&bench, 2);
	bench_close(&bench);
}

static void test_records(void **state _unused_)
{
	const size_t name = sizeof(struct ring_query);

	for (unsigned int length = 0; length <= 0xffff; length += 0xff) {
		__u16 told = (__u16)length;

		lie(0, &told, sizeof(told));
	}
	lie(offsetof(struct ring_record, kind), "\0", 1); /* a skip that is not to the end */
	lie(offsetof(struct ring_record, kind), "\2", 1); /* a label */
	lie(offsetof(struct ring_record, kind), "\3", 1);
	lie(offsetof(struct ring_record, name_length), "\xff", 1);
	lie(offsetof(struct ring_record, name_length), "\1", 1);
	lie(offsetof(struct ring_query, count), "\xff", 1);
	lie(name, "\x40", 1); /* a label that is too long, */
	lie(name, "\xc0\x0c", 2); /* a pointer, */
	lie(name, "\x1f", 1); /* one that ends behind the name, */
	lie(name, "\0", 1); /* the root too early, */
	lie(name + 1, "N", 1); /* and a capital: nothing that was made here */
}

static void test_heads(void **state _unused_)
{
	static const __u64 heads[] = {1,
				      7,
				      8,
				      RING_BYTES,
				      RING_BYTES + 8,
				      (__u64)-8,
				      (__u64)-1,
				      1ULL << 63,
				      (__u64) - (RING_BYTES / 2LL)};
	struct dns_ring_record record;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		struct bench bench;
		unsigned int n = 0;

		bench_open(&bench);
		memset(ring_data(bench.head), 0x18, RING_BYTES);
		atomic_store(&bench.head->written, heads[i]);
		while (dns_ring_next(bench.reader, &record))
			assert_true(++n <= RING_BYTES / RING_ALIGN);
		dns_ring_release(bench.reader);
		/* Both ends find back, after one record at most. */
		assert_int_equal(dns_log_open(&bench.log, bench.fd), 0);
		put(&bench, 1);
		dns_ring_next(bench.reader, &record);
		dns_ring_release(bench.reader);
		put(&bench, 2);
		expect(&bench, 2);
		bench_close(&bench);
	}
}

static void test_not_a_ring(void **state _unused_)
{
	_close_ int fd = memfd_create("none", MFD_CLOEXEC);
	struct dns_log log = {0};

	assert_int_equal(dns_log_open(&log, fd), -EINVAL);
	assert_int_equal(ftruncate(fd, RING_HEAD_BYTES + RING_BYTES), 0);
	assert_int_equal(dns_log_open(&log, fd), -EINVAL);
	assert_null(dns_ring_reader_open(fd, (struct dns_ring_place){0}));
	assert_null(log.ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_writer_dies),
		cmocka_unit_test(test_reader_dies),
		cmocka_unit_test(test_reader_dies_again),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_not_a_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
