// SPDX-License-Identifier: GPL-2.0-or-later
/* Filters and the guard on real devices: where they hang, what brings them back, what detach leaves. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ethernet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "guard.h"
#include "place.h"
#include "test.h"

static void up(struct place *place)
{
	place_open(place);
	place_apply(place);
}

/* 1: something was missing, and is there again. */
static int check(struct place *place)
{
	_backend_losses_ struct backend_losses losses = {0};
	int ret = backend_bpf.look(place->backend, &place->plan, &losses);

	if (!ret && losses.which)
		ret = backend_bpf.mend(place->backend, &place->plan);
	return ret ? ret : losses.which != 0;
}

static void each_device_has_the_filters_of_its_side(void **state)
{
	up(*state);
	assert_true(place_prints("hp_wan_ingress", "tc filter show dev wan ingress"));
	assert_true(place_prints("hp_wan_egress", "tc filter show dev wan egress"));
	assert_true(place_prints("hp_lan_ingress", "tc filter show dev br-lan ingress"));
	assert_true(place_prints("hp_lan_ingress", "tc filter show dev lan2 ingress"));
	assert_false(place_prints("bpf", "tc filter show dev lan2 egress"));
	assert_false(place_prints("clsact", "tc qdisc show dev br-other"));
}

static void a_plan_applied_twice_has_one_filter(void **state)
{
	struct place *place = *state;

	up(place);
	place_apply(place);
	assert_true(
		place_prints("1\n", "tc filter show dev lan2 ingress | grep -c hp_lan_ingress"));
}

static void a_device_that_leaves_the_plan_is_left_as_it_was(void **state)
{
	struct place *place = *state;

	up(place);
	place->plan.n_devices = 2;
	place_apply(place);
	assert_false(place_prints("clsact", "tc qdisc show dev lan2"));
	assert_true(place_prints("hp_lan_ingress", "tc filter show dev br-lan ingress"));
}

/* Also when another daemon attached it. */
static void a_device_that_left_while_no_daemon_ran_loses_its_filter(void **state)
{
	struct place *place = *state;

	up(place);
	place_close(place);
	place->plan.n_devices = 2;
	up(place);
	assert_false(place_prints("clsact", "tc qdisc show dev lan2"));
}

static void a_device_that_is_not_there_is_waited_for(void **state)
{
	struct place *place = *state;

	place_run("ip link del lan2");
	up(place); /* its index is in the plan still */
	place->devices[2].ifindex = 0;
	place_apply(place);
	assert_int_equal(check(place), 0);
}

static void a_device_made_anew_gets_its_filter(void **state)
{
	struct place *place = *state;

	up(place);
	place_run("ip link del lan2 && ip link add lan2 type veth peer name lan2-peer");
	place->devices[2].ifindex = if_nametoindex("lan2");
	place_apply(place);
	assert_true(place_prints("hp_lan_ingress", "tc filter show dev lan2 ingress"));
}

static void a_filter_taken_away_is_put_back(void **state)
{
	struct place *place = *state;

	up(place);
	assert_int_equal(check(place), 0);
	place_run("tc qdisc del dev wan clsact");
	assert_int_equal(check(place), 1);
	assert_true(place_prints("hp_wan_ingress", "tc filter show dev wan ingress"));
	assert_true(place_prints("hp_wan_egress", "tc filter show dev wan egress"));
	assert_int_equal(check(place), 0);
}

static void another_program_in_our_place_is_replaced(void **state)
{
	static const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex("lan2"),
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = TC_HANDLE, .priority = TC_PRIORITY,
		    .flags = BPF_TC_F_REPLACE);
	struct place *place = *state;
	_close_ int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "intruder", "GPL", pass,
				       ARRAY_SIZE(pass), NULL);

	up(place);
	options.prog_fd = fd;
	assert_int_equal(bpf_tc_attach(&hook, &options), 0);
	assert_true(place_prints("intruder", "tc filter show dev lan2 ingress"));
	assert_int_equal(check(place), 1);
	assert_true(place_prints("hp_lan_ingress", "tc filter show dev lan2 ingress"));
}

