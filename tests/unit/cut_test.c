// SPDX-License-Identifier: GPL-2.0-or-later
#include "cut.h"

#include "plan_fixture.h"

#define PASSES(list)                \
	"role: gateway\n"           \
	"wan:\n"                    \
	"  interface: eth0\n"       \
	"  pass: " list "\n"        \
	"lan:\n"                    \
	"  - interface: br-lan\n"   \
	"  - interface: br-guest\n" \
	"    isolate: yes\n"        \
	"services:\n"               \
	"  - name: shell\n"         \
	"    host: 192.168.11.20\n" \
	"    ports: [\"2222:22/tcp\"]\n"

static struct peer peer_of(const char *interface, const char *local, __u16 port)
{
	struct peer peer = {.local_port = port, .remote_port = 50000};

	assert_int_equal(ip_addr_parse(local, &peer.local), 0);
	assert_int_equal(ip_addr_parse("198.51.100.7", &peer.remote), 0);
	strcpy(peer.interface, interface);
	return peer;
}

static void test_cut(void **state _unused_)
{
	static const struct {
		const char *pass, *interface, *local;
		__u16 port;
		enum cut cut;
		const char *why;
	} rows[] = {
		{"closed", "eth0", "203.0.113.5", 22, CUT_CLOSED, "WAN, nothing passed"},
		{"open", "eth0", "203.0.113.5", 22, CUT_NOT, "WAN, its port passed"},
		{"open", "eth0", "203.0.113.5", 23, CUT_CLOSED, "WAN, another port passed"},
		{"open", "eth0", "203.0.113.5", 2222, CUT_FORWARDED, "WAN, the port is forwarded"},
		{"open", "eth0", "192.168.11.1", 22, CUT_INSIDE, "WAN, to a LAN address"},
		{"closed", "br-lan", "192.168.11.1", 22, CUT_NOT, "LAN, to the LAN address"},
		{"closed", "br-lan", "203.0.113.5", 22, CUT_NOT, "LAN, to the public address"},
		{"closed", "br-lan", "203.0.113.5", 2222, CUT_FORWARDED,
		 "LAN, the port is forwarded"},
		{"closed", "br-lan", "192.168.11.1", 2222, CUT_NOT,
		 "LAN, forwarded elsewhere only"},
		{"closed", "br-guest", "192.168.12.1", 22, CUT_ISOLATED, "isolated segment"},
		{"closed", "wg0", "10.9.0.1", 22, CUT_NOT, "a tunnel, which we do not filter"},
		{"closed", "", "203.0.113.5", 22, CUT_NOT, "no way back: nothing to cut"},
	};
	_plan_ struct plan *closed = plan_of(PASSES("[icmp-echo]"), USUAL);
	_plan_ struct plan *open = plan_of(PASSES("[22/tcp]"), USUAL);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct plan *plan = rows[i].pass[0] == 'o' ? open : closed;
		struct peer peer = peer_of(rows[i].interface, rows[i].local, rows[i].port);

		if (cut_peer(plan, &peer) != rows[i].cut)
			fail_msg("%s", rows[i].why);
	}
}

/* One interface for both sides: the source tells them apart. */
static void test_one_arm(void **state _unused_)
{
	static const struct {
		const char *remote;
		__u16 port;
		enum cut cut;
	} rows[] = {
		{"192.168.11.7", 22, CUT_NOT},
		{"192.168.11.7", 2222, CUT_FORWARDED},
		{"198.51.100.7", 22, CUT_CLOSED},
		{"198.51.100.7", 2222, CUT_FORWARDED},
	};
	_plan_ struct plan *plan = plan_of(
		"role: bypass\nwan: { interface: eth0 }\nlan: [{ interface: eth0 }]\n"
		"services: [{ name: shell, host: 192.168.11.20, ports: [\"2222:22/tcp\"] }]\n",
		FACTS(LINK("eth0", 2, ADDR("192.168.11.3", 24)), ""));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct peer peer = peer_of("eth0", "192.168.11.3", rows[i].port);

		assert_int_equal(ip_addr_parse(rows[i].remote, &peer.remote), 0);
		if (cut_peer(plan, &peer) != rows[i].cut)
			fail_msg("%s to %u", rows[i].remote, rows[i].port);
	}
}

