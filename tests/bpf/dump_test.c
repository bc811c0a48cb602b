// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions, mappings and counters as the command shows them, and the sweep, against tables filled by hand. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "place.h"
#include "test.h"

static __u32 now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (__u32)now.tv_sec;
}

static void session_put(__u32 index, const struct hp_session *session)
{
	_close_ int fd = place_map("hp_sessions");

	assert_int_equal(bpf_map_update_elem(fd, &index, session, BPF_ANY), 0);
}

/* As if the session had been taken from the free list. */
static void room_take(void)
{
	_close_ int free_list = place_map("hp_free"), totals = place_map("hp_totals");
	__u32 index, of = HP_TOTAL_FREE;
	struct hp_total total;

	assert_int_equal(bpf_map_lookup_and_delete_elem(free_list, NULL, &index), 0);
	assert_int_equal(bpf_map_lookup_elem(totals, &of, &total), 0);
	total.n--;
	assert_int_equal(bpf_map_update_elem(totals, &of, &total, BPF_ANY), 0);
}

static __u64 word(enum hp_life life, enum hp_tcp_state tcp, __u16 flags)
{
	return 1 | (__u64)life << HP_WORD_LIFE_SHIFT | (__u64)tcp << HP_WORD_TCP_SHIFT |
	       (__u64)flags << HP_WORD_FLAGS_SHIFT;
}

static struct hp_session udp_session(__u16 port, __u32 idle_s)
{
	return (struct hp_session){
		.word = word(HP_LIFE_ACTIVE, HP_TCP_NONE, 0),
		.last_seen_s = now_s() - idle_s,
		.created_s = now_s() - 2 * idle_s,
		.v4 = {.orig = {.saddr = inet_addr("192.168.11.2"),
				.daddr = inet_addr("192.0.2.1"),
				.sport = htons(port),
				.dport = htons(53)},
		       .xlat = {.saddr = inet_addr("198.51.100.2"),
				.daddr = inet_addr("192.0.2.1"),
				.sport = htons(port),
				.dport = htons(53)}},
		.proto = 17,
		.kind = HP_KIND_OUTGOING,
		.orig_side = HP_SIDE_LAN,
		.reply_side = HP_SIDE_WAN,
		.service = 0xffffffff,
	};
}

struct seen {
	struct backend_session sessions[PLACE_SESSIONS];
	size_t n_sessions;
	struct backend_mapping mappings[4096];
	size_t n_mappings;
};

static void session_cb(const struct backend_session *session, void *data)
{
	struct seen *seen = data;

	assert_in_range(seen->n_sessions, 0, ARRAY_SIZE(seen->sessions) - 1);
	seen->sessions[seen->n_sessions++] = *session;
}

static void mapping_cb(const struct backend_mapping *mapping, void *data)
{
	struct seen *seen = data;

	assert_in_range(seen->n_mappings, 0, ARRAY_SIZE(seen->mappings) - 1);
	seen->mappings[seen->n_mappings++] = *mapping;
}

/* All of them, at most @max in one call. Returns how many calls it took. */
static unsigned int sessions_walk(struct place *place, unsigned int max, struct seen *seen)
{
	unsigned int calls = 0;
	__u64 cursor = 0;
	int ret;

	seen->n_sessions = 0;
	do {
		ret = backend_bpf.sessions(place->backend, &cursor, max, session_cb, seen);
		assert_in_range(ret, 0, 1);
		calls++;
	} while (ret);
	return calls;
}

static void mappings_walk(struct place *place, unsigned int max, struct seen *seen)
{
	__u64 cursor = 0;
	int ret;

	seen->n_mappings = 0;
	do {
		ret = backend_bpf.mappings(place->backend, &cursor, max, mapping_cb, seen);
		assert_in_range(ret, 0, 1);
	} while (ret);
}

static void assert_addr(const struct ip_addr *addr, const char *want)
{
	char text[IP_TEXT_MAX];

	assert_string_equal(ip_addr_format(addr, text), want);
}

