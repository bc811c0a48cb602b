// SPDX-License-Identifier: GPL-2.0-or-later
/* STUN: the answer of RFC 5769, others that are none, and what the client asks when. */
#include "stun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* RFC 5769 section 2.2, without what signs it: 192.0.2.1 port 32853. */
static const __u8 sample_id[STUN_ID_BYTES] = {0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
					      0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
static const __u8 sample[] = {
	0x01, 0x01, 0x00, 0x1c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01,
	0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b,
	0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20,
	0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43,
};

static void test_answer(void **state)
{
	struct ip_addr external;
	char text[IP_TEXT_MAX];

	(void)state;
	assert_int_equal(stun_response_read(sample_id, sample, sizeof(sample), &external), 0);
	assert_string_equal(ip_addr_format(&external, text), "192.0.2.1");
}

static void test_lengths(void **state)
{
	__u8 buf[sizeof(sample) + 8];
	struct ip_addr external;

	(void)state;
	memset(buf, 0, sizeof(buf));
	memcpy(buf, sample, sizeof(sample));
	for (size_t length = 0; length < sizeof(buf); length++) {
		if (length != sizeof(sample))
			assert_int_equal(stun_response_read(sample_id, buf, length, &external),
					 -EBADMSG);
	}
	/* Shorter by what it says itself: attributes that reach past the end. */
	for (__u8 length = 4; length < 0x1c; length += 4) {
		buf[3] = length;
		assert_int_not_equal(stun_response_read(sample_id, buf, 20U + length, &external),
				     0);
	}
}

static void test_not_an_answer(void **state)
{
	static const struct {
		size_t at;
		__u8 octet;
		int ret;
	} rows[] = {
		{0, 0x00, -EBADMSG}, /* a request */
		{1, 0x11, -ECONNREFUSED}, /* an error */
		{4, 0x22, -EBADMSG}, /* no cookie */
		{19, 0xaf, -EBADMSG}, /* another number */
		{41, 0x02, -ENODATA}, /* an address of IPv6 */
		{39, 0x04, -EBADMSG}, /* half an address, and rubbish behind it */
		{37, 0x21, -ENODATA}, /* another attribute */
	};
	struct ip_addr external;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		__u8 buf[sizeof(sample)];

		memcpy(buf, sample, sizeof(sample));
		buf[rows[i].at] = rows[i].octet;
		assert_int_equal(stun_response_read(sample_id, buf, sizeof(buf), &external),
				 rows[i].ret);
	}
}

/* Servers of RFC 3489 have the address as it is; where there are both, what no router on the way can have changed counts. */
static void test_plain(void **state)
{
	__u8 buf[20 + 24] = {0x01, 0x01, 0, 12, 0x21, 0x12, 0xa4, 0x42};
	static const __u8 plain[] = {0, 1, 0, 8, 0, 1, 0, 80, 203, 0, 113, 5};
	static const __u8 masked[] = {0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43};
	struct ip_addr external;
	char text[IP_TEXT_MAX];

	(void)state;
	memcpy(buf + 8, sample_id, sizeof(sample_id));
	memcpy(buf + 20, plain, sizeof(plain));
	assert_int_equal(stun_response_read(sample_id, buf, 32, &external), 0);
	assert_string_equal(ip_addr_format(&external, text), "203.0.113.5");
	buf[3] = 24;
	memcpy(buf + 32, masked, sizeof(masked));
	assert_int_equal(stun_response_read(sample_id, buf, 44, &external), 0);
	assert_string_equal(ip_addr_format(&external, text), "192.0.2.1");
}

static struct portmap_server server_make(__u8 last)
{
	return (struct portmap_server){ip_addr_from_v4(htonl(0xc0000200U + last)), 3478};
}

/* The answer to what was sent last: 203.0.113.@last. */
static size_t answer_make(__u8 *buf, __u8 last)
{
	const __u8 attribute[] = {0, 1, 0, 8, 0, 1, 0, 80, 203, 0, 113, last};

	buf[0] = 1;
	buf[1] = 1;
	buf[3] = sizeof(attribute);
	memcpy(buf + STUN_REQUEST_BYTES, attribute, sizeof(attribute));
	return STUN_REQUEST_BYTES + sizeof(attribute);
}

static void test_client(void **state)
{
	const struct portmap_server servers[] = {server_make(1), server_make(2)};
	struct stun_client client = {0};
	__u8 buf[STUN_MESSAGE_MAX];
	bool changed = false;
	char text[IP_TEXT_MAX];

	(void)state;
	stun_client_set(&client, servers, 2, 1000);
	assert_ptr_equal(stun_client_due(&client, 1000, buf, &changed),
			 &client.asks[0].said.server);
	/* The other's address, or port, is no answer. */
	assert_false(stun_client_hear(&client, &servers[1], buf, answer_make(buf, 5), 1001));
	assert_true(stun_client_hear(&client, &servers[0], buf, answer_make(buf, 5), 1001));
	assert_string_equal(ip_addr_format(&client.asks[0].said.external, text), "203.0.113.5");
	/* Its number is used up. */
	assert_false(stun_client_hear(&client, &servers[0], buf, answer_make(buf, 6), 1002));
	assert_ptr_equal(stun_client_due(&client, 1002, buf, &changed),
			 &client.asks[1].said.server);
	assert_null(stun_client_due(&client, 1002, buf, &changed));
	assert_false(changed);
	/* A minute later it is asked again, and says something else. */
	assert_ptr_equal(stun_client_due(&client, 61001, buf, &changed),
			 &client.asks[0].said.server);
	assert_true(stun_client_hear(&client, &servers[0], buf, answer_make(buf, 7), 61002));
	/* The list gets longer: who was there keeps what he said. */
	stun_client_set(&client, servers, 1, 61003);
	assert_int_equal(client.asks[0].said.answer, PORTMAP_ANSWERS);
}

/* RFC 8489 section 6.2.1: after 500 ms, 1, 2, 4 s; at the end 8 s of waiting. */
static void test_retransmission(void **state)
{
	static const __u64 times[] = {1000, 1500, 2500, 4500, 8500, 16500};
	const struct portmap_server server = server_make(1);
	struct stun_client client = {0};
	__u8 buf[STUN_MESSAGE_MAX];
	bool changed = false;

	(void)state;
	stun_client_set(&client, &server, 1, 1000);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(stun_client_next_ms(&client), times[i]);
		assert_null(stun_client_due(&client, times[i] - 1, buf, &changed));
		assert_non_null(stun_client_due(&client, times[i], buf, &changed));
	}
	assert_null(stun_client_due(&client, times[5], buf, &changed));
	assert_true(changed);
	assert_int_equal(client.asks[0].said.answer, PORTMAP_SILENT);
	assert_true(stun_client_next_ms(&client) > times[5]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),	      cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_not_an_answer), cmocka_unit_test(test_plain),
		cmocka_unit_test(test_client),	      cmocka_unit_test(test_retransmission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
