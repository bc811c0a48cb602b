// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers of the gateway, where a table of packets cannot tell it: how many there are, and partial checksums. */
/* Requirements: 47. */
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hairpin.skel.h"
#include "rig.h"

#define EXPIRED "udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=1"
#define PACKETS (4 * LIMIT_ICMP_ERRORS_PER_S)

static __u64 uptime_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (__u64)now.tv_sec;
}

/* The budgets are of one CPU, so the packets stay on one. */
static void stay(cpu_set_t *ret_all)
{
	cpu_set_t one;

	assert_int_equal(sched_getaffinity(0, sizeof(*ret_all), ret_all), 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

/* Sends @packets from @sources different hosts on either side, each with its last hop used up. How many were answered. */
static __u64 run_expired(struct rig *rig, enum rig_from from, unsigned int packets,
			 unsigned int sources)
{
	const struct rig_input input = {.no_device_checksum = true};
	const char *outside = "udp 198.51.100.%u:%u > 203.0.113.5:6000 ttl=1";
	const char *inside = "udp 192.168.11.%u:%u > 198.51.100.7:53 ttl=1";
	struct rig_result result;
	struct frame frame;
	__u64 answered = 0;
	char text[128];

	for (unsigned int i = 0; i < packets; i++) {
		snprintf(text, sizeof(text), from == FROM_WAN ? outside : inside, 2 + i % sources,
			 40000 + i % 8);
		frame_build(&frame, text, 64);
		rig_run(rig, from, &frame, &input, &result);
		assert_true(result.verdict == TC_ACT_REDIRECT || result.verdict == TC_ACT_SHOT);
		answered += result.verdict == TC_ACT_REDIRECT;
	}
	return answered;
}

static __u64 stat_of(struct rig *rig, __u32 stat)
{
	__u64 values[256] = {0}, sum = 0;
	int cpus = libbpf_num_possible_cpus();

	assert_in_range(cpus, 1, ARRAY_SIZE(values));
	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.hp_stats), &stat, values),
			 0);
	for (int cpu = 0; cpu < cpus; cpu++)
		sum += values[cpu];
	return sum;
}