static void a_session_is_shown_with_all_it_has(void **state)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	const struct backend_session *got = &seen->sessions[0];
	struct hp_session session;

	/* First, as loading can take longer than what is measured. */
	place_open(*state);
	place_apply(*state);
	session = udp_session(5000, 5);
	session.word = word(HP_LIFE_ACTIVE, HP_TCP_ESTABLISHED, HP_SESSION_REPLIED);
	session.proto = 6;
	session.service = 3;
	session.v4.xlat.sport = htons(6000);
	session_put(PLACE_SESSIONS - 1, &session);
	sessions_walk(*state, 100, seen);
	assert_int_equal(seen->n_sessions, 1);
	assert_int_equal(got->proto, 6);
	assert_int_equal(got->kind, HP_KIND_OUTGOING);
	assert_int_equal(got->tcp_state, HP_TCP_ESTABLISHED);
	assert_true(got->replied);
	assert_addr(&got->orig_src, "192.168.11.2");
	assert_addr(&got->orig_dst, "192.0.2.1");
	assert_addr(&got->xlat_src, "198.51.100.2");
	assert_int_equal(got->orig_sport, 5000);
	assert_int_equal(got->orig_dport, 53);
	assert_int_equal(got->xlat_sport, 6000);
	assert_int_equal(got->service, 3);
	assert_in_range(got->idle_s, 5, now_s() - session.last_seen_s);
	assert_in_range(got->age_s, 10, now_s() - session.created_s);
	assert_int_equal(got->expires_s, TIMEOUT_TCP_ESTABLISHED_S - got->idle_s);
	free(seen);
}

static void a_session_of_ipv6_is_shown_untranslated(void **state)
{
	struct hp_session session = udp_session(0, 1);
	struct seen *seen = calloc(1, sizeof(*seen));

	place_open(*state);
	session.word = word(HP_LIFE_ACTIVE, HP_TCP_NONE, HP_SESSION_V6);
	memset(&session.v6, 0, sizeof(session.v6));
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::2", session.v6.saddr), 1);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8:1::1", session.v6.daddr), 1);
	session.v6.sport = htons(7);
	session_put(0, &session);
	sessions_walk(*state, 100, seen);
	assert_int_equal(seen->n_sessions, 1);
	assert_addr(&seen->sessions[0].orig_src, "2001:db8::2");
	assert_addr(&seen->sessions[0].xlat_dst, "2001:db8:1::1");
	assert_int_equal(seen->sessions[0].xlat_sport, 7);
	free(seen);
}

static void only_living_sessions_are_shown_each_once(void **state)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	struct hp_session session;

	place_open(*state);
	for (__u32 i = 0; i < PLACE_SESSIONS; i++) {
		session = udp_session((__u16)(1000 + i), 1);
		session.word = word(i % 3, HP_TCP_NONE, 0);
		session_put(i, &session);
	}
	assert_int_equal(sessions_walk(*state, 100, seen), (PLACE_SESSIONS + 99) / 100);
	assert_int_equal(seen->n_sessions, (PLACE_SESSIONS + 1) / 3);
	for (size_t i = 0; i < seen->n_sessions; i++)
		assert_int_equal(seen->sessions[i].orig_sport, 1000 + 3 * i + HP_LIFE_ACTIVE);
	free(seen);
}

/* An odd size of batch, so that buckets and batches never end together. */
static void each_mapping_is_shown_once(void **state)
{
	struct hp_mapping mapping = {.word = 5 * HP_MAPPING_REF_ONE | 77,
				     .ext_addr = inet_addr("198.51.100.2"),
				     .fixed = 1};
	struct seen *seen = calloc(1, sizeof(*seen));
	bool ports[4096] = {false};
	_close_ int fd = -1;

	place_open(*state);
	fd = place_map("hp_mappings");
	mapping.created_s = now_s() - 5;
	for (unsigned int i = 0; i < ARRAY_SIZE(ports); i++) {
		struct hp_mapping_key key = {
			.addr = inet_addr("192.168.11.2"), .port = htons((__u16)i), .proto = 17};

		mapping.ext_port = htons((__u16)(i + 1));
		assert_int_equal(bpf_map_update_elem(fd, &key, &mapping, BPF_NOEXIST), 0);
	}
	mappings_walk(*state, 37, seen);
	assert_int_equal(seen->n_mappings, ARRAY_SIZE(ports));
	for (size_t i = 0; i < seen->n_mappings; i++) {
		const struct backend_mapping *got = &seen->mappings[i];

		assert_false(ports[got->internal_port]);
		ports[got->internal_port] = true;
		assert_int_equal(got->external_port, got->internal_port + 1);
		assert_int_equal(got->sessions, 5);
		assert_true(got->fixed);
		assert_false(got->host);
		assert_in_range(got->age_s, 5, now_s() - mapping.created_s);
	}
	assert_addr(&seen->mappings[0].internal, "192.168.11.2");
	assert_addr(&seen->mappings[0].external, "198.51.100.2");
	free(seen);
}

static void no_mappings_are_no_error(void **state)
{
	struct seen *seen = calloc(1, sizeof(*seen));

	place_open(*state);
	mappings_walk(*state, 100, seen);
	assert_int_equal(seen->n_mappings, 0);
	free(seen);
}

