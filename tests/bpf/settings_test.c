// SPDX-License-Identifier: GPL-2.0-or-later
/* The settings of the running kernel, changed and put back; who changed what meanwhile wins. */
#include <string.h>

#include "file.h"
#include "place.h"
#include "sysctl.h"
#include "test.h"

#define IPV4 "/proc/sys/net/ipv4/"
#define BRIDGE "/proc/sys/net/bridge/"
#define RECORD PLACE_STATE "/sysctls.json"

static void set(struct place *place)
{
	strbuf_reset(&place->why);
	assert_int_equal(sysctl_apply(&place->plan, PLACE_STATE, SYSCTL_CLOSE, &place->why), 0);
	assert_int_equal(sysctl_apply(&place->plan, PLACE_STATE, SYSCTL_OPEN, &place->why), 0);
	assert_string_equal(strbuf_text(&place->why), "");
}

static void restore(struct place *place)
{
	assert_int_equal(sysctl_restore(PLACE_STATE, &place->why), 0);
	assert_string_equal(strbuf_text(&place->why), "");
	assert_false(place_try("test -e " RECORD));
}

static void assert_setting(const char *path, const char *value)
{
	assert_string_equal(place_read(path), value);
}

static void assert_bridge(const char *bridge, const char *value)
{
	char text[64];

	snprintf(text, sizeof(text), "nf_call_iptables %s ", value);
	assert_true(place_prints(text, "ip -d -o link show %s", bridge));
}

static void what_the_data_plane_needs_is_set(void **state)
{
	place_run("sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 "
		  "net.ipv6.conf.wan.accept_ra=1");
	set(*state);
	assert_setting(IPV4 "ip_forward", "1");
	assert_setting("/proc/sys/net/ipv6/conf/all/forwarding", "1");
	assert_setting("/proc/sys/net/ipv6/conf/wan/accept_ra", "2");
	assert_setting(IPV4 "conf/br-lan/arp_announce", "2");
	assert_setting(IPV4 "conf/lan2/arp_announce", "2");
	assert_setting(IPV4 "conf/wan/arp_announce", "0");
	assert_setting(IPV4 "ip_local_reserved_ports", "8443");
	restore(*state);
	assert_setting(IPV4 "ip_forward", "0");
	assert_setting("/proc/sys/net/ipv6/conf/wan/accept_ra", "1");
	assert_setting(IPV4 "conf/lan2/arp_announce", "0");
	assert_setting(IPV4 "ip_local_reserved_ports", "");
}

/* Off means off: nobody asked for router advertisements. */
static void accept_ra_0_stays(void **state)
{
	place_run("sysctl -qw net.ipv6.conf.wan.accept_ra=0");
	set(*state);
	assert_setting("/proc/sys/net/ipv6/conf/wan/accept_ra", "0");
}

static void the_bridge_filter_stays_on_for_bridges_of_others(void **state)
{
	place_run("sysctl -qw net.bridge.bridge-nf-call-iptables=1 "
		  "net.bridge.bridge-nf-call-ip6tables=0");
	set(*state);
	assert_setting(BRIDGE "bridge-nf-call-iptables", "0");
	assert_bridge("br-other", "1");
	assert_bridge("br-lan", "0");
	assert_true(place_prints("nf_call_ip6tables 0 ", "ip -d -o link show br-other"));
	restore(*state);
	assert_setting(BRIDGE "bridge-nf-call-iptables", "1");
	assert_bridge("br-other", "0");
}

/* Also for one that is made later, at the next plan. */
static void the_bridge_filter_comes_on_for_a_new_bridge(void **state)
{
	place_run("sysctl -qw net.bridge.bridge-nf-call-iptables=1");
	set(*state);
	place_run("ip link add br-new type bridge");
	assert_bridge("br-new", "0");
	set(*state);
	assert_bridge("br-new", "1");
}

static void our_bridge_has_its_own_filter_taken_off(void **state)
{
	place_run("sysctl -qw net.bridge.bridge-nf-call-iptables=0 && "
		  "ip link set br-lan type bridge nf_call_iptables 1 && "
		  "ip link set br-other type bridge nf_call_iptables 1");
	set(*state);
	assert_bridge("br-lan", "0");
	assert_bridge("br-other", "1");
	restore(*state);
	assert_bridge("br-lan", "1");
	assert_bridge("br-other", "1");
}