/* RFC 1812 section 4.3.2.8: of all errors in a second, ... */
static void test_rate_limit(void **state)
{
	struct rig *rig = *state;
	__u64 answered, start = uptime_s(), limited;
	cpu_set_t all;

	rig_reset(rig, RIG_PLAN);
	limited = stat_of(rig, HP_STAT_ICMP_LIMITED);
	stay(&all);
	answered = run_expired(rig, FROM_LAN, PACKETS, 100);
	assert_int_equal(rig_count(rig, HP_DROP_TTL), PACKETS);
	assert_int_equal(rig_count(rig, HP_SENT_ICMP_ERROR), answered);
	assert_in_range(answered, LIMIT_ICMP_ERRORS_PER_S,
			LIMIT_ICMP_ERRORS_PER_S * (uptime_s() - start + 1));
	assert_int_equal(stat_of(rig, HP_STAT_ICMP_LIMITED) - limited, PACKETS - answered);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

/* ... of those to one address, which leaves others theirs, ... */
static void test_rate_limit_of_one(void **state)
{
	struct rig *rig = *state;
	__u64 answered, start = uptime_s();
	cpu_set_t all;

	rig_reset(rig, RIG_PLAN);
	stay(&all);
	answered = run_expired(rig, FROM_LAN, PACKETS, 1);
	assert_in_range(answered, LIMIT_ICMP_ERRORS_PER_HOST_S,
			LIMIT_ICMP_ERRORS_PER_HOST_S * (uptime_s() - start + 1));
	/* All of 40 but the one that had its share, unless its next second has begun. */
	assert_in_range(run_expired(rig, FROM_LAN, 40, 40), 39, 40);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

/* ... and of those to one side: what outside makes us say costs nobody inside a word. */
static void test_rate_limit_of_a_side(void **state)
{
	struct rig *rig = *state;
	cpu_set_t all;

	rig_reset(rig, RIG_PLAN "forward udp 6000 192.168.11.20:6000\n");
	stay(&all);
	run_expired(rig, FROM_WAN, PACKETS, 200);
	assert_in_range(run_expired(rig, FROM_LAN, 50, 50), 50, 50);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

/* One's complement sum of @length octets, as sixteen bits in the order of the packet. */
static __u16 sum16(const __u8 *octets, size_t length)
{
	__u32 total = 0;

	for (size_t i = 0; i < length; i += 2)
		total += (__u32)octets[i] << 8 | (i + 1 < length ? octets[i + 1] : 0);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (__u16)total;
}

/* The sum of the IPv4 pseudo-header: what a sender leaves in the field for its device to finish. */
static __u16 pseudo_sum(const struct frame *frame, size_t l4_octets)
{
	const __u8 *ip = frame->octets + FRAME_L3;
	__u8 header[12] = {0};

	memcpy(header, ip + 12, 8);
	header[9] = ip[9];
	header[10] = (__u8)(l4_octets >> 8);
	header[11] = (__u8)l4_octets;
	return sum16(header, sizeof(header));
}

static void put16(__u8 *at, __u16 value)
{
	at[0] = (__u8)(value >> 8);
	at[1] = (__u8)value;
}

/*
 * A packet of a container on this machine comes with the sum of the pseudo-header in its checksum field, and the device that sends
 * the answer fills it in: over what is left of the quoted packet. Then the ICMP checksum has to be right.
 */
static void check_partial(struct rig *rig, const char *text, size_t check_offset)
{
	const struct rig_input input = {.no_device_checksum = true};
	const size_t quote = FRAME_L3 + 20 + 8;
	struct rig_result result;
	struct frame frame;
	__u8 *check;

	frame_build(&frame, text, 64);
	put16(frame.octets + FRAME_L3 + 20 + check_offset,
	      pseudo_sum(&frame, frame.length - FRAME_L3 - 20));
	rig_run(rig, FROM_LAN, &frame, &input, &result);
	rig_expect_counts(rig, HP_DROP_TTL, HP_SENT_ICMP_ERROR);
	assert_int_equal(result.verdict, TC_ACT_REDIRECT);
	assert_memory_equal(result.out.octets + quote, frame.octets + FRAME_L3,
			    result.out.length - quote);
	check = result.out.octets + quote + 20 + check_offset;
	put16(check, (__u16)~sum16(result.out.octets + quote + 20, result.out.length - quote - 20));
	assert_null(frame_fault(&result.out));
}

static void test_partial_checksums(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	check_partial(rig, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S ttl=1 len=0",
		      offsetof(struct tcphdr, check));
	check_partial(rig, "tcp 192.168.11.30:40001 > 198.51.100.7:443 S ttl=1 len=701",
		      offsetof(struct tcphdr, check));
	check_partial(rig, "udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=1 len=4",
		      offsetof(struct udphdr, check));
	check_partial(rig, "udp 192.168.11.30:40001 > 198.51.100.7:53 ttl=1 len=702",
		      offsetof(struct udphdr, check));
}

/* What the gateway has no address for on that segment is not answered, but dropped and counted all the same. */
static void test_no_address_to_answer_from(void **state)
{
	const struct rig_input input = {.no_device_checksum = true};
	struct rig *rig = *state;
	struct rig_result result;
	struct frame frame;

	rig_reset(rig, "wan 203.0.113.5\n"
		       "link wan0 203.0.113.5\n"
		       "link lan0 0.0.0.0\n"
		       "net 192.168.11.0/24 lan lan0\n"
		       "net 203.0.113.5 wan wan0\n");
	frame_build(&frame, EXPIRED, 64);
	rig_run(rig, FROM_LAN, &frame, &input, &result);
	rig_expect_counts(rig, HP_DROP_TTL, 0);
	assert_int_equal(result.verdict, TC_ACT_SHOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate_limit),
		cmocka_unit_test(test_rate_limit_of_one),
		cmocka_unit_test(test_rate_limit_of_a_side),
		cmocka_unit_test(test_partial_checksums),
		cmocka_unit_test(test_no_address_to_answer_from),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("answer", tests, rig_setup, rig_teardown);
}
