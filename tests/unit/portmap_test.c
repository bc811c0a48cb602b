// SPDX-License-Identifier: GPL-2.0-or-later
/* Words, texts of strangers, and what of a report is taken from a process that may be in somebody else's hands. */
#include "portmap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "igd.h"

static struct portmap_wanted wanted;
static struct portmap_report report;

static int world_make(void **state)
{
	(void)state;
	memset(&wanted, 0, sizeof(wanted));
	memset(&report, 0, sizeof(report));
	wanted.serial = report.serial = 7;
	wanted.n_forwards = report.n_results = 2;
	wanted.n_servers = report.n_servers = 1;
	for (unsigned int i = 0; i < 2; i++) {
		wanted.forwards[i].proto = report.results[i].proto = IPPROTO_TCP;
		wanted.forwards[i].external_port = report.results[i].external_port =
			(__u16)(80 + i);
		wanted.forwards[i].internal_port = report.results[i].internal_port =
			(__u16)(80 + i);
	}
	wanted.servers[0].addr = ip_addr_from_v4(htonl(0xc0000201));
	wanted.servers[0].port = 3478;
	report.servers[0].server = wanted.servers[0];
	report.n_entries = 1;
	report.entries[0].proto = IPPROTO_UDP;
	report.entries[0].client = wanted.servers[0].addr;
	return 0;
}

static void test_taken(void **state)
{
	(void)state;
	memset(report.peers[0].name, 'x', sizeof(report.peers[0].name));
	memcpy(report.results[1].words, "a\x1b[2Jb\xff", 7);
	report.entries[0].description[0] = '\x07';
	assert_true(portmap_report_check(&report, &wanted));
	assert_int_equal(strlen(report.peers[0].name), LIMIT_UPSTREAM_TEXT - 1);
	assert_string_equal(report.results[1].words, "a?[2Jb?");
	assert_string_equal(report.entries[0].description, "?");
}

/* One field each that makes it no report about what was wanted. */
static void test_not_taken(void **state)
{
	struct portmap_report good;

	(void)state;
	memcpy(&good, &report, sizeof(good));
#define REFUSED(field, value)                                         \
	do {                                                          \
		memcpy(&report, &good, sizeof(report));               \
		report.field = (value);                               \
		assert_false(portmap_report_check(&report, &wanted)); \
	} while (0)
	REFUSED(serial, 8);
	REFUSED(protocol, PORTMAP_PROTOCOLS + 1);
	REFUSED(n_results, 1);
	REFUSED(n_results, 3);
	REFUSED(n_servers, 0);
	REFUSED(n_servers, 1000);
	REFUSED(n_entries, LIMIT_UPSTREAM_ENTRIES + 1);
	REFUSED(peers[3].answer, PORTMAP_ANSWERS + 1);
	REFUSED(peers[2].external.b[0], 0x20);
	REFUSED(servers[0].server.port, 3479);
	REFUSED(servers[0].server.addr.b[15], 9);
	REFUSED(servers[0].answer, 99);
	REFUSED(servers[0].external.b[3], 1);
	REFUSED(results[1].state, PORTMAP_STATES);
	REFUSED(results[1].protocol, PORTMAP_PROTOCOLS + 1);
	REFUSED(results[1].proto, IPPROTO_UDP);
	REFUSED(results[1].external_port, 80);
	REFUSED(results[1].internal_port, 80);
	REFUSED(results[1].holder.b[1], 1);
	REFUSED(entries[0].proto, IPPROTO_ICMP);
	REFUSED(entries[0].client.b[2], 1);
#undef REFUSED
	memcpy(&report, &good, sizeof(report));
	assert_true(portmap_report_check(&report, &wanted));
}

static void test_wanted(void **state)
{
	struct portmap_wanted other;

	(void)state;
	memcpy(&other, &wanted, sizeof(other));
	other.serial++;
	assert_true(portmap_wanted_equal(&wanted, &other));
#define DIFFERS(field, value)                                        \
	do {                                                         \
		memcpy(&other, &wanted, sizeof(other));              \
		other.field = (value);                               \
		assert_false(portmap_wanted_equal(&wanted, &other)); \
	} while (0)
	DIFFERS(ifindex, 99);
	DIFFERS(asks, !wanted.asks);
	DIFFERS(interface[0], 'x');
	DIFFERS(router.b[15], 99);
	DIFFERS(own.b[15], 99);
	DIFFERS(n_forwards, wanted.n_forwards - 1);
	DIFFERS(n_servers, wanted.n_servers - 1);
	DIFFERS(forwards[1].proto, 99);
	DIFFERS(forwards[1].external_port, 9);
	DIFFERS(forwards[1].internal_port, 9);
	DIFFERS(forwards[1].service[0], 'x');
	DIFFERS(forwards[1].nonce[11], 99);
	DIFFERS(servers[0].port, 9);
	DIFFERS(servers[0].addr.b[15], 99);
#undef DIFFERS
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(portmap_protocol_name(PORTMAP_IGD), "UPnP IGD");
	assert_string_equal(portmap_protocol_key(PORTMAP_NATPMP), "nat-pmp");
	assert_string_equal(portmap_answer_key(PORTMAP_ANSWERS), "answers");
	for (unsigned int i = 0; i < PORTMAP_STATES; i++)
		assert_string_not_equal(portmap_state_key(i), "?");
	assert_string_equal(portmap_state_key(PORTMAP_STATES), "?");
	assert_string_equal(portmap_protocol_name(PORTMAP_PROTOCOLS), "?");
	assert_string_equal(portmap_protocol_key(PORTMAP_PROTOCOLS), "?");
	assert_string_equal(portmap_answer_key(PORTMAP_ANSWERS + 1), "?");
}

static void test_texts(void **state)
{
	static const struct {
		const char *said, *kept;
	} rows[] = {
		{"MiniUPnPd", "MiniUPnPd"},
		{"  a \n b\t", "a   b"},
		{"", ""},
		{"\x01\x02", "??"},
		{" \r\n ", ""},
		{"1234567890", "1234567890"},
		{"12345678901", "1234567890"},
	};
	char text[11];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		portmap_text_clean(text, sizeof(text), rows[i].said, strlen(rows[i].said));
		assert_string_equal(text, rows[i].kept);
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *xml, *name;
	} rows[] = {
		{"<a><friendlyName>Box</friendlyName><modelName>7590</modelName></a>",
		 "Box (7590)"},
		{"<friendlyName>Box 7590</friendlyName><modelName>7590</modelName>", "Box 7590"},
		{"<friendlyName>Box</friendlyName>", "Box"},
		{"<modelName>7590</modelName>", "7590"},
		{"<friendlyName>Box", ""},
		{"<friendlyName></friendlyName>", ""},
		{"", ""},
	};
	char name[LIMIT_UPSTREAM_TEXT], xml[400];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		igd_name_read(rows[i].xml, strlen(rows[i].xml), name);
		assert_string_equal(name, rows[i].name);
	}
	snprintf(xml, sizeof(xml),
		 "<friendlyName>%0150u</friendlyName><modelName>%0150u</modelName>", 1u, 2u);
	igd_name_read(xml, strlen(xml), name);
	assert_int_equal(strlen(name), LIMIT_UPSTREAM_TEXT - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_taken, world_make),
		cmocka_unit_test_setup(test_not_taken, world_make),
		cmocka_unit_test_setup(test_wanted, world_make),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
