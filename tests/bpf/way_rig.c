// SPDX-License-Identifier: GPL-2.0-or-later
#include "way_rig.h"

#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hairpin.skel.h"
#include "rig_maps.h"

#define EPOCH 7
/* Who was seen by the packet at hand was seen within this time; cases age sessions by more. */
#define SEEN_S 3

static const char *const device_names[RIG_DEVICE_MAX] = {
	[RIG_WAN] = "wan0", [RIG_LAN] = "lan0",	 [RIG_LAN1] = "lan1",
	[RIG_ISO] = "iso0", [RIG_ISO1] = "iso1", [RIG_OTHER] = "other0",
};

/* Those that the cases send to. */
static const struct {
	enum rig_device device;
	const char *addr;
} neighbours[] = {
	{RIG_WAN, "203.0.113.1"},   {RIG_LAN, "192.168.11.20"},	 {RIG_LAN, "192.168.11.30"},
	{RIG_LAN, "192.168.11.31"}, {RIG_LAN1, "192.168.12.20"},
};

/* A kernel receives by XDP only where a program is attached; without that it runs none for a test either. */
struct rig *way_rig_open(void)
{
	struct rig *rig = rig_open(LIMIT_SESSIONS_MIN);
	int fast = bpf_program__fd(rig->skel->progs.hp_fast);

	for (unsigned int i = 0; i < RIG_DEVICE_MAX; i++) {
		rig_shell("ip link set %s address 02:00:00:00:bb:%02x", device_names[i], i);
		assert_int_equal(
			bpf_xdp_attach((int)rig->ifindex[i], fast, XDP_FLAGS_DRV_MODE, NULL), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(neighbours); i++)
		rig_shell("ip neigh replace %s lladdr 02:00:00:00:aa:%02x dev %s nud permanent",
			  neighbours[i].addr, atoi(strrchr(neighbours[i].addr, '.') + 1),
			  device_names[neighbours[i].device]);
	return rig;
}

/* --- what the daemon would write ------------------------------------------------------------------ */

struct hp_pace way_pace_get(struct rig *rig)
{
	struct hp_pace pace;
	__u32 zero = 0;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.hp_pace), &zero, &pace),
			 0);
	return pace;
}

void way_pace_set(struct rig *rig, const struct hp_pace *pace)
{
	__u32 zero = 0;

	assert_int_equal(bpf_map_update_elem(bpf_map__fd(rig->skel->maps.hp_pace), &zero, pace, 0),
			 0);
}

void way_session_set(struct rig *rig, __u32 index, const struct hp_session *session)
{
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(rig->skel->maps.hp_sessions), &index, session, 0),
		0);
}

/* Reads or writes the whole table at once: one by one it would take longer than all that is tested with it. */
static void hints_copy(struct rig *rig, struct hp_hint *hints, bool write)
{
	int map = bpf_map__fd(rig->skel->maps.hp_hints);
	_free_ __u32 *places = calloc(LIMIT_HINTS, sizeof(*places));
	__u32 n = LIMIT_HINTS, next;

	assert_non_null(places);
	for (__u32 i = 0; i < LIMIT_HINTS; i++)
		places[i] = i;
	if (write)
		assert_int_equal(bpf_map_update_batch(map, places, hints, &n, NULL), 0);
	else
		bpf_map_lookup_batch(map, NULL, &next, places, hints, &n, NULL);
	assert_int_equal(n, LIMIT_HINTS);
}

void way_hints_forget(struct rig *rig)
{
	_free_ struct hp_hint *hints = calloc(LIMIT_HINTS, sizeof(*hints));

	assert_non_null(hints);
	hints_copy(rig, hints, true);
}

void way_hints_lead(struct rig *rig, __u32 index)
{
	_free_ struct hp_hint *hints = calloc(LIMIT_HINTS, sizeof(*hints));

	assert_non_null(hints);
	hints_copy(rig, hints, false);
	for (__u32 i = 0; i < LIMIT_HINTS; i++) {
		if (hints[i].tag)
			hints[i].session = index << 1;
	}
	hints_copy(rig, hints, true);
}