/* --- the guard -------------------------------------------------------------------------------------------- */

static void a_guard_that_was_flushed_is_put_back(void **state)
{
	struct place *place = *state;

	up(place);
	place_run("nft list table inet hairpin >/run/before && nft flush ruleset");
	assert_int_equal(check(place), 1);
	place_run("nft list table inet hairpin | cmp - /run/before");
	assert_int_equal(check(place), 0);
}

static void a_guard_that_was_changed_is_put_right(void **state)
{
	struct place *place = *state;

	up(place);
	place_run("nft list table inet hairpin >/run/before && "
		  "nft insert rule inet hairpin input accept");
	assert_int_equal(check(place), 1);
	place_run("nft list table inet hairpin | cmp - /run/before");
}

static void rules_of_others_are_no_reason_to_write_the_guard(void **state)
{
	struct place *place = *state;

	up(place);
	place_run("nft -a list table inet hairpin >/run/before && nft add table inet others");
	assert_int_equal(check(place), 0);
	place_run("nft -a list table inet hairpin | cmp - /run/before");
}

struct frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

static __u16 ip_checksum(struct iphdr ip)
{
	__u16 words[sizeof(ip) / 2];
	__u32 sum = 0;

	memcpy(words, &ip, sizeof(ip));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16) ~(sum + (sum >> 16));
}

static void mac_of(const char *device, __u8 *ret_mac)
{
	place_run("ip -o link show %s | sed 's/.*link.ether \\([0-9a-f:]*\\).*/\\1/' >/run/mac",
		  device);
	assert_int_equal(sscanf(place_read("/run/mac"), "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx",
				&ret_mac[0], &ret_mac[1], &ret_mac[2], &ret_mac[3], &ret_mac[4],
				&ret_mac[5]),
			 6);
}

/* A datagram from the far end of WAN's cable to the gateway. */
static void send_from_outside(void)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_ifindex = (int)if_nametoindex("inet"),
				 .sll_halen = 6};
	struct frame frame = {
		.eth.h_proto = htons(ETH_P_IP),
		.ip = {.version = 4,
		       .ihl = 5,
		       .ttl = 64,
		       .protocol = IPPROTO_UDP,
		       .tot_len = htons(sizeof(frame) - sizeof(frame.eth)),
		       .saddr = inet_addr("198.51.100.99"),
		       .daddr = inet_addr("198.51.100.2")},
		.udp = {.source = htons(1), .dest = htons(2), .len = htons(sizeof(frame.udp))},
	};
	_close_ int fd = socket(AF_PACKET, SOCK_RAW, 0);

	mac_of("wan", frame.eth.h_dest);
	frame.ip.check = ip_checksum(frame.ip);
	assert_int_equal(sendto(fd, &frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)),
			 sizeof(frame));
}

/* Waits until the guard has dropped @packets, at most five seconds. */
static void await_dropped(__u64 packets)
{
	__u64 dropped = 0;

	for (int i = 0; i < 500 && dropped < packets; i++) {
		assert_int_equal(guard_dropped(&dropped), 0);
		if (dropped < packets)
			poll(NULL, 0, 10);
	}
	assert_int_equal(dropped, packets);
}

static void what_no_filter_judged_is_dropped_and_counted(void **state)
{
	struct place *place = *state;
	__u64 dropped;

	assert_int_equal(guard_dropped(&dropped), 0);
	assert_int_equal(dropped, 0);
	up(place);
	place_run("tc qdisc del dev wan clsact && sysctl -qw net.ipv6.conf.inet.disable_ipv6=1");
	assert_int_equal(guard_dropped(&dropped), 0);
	send_from_outside();
	await_dropped(dropped + 1);
	/* The next plan goes on counting. */
	place->plan.n_wan_addrs = 0;
	place_apply(place);
	await_dropped(dropped + 1);
	/* So does the next daemon. */
	place_close(place);
	up(place);
	await_dropped(dropped + 1);
}

