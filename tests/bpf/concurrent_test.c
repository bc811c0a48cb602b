// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All CPUs at once on a few ports: whatever they do to one another, no port has two owners, nobody's claim is lost, and the tables agree
 * afterwards. What exactly happens in between is for tests/unit, which can put another CPU anywhere.
 */
/* Requirements: 3, 31, 62. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "hairpin.skel.h"
#include "rig_maps.h"

#define ENDPOINTS 120
#define PORTS 40
#define ROUNDS 25
#define WORKERS 4
#define SOURCE_PORT (FRAME_L3 + 20)

/* What the endpoints send, made beforehand: a thread must not end the test. */
static struct frame frames[ENDPOINTS];

struct worker {
	struct rig *rig;
	pthread_t thread;
	int cpu;
	bool failed;
	unsigned int first; /* where it begins, so that they meet everywhere */
	__u16 ports[ENDPOINTS]; /* that it saw each endpoint leave by, 0: refused */
};

static bool send_one(struct worker *w, unsigned int endpoint)
{
	struct __sk_buff ctx = {.ifindex = w->rig->ifindex[RIG_LAN]};
	__u8 out[FRAME_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frames[endpoint].octets,
		    .data_size_in = (__u32)frames[endpoint].length, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));
	__u16 port;

	if (bpf_prog_test_run_opts(bpf_program__fd(w->rig->skel->progs.hp_lan_ingress), &opts))
		return false;
	/* Refused ones are answered by ICMP, which is not of the protocol of what was sent. */
	if (opts.retval != TC_ACT_REDIRECT ||
	    out[FRAME_L3 + 9] != frames[endpoint].octets[FRAME_L3 + 9])
		return true;
	port = (__u16)(out[SOURCE_PORT] << 8 | out[SOURCE_PORT + 1]);
	/* One endpoint, one port, on whichever CPU. */
	if (w->ports[endpoint] && w->ports[endpoint] != port)
		return false;
	w->ports[endpoint] = port;
	return true;
}

static void *work(void *data)
{
	struct worker *w = data;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	w->failed = pthread_setaffinity_np(pthread_self(), sizeof(set), &set) != 0;
	for (unsigned int pass = 0; pass < 3 && !w->failed; pass++) {
		for (unsigned int i = 0; i < ENDPOINTS && !w->failed; i++)
			w->failed = !send_one(w, (w->first + i) % ENDPOINTS);
	}
	return NULL;
}

/* What the workers saw, put together: 1 for each endpoint and port. Ends the test where two say different things. */
static unsigned int compare(const struct worker *workers, unsigned int n)
{
	int owner[65536];
	unsigned int owned = 0;

	memset(owner, -1, sizeof(owner));
	for (int endpoint = 0; endpoint < ENDPOINTS; endpoint++) {
		for (unsigned int i = 0; i < n; i++) {
			__u16 port = workers[i].ports[endpoint];

			if (!port)
				continue;
			if (owner[port] >= 0 && owner[port] != endpoint)
				fail_msg("port %u belongs to %d and to %d", port, owner[port],
					 endpoint);
			owned += owner[port] < 0;
			owner[port] = endpoint;
		}
	}
	return owned;
}

/* Runs up to WORKERS at once, as many as there are CPUs. Their number. */
static unsigned int run_workers(struct rig *rig, unsigned int round, struct worker *workers)
{
	unsigned int n = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 2)
		skip();
	n = n < WORKERS ? n : WORKERS;
	for (unsigned int i = 0; i < n; i++) {
		/* Now from the same place, now from another. */
		workers[i] = (struct worker){
			.rig = rig, .cpu = (int)i, .first = round % 2 ? i * ENDPOINTS / n : 0};
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (unsigned int i = 0; i < n; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		assert_false(workers[i].failed);
	}
	return n;
}

/* How many ports they were given. */
static unsigned int run_owners(struct rig *rig, unsigned int round)
{
	struct worker workers[WORKERS] = {0};

	return compare(workers, run_workers(rig, round, workers));
}

static void end_all(struct rig *rig)
{
	for (__u32 i = 0; i < rig->sessions; i++) {
		struct hp_session s = rig_session(rig, i);

		if (rig_is_active(&s))
			rig_age(rig, i, TIMEOUT_TCP_ESTABLISHED_S);
	}
	rig_sweep(rig, false);
}

static void make_frames(const char *format)
{
	char text[128];

	for (unsigned int i = 0; i < ENDPOINTS; i++) {
		snprintf(text, sizeof(text), format, 20 + i % 40, 40000 + i / 40);
		frame_build(&frames[i], text, 64);
	}
}

/* Fresh ports, then their owners' again, then anybody's that have rested: all ports are given out, and none twice. */
static void contend(struct rig *rig, const char *format)
{
	char plan[1024];

	make_frames(format);
	snprintf(plan, sizeof(plan), RIG_PLAN "wan 203.0.113.5 ports 50000-%u\n",
		 50000 + PORTS - 1);
	rig_reset(rig, plan);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		unsigned int owned = run_owners(rig, round);

		rig_check_tables(rig);
		/* By chance a port may not be found, but not many. */
		assert_in_range(owned, PORTS - 4, PORTS);
		end_all(rig);
		if (round % 3)
			rig_age_rest(rig, PORT_REST_S);
	}
}

static void test_udp(void **state)
{
	contend(*state, "udp 192.168.11.%u:%u > 198.51.100.7:53");
}

static void test_tcp(void **state)
{
	contend(*state, "tcp 192.168.11.%u:%u > 198.51.100.7:443 S");
}

/* One host on all CPUs has no more than one host may. */
static void test_limit(void **state)
{
	struct rig *rig = *state;

	for (unsigned int i = 0; i < ENDPOINTS; i++) {
		char text[128];

		snprintf(text, sizeof(text), "udp 192.168.11.30:%u > 198.51.100.7:53", 40000 + i);
		frame_build(&frames[i], text, 64);
	}
	rig_reset(rig, RIG_PLAN "limits mappings 50\n");
	for (unsigned int round = 0; round < ROUNDS; round++) {
		assert_int_equal(run_owners(rig, round), 50);
		rig_check_tables(rig);
		end_all(rig);
	}
}

/* One socket speaks to the same addresses on all CPUs. With one set for all of them as with several, each counts whom it has, and nothing is left. */
static void test_peers(void **state)
{
	struct rig *rig = *state;

	for (unsigned int i = 0; i < ENDPOINTS; i++) {
		char text[128];

		snprintf(text, sizeof(text), "udp 192.168.11.30:5000 > 198.51.100.%u:%u",
			 1 + i % 12, 1000 + i / 12);
		frame_build(&frames[i], text, 64);
	}
	for (unsigned int round = 0; round < ROUNDS; round++) {
		const struct hp_total small = {.n = LIMIT_PEER_SET_SHARE};
		const __u32 of = HP_TOTAL_SESSIONS;
		struct worker workers[WORKERS] = {0};

		rig_reset(rig, "wan 203.0.113.5 udp address\n" RIG_NETS);
		if (round % 2)
			assert_int_equal(bpf_map_update_elem(bpf_map__fd(rig->skel->maps.hp_totals),
							     &of, &small, 0),
					 0);
		run_workers(rig, round, workers);
		rig_check_tables(rig);
		end_all(rig);
		rig_check_tables(rig);
		rig_expect_state(rig, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_peers),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("concurrent", tests, rig_setup, rig_teardown);
}
