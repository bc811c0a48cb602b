// SPDX-License-Identifier: GPL-2.0-or-later
/* Which answers to a search for the router's UPnP description are believed. */
#include "ssdp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OK "HTTP/1.1 200 OK\r\n"
#define ST "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n"
#define AT "LOCATION: http://192.168.11.1:5000/rootDesc.xml\r\n"

static void test_answers(void **state)
{
	static const struct {
		const char *text;
		int ret;
	} rows[] = {
		{OK ST AT "\r\n", 0},
		{OK AT ST "\r\n", 0},
		{OK
		 "st:urn:schemas-upnp-org:service:WANIPConnection:2\nlocation:\thttp://192.168.11.1/x \n",
		 0},
		{"http/1.1 200\r\n" ST AT, 0},
		{"HTTP/1.1 404 Not Found\r\n" ST AT, -EBADMSG},
		{"NOTIFY * HTTP/1.1\r\n" ST AT, -EBADMSG},
		{OK ST, -EBADMSG},
		{OK AT, -EBADMSG},
		{OK "ST: upnp:rootdevice\r\n" AT, -EBADMSG},
		{OK ST "LOCATION: http://192.168.11.9:5000/rootDesc.xml\r\n", -EXDEV},
		{OK ST "LOCATION: http://192.168.11.10:5000/\r\n", -EXDEV},
		{OK ST "LOCATION: http://192.168.11.1.example.com/\r\n", -EXDEV},
		{OK ST "LOCATION: http://192.168.11.1:80@192.168.11.9/\r\n", -EXDEV},
		{OK ST "LOCATION: https://192.168.11.1/\r\n", -EXDEV},
		{OK ST "LOCATION: http://192.168.11.1/a b\r\n", -EBADMSG},
		{OK ST "LOCATION: http://192.168.11.1/\x80\r\n", -EBADMSG},
		{OK ST "LOCATION:\r\n", -EXDEV},
		{"", -EBADMSG},
	};
	const struct ip_addr router = ip_addr_from_v4(htonl(0xc0a80b01));
	char url[SSDP_URL_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(ssdp_answer_read(rows[i].text, strlen(rows[i].text), &router, url),
				 rows[i].ret);
	assert_int_equal(ssdp_answer_read(OK ST AT, strlen(OK ST AT), &router, url), 0);
	assert_string_equal(url, "http://192.168.11.1:5000/rootDesc.xml");
}

static void test_too_long(void **state)
{
	const struct ip_addr router = ip_addr_from_v4(htonl(0xc0a80b01));
	char text[SSDP_MESSAGE_MAX + 1], url[SSDP_URL_MAX];
	int n = snprintf(text, sizeof(text), OK ST "LOCATION: http://192.168.11.1/");
	size_t room = SSDP_URL_MAX - strlen("http://192.168.11.1/");

	(void)state;
	memset(text + n, 'x', sizeof(text) - (size_t)n);
	assert_int_equal(ssdp_answer_read(text, (size_t)n + room - 1, &router, url), 0);
	assert_int_equal(strlen(url), SSDP_URL_MAX - 1);
	assert_int_equal(ssdp_answer_read(text, (size_t)n + room, &router, url), -EBADMSG);
	assert_int_equal(ssdp_answer_read(text, sizeof(text), &router, url), -EBADMSG);
}

static void test_search(void **state)
{
	const struct ip_addr router = ip_addr_from_v4(htonl(0xc0a80b01));
	char text[SSDP_MESSAGE_MAX];

	size_t length = ssdp_search_write(ssdp_target(0), &router, text);

	(void)state;
	assert_int_equal(length, strlen(text));
	assert_string_equal(
		text, "M-SEARCH * HTTP/1.1\r\nHOST: 192.168.11.1:1900\r\nMAN: \"ssdp:discover\"\r\n"
		      "MX: 1\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
