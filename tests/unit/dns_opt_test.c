// SPDX-License-Identifier: GPL-2.0-or-later
/* OPT that is not the last record of a reply: what stands behind is kept, and its names lead where they did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "opt.h"

#define OPT_OCTETS 11
/* Of the name in the question, and of the record behind OPT, wherever that begins. */
#define AT_QUESTION DNS_HEADER

static void pointer_add(struct octets *o, size_t to)
{
	octets_add16(o, 0xc000 | (unsigned int)to);
}

/* "mx.test MX" and a CNAME's address before OPT; @with_opt: the same message without one is what is to come out. */
static struct octets reply_make(bool with_opt, unsigned int opt_data)
{
	struct octets o = message_begin(DNS_QR | DNS_RD | DNS_RA,
					(const unsigned int[4]){1, 1, 0, 3u + with_opt});
	static const __u8 zeros[64];
	size_t first, second;
	__u8 mx[4] = {0, 10};

	question_add(&o, "x.test", DNS_MX);
	pointer_add(&o, AT_QUESTION);
	dns_put16(mx + 2, 0xc000 | AT_QUESTION);
	record_add(&o, DNS_MX, 60, mx, sizeof(mx));
	if (with_opt) {
		octets_add(&o, "", 1);
		record_add(&o, DNS_OPT, 0x8000, zeros, opt_data);
	}
	/* A name of its own, "a." and then the question's; one that leads to it, and data that does. */
	first = o.n;
	octets_add(&o, "\1a", 2);
	pointer_add(&o, AT_QUESTION);
	record_add(&o, DNS_A, 60, "\300\250\13\24", 4);
	second = o.n;
	octets_add(&o, "\1b", 2);
	pointer_add(&o, first);
	dns_put16(mx + 2, (__u16)(0xc000 | first));
	record_add(&o, DNS_MX, 60, mx, sizeof(mx));
	pointer_add(&o, second);
	/* Of a type whose data is not looked into, whatever it looks like. */
	record_add(&o, DNS_TXT, 60, "\3\xc0\xff\xff", 4);
	return o;
}

static void test_records_behind(void **state _unused_)
{
	static __u8 room[DNS_MESSAGE_MAX];

	for (unsigned int data = 0; data <= 64; data += 32) {
		struct octets o = reply_make(true, data), wanted = reply_make(false, 0);
		struct dns_reply got = dns_opt_cut(
			(struct dns_reply){.message = o.at, .length = o.n, .outcome = {.count = 3}},
			room);

		assert_ptr_equal(got.message, room);
		assert_int_equal(got.outcome.count, 3);
		assert_int_equal(got.length, wanted.n);
		assert_memory_equal(got.message, wanted.at, wanted.n);
	}
}

/* What is as it should be is not copied: none, the last one, no message at all. */
static void test_as_it_is(void **state _unused_)
{
	struct octets none = reply_make(false, 0), last = reply_make(false, 0), cut = none;
	static __u8 room[DNS_MESSAGE_MAX];

	opt_append(&last, 1232, 0, 0);
	cut.n--;
	assert_ptr_equal(dns_opt_cut((struct dns_reply){none.at, none.n, {0}}, room).message,
			 none.at);
	assert_ptr_equal(dns_opt_cut((struct dns_reply){last.at, last.n, {0}}, room).message,
			 last.at);
	assert_ptr_equal(dns_opt_cut((struct dns_reply){cut.at, cut.n, {0}}, room).message, cut.at);
	assert_ptr_equal(dns_opt_cut((struct dns_reply){none.at, 3, {0}}, room).message, none.at);
}

/* Names that lead into what is cut out would say something else. */
static void test_name_in_opt(void **state _unused_)
{
	static __u8 room[DNS_MESSAGE_MAX];
	struct octets o = message_begin(DNS_QR, (const unsigned int[4]){1, 0, 0, 2});
	size_t opt;

	question_add(&o, "x.test", DNS_A);
	opt = o.n;
	octets_add(&o, "", 1);
	record_add(&o, DNS_OPT, 0, "\1a", 3);
	pointer_add(&o, opt + OPT_OCTETS);
	record_add(&o, DNS_A, 60, "\300\250\13\24", 4);
	assert_ptr_equal(dns_opt_cut((struct dns_reply){o.at, o.n, {0}}, room).message, o.at);
}

/* Data that ends before its name does. */
static void test_short_data(void **state _unused_)
{
	static __u8 room[DNS_MESSAGE_MAX];

	for (unsigned int n = 0; n < 4; n++) {
		struct octets o = message_begin(DNS_QR, (const unsigned int[4]){1, 0, 0, 2});

		question_add(&o, "x.test", DNS_A);
		octets_add(&o, "", 1);
		record_add(&o, DNS_OPT, 0, "", 0);
		octets_add(&o, "", 1);
		record_add(&o, DNS_MX, 60, "\0\12\300\14", n);
		assert_ptr_equal(dns_opt_cut((struct dns_reply){o.at, o.n, {0}}, room).message,
				 o.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_behind),
		cmocka_unit_test(test_as_it_is),
		cmocka_unit_test(test_name_in_opt),
		cmocka_unit_test(test_short_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
