// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMP errors: what the core makes of every quote of every kind of session, from the side where the quoted packet arrived. What has to come out is
 * known without the code: the packet as its sender sent it, and the address that he sent it to. And nothing in any table may
 * have changed.
 */
/* Requirements: 15, 16, 34, 39, 40, 41, 42, 43, 44, 56. */
#include "cleanup.h"
#include "native/world.h"

#include "nat/host.h"
#include "nat/lan.h"
#include "nat/wan.h"

#define ICMP 1
#define TCP 6
#define UDP 17
#define NOW_S 1000
/* Late enough that every timer would show a refresh, early enough for the shortest, that of a query. */
#define LATER_S (NOW_S + TIMEOUT_ICMP_QUERY_S - 1)
#define ROUTER V4(10, 20, 30, 40)

struct place {
	__u32 device;
	__u8 side;
};

static const struct place wan = {WORLD_WAN, HP_SIDE_WAN}, lan = {WORLD_LAN, HP_SIDE_LAN},
			  iso = {WORLD_ISO, HP_SIDE_LAN}, host = {WORLD_WAN, HP_SIDE_HOST};

struct flow {
	const char *name;
	__u8 proto;
	const struct place *from, *to;
	struct world_tuple sent; /* by its initiator */
	enum hp_kind kind;
	bool untranslated;
};

/* Ports that hold a forward: 6000 with the external source, 6001 with the client's, 6002 with the gateway's. */
#define FORWARDED 5000

static struct flow flows[] = {
	{"outgoing udp",
	 UDP,
	 &lan,
	 &wan,
	 {LAN_HOST(30), REMOTE(7), 40000, 443},
	 HP_KIND_OUTGOING,
	 false},
	{"outgoing udp of a server",
	 UDP,
	 &lan,
	 &wan,
	 {LAN_HOST(20), REMOTE(7), FORWARDED, 443},
	 HP_KIND_OUTGOING,
	 false},
	{"outgoing tcp",
	 TCP,
	 &lan,
	 &wan,
	 {LAN_HOST(20), REMOTE(7), FORWARDED, 443},
	 HP_KIND_OUTGOING,
	 false},
	{"outgoing query",
	 ICMP,
	 &iso,
	 &wan,
	 {GUEST(30), REMOTE(7), 77, 0},
	 HP_KIND_OUTGOING,
	 false},
	{"forward udp", UDP, &wan, &lan, {REMOTE(9), PUBLIC, 50000, 6000}, HP_KIND_FORWARD, false},
	{"forward udp, second address",
	 UDP,
	 &wan,
	 &lan,
	 {REMOTE(9), PUBLIC2, 50000, 6000},
	 HP_KIND_FORWARD,
	 false},
	{"forward tcp", TCP, &wan, &lan, {REMOTE(9), PUBLIC, 50000, 6000}, HP_KIND_FORWARD, false},
	{"forward into an isolated segment",
	 TCP,
	 &wan,
	 &iso,
	 {REMOTE(9), PUBLIC, 50000, 6001},
	 HP_KIND_FORWARD,
	 false},
	{"hairpin udp",
	 UDP,
	 &lan,
	 &lan,
	 {LAN_HOST(30), PUBLIC, 40000, 6000},
	 HP_KIND_HAIRPIN,
	 false},
	{"hairpin tcp",
	 TCP,
	 &lan,
	 &lan,
	 {LAN_HOST(30), PUBLIC, 40000, 6000},
	 HP_KIND_HAIRPIN,
	 false},
	{"hairpin from another segment",
	 UDP,
	 &iso,
	 &lan,
	 {GUEST(30), PUBLIC, 40000, 6000},
	 HP_KIND_HAIRPIN,
	 false},
	{"hairpin of a socket to itself",
	 UDP,
	 &lan,
	 &lan,
	 {LAN_HOST(20), PUBLIC, FORWARDED, 6000},
	 HP_KIND_HAIRPIN,
	 false},
	{"hairpin, source: client",
	 UDP,
	 &lan,
	 &iso,
	 {LAN_HOST(30), PUBLIC, 40000, 6001},
	 HP_KIND_HAIRPIN,
	 false},
	{"hairpin, source: gateway",
	 UDP,
	 &lan,
	 &lan,
	 {LAN_HOST(30), PUBLIC, 20000, 6002},
	 HP_KIND_HAIRPIN,
	 false},
	{"of the gateway", UDP, &host, &wan, {PUBLIC, REMOTE(7), 50000, 443}, HP_KIND_HOST, true},
	{"of the gateway, TCP",
	 TCP,
	 &host,
	 &wan,
	 {PUBLIC, REMOTE(7), 50000, 443},
	 HP_KIND_HOST,
	 true},
	{"of the gateway, its port changed",
	 UDP,
	 &host,
	 &wan,
	 {PUBLIC, REMOTE(7), 6000, 443},
	 HP_KIND_HOST,
	 false},
	{"to an isolated segment",
	 UDP,
	 &lan,
	 &iso,
	 {LAN_HOST(30), GUEST(30), 40000, 443},
	 HP_KIND_ROUTED,
	 true},
};

