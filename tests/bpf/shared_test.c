// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packet of a known flow writes nothing that other CPUs read or write: all maps but those for each CPU are the same after it, whichever way it takes. Of TCP what
 * is in flight changes with each segment, in the session's own line.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hairpin.skel.h"
#include "way_rig.h"

#define MAPS_MAX 64

/* Keys and values of every map that all CPUs share, in the order of the object's maps. */
struct snapshot {
	struct {
		const char *name;
		__u8 *octets; /* owned */
		size_t length;
	} maps[MAPS_MAX];
	size_t n;
};

static void snapshot_free(struct snapshot *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->maps[i].octets);
	s->n = 0;
}
#define _snapshot_ _cleanup_(snapshot_free)

static bool is_shared(const struct bpf_map *map)
{
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return false;
	default:
		return true;
	}
}

/* A queue can only be read by emptying it. */
static size_t read_queue(int map, __u8 *ret_octets, size_t value_size, size_t max)
{
	size_t n = 0;

	while (n < max && !bpf_map_lookup_and_delete_elem(map, NULL, ret_octets + n * value_size))
		n++;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(bpf_map_update_elem(map, NULL, ret_octets + i * value_size, 0), 0);
	return n * value_size;
}

static size_t read_entries(int map, __u8 *ret_octets, size_t key_size, size_t value_size)
{
	__u8 *at = ret_octets;
	const void *previous = NULL;

	while (!bpf_map_get_next_key(map, previous, at)) {
		/* A place of an array may have nothing that can be read (a devmap's without a device). */
		if (bpf_map_lookup_elem(map, at, at + key_size))
			memset(at + key_size, 0, value_size);
		previous = at;
		at += key_size + value_size;
	}
	return (size_t)(at - ret_octets);
}

static void read_maps(struct rig *rig, struct snapshot *ret_snapshot)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, rig->skel->obj)
	{
		size_t key = bpf_map__key_size(map), value = bpf_map__value_size(map);
		size_t max = bpf_map__max_entries(map), i = ret_snapshot->n;
		__u8 *octets;

		if (!is_shared(map))
			continue;
		assert_true(i < MAPS_MAX);
		octets = calloc(max + 1, key + value);
		assert_non_null(octets);
		ret_snapshot->maps[i].name = bpf_map__name(map);
		ret_snapshot->maps[i].octets = octets;
		ret_snapshot->maps[i].length =
			bpf_map__type(map) == BPF_MAP_TYPE_QUEUE
				? read_queue(bpf_map__fd(map), octets, value, max)
				: read_entries(bpf_map__fd(map), octets, key, value);
		ret_snapshot->n++;
	}
}

/* What may change of the only session that there is. */
static void forget_tracks(struct snapshot *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->maps[i].name, "hp_sessions"))
			memset(s->maps[i].octets + sizeof(__u32) + offsetof(struct hp_session, tcp),
			       0, sizeof(((struct hp_session *)NULL)->tcp));
	}
}

/* The names of maps that differ, each with a space behind it. */
static void compare(const struct snapshot *before, const struct snapshot *after,
		    struct strbuf *ret_names)
{
	assert_int_equal(after->n, before->n);
	for (size_t i = 0; i < before->n; i++) {
		if (before->maps[i].length != after->maps[i].length ||
		    memcmp(before->maps[i].octets, after->maps[i].octets, before->maps[i].length))
			strbuf_add(ret_names, "%s ", before->maps[i].name);
	}
}

static __u32 now_s(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &now), 0);
	return (__u32)now.tv_sec;
}

static void send(struct rig *rig, const struct way_step *step, enum way allowed)
{
	struct way_result result = {0};
	struct frame frame;

	way_build(step, &frame);
	way_run(rig, step, &frame, allowed, &result);
	assert_int_equal(result.verdict, TC_ACT_REDIRECT);
	assert_int_equal(result.way, step->best < allowed ? step->best : allowed);
}

/* A flow; the last of the steps is the packet that is looked at. */
struct flow {
	const char *plan;
	struct way_step steps[8];
	bool tracks; /* it changes what is in flight */
};

/* What the last packet of the flow changes, where it comes in the same second as the one before it. */
static void run_flow(struct rig *rig, const struct flow *flow, enum way allowed,
		     struct strbuf *ret_names)
{
	const struct way_case gateway = {.plan = flow->plan};
	const struct way_step *step;
	__u32 begun_s;

	do {
		_snapshot_ struct snapshot before = {0}, after = {0};

		begun_s = now_s();
		way_reset(rig, &gateway, allowed);
		strbuf_reset(ret_names);
		for (step = flow->steps; step[1].in; step++)
			send(rig, step, allowed);
		read_maps(rig, &before);
		send(rig, step, allowed);
		read_maps(rig, &after);
		if (flow->tracks) {
			compare(&before, &after, ret_names);
			assert_string_equal(strbuf_text(ret_names), "hp_sessions ");
			strbuf_reset(ret_names);
			forget_tracks(&before);
			forget_tracks(&after);
		}
		compare(&before, &after, ret_names);
	} while (now_s() != begun_s);
}

static void expect_nothing(struct rig *rig, const struct flow *flow)
{
	for (enum way allowed = WAY_LONG; allowed < WAY_MAX; allowed++) {
		_strbuf_ struct strbuf names = {0};

		run_flow(rig, flow, allowed, &names);
		assert_string_equal(strbuf_text(&names), "");
	}
}

#define UDP_OUT                                                                 \
	{                                                                       \
		FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", WAY_LONG \
	}
#define UDP_OUT_NOTED                                                           \
	{                                                                       \
		FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", WAY_FAST \
	}
#define UDP_IN                                                                \
	{                                                                     \
		FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40000", WAY_LONG \
	}
#define UDP_IN_NOTED                                                          \
	{                                                                     \
		FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40000", WAY_FAST \
	}
#define TCP_OPENS                                                                    \
	{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S", WAY_LONG},        \
		{FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:40000 SA", WAY_LONG}, \
	{                                                                            \
		FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 A", WAY_LONG   \
	}

/* So that the rest means something: a packet that opens a flow is seen to, in a hash, an array and a queue. */
static void test_opening(void **state)
{
	const struct flow flow = {.steps = {UDP_OUT}};
	_strbuf_ struct strbuf names = {0};

	run_flow(*state, &flow, WAY_FAST, &names);
	assert_string_equal(strbuf_text(&names), "hp_flows4 hp_sessions hp_free hp_mappings "
						 "hp_bindings hp_totals hp_hosts ");
}

static void test_udp(void **state)
{
	const struct flow out = {.steps = {UDP_OUT, UDP_OUT, UDP_OUT_NOTED}};
	const struct flow in = {.steps = {UDP_OUT, UDP_OUT, UDP_IN, UDP_IN_NOTED}};

	expect_nothing(*state, &out);
	expect_nothing(*state, &in);
}

static void test_forward(void **state)
{
	const struct flow flow = {
		.plan = "forward udp 5000 192.168.11.20:6000\n",
		.steps = {{FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_LONG},
			  {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_LONG},
			  {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_FAST}},
	};

	expect_nothing(*state, &flow);
}

static void test_tcp(void **state)
{
	const struct flow again = {
		.steps = {TCP_OPENS,
			  {FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 A", WAY_FAST}}};
	const struct flow data = {
		.steps = {TCP_OPENS,
			  {FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 PA len=900",
			   WAY_FAST}},
		.tracks = true};

	expect_nothing(*state, &again);
	expect_nothing(*state, &data);
}

static int setup(void **state)
{
	*state = way_rig_open();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opening),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_tcp),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("shared", tests, setup, rig_teardown);
}
