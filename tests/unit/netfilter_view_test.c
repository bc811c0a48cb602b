// SPDX-License-Identifier: GPL-2.0-or-later
/* Connections of the kernel by a plan: whose they are, and which end when it changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "netfilter/track.h"
#include "netfilter_fixture.h"

/* Proto, what the initiator sends, and what the responder answers. */
struct row {
	const char *what;
	__u8 proto;
	const char *src;
	__u16 sport;
	const char *dst;
	__u16 dport;
	const char *reply_src;
	__u16 reply_sport;
	const char *reply_dst;
	__u16 reply_dport;
	__u8 kind; /* 0: not ours */
	bool admitted;
};

static const struct row rows[] = {
	/* clang-format off */
	{"outgoing", 6, "192.168.11.2", 40000, "203.0.113.10", 80, "203.0.113.10", 80, "198.51.100.1", 40000, HP_KIND_OUTGOING, true},
	{"outgoing by an address that is no longer ours", 6, "192.168.11.2", 40000, "203.0.113.10", 80, "203.0.113.10", 80, "198.51.100.9", 40000, HP_KIND_OUTGOING, false},
	{"outgoing on a port that is forwarded now", 6, "192.168.11.2", 40000, "203.0.113.10", 80, "203.0.113.10", 80, "198.51.100.1", 8443, HP_KIND_OUTGOING, false},
	{"a forward", 6, "203.0.113.10", 40000, "198.51.100.1", 8443, "192.168.11.20", 443, "203.0.113.10", 40000, HP_KIND_FORWARD, true},
	{"a forward that was removed", 6, "203.0.113.10", 40000, "198.51.100.1", 8080, "192.168.11.20", 80, "203.0.113.10", 40000, HP_KIND_FORWARD, false},
	{"a forward to another host than now", 6, "203.0.113.10", 40000, "198.51.100.1", 8443, "192.168.11.21", 443, "203.0.113.10", 40000, HP_KIND_FORWARD, false},
	{"a forward of an address that is not ours", 6, "203.0.113.10", 40000, "198.51.100.9", 8443, "192.168.11.20", 443, "203.0.113.10", 40000, 0, false},
	{"a forward from who is allowed", 17, "203.0.113.10", 40000, "198.51.100.1", 7000, "192.168.11.20", 7000, "203.0.113.10", 40000, HP_KIND_FORWARD, true},
	{"a forward from who is not", 17, "198.51.100.10", 40000, "198.51.100.1", 7000, "192.168.11.20", 7000, "198.51.100.10", 40000, HP_KIND_FORWARD, false},
	{"loopback, to which allow does not apply", 17, "192.168.11.2", 40000, "198.51.100.1", 7000, "192.168.11.20", 7000, "198.51.100.1", 40000, HP_KIND_HAIRPIN, true},
	{"loopback that was removed", 6, "192.168.11.2", 40000, "198.51.100.1", 80, "192.168.11.20", 80, "198.51.100.1", 40000, HP_KIND_HAIRPIN, false},
	{"wan.pass", 6, "203.0.113.10", 40000, "198.51.100.1", 22, "198.51.100.1", 22, "203.0.113.10", 40000, 0, true},
	{"what wan.pass has not", 6, "203.0.113.10", 40000, "198.51.100.1", 80, "198.51.100.1", 80, "203.0.113.10", 40000, 0, false},
	{"a service of the gateway itself", 6, "198.51.100.10", 40000, "198.51.100.1", 993, "198.51.100.1", 993, "198.51.100.10", 40000, 0, true},
	{"a moved port of the gateway, from who is allowed", 6, "203.0.113.10", 40000, "198.51.100.1", 9443, "198.51.100.1", 443, "203.0.113.10", 40000, 0, true},
	{"a moved port of the gateway, from who is not", 6, "198.51.100.10", 40000, "198.51.100.1", 9443, "198.51.100.1", 443, "198.51.100.10", 40000, 0, false},
	{"a moved port of the gateway, as it was before", 6, "203.0.113.10", 40000, "198.51.100.1", 9443, "198.51.100.1", 444, "203.0.113.10", 40000, 0, false},
	{"a container behind a port of ours, from who is not allowed", 6, "198.51.100.10", 40000, "198.51.100.1", 9443, "172.17.0.2", 443, "198.51.100.10", 40000, 0, false},
	{"the gateway's own", 6, "198.51.100.1", 40000, "203.0.113.10", 80, "203.0.113.10", 80, "198.51.100.1", 40000, HP_KIND_HOST, true},
	{"a container's, by somebody else", 6, "203.0.113.10", 40000, "198.51.100.1", 8080, "172.17.0.2", 80, "203.0.113.10", 40000, 0, true},
	{"a question led to us", 17, "192.168.11.2", 40000, "203.0.113.10", 53, "192.168.11.1", 53, "192.168.11.2", 40000, 0, true},
	{"from an isolated segment to a declared host", 6, "192.168.12.2", 40000, "192.168.11.20", 443, "192.168.11.20", 443, "192.168.12.2", 40000, 0, true},
	{"from an isolated segment to another", 6, "192.168.12.2", 40000, "192.168.11.20", 22, "192.168.11.20", 22, "192.168.12.2", 40000, 0, false},
	{"from an isolated segment to our DNS server", 17, "192.168.12.2", 40000, "192.168.12.1", 53, "192.168.12.1", 53, "192.168.12.2", 40000, 0, true},
	{"from an isolated segment to our ssh", 6, "192.168.12.2", 40000, "192.168.12.1", 22, "192.168.12.1", 22, "192.168.12.2", 40000, 0, false},
	{"from an isolated segment to the gateway's service", 6, "192.168.12.2", 40000, "192.168.12.1", 993, "192.168.12.1", 993, "192.168.12.2", 40000, 0, true},
	{"from an isolated segment to its moved port, at the public address", 6, "192.168.12.2", 40000, "198.51.100.1", 9443, "198.51.100.1", 443, "192.168.12.2", 40000, 0, true},
	{"from an isolated segment to the port that it is moved to", 6, "192.168.12.2", 40000, "192.168.12.1", 443, "192.168.12.1", 443, "192.168.12.2", 40000, 0, false},
	{"between open segments", 6, "192.168.11.2", 40000, "192.168.13.2", 22, "192.168.13.2", 22, "192.168.11.2", 40000, 0, true},
	{"to an isolated segment", 6, "192.168.11.2", 40000, "192.168.12.2", 22, "192.168.12.2", 22, "192.168.11.2", 40000, HP_KIND_ROUTED, true},
	{"a pinhole", 6, "2001:db8:99::1", 40000, "2001:db8:11::20", 443, "2001:db8:11::20", 443, "2001:db8:99::1", 40000, HP_KIND_ROUTED, true},
	{"no pinhole", 6, "2001:db8:99::1", 40000, "2001:db8:11::20", 22, "2001:db8:11::20", 22, "2001:db8:99::1", 40000, HP_KIND_ROUTED, false},
	{"outgoing, IPv6", 6, "2001:db8:11::2", 40000, "2001:db8:99::1", 22, "2001:db8:99::1", 22, "2001:db8:11::2", 40000, HP_KIND_ROUTED, true},
	/* clang-format on */
};