/* --- packets through the core -------------------------------------------------------------------- */

static int run(struct nat_ctx *c, const struct place *at)
{
	switch (at->side) {
	case HP_SIDE_WAN:
		return nat_wan(NULL, c);
	case HP_SIDE_LAN:
		return nat_lan(NULL, c);
	default:
		return nat_host(NULL, c);
	}
}

static int run_packet(struct nat_ctx *c, const struct place *at, __u8 proto, __u8 tcp_flags,
		      const struct world_tuple *tuple)
{
	world_begin(c, at->device, at->side, NOW_S);
	world_packet(c, proto, tuple);
	c->in.tcp_flags = tcp_flags;
	return run(c, at);
}

/* What the packet became. */
static struct world_tuple delivered(const struct nat_ctx *c, int action)
{
	const struct hp_flow4 *in = &c->in.flow4;

	if (action == NAT_PASS)
		return (struct world_tuple){in->saddr, in->daddr, ntohs(in->sport),
					    ntohs(in->dport)};
	return (struct world_tuple){c->out.saddr, c->out.daddr, ntohs(c->out.sport),
				    ntohs(c->out.dport)};
}

/* When errors arrive; a test that changes it puts it back. */
static __u32 error_s = LATER_S;

/* An error, sent by @router to the source of what it quotes. */
static int run_error(struct nat_ctx *c, const struct place *at, __u8 proto, __be32 router,
		     const struct world_tuple *quote)
{
	world_begin(c, at->device, at->side, error_s);
	c->in.proto = c->in.flow4.proto = ICMP;
	c->in.icmp = NAT_ICMP_ERROR;
	c->in.flow4.saddr = router;
	c->in.flow4.daddr = quote->saddr;
	c->in.flow4.sport = c->in.flow4.dport = 0;
	c->in.quoted = 1;
	c->in.quote4 = (struct hp_flow4){.saddr = quote->saddr,
					 .daddr = quote->daddr,
					 .sport = htons(quote->sport),
					 .dport = htons(quote->dport),
					 .proto = proto};
	return run(c, at);
}

/* --- what must not change --------------------------------------------------------------------------- */

static __u64 hash_octets(__u64 hash, const void *octets, size_t size)
{
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ ((const unsigned char *)octets)[i]) * 0x100000001b3;
	return hash;
}

static __u64 hash_table(__u64 hash, const struct nat_table *t)
{
	for (size_t i = 0; i < t->max_entries; i++) {
		if (!t->used[i])
			continue;
		hash = hash_octets(hash, nat_table_key(t, i), t->key_size);
		hash = hash_octets(hash, nat_table_value(t, i), t->value_size);
	}
	return hash;
}

/* Of all state there is: another one if a single octet of a session, flow, mapping, binding, peer or note is. */
static __u64 hash_world(const struct nat_world *world)
{
	__u64 hash = hash_octets(0xcbf29ce484222325, world->sessions,
				 world->n_sessions * sizeof(*world->sessions));

	hash = hash_table(hash, &world->flows4);
	hash = hash_table(hash, &world->flows6);
	hash = hash_table(hash, &world->mappings);
	hash = hash_table(hash, &world->bindings);
	hash = hash_table(hash, &world->peers);
	hash = hash_octets(hash, world->peer_sets, world->n_peer_sets * sizeof(*world->peer_sets));
	return hash_table(hash, &world->notes);
}

/* --- the flows ---------------------------------------------------------------------------------------- */

/* One direction of a flow: a packet as it was sent and as it arrived, and the place where it did. */
struct way {
	const struct flow *flow;
	const struct place *arrived;
	struct world_tuple sent, came;
};

static void expect_tuple(const struct hp_tuple4 *got, const struct world_tuple *expected)
{
	assert_int_equal(got->saddr, expected->saddr);
	assert_int_equal(got->daddr, expected->daddr);
	assert_int_equal(ntohs(got->sport), expected->sport);
	assert_int_equal(ntohs(got->dport), expected->dport);
}

