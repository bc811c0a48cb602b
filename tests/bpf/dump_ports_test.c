// SPDX-License-Identifier: GPL-2.0-or-later
/* Ports, hosts and statistics as the command shows them, against tables filled by hand; and that a detach leaves no timer behind. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>

#include "place.h"
#include "test.h"

#define WAIT_US 20000

#define PUBLIC "198.51.100.2"

static void bind_put(const char *addr, __u8 proto, __u16 port, __u32 freed_s)
{
	struct hp_binding binding = {
		.word = 1 | (__u64)freed_s << HP_BINDING_FREED_SHIFT,
		.key = {.addr = inet_addr(addr), .port = htons(port), .proto = proto},
		.mapping = {.pool = strcmp(addr, PUBLIC) ? HP_POOL_GATEWAY : HP_POOL_WAN},
	};
	_close_ int fd = place_map("hp_bindings");

	assert_int_equal(bpf_map_update_elem(fd, &binding.key, &binding, BPF_NOEXIST), 0);
}

static void expect_row(const struct backend_ports *row, const char *addr, __u8 proto)
{
	char text[IP_TEXT_MAX];

	assert_string_equal(ip_addr_format(&row->address, text), addr);
	assert_int_equal(row->proto, proto);
}

static void ports_are_counted_by_address_and_protocol(void **state)
{
	struct backend_ports_list list = {0};
	struct place *place = *state;

	place->plan.settings.wan_addr = inet_addr(PUBLIC);
	place->plan.settings.port_first = 1024;
	place->plan.settings.port_last = 50000;
	place_open(place);
	place_apply(place);
	/* More than one batch. */
	for (__u16 i = 0; i < 3000; i++)
		bind_put(PUBLIC, IPPROTO_UDP, (__u16)(49000 + i), i < 500 ? 100 : 0);
	bind_put(PUBLIC, IPPROTO_TCP, 1023, 0);
	bind_put(PUBLIC, IPPROTO_TCP, 1024, 7);
	bind_put("192.168.11.1", IPPROTO_TCP, 2000, 0);
	assert_int_equal(backend_bpf.ports(place->backend, &list), 0);
	assert_int_equal(list.n, 4);
	expect_row(&list.items[0], "192.168.11.1", IPPROTO_TCP);
	assert_int_equal(list.items[0].pool, HP_POOL_GATEWAY);
	assert_int_equal(list.items[0].in_use, 1);
	/* Nobody has an id, and there is a row for them. */
	expect_row(&list.items[1], PUBLIC, IPPROTO_ICMP);
	assert_int_equal(list.items[1].in_use + list.items[1].resting, 0);
	expect_row(&list.items[2], PUBLIC, IPPROTO_TCP);
	assert_int_equal(list.items[2].in_use, 1);
	assert_int_equal(list.items[2].resting, 1);
	assert_int_equal(list.items[2].in_range, 1);
	expect_row(&list.items[3], PUBLIC, IPPROTO_UDP);
	assert_int_equal(list.items[3].in_use, 2500);
	assert_int_equal(list.items[3].resting, 500);
	assert_int_equal(list.items[3].in_range, 1001);
	backend_ports_list_fini(&list);
}

static void host_put(unsigned int n, __u64 mappings, __u64 sessions)
{
	struct hp_host host = {.word = mappings * HP_HOST_MAPPING_ONE + sessions +
				       (5ULL << HP_HOST_GENERATION_SHIFT)};
	struct ip_addr addr = ip_addr_from_v4(htonl(0xc0a80b00 + n));
	_close_ int fd = place_map("hp_hosts");

	memcpy(host.key.addr, addr.b, sizeof(addr.b));
	assert_int_equal(bpf_map_update_elem(fd, &host.key, &host, BPF_NOEXIST), 0);
}