static __u64 clock_ns(clockid_t which)
{
	struct timespec now;

	assert_int_equal(clock_gettime(which, &now), 0);
	return (__u64)now.tv_sec * 1000000000 + (__u64)now.tv_nsec;
}

static void put_pace(struct rig *rig, enum way allowed)
{
	__u64 boot_ns = clock_ns(CLOCK_BOOTTIME);

	way_pace_set(rig, &(struct hp_pace){
				  .epoch = allowed == WAY_LONG ? 0 : EPOCH,
				  .ticked_s = (__u32)(boot_ns / 1000000000),
				  .offset_ns = boot_ns - clock_ns(CLOCK_MONOTONIC),
			  });
}

/* XDP sends to what stands in hp_out and to nothing else; with a bridge, to its port. */
static void put_link(struct rig *rig, enum rig_device device, bool on_bridge)
{
	bool is_bridge = on_bridge && device == RIG_LAN;
	bool is_port = on_bridge && device == RIG_OTHER;
	__u32 ifindex = rig->ifindex[device], place = HP_LINK_PLACE(ifindex);
	const struct hp_link link = {
		.ifindex = ifindex,
		.bridge = is_port ? rig->ifindex[RIG_LAN] : 0,
		.mac = {2, 0, 0, 0, 0xbb, is_port ? RIG_LAN : (__u8)device},
		.side = device == RIG_WAN ? HP_SIDE_WAN : HP_SIDE_LAN,
		.flags = is_bridge ? HP_LINK_IS_BRIDGE : HP_LINK_SENDS,
	};
	int out = bpf_map__fd(rig->skel->maps.hp_out);

	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(rig->skel->maps.hp_links), &place, &link, 0), 0);
	bpf_map_delete_elem(out, &place);
	if (!is_bridge)
		assert_int_equal(bpf_map_update_elem(out, &place, &ifindex, 0), 0);
}

static void put_links(struct rig *rig, bool on_bridge)
{
	const struct hp_fdb_key key = {.bridge = rig->ifindex[RIG_LAN],
				       .mac = {2, 0, 0, 0, 0xaa, 30}};
	__u32 port = HP_LINK_PLACE(rig->ifindex[RIG_OTHER]);
	int fdb = bpf_map__fd(rig->skel->maps.hp_fdb);

	for (unsigned int i = 0; i < RIG_DEVICE_MAX; i++)
		put_link(rig, (enum rig_device)i, on_bridge);
	bpf_map_delete_elem(fdb, &key);
	if (on_bridge)
		assert_int_equal(bpf_map_update_elem(fdb, &key, &port, 0), 0);
}

void way_reset(struct rig *rig, const struct way_case *c, enum way allowed)
{
	_strbuf_ struct strbuf plan = {0};

	strbuf_add(&plan, "%s%s", RIG_PLAN, c->plan ? c->plan : "");
	rig_reset(rig, strbuf_text(&plan));
	put_links(rig, c->on_bridge);
	way_hints_forget(rig);
	put_pace(rig, allowed);
}

/* --- one packet ------------------------------------------------------------------------------------ */

void way_build(const struct way_step *step, struct frame *ret_frame)
{
	frame_build(ret_frame, step->in, 64);
	memcpy(ret_frame->octets, (const __u8[]){2, 0, 0, 0, 0xbb, (__u8)step->from}, 6);
	if (step->alter)
		step->alter(ret_frame);
}

/* The device by which the frame comes to XDP: a bridge receives nothing there itself, its port does. */
static __u32 xdp_device(struct rig *rig, const struct way_step *step)
{
	__u32 place = HP_LINK_PLACE(rig->ifindex[RIG_OTHER]);
	struct hp_link other;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.hp_links), &place, &other),
			 0);
	if (other.bridge == rig->ifindex[step->from])
		return rig->ifindex[RIG_OTHER];
	return rig->ifindex[step->from];
}