/* The source that an error of a place has: who got the packet, or any router before it. */
static __be32 router_at(const struct way *w)
{
	return w->arrived->side == HP_SIDE_HOST ? w->came.daddr : ROUTER;
}

static void expect_restored(const struct way *w)
{
	struct nat_ctx c = {0};
	__u64 before = hash_world(nat_world);
	int action = run_error(&c, w->arrived, w->flow->proto, router_at(w), &w->came);

	assert_int_equal(hash_world(nat_world), before);
	if (w->flow->untranslated) {
		assert_int_equal(action, NAT_PASS);
		return;
	}
	assert_int_equal(action, w->flow->kind == HP_KIND_HOST ? NAT_DELIVER : NAT_SEND);
	assert_int_equal(c.reason, w->flow->kind != HP_KIND_HOST      ? HP_SENT_RELATED
				   : w->arrived->side == HP_SIDE_HOST ? HP_PASS_OWN_FLOW
								      : HP_PASS_ICMP_ERROR);
	expect_tuple(&c.quote_out, &w->sent);
	assert_int_equal(c.out.daddr, w->sent.saddr);
	/* From outside the router's own name; from inside the one that the sender knows. */
	assert_int_equal(c.out.saddr, w->arrived->side == HP_SIDE_WAN ? ROUTER : w->sent.daddr);
	if (action == NAT_SEND)
		assert_int_equal(c.to_wan, w->arrived != &wan &&
						   (w->flow->from == &wan || w->flow->to == &wan));
}

/* One field of the quote is another one: that is nobody's packet, or at least not this one's. */
static void expect_unknown(const struct way *w)
{
	struct world_tuple quotes[5] = {w->came, w->came, w->came, w->came, w->came};
	__u8 protos[5];

	memset(protos, w->flow->proto, sizeof(protos));
	quotes[0].sport ^= 0x100;
	quotes[1].dport ^= 0x100;
	quotes[2].saddr ^= htonl(0x40);
	quotes[3].daddr ^= htonl(0x40);
	protos[4] = w->flow->proto == UDP ? TCP : UDP;
	for (size_t i = 0; i < ARRAY_SIZE(quotes); i++) {
		struct nat_ctx c = {0};
		__u64 before = hash_world(nat_world);
		int action = run_error(&c, w->arrived, protos[i], router_at(w), &quotes[i]);

		assert_int_equal(hash_world(nat_world), before);
		assert_int_not_equal(action, NAT_SEND);
		assert_int_not_equal(action, NAT_DELIVER);
		if (w->arrived->side == HP_SIDE_WAN)
			assert_int_equal(action, NAT_DROP);
	}
}

/* To somebody else than the source of the quote, from a segment where the packet never was, in a name that is not of that segment. */
static void expect_forged(const struct way *w)
{
	const struct place *elsewhere = w->arrived == &lan ? &iso : &lan;
	struct nat_ctx c = {0};

	world_begin(&c, w->arrived->device, w->arrived->side, LATER_S);
	run_error(&c, w->arrived, w->flow->proto, router_at(w), &w->came);
	c.in.flow4.daddr ^= htonl(0x40);
	assert_int_not_equal(run(&c, w->arrived), NAT_SEND);
	if (w->arrived->side != HP_SIDE_LAN)
		return;
	assert_int_equal(run_error(&c, elsewhere, w->flow->proto, ROUTER, &w->came), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_SPOOFED);
	assert_int_equal(run_error(&c, w->arrived, w->flow->proto, PUBLIC, &w->came), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_SPOOFED);
	assert_int_equal(run_error(&c, w->arrived, w->flow->proto, htonl(0x7f000001), &w->came),
			 NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_SPOOFED);
}

/* When the session's time is up, an error is about nothing any more. */
static void expect_over(const struct way *w)
{
	struct nat_ctx c = {0};

	error_s = NOW_S + TIMEOUT_TCP_ESTABLISHED_S;
	run_error(&c, w->arrived, w->flow->proto, router_at(w), &w->came);
	error_s = LATER_S;
	assert_int_not_equal(c.reason, HP_SENT_RELATED);
	assert_int_equal(world_active(nat_world), 0);
}

static void world_with_forwards(struct nat_world *world)
{
	static const __u8 sources[] = {HP_HAIRPIN_EXTERNAL, HP_HAIRPIN_CLIENT, HP_HAIRPIN_GATEWAY};

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		const __be32 server = i == 1 ? GUEST(20) : LAN_HOST(20 + (__u32)i);
		const struct world_forward udp = {UDP, (__u16)(6000 + i), server, FORWARDED,
						  sources[i]};
		const struct world_forward tcp = {TCP, (__u16)(6000 + i), server, FORWARDED,
						  sources[i]};

		world_forward(world, 0, &udp);
		world_forward(world, 0, &tcp);
	}
}