static const struct row arm_rows[] = {
	/* clang-format off */
	{"outgoing", 6, "192.168.11.2", 40000, "203.0.113.10", 80, "203.0.113.10", 80, "192.168.11.3", 40000, HP_KIND_OUTGOING, true},
	{"outgoing as it is", 6, "192.168.11.2", 40000, "203.0.113.10", 80, "203.0.113.10", 80, "192.168.11.2", 40000, HP_KIND_ROUTED, true},
	{"to the main router's public address, nothing declared", 6, "192.168.11.2", 40000, "198.51.100.1", 80, "198.51.100.1", 80, "192.168.11.3", 40000, HP_KIND_OUTGOING, true},
	{"a forward", 6, "203.0.113.10", 40000, "192.168.11.3", 8443, "192.168.11.20", 443, "203.0.113.10", 40000, HP_KIND_FORWARD, true},
	{"a forward with our address", 6, "203.0.113.10", 40000, "192.168.11.3", 8443, "192.168.11.20", 443, "192.168.11.3", 40000, HP_KIND_FORWARD, true},
	{"a forward from the main router itself", 6, "198.51.100.1", 40000, "192.168.11.3", 8443, "192.168.11.20", 443, "198.51.100.1", 40000, HP_KIND_FORWARD, true},
	{"a forward from who is not allowed", 17, "198.51.100.10", 40000, "192.168.11.3", 7000, "192.168.11.21", 7000, "198.51.100.10", 40000, HP_KIND_FORWARD, false},
	{"loopback by our address", 17, "192.168.11.2", 40000, "192.168.11.3", 7000, "192.168.11.21", 7000, "198.51.100.1", 40000, HP_KIND_HAIRPIN, true},
	{"loopback by the public one", 6, "192.168.11.2", 40000, "198.51.100.1", 8443, "192.168.11.20", 443, "192.168.11.3", 40000, HP_KIND_HAIRPIN, true},
	{"loopback that was removed", 6, "192.168.11.2", 40000, "198.51.100.1", 80, "192.168.11.20", 80, "192.168.11.3", 40000, HP_KIND_HAIRPIN, false},
	{"by a public address that is another one now", 6, "192.168.11.2", 40000, "198.51.100.9", 8443, "192.168.11.20", 443, "192.168.11.3", 40000, HP_KIND_OUTGOING, false},
	{"to ourselves by what is forwarded now", 17, "192.168.11.2", 40000, "192.168.11.3", 7000, "192.168.11.3", 7000, "192.168.11.2", 40000, 0, false},
	{"to ourselves", 6, "192.168.11.2", 40000, "192.168.11.3", 22, "192.168.11.3", 22, "192.168.11.2", 40000, 0, true},
	{"to ourselves by the public address", 6, "192.168.11.2", 40000, "198.51.100.1", 993, "192.168.11.3", 993, "192.168.11.2", 40000, 0, true},
	{"from the LAN to the LAN", 6, "192.168.11.2", 40000, "192.168.11.20", 22, "192.168.11.20", 22, "192.168.11.2", 40000, 0, true},
	/* clang-format on */
};