static void counters_are_summed_over_the_cpus(void **state)
{
	__u32 reason = HP_DROP_CLOSED;
	struct place *place = *state;
	__u64 packets[HP_REASON_MAX];
	int n_cpus = libbpf_num_possible_cpus();
	__u64 *values = calloc((size_t)n_cpus, sizeof(*values));
	_close_ int fd = -1;

	place_open(place);
	fd = place_map("hp_reasons");
	for (int cpu = 0; cpu < n_cpus; cpu++)
		values[cpu] = (__u64)cpu + 10;
	assert_int_equal(bpf_map_update_elem(fd, &reason, values, BPF_ANY), 0);
	assert_int_equal(backend_bpf.counters(place->backend, packets), 0);
	assert_int_equal(packets[HP_DROP_CLOSED], 10 * n_cpus + n_cpus * (n_cpus - 1) / 2);
	assert_int_equal(packets[HP_DROP_SPOOFED], 0);
	free(values);
}

/* --- the sweep ------------------------------------------------------------------------------------------- */

static __u8 life(__u32 index)
{
	_close_ int fd = place_map("hp_sessions");
	struct hp_session session;

	assert_int_equal(bpf_map_lookup_elem(fd, &index, &session), 0);
	return (__u8)(session.word >> HP_WORD_LIFE_SHIFT);
}

static __u32 active(struct place *place)
{
	struct backend_status status;

	assert_int_equal(backend_bpf.status(place->backend, &status), 0);
	return status.sessions_active;
}

static __u32 ticked_s(void)
{
	_close_ int fd = place_map("hp_clock");
	struct hp_clock clock;
	__u32 zero = 0;

	assert_int_equal(bpf_map_lookup_elem(fd, &zero, &clock), 0);
	return clock.ticked_s;
}

/* The kernel ends what has run out, as clock_test.c shows; here, that a plan in force has the clock running, and goes on without us. */
static void the_clock_runs_from_the_first_plan_on(void **state)
{
	struct hp_session session = udp_session(1, TIMEOUT_UDP_S + 5);
	struct place *place = *state;
	/* The slice with the session may just be over. */
	__u32 end_s = now_s() + SWEEP_PERIOD_S + 10;

	place_open(place);
	assert_int_equal(ticked_s(), 0);
	room_take();
	session_put(0, &session);
	assert_int_equal(active(place), 1);
	place_apply(place);
	/* The first apply's audit ends it. */
	assert_int_equal(active(place), 0);
	room_take();
	session_put(0, &session);
	place_close(place);
	while (life(0) == HP_LIFE_ACTIVE && now_s() < end_s)
		poll(NULL, 0, 20);
	assert_int_not_equal(life(0), HP_LIFE_ACTIVE);
	place_open(place);
	assert_int_equal(active(place), 0);
}

static void a_new_plan_ends_what_it_does_not_admit(void **state)
{
	struct hp_session session = udp_session(1, 5);
	struct place *place = *state;

	place_open(place);
	place_apply(place);
	session.kind = HP_KIND_FORWARD;
	session.proto = 6;
	session.v4.orig = (struct hp_tuple4){.saddr = inet_addr("192.0.2.1"),
					     .daddr = inet_addr("198.51.100.2"),
					     .sport = htons(1),
					     .dport = htons(8443)};
	session.v4.xlat = (struct hp_tuple4){.saddr = inet_addr("192.0.2.1"),
					     .daddr = inet_addr("192.168.11.20"),
					     .sport = htons(1),
					     .dport = htons(443)};
	session.orig_side = HP_SIDE_WAN;
	session.reply_side = HP_SIDE_LAN;
	session.service = 0;
	room_take();
	session_put(3, &session);
	place_apply(place);
	assert_int_equal(life(3), HP_LIFE_ACTIVE);
	assert_int_equal(active(place), 1);
	place->plan.rules = &place->rules[1];
	place->plan.n_rules = 1;
	place_apply(place);
	assert_int_not_equal(life(3), HP_LIFE_ACTIVE);
	assert_int_equal(active(place), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_session_is_shown_with_all_it_has),
		TEST(a_session_of_ipv6_is_shown_untranslated),
		TEST(only_living_sessions_are_shown_each_once),
		TEST(each_mapping_is_shown_once),
		TEST(no_mappings_are_no_error),
		TEST(counters_are_summed_over_the_cpus),
		TEST(the_clock_runs_from_the_first_plan_on),
		TEST(a_new_plan_ends_what_it_does_not_admit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
