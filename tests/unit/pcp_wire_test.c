// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of PCP: what we send, octet by octet, and what of a router's is taken, in every length. */
#include "pcp_wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEADER 24
#define MAP (24 + 36)

/* An answer to a MAP, with the result, the lifetime and the epoch of the table below. */
static size_t answer_make(__u8 *buf, __u8 result)
{
	static const __u8 whole[MAP] = {
		2, 0x81, 0, 0, 0,    0,	   0x1c, 0x20, 0, 0,  0,    77,	  0,   0, 0,   0,
		0, 0,	 0, 0, 0,    0,	   0,	 0, /* header */
		1, 2,	 3, 4, 5,    6,	   7,	 8,    9, 10, 11,   12, /* nonce */
		6, 0,	 0, 0, 0x20, 0xfb, 0x20, 0xfc, /* TCP 8443, at 8444 */
		0, 0,	 0, 0, 0,    0,	   0,	 0,    0, 0,  0xff, 0xff, 203, 0, 113, 5,
	};

	memcpy(buf, whole, sizeof(whole));
	buf[3] = result;
	return sizeof(whole);
}

static void test_request(void **state)
{
	static const __u8 wanted[MAP + 4] = {
		2, 1,  0,    0,	   0,	0,   0x1c, 0x20, 0,    0,    0,	   0,	 0, 0, 0, 0,
		0, 0,  0xff, 0xff, 192, 168, 11,   3,	 1,    2,    3,	   4,	 5, 6, 7, 8,
		9, 10, 11,   12,   17,	0,   0,	   0,	 0x1b, 0x58, 0x1b, 0x59, 0, 0, 0, 0,
		0, 0,  0,    0,	   0,	0,   0xff, 0xff, 0,    0,    0,	   0,	 2, 0, 0, 0,
	};
	struct pcp_request request = {.opcode = PCP_OPCODE_MAP,
				      .client = ip_addr_from_v4(htonl(0xc0a80b03)),
				      .lifetime_s = 7200,
				      .prefer_failure = true,
				      .map = {.nonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
					      .proto = IPPROTO_UDP,
					      .internal_port = 7000,
					      .external_port = 7001}};
	__u8 buf[PCP_MESSAGE_MAX];

	(void)state;
	assert_int_equal(pcp_request_write(&request, buf), sizeof(wanted));
	assert_memory_equal(buf, wanted, sizeof(wanted));
	/* What is to be forgotten has no such option (RFC 6887 section 13.2). */
	request.lifetime_s = 0;
	assert_int_equal(pcp_request_write(&request, buf), MAP);
	request.opcode = PCP_OPCODE_ANNOUNCE;
	request.lifetime_s = 7200;
	assert_int_equal(pcp_request_write(&request, buf), HEADER);
	assert_int_equal(buf[1], 0);
	assert_int_equal(buf[6], 0);
}

static void test_answer(void **state)
{
	__u8 buf[PCP_MESSAGE_MAX];
	struct pcp_response response;
	char text[IP_TEXT_MAX];

	(void)state;
	assert_int_equal(pcp_response_read(buf, answer_make(buf, 0), &response), 0);
	assert_int_equal(response.version, 2);
	assert_int_equal(response.opcode, PCP_OPCODE_MAP);
	assert_int_equal(response.lifetime_s, 7200);
	assert_int_equal(response.epoch_s, 77);
	assert_int_equal(response.map.nonce[11], 12);
	assert_int_equal(response.map.proto, IPPROTO_TCP);
	assert_int_equal(response.map.internal_port, 8443);
	assert_int_equal(response.map.external_port, 8444);
	assert_string_equal(ip_addr_format(&response.map.external, text), "203.0.113.5");
}

/* Each result comes back as it is and has words; those that nobody knows too. */
static void test_results(void **state)
{
	__u8 buf[PCP_MESSAGE_MAX];
	struct pcp_response response;

	(void)state;
	for (unsigned int result = 0; result < 256; result++) {
		size_t length = answer_make(buf, (__u8)result);

		assert_int_equal(pcp_response_read(buf, length, &response), 0);
		assert_int_equal(response.result, result);
		assert_true(*pcp_result_words(result));
		if (result < PCP_RESULTS)
			assert_string_not_equal(pcp_result_words(result), "an unknown result");
	}
}

/* Of all lengths, only the whole one and those with whole options are an answer. */
static void test_lengths(void **state)
{
	__u8 buf[PCP_MESSAGE_MAX + 4] = {0};
	struct pcp_response response;

	(void)state;
	answer_make(buf, 0);
	for (size_t length = 0; length < MAP; length++)
		assert_int_equal(pcp_response_read(buf, length, &response), -EBADMSG);
	/* Octets of zero are options of number 0 without content. */
	for (size_t length = MAP; length <= PCP_MESSAGE_MAX + 4; length++) {
		bool fits = length % 4 == 0 && length <= PCP_MESSAGE_MAX;

		assert_int_equal(pcp_response_read(buf, length, &response), fits ? 0 : -EBADMSG);
	}
}

static void test_options(void **state)
{
	static const struct {
		__u8 length;
		size_t octets;
		int ret;
	} cases[] = {
		{0, 4, 0},	  {1, 4, -EBADMSG}, {1, 8, 0},	{4, 8, 0},
		{5, 8, -EBADMSG}, {5, 12, 0},	    {8, 16, 0}, {255, 16, -EBADMSG},
	};
	__u8 buf[PCP_MESSAGE_MAX] = {0};
	struct pcp_response response;

	(void)state;
	answer_make(buf, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		buf[MAP] = 3;
		buf[MAP + 3] = cases[i].length;
		assert_int_equal(pcp_response_read(buf, MAP + cases[i].octets, &response),
				 cases[i].ret);
	}
}

static void test_not_an_answer(void **state)
{
	__u8 buf[PCP_MESSAGE_MAX] = {0};
	struct pcp_response response;

	(void)state;
	answer_make(buf, 0);
	buf[1] = 1; /* a request */
	assert_int_equal(pcp_response_read(buf, MAP, &response), -EBADMSG);
	buf[1] = 0x82; /* PEER, which we never send */
	assert_int_equal(pcp_response_read(buf, MAP, &response), -EBADMSG);
	buf[1] = 0x81;
	buf[0] = 1; /* another version, that does not say so */
	assert_int_equal(pcp_response_read(buf, MAP, &response), -EBADMSG);
	buf[3] = PCP_UNSUPP_VERSION;
	assert_int_equal(pcp_response_read(buf, MAP, &response), 0);
	assert_int_equal(response.version, 1);
}

/* A router that has NAT-PMP alone answers in its own format, of eight octets (RFC 6887 section 9). */
static void test_natpmp(void **state)
{
	static const __u8 answer[] = {0, 0x80, 0, 1, 0, 0, 0, 77};
	struct pcp_response response;

	(void)state;
	assert_int_equal(pcp_response_read(answer, sizeof(answer), &response), 0);
	assert_int_equal(response.version, 0);
	assert_int_equal(response.result, PCP_UNSUPP_VERSION);
	assert_int_equal(pcp_response_read(answer, sizeof(answer) - 1, &response), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request), cmocka_unit_test(test_answer),
		cmocka_unit_test(test_results), cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_options), cmocka_unit_test(test_not_an_answer),
		cmocka_unit_test(test_natpmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