static void the_hosts_with_most_come_first(void **state)
{
	struct backend_hosts hosts;
	struct place *place = *state;
	char text[IP_TEXT_MAX];

	place_open(place);
	place_apply(place);
	assert_int_equal(backend_bpf.hosts(place->backend, &hosts), 0);
	assert_int_equal(hosts.n + hosts.n_top, 0);
	for (unsigned int i = 1; i <= 50; i++)
		host_put(i, i % 10, i);
	assert_int_equal(backend_bpf.hosts(place->backend, &hosts), 0);
	assert_int_equal(hosts.n, 50);
	assert_int_equal(hosts.n_top, ARRAY_SIZE(hosts.top));
	for (size_t i = 0; i < hosts.n_top; i++) {
		unsigned int n =
			i < 5 ? 49 - 10 * (unsigned int)i : 48 - 10 * (unsigned int)(i - 5);

		assert_int_equal(hosts.top[i].mappings, i < 5 ? 9 : 8);
		assert_int_equal(hosts.top[i].sessions, n);
		snprintf(text, sizeof(text), "192.168.11.%u", n);
		assert_string_equal(ip_addr_format(&hosts.top[i].address, (char[IP_TEXT_MAX]){0}),
				    text);
	}
}

static void past_put(unsigned int n, __u16 port, __u8 side, __u32 age_s)
{
	const struct hp_flow4 note = {.daddr = htonl(0xc0a80b00 + n),
				      .dport = htons(port),
				      .proto = IPPROTO_TCP,
				      .side = side};
	struct timespec now;
	_close_ int fd = place_map("hp_notes");
	__u32 noted_s;

	clock_gettime(CLOCK_BOOTTIME, &now);
	noted_s = (__u32)now.tv_sec - age_s;
	assert_int_equal(bpf_map_update_elem(fd, &note, &noted_s, BPF_NOEXIST), 0);
}

/* Not what a stranger's SYN left, nor what is long ago. */
static void who_answers_past_us_is_told(void **state)
{
	struct place *place = *state;
	struct backend_past past[4];
	char text[IP_TEXT_MAX];

	place_open(place);
	place_apply(place);
	assert_int_equal(backend_bpf.past(place->backend, past, ARRAY_SIZE(past)), 0);
	past_put(20, 443, HP_SIDE_ARM, 10);
	past_put(21, 443, HP_SIDE_ARM, PAST_S + 10);
	past_put(22, 443, HP_SIDE_WAN, 10);
	assert_int_equal(backend_bpf.past(place->backend, past, ARRAY_SIZE(past)), 1);
	assert_string_equal(ip_addr_format(&past[0].host, text), "192.168.11.20");
	assert_int_equal(past[0].port, 443);
	assert_int_equal(past[0].proto, IPPROTO_TCP);
	past_put(23, 443, HP_SIDE_ARM, 10);
	assert_int_equal(backend_bpf.past(place->backend, past, 1), 1);
}

static void statistics_are_summed_over_the_cpus(void **state)
{
	__u64 values[256] = {0}, stats[HP_STAT_MAX];
	struct place *place = *state;
	__u32 stat = HP_STAT_PORT_KEPT;
	_close_ int fd = -1;

	place_open(place);
	place_apply(place);
	fd = place_map("hp_stats");
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		values[cpu] = 3;
	assert_int_equal(bpf_map_update_elem(fd, &stat, values, 0), 0);
	assert_int_equal(backend_bpf.stats(place->backend, stats), 0);
	assert_int_equal(stats[HP_STAT_PORT_KEPT], 3 * libbpf_num_possible_cpus());
	assert_int_equal(stats[HP_STAT_PORT_NONE], 0);
}

static __u32 map_id(const char *name)
{
	struct bpf_map_info info = {0};
	__u32 length = sizeof(info);
	_close_ int fd = place_map(name);

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &length), 0);
	return info.id;
}

/* A timer holds its program, and the program its maps: when the map is gone, so is the timer. */
static void a_detach_stops_the_clock(void **state)
{
	struct place *place = *state;
	int fd = 0;
	__u32 id;

	place_open(place);
	place_apply(place);
	id = map_id("hp_clock");
	place_close(place);
	/* The daemon is gone, its clock is not. */
	fd = bpf_map_get_fd_by_id(id);
	assert_true(fd >= 0);
	close(fd);
	place_detach(place);
	for (unsigned int i = 0; i < 500 && fd >= 0; i++) {
		usleep(WAIT_US);
		fd = bpf_map_get_fd_by_id(id);
		if (fd >= 0)
			close(fd);
	}
	assert_true(fd < 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ports_are_counted_by_address_and_protocol),
		TEST(the_hosts_with_most_come_first),
		TEST(who_answers_past_us_is_told),
		TEST(statistics_are_summed_over_the_cpus),
		TEST(a_detach_stops_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