static void reserved_ports_are_added_to_those_that_are_there(void **state)
{
	struct place *place = *state;

	place_run("sysctl -qw net.ipv4.ip_local_reserved_ports=12345,8441-8442");
	set(place);
	assert_setting(IPV4 "ip_local_reserved_ports", "8441-8443,12345");
	place->forward.external_first = place->forward.external_last = 9000;
	set(place);
	assert_setting(IPV4 "ip_local_reserved_ports", "8441-8442,9000,12345");
	restore(place);
	assert_setting(IPV4 "ip_local_reserved_ports", "8441-8442,12345");
}

/* Longer than the page in which the kernel takes a value: it is written in several goes. */
static void a_long_list_of_reserved_ports_is_written_whole(void **state)
{
	static struct plan_forward forwards[3000];
	struct place *place = *state;
	_strbuf_ struct strbuf want = {0};
	_free_ char *got = NULL;
	size_t length;

	for (unsigned int i = 0; i < ARRAY_SIZE(forwards); i++) {
		__u16 port = (__u16)(2000 + 2 * i);

		forwards[i] = (struct plan_forward){
			.proto = 6, .external_first = port, .external_last = port};
		strbuf_add(&want, i ? ",%u" : "%u", port);
	}
	place->service.forwards = forwards;
	place->service.n_forwards = ARRAY_SIZE(forwards);
	set(place);
	strbuf_add(&want, "\n");
	assert_int_equal(file_read(IPV4 "ip_local_reserved_ports", 65536, &got, &length), 0);
	assert_string_equal(got, strbuf_text(&want));
}

static void what_somebody_changed_since_is_left(void **state)
{
	place_run("sysctl -qw net.ipv4.ip_forward=0");
	set(*state);
	place_run("sysctl -qw net.ipv4.conf.lan2.arp_announce=1 "
		  "net.ipv4.ip_local_reserved_ports=8443,9999");
	restore(*state);
	assert_setting(IPV4 "conf/lan2/arp_announce", "1");
	assert_setting(IPV4 "ip_local_reserved_ports", "8443,9999");
	assert_setting(IPV4 "ip_forward", "0");
}

static void switching_forwarding_off_restores_what_the_kernel_changed_with_it(void **state)
{
	place_run("sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.all.accept_redirects=0 "
		  "net.ipv4.conf.lan2.forwarding=1 net.ipv6.conf.all.forwarding=0 "
		  "net.ipv6.conf.lan2.forwarding=1");
	set(*state);
	restore(*state);
	assert_setting(IPV4 "conf/all/accept_redirects", "0");
	assert_setting(IPV4 "conf/lan2/forwarding", "1");
	assert_setting(IPV4 "conf/wan/forwarding", "0");
	assert_setting("/proc/sys/net/ipv6/conf/lan2/forwarding", "1");
	assert_setting("/proc/sys/net/ipv6/conf/wan/forwarding", "0");
}

static void a_device_that_went_is_no_obstacle(void **state)
{
	place_run("sysctl -qw net.ipv4.ip_forward=0");
	set(*state);
	place_run("ip link del lan2");
	set(*state);
	restore(*state);
	assert_setting(IPV4 "ip_forward", "0");
}

static void a_record_of_another_boot_is_no_record(void **state)
{
	place_run("sysctl -qw net.ipv4.ip_forward=0");
	set(*state);
	place_run("sed -i 's/\"boot\": \"./\"boot\": \"x/' " RECORD);
	assert_int_equal(sysctl_restore(PLACE_STATE, &((struct place *)*state)->why), 0);
	assert_setting(IPV4 "ip_forward", "1");
}

static void a_damaged_record_is_no_record(void **state)
{
	place_run("mkdir -p " PLACE_STATE " && echo '{' >" RECORD);
	set(*state);
	restore(*state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_the_data_plane_needs_is_set),
		TEST(accept_ra_0_stays),
		TEST(the_bridge_filter_stays_on_for_bridges_of_others),
		TEST(the_bridge_filter_comes_on_for_a_new_bridge),
		TEST(our_bridge_has_its_own_filter_taken_off),
		TEST(reserved_ports_are_added_to_those_that_are_there),
		TEST(a_long_list_of_reserved_ports_is_written_whole),
		TEST(what_somebody_changed_since_is_left),
		TEST(switching_forwarding_off_restores_what_the_kernel_changed_with_it),
		TEST(a_device_that_went_is_no_obstacle),
		TEST(a_record_of_another_boot_is_no_record),
		TEST(a_damaged_record_is_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
