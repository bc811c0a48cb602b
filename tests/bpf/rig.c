// SPDX-License-Identifier: GPL-2.0-or-later
#include "rig.h"

#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hairpin.skel.h"
#include "rig_maps.h"

static const char *const device_names[RIG_DEVICE_MAX] = {
	[RIG_WAN] = "wan0", [RIG_LAN] = "lan0",	 [RIG_LAN1] = "lan1",
	[RIG_ISO] = "iso0", [RIG_ISO1] = "iso1", [RIG_OTHER] = "other0",
};

static const struct {
	const char *v4, *v6;
} device_addresses[RIG_DEVICE_MAX] = {
	[RIG_WAN] = {"203.0.113.5/24", "2001:db8:ff::5/64"},
	[RIG_LAN] = {"192.168.11.1/24", "2001:db8:11::1/64"},
	[RIG_LAN1] = {"192.168.12.1/24", "2001:db8:12::1/64"},
	[RIG_ISO] = {"192.168.13.1/24", "2001:db8:13::1/64"},
	[RIG_ISO1] = {"192.168.14.1/24", "2001:db8:14::1/64"},
	[RIG_OTHER] = {"10.99.0.1/24", "2001:db8:99::1/64"},
};

void rig_shell(const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		fail_msg("failed: %s", command);
}

unsigned int rig_device_index(const struct rig *rig, const char *name)
{
	for (size_t i = 0; i < RIG_DEVICE_MAX; i++) {
		if (!strcmp(name, device_names[i]))
			return rig->ifindex[i];
	}
	fail_msg("no device %s in the rig", name);
	return 0;
}

static void make_network(struct rig *rig)
{
	for (size_t i = 0; i < RIG_DEVICE_MAX; i++) {
		const char *name = device_names[i];

		rig_shell("ip link add %s address 02:00:00:00:00:01 type veth peer name %s-far",
			  name, name);
		rig_shell("ip link set %s-far up && ip link set %s up", name, name);
		rig_shell("ip addr add %s dev %s", device_addresses[i].v4, name);
		rig_shell("ip addr add %s dev %s nodad", device_addresses[i].v6, name);
		rig->ifindex[i] = if_nametoindex(name);
	}
	rig_shell("ip link set wan0 mtu 1400 && ip link set lan1 mtu 1300");
	rig_shell("ip link set lo up && ip addr add 203.0.113.6/24 dev wan0");
	rig_shell("ip route add default via 203.0.113.1");
	rig_shell("ip route add unreachable 198.18.0.0/15");
	rig_shell("ip route add 192.0.2.128/25 via 203.0.113.1 mtu lock 1350");
	rig_shell("ip route add default via 2001:db8:ff::1");
	rig_shell("ip route add unreachable 2001:db8:dead::/48");
	/* One neighbour that is known; the others have to be asked for. */
	rig_shell("ip neigh add 203.0.113.1 lladdr 02:00:00:00:00:01 dev wan0");
	rig_shell("echo 1 > /proc/sys/net/ipv4/ip_forward");
	rig_shell("echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
}

void rig_need_root(void)
{
	if (!geteuid())
		return;
	printf("1..0 # SKIP loading programs and making network namespaces takes root\n");
	exit(77);
}

static void load(struct rig *rig)
{
	struct hairpin_bpf *skel = hairpin_bpf__open();

	assert_non_null(skel);
	rig->skel = skel;
	bpf_map__set_max_entries(skel->maps.hp_flows4, 2 * rig->sessions);
	bpf_map__set_max_entries(skel->maps.hp_flows6, rig->sessions);
	bpf_map__set_max_entries(skel->maps.hp_sessions, rig->sessions);
	bpf_map__set_max_entries(skel->maps.hp_free, rig->sessions);
	bpf_map__set_max_entries(skel->maps.hp_unproven, rig_unproven(rig));
	bpf_map__set_max_entries(skel->maps.hp_peer_sets, rig_peer_sets(rig));
	assert_int_equal(hairpin_bpf__load(skel), 0);
}

/* A kernel that has the flag computes a checksum over the packet as a device would, and compares it afterwards. */
static void find_checksum_flag(struct rig *rig)
{
	struct frame frame;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame.octets,
		    .flags = BPF_F_TEST_SKB_CHECKSUM_COMPLETE);

	frame_build(&frame, "ether=0x0806", 0);
	opts.data_size_in = (__u32)frame.length;
	if (!bpf_prog_test_run_opts(bpf_program__fd(rig->skel->progs.hp_lan_ingress), &opts))
		rig->checksum_flag = BPF_F_TEST_SKB_CHECKSUM_COMPLETE;
}