static void a_guard_of_another_make_is_replaced(void **state)
{
	struct place *place = *state;

	up(place);
	place_run("nft list table inet hairpin >/run/before && nft delete table inet hairpin && "
		  "nft add table inet hairpin && "
		  "nft add chain inet hairpin input '{ type filter hook output priority 5; }' && "
		  "nft add chain inet hairpin others");
	place_close(place);
	up(place);
	place_run("nft list table inet hairpin | cmp - /run/before");
}

/* --- detach -------------------------------------------------------------------------------------------------- */

static void snapshot(const char *name)
{
	place_run(
		"{ tc qdisc show; for d in wan lan2 br-lan br-other; do tc filter show dev $d ingress; "
		"tc filter show dev $d egress; ip -d -o link show $d | grep -o 'nf_call_[a-z6]* .'; "
		"done; nft list ruleset; find /sys/fs/bpf -mindepth 1 ! -name '*.debug'; "
		"sysctl -a 2>/dev/null | grep -E '^net.(ipv4.(ip_|conf)|ipv6.conf|bridge)' | "
		"grep -v stable_secret; ls " PLACE_STATE " 2>/dev/null; } >/run/%s || true",
		name);
}

static void detach_leaves_nothing(void **state)
{
	struct place *place = *state;

	place_run("sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 "
		  "net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.lan2.forwarding=1 "
		  "net.ipv6.conf.wan.accept_ra=1 net.bridge.bridge-nf-call-iptables=1 "
		  "net.bridge.bridge-nf-call-ip6tables=0 net.ipv4.ip_local_reserved_ports=12345");
	snapshot("before");
	up(place);
	snapshot("during");
	assert_false(place_try("cmp -s /run/before /run/during"));
	place_close(place);
	place_detach(place);
	snapshot("after");
	place_run("diff -u /run/before /run/after >&2");
	place_detach(place);
	snapshot("after");
	place_run("cmp /run/before /run/after");
}

static void detach_works_beside_an_open_backend(void **state)
{
	struct place *place = *state;

	up(place);
	place_detach(place);
	assert_false(place_prints("clsact", "tc qdisc show"));
}

static void detach_removes_pins_of_any_layout(void **state)
{
	struct place *place = *state;

	place_run("mkdir -p " PLACE_PINS "/v99 " PLACE_PINS "/vault");
	place_detach(place);
	assert_true(place_prints("vault\n", "ls " PLACE_PINS));
	assert_false(place_prints("v99", "ls " PLACE_PINS));
}

static void what_others_hung_on_a_device_stays(void **state)
{
	struct place *place = *state;

	place_run("tc qdisc add dev br-lan clsact");
	up(place);
	place_run("tc filter add dev lan2 ingress pref 7 protocol ip u32 match u32 0 0");
	place_close(place);
	place_detach(place);
	assert_true(place_prints("u32", "tc filter show dev lan2 ingress"));
	assert_false(place_prints("hp_", "tc filter show dev lan2 ingress"));
	/* Theirs from before, empty as it is. */
	assert_true(place_prints("clsact", "tc qdisc show dev br-lan"));
	assert_false(place_prints("clsact", "tc qdisc show dev wan"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_device_has_the_filters_of_its_side),
		TEST(a_plan_applied_twice_has_one_filter),
		TEST(a_device_that_leaves_the_plan_is_left_as_it_was),
		TEST(a_device_that_left_while_no_daemon_ran_loses_its_filter),
		TEST(a_device_that_is_not_there_is_waited_for),
		TEST(a_device_made_anew_gets_its_filter),
		TEST(a_filter_taken_away_is_put_back),
		TEST(another_program_in_our_place_is_replaced),
		TEST(a_guard_that_was_flushed_is_put_back),
		TEST(a_guard_that_was_changed_is_put_right),
		TEST(rules_of_others_are_no_reason_to_write_the_guard),
		TEST(what_no_filter_judged_is_dropped_and_counted),
		TEST(a_guard_of_another_make_is_replaced),
		TEST(detach_leaves_nothing),
		TEST(detach_works_beside_an_open_backend),
		TEST(detach_removes_pins_of_any_layout),
		TEST(what_others_hung_on_a_device_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