/* Whether XDP sent it. What it passes on it may not have touched. */
static bool run_xdp(struct rig *rig, const struct way_step *step, const struct frame *in,
		    struct frame *ret_out)
{
	struct xdp_md ctx = {.data_end = (__u32)in->length,
			     .ingress_ifindex = xdp_device(rig, step)};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->octets,
		    .data_size_in = (__u32)in->length, .data_out = ret_out->octets,
		    .data_size_out = FRAME_MAX, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));
	int ret = bpf_prog_test_run_opts(bpf_program__fd(rig->skel->progs.hp_fast), &opts);

	if (ret)
		fail_msg("test run of hp_fast: %s", strerror(-ret));
	ret_out->length = opts.data_size_out;
	if (opts.retval == XDP_REDIRECT)
		return true;
	assert_int_equal(opts.retval, XDP_PASS);
	assert_int_equal(ret_out->length, in->length);
	assert_memory_equal(ret_out->octets, in->octets, in->length);
	return false;
}

/* Who stands at the other end of the cable that the frame leaves by. */
static void expect_ethernet(const struct frame *frame)
{
	const __u8 *to = frame->octets + FRAME_L3 + 16;
	bool outside = to[0] != 192 || to[1] != 168;
	const __u8 expected[12] = {
		2, 0, 0, 0, 0xaa, outside ? 1 : to[3],
		2, 0, 0, 0, 0xbb, outside ? RIG_WAN : to[2] == 11 ? RIG_LAN : RIG_LAN1,
	};

	assert_memory_equal(frame->octets, expected, sizeof(expected));
}

static void run_tc(struct rig *rig, const struct way_step *step, const struct frame *in,
		   struct way_result *ret_result)
{
	/* Sums that were altered are not what a device computes, and an answer is made out of the packet cut short. */
	const struct rig_input input = {.mark = RIG_FOREIGN_MARK | MARK_SENT,
					.gso_size = step->gso_size,
					.no_device_checksum = true};
	struct rig_result result;

	rig_run(rig, step->from, in, &input, &result);
	ret_result->verdict = result.verdict;
	ret_result->mark = result.mark;
	ret_result->out = result.out;
	/* On the long way a header is the kernel's to write, later; an answer has that of what it answers, turned round. */
	ret_result->way = result.out.octets[4] == 0xaa ? WAY_SHORT : WAY_LONG;
	if (ret_result->way == WAY_SHORT)
		expect_ethernet(&result.out);
}

void way_run(struct rig *rig, const struct way_step *step, const struct frame *in, enum way allowed,
	     struct way_result *ret_result)
{
	/* What GSO stands for is put together above XDP. */
	if (allowed < WAY_FAST || step->gso_size || !run_xdp(rig, step, in, &ret_result->out)) {
		run_tc(rig, step, in, ret_result);
		return;
	}
	expect_ethernet(&ret_result->out);
	ret_result->way = WAY_FAST;
	ret_result->verdict = TC_ACT_REDIRECT;
	ret_result->mark = RIG_FOREIGN_MARK;
}

void way_read_counts(struct rig *rig, __u64 *ret_counts)
{
	for (unsigned int i = 0; i < HP_REASON_MAX; i++)
		ret_counts[i] = rig_count(rig, (enum hp_reason)i);
}

/* What rig_state() leaves out: flags, what is in flight, and whether the session was seen just now. */
static void add_known(struct rig *rig, struct strbuf *out)
{
	__u32 now_s = (__u32)(clock_ns(CLOCK_BOOTTIME) / 1000000000);

	for (__u32 i = 0; i < rig->sessions; i++) {
		struct hp_session s = rig_session(rig, i);

		if (!rig_is_active(&s))
			continue;
		strbuf_add(out, "%x", rig_flags(&s));
		for (unsigned int d = 0; d < ARRAY_SIZE(s.tcp); d++)
			strbuf_add(out, " end %u ack %u", s.tcp[d].end, s.tcp[d].ack);
		strbuf_add(out, " seen %s\n", now_s - s.last_seen_s < SEEN_S ? "now" : "before");
	}
}

void way_read_result(struct rig *rig, const __u64 *counts_before, struct way_result *result)
{
	way_read_counts(rig, result->counts);
	for (unsigned int i = 0; i < HP_REASON_MAX; i++)
		result->counts[i] -= counts_before[i];
	rig_state(rig, &result->state);
	add_known(rig, &result->state);
}