struct rig *rig_open(unsigned int sessions)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig->sessions = sessions;
	if (unshare(CLONE_NEWNET | CLONE_NEWNS))
		fail_msg("unshare: %s", strerror(errno));
	make_network(rig);
	load(rig);
	find_checksum_flag(rig);
	return rig;
}

int rig_setup(void **state)
{
	*state = rig_open(LIMIT_SESSIONS_MIN);
	return 0;
}

int rig_teardown(void **state)
{
	struct rig *rig = *state;

	hairpin_bpf__destroy(rig->skel);
	free(rig);
	return 0;
}

static int program_of(const struct rig *rig, enum rig_from from)
{
	switch (from) {
	case FROM_WAN:
		return bpf_program__fd(rig->skel->progs.hp_wan_ingress);
	case FROM_HOST:
		return bpf_program__fd(rig->skel->progs.hp_wan_egress);
	case FROM_SORTER:
		return bpf_program__fd(rig->skel->progs.hp_sorted);
	case FROM_ARM:
		return bpf_program__fd(rig->skel->progs.hp_arm_ingress);
	default:
		return bpf_program__fd(rig->skel->progs.hp_lan_ingress);
	}
}

static enum rig_device device_of(enum rig_from from)
{
	if (from == FROM_SORTER)
		return RIG_OTHER;
	return from == FROM_HOST || from == FROM_ARM ? RIG_WAN : (enum rig_device)from;
}

void rig_run(struct rig *rig, enum rig_from from, const struct frame *in,
	     const struct rig_input *input, struct rig_result *ret_result)
{
	struct __sk_buff ctx = {
		.mark = input->mark,
		.gso_size = input->gso_size,
		.gso_segs = input->gso_size ? 2 : 0,
		.ifindex = rig->ifindex[device_of(from)],
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->octets,
		    .data_size_in = (__u32)in->length, .data_out = ret_result->out.octets,
		    .data_size_out = FRAME_MAX, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx),
		    .ctx_out = &ctx, .ctx_size_out = sizeof(ctx));
	int ret;

	if (!input->no_device_checksum)
		opts.flags = rig->checksum_flag;
	ret = bpf_prog_test_run_opts(program_of(rig, from), &opts);
	if (ret)
		fail_msg("test run: %s%s", strerror(-ret),
			 ret == -EBADMSG ? " (the device's checksum went wrong)" : "");
	ret_result->verdict = (int)opts.retval;
	ret_result->mark = ctx.mark;
	ret_result->out.length = opts.data_size_out;
}

void rig_work(const struct bpf_program *program, void *args, size_t size)
{
	static const char frame[64];
	struct __sk_buff ctx = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx), .ctx_out = &ctx,
		    .ctx_size_out = sizeof(ctx));

	memcpy(ctx.cb, args, size);
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(program), &opts), 0);
	assert_int_equal(opts.retval, 0);
	memcpy(args, ctx.cb, size);
}

__u32 rig_sweep(struct rig *rig, bool audit)
{
	struct hp_sweep_args args = {.count = rig->sessions, .audit = audit};

	rig_work(rig->skel->progs.hp_sweep, &args, sizeof(args));
	rig_check_tables(rig);
	return args.ended;
}