/* A service of this machine itself: its list says who comes from WAN, and hosts inside are not asked. */
static void test_self(void **state _unused_)
{
	static const struct {
		const char *interface, *local;
		__u16 port;
		enum cut cut;
		const char *why;
	} rows[] = {
		{"eth0", "203.0.113.5", 22, CUT_NOT, "WAN, on the list"},
		{"eth0", "203.0.113.5", 23, CUT_NOT_ALLOWED, "WAN, not on the list"},
		{"eth0", "203.0.113.5", 24, CUT_NOT, "WAN, a port that is another one outside"},
		{"eth0", "203.0.113.5", 2424, CUT_FORWARDED, "WAN, and it leads elsewhere"},
		{"eth0", "2001:db8:ff::5", 24, CUT_CLOSED, "over IPv6 no port is moved"},
		{"eth0", "2001:db8:ff::5", 2424, CUT_CLOSED, "nor let in"},
		{"eth0", "2001:db8:ff::5", 25, CUT_NOT, "over IPv6, everybody"},
		{"br-lan", "203.0.113.5", 23, CUT_NOT, "LAN, not on the list"},
		{"br-guest", "192.168.12.1", 23, CUT_NOT, "isolated segment, declared"},
		{"br-guest", "203.0.113.5", 24, CUT_NOT, "isolated segment, moved"},
		{"br-guest", "192.168.12.1", 24, CUT_ISOLATED, "moved by the public address alone"},
		{"br-guest", "192.168.12.1", 26, CUT_ISOLATED, "isolated segment, undeclared"},
	};
	_plan_ struct plan *plan = plan_of(
		SERVICES("  - { name: a, host: self, ports: [22/tcp], allow: [198.51.100.0/24] }\n"
			 "  - { name: b, host: self, ports: [23/tcp], allow: [192.0.2.0/24] }\n"
			 "  - { name: c, host: self, ports: [\"2424:24/tcp\"] }\n"
			 "  - { name: d, host: self, ports: [25/tcp] }\n"),
		FACTS(LINK("eth0", 2,
			   ADDR("203.0.113.5", 24) "," ADDR("2001:db8:ff::5", 64)) "," LAN
										   "," GUEST,
		      ""));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct peer peer = peer_of(rows[i].interface, rows[i].local, rows[i].port);

		if (cut_peer(plan, &peer) != rows[i].cut)
			fail_msg("%s", rows[i].why);
	}
}

/* While WAN has no address nothing is public, and what comes from there is cut all the same. */
static void test_no_address(void **state _unused_)
{
	_plan_ struct plan *plan =
		plan_of(PASSES("[22/tcp]"), FACTS(LINK("eth0", 2, "") "," LAN "," GUEST, ""));
	struct peer peer = peer_of("eth0", "203.0.113.5", 22);

	assert_int_equal(cut_peer(plan, &peer), CUT_INSIDE);
}

/* Each way of being cut has a way out, and it is not always wan.pass. */
static void test_fix(void **state _unused_)
{
	static const struct {
		enum cut cut;
		const char *want;
	} rows[] = {
		{CUT_NOT, ""},
		{CUT_CLOSED, "add 2200/tcp to wan.pass"},
		{CUT_INSIDE, "add 2200/tcp to wan.pass and come by the public address"},
		{CUT_FORWARDED, "give the forward of 2200/tcp another external port"},
		{CUT_NOT_ALLOWED, "add that address to `allow` of the service with 2200/tcp"},
		{CUT_ISOLATED, "take isolate away from that LAN, or come from another"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_strbuf_ struct strbuf out = {0};

		cut_add_fix(rows[i].cut, 2200, &out);
		assert_string_equal(strbuf_text(&out), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),  cmocka_unit_test(test_one_arm),
		cmocka_unit_test(test_self), cmocka_unit_test(test_no_address),
		cmocka_unit_test(test_fix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