/* Both directions of @flow, made by its first packet and the answer. */
static void open_flow(const struct flow *flow, struct way ways[2])
{
	struct nat_ctx c = {0};
	int action = run_packet(&c, flow->from, flow->proto, 0x02, &flow->sent);

	assert_true(action == NAT_SEND || action == NAT_DELIVER || action == NAT_PASS);
	ways[0] = (struct way){flow, flow->to, flow->sent, delivered(&c, action)};
	assert_int_equal(world_active(nat_world), 1);
	assert_int_equal(nat_world->sessions[0].kind, flow->kind);
	ways[1] = (struct way){
		flow,
		flow->from,
		{ways[0].came.daddr, ways[0].came.saddr, ways[0].came.dport, ways[0].came.sport},
		{0}};
	action = run_packet(&c, flow->to, flow->proto, 0x12, &ways[1].sent);
	ways[1].came = delivered(&c, action);
	assert_int_equal(ways[1].came.daddr, flow->sent.saddr);
}

static void test_flow(void **state)
{
	const struct flow *flow = *state;
	struct nat_world *world = world_new(16);
	void *end = world;
	struct way ways[2];

	world_with_forwards(world);
	open_flow(flow, ways);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		expect_restored(&ways[i]);
		expect_unknown(&ways[i]);
		expect_forged(&ways[i]);
		world_check(world);
	}
	expect_over(&ways[0]);
	world_check(world);
	world_teardown(&end);
}

/* --- without a session ---------------------------------------------------------------------------------- */

/* A datagram that its mapping's filtering let in left no session behind, and its receiver may refuse it all the same. */
static void test_admitted_datagram(void **state)
{
	const struct world_tuple out = {LAN_HOST(30), REMOTE(7), 40000, 443};
	const struct world_tuple in = {REMOTE(9), PUBLIC, 50000, 40000};
	const struct world_tuple came = {REMOTE(9), LAN_HOST(30), 50000, 40000};
	struct nat_world *world = *state;
	struct nat_ctx c = {0};
	__u64 before;

	assert_int_equal(run_packet(&c, &lan, UDP, 0, &out), NAT_SEND);
	assert_int_equal(run_error(&c, &lan, UDP, LAN_HOST(30), &came), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_ICMP_ERROR);

	world->settings[0].filtering_udp = HP_FILTER_ENDPOINT_INDEPENDENT;
	assert_int_equal(run_packet(&c, &wan, UDP, 0, &in), NAT_SEND);
	assert_int_equal(world_active(world), 1);
	before = hash_world(world);
	assert_int_equal(run_error(&c, &lan, UDP, LAN_HOST(30), &came), NAT_SEND);
	assert_int_equal(c.reason, HP_SENT_RELATED);
	expect_tuple(&c.quote_out, &in);
	assert_int_equal(c.out.saddr, PUBLIC);
	assert_int_equal(c.out.daddr, REMOTE(9));
	assert_int_equal(c.to_wan, 1);
	/* TCP that was let in has a session, or was none. */
	assert_int_equal(run_error(&c, &lan, TCP, LAN_HOST(30), &came), NAT_DROP);
	assert_int_equal(run_error(&c, &iso, UDP, GUEST(30), &came), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_SPOOFED);
	assert_int_equal(hash_world(world), before);
	world_check(world);
}

/* What is not quoted, or not so that a flow can be named, is about nothing. */
static void test_not_quoted(void **state)
{
	const struct world_tuple out = {LAN_HOST(30), REMOTE(7), 40000, 443};
	const struct world_tuple came = {PUBLIC, REMOTE(7), 40000, 443};
	struct nat_ctx c = {0};

	(void)state;
	run_packet(&c, &lan, UDP, 0, &out);
	assert_int_equal(run_error(&c, &wan, UDP, ROUTER, &came), NAT_SEND);
	c.in.quoted = 0;
	assert_int_equal(run(&c, &wan), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_ICMP_ERROR);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(flows) + 2] = {
		cmocka_unit_test_setup_teardown(test_admitted_datagram, world_setup,
						world_teardown),
		cmocka_unit_test_setup_teardown(test_not_quoted, world_setup, world_teardown),
	};

	for (size_t i = 0; i < ARRAY_SIZE(flows); i++)
		tests[i + 2] = (struct CMUnitTest){flows[i].name, test_flow, NULL, NULL, &flows[i]};
	return _cmocka_run_group_tests("icmp", tests, ARRAY_SIZE(tests), NULL, NULL);
}