static struct tracked tracked_of(const struct row *row)
{
	return (struct tracked){
		.proto = row->proto,
		.orig_src = addr_of(row->src),
		.orig_dst = addr_of(row->dst),
		.reply_src = addr_of(row->reply_src),
		.reply_dst = addr_of(row->reply_dst),
		.orig_sport = row->sport,
		.orig_dport = row->dport,
		.reply_sport = row->reply_sport,
		.reply_dport = row->reply_dport,
	};
}

static void are_known_and_judged(const struct house *house, const struct row *of, size_t n)
{
	struct view view;

	assert_int_equal(view_make(&house->plan, &view), 0);
	for (size_t i = 0; i < n; i++) {
		struct tracked tracked = tracked_of(&of[i]);

		if (view_kind(&view, &tracked) != of[i].kind)
			fail_msg("%s: kind %u", of[i].what, view_kind(&view, &tracked));
		if (view_admits(&view, &tracked) != of[i].admitted)
			fail_msg("%s: %s", of[i].what, of[i].admitted ? "was ended" : "goes on");
	}
	view_fini(&view);
}

static void each_connection_is_known_and_judged(void **state)
{
	struct house house;

	(void)state;
	house_build(&house);
	are_known_and_judged(&house, rows, ARRAY_SIZE(rows));
}

static void each_connection_on_one_arm_is_known_and_judged(void **state)
{
	struct house house;

	(void)state;
	arm_build(&house);
	are_known_and_judged(&house, arm_rows, ARRAY_SIZE(arm_rows));
}

/* The plan that it was made of may go. */
static void a_view_is_a_copy(void **state)
{
	struct house house;
	struct view view;
	struct tracked tracked = tracked_of(&rows[3]);

	(void)state;
	house_build(&house);
	assert_int_equal(view_make(&house.plan, &view), 0);
	memset(&house, 0, sizeof(house));
	assert_true(view_admits(&view, &tracked));
	view_fini(&view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_connection_is_known_and_judged),
		cmocka_unit_test(each_connection_on_one_arm_is_known_and_judged),
		cmocka_unit_test(a_view_is_a_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
