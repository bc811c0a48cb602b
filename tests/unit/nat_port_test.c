// SPDX-License-Identifier: GPL-2.0-or-later
/* Which external port a mapping gets: its class, its parity, the one it had before; and how a port rests (native/world.h). */
/* Requirements: 3, 4, 5, 31, 57, 58, 66, 68. */
#include "cleanup.h"
#include "native/world.h"

#include "nat/mapping.h"

#define TCP 6
#define UDP 17
#define ICMP 1
#define NOW_S 1000

/* RFC 6888 REQ-8, written out and not taken from limits.h. */
#define REST_S 120

static __u32 now_s;
static int reason; /* of the last get() */

static struct nat_ctx context(void)
{
	struct nat_ctx c = {0};

	world_begin(&c, WORLD_LAN, HP_SIDE_LAN, now_s);
	return c;
}

/* The external port that the endpoint gets on @ext, host byte order; 0 and `reason` if none. */
static __u16 get_on(__be32 ext, __be32 addr, __u16 port, __u8 proto)
{
	struct nat_ctx c = context();

	c.in.proto = proto;
	c.mapping_key = (struct hp_mapping_key){.addr = addr, .port = htons(port), .proto = proto};
	c.mapping.ext_addr = ext;
	c.mapping.host = addr == PUBLIC;
	reason = nat_mapping_get(nat_world, &c);
	return reason ? 0 : ntohs(c.mapping.ext_port);
}

static __u16 get(__be32 addr, __u16 port, __u8 proto)
{
	return get_on(PUBLIC, addr, port, proto);
}

static void release(__be32 addr, __u16 port, __u8 proto, __u32 rest)
{
	struct nat_ctx c = context();
	const struct hp_mapping_key key = {.addr = addr, .port = htons(port), .proto = proto};

	nat_mapping_release(&c, &key, rest);
}

/* As the session's end does it. */
static void end(__be32 addr, __u16 port, __u8 proto)
{
	release(addr, port, proto, 1);
}

static void sweep(void)
{
	struct nat_ctx c = context();

	while (nat_rest_sweep(&c))
		continue;
}

static void set_range(struct nat_world *world, __u16 first, __u16 last)
{
	world->settings[0].port_first = first;
	world->settings[0].port_last = last;
}

static int setup(void **state)
{
	now_s = NOW_S;
	return world_setup(state);
}

/* --- classes and parity --------------------------------------------------------------------------- */

/* RFC 4787 REQ-3a. The first host of each pair has the port, so that the second cannot keep it. */
static void test_classes(void **state)
{
	static const struct {
		__u16 first, last; /* nat.ports */
		__u16 own;
		__u16 least, most;
	} cases[] = {
		{1, 65535, 123, 1, 1023},
		{1, 65535, 1, 1, 1023},
		{1, 65535, 1023, 1, 1023},
		{1, 65535, 1024, 1024, 65535},
		{1, 65535, 40000, 1024, 65535},
		{0, 65535, 123, 1, 1023},
		{512, 2047, 600, 512, 1023},
		{512, 2047, 1500, 1024, 2047},
		/* Nothing of its class: all of it. */
		{5000, 5239, 123, 5000, 5239},
		{5000, 5239, 40000, 5000, 5239},
		{100, 900, 40000, 100, 900},
		{1024, 65535, 123, 1024, 65535},
		{1, 1023, 40000, 1, 1023},
		{1023, 1024, 7, 1023, 1023},
		{1023, 1024, 40000, 1024, 1024},
	};
	struct nat_world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_range(world, cases[i].first, cases[i].last);
		for (unsigned int n = 0; n < 40; n++) {
			__be32 host = LAN_HOST(10 + n);
			__u16 port;

			if (n == 0)
				assert_true(get(LAN_HOST(9), cases[i].own, UDP) || reason);
			port = get(host, cases[i].own, UDP);
			if (cases[i].most == cases[i].least && n) {
				assert_int_equal(port, 0);
				assert_int_equal(reason, HP_DROP_NO_PORT);
				continue;
			}
			if (!port) /* a range of one, which the first host has */
				continue;
			assert_in_range(port, cases[i].least, cases[i].most);
		}
		for (unsigned int n = 0; n < 41; n++)
			release(LAN_HOST(9 + n), cases[i].own, UDP, 0);
		assert_int_equal(world->mappings.n + world->bindings.n, 0);
	}
}

/* RFC 4787 REQ-4, where it is asked for; without, half of them would be otherwise by chance. */
static void test_parity(void **state)
{
	struct nat_world *world = *state;
	unsigned int other = 0;

	for (unsigned int asked = 0; asked < 2; asked++) {
		world->settings[0].port_parity = (__u8)asked;
		for (unsigned int n = 0; n < 30; n++) {
			__u16 own = (__u16)(40000 + n % 2);
			__u16 port = get(LAN_HOST(10 + n), own, UDP);

			assert_int_not_equal(port, 0);
			if (asked)
				assert_int_equal(port & 1, own & 1);
			else
				other += (port & 1) != (own & 1);
		}
		for (unsigned int n = 0; n < 30; n++)
			release(LAN_HOST(10 + n), (__u16)(40000 + n % 2), UDP, 0);
	}
	assert_in_range(other, 3, 27);
	/* One port, and of the wrong parity: better than none. */
	set_range(world, 50001, 50001);
	assert_int_equal(get(LAN_HOST(10), 40000, UDP), 50001);
}

/* Every port of the right parity can be drawn, and nothing beside the range. */
static void test_parity_at_the_edges(void **state)
{
	struct nat_world *world = *state;
	bool seen[65536] = {0};

	world->settings[0].port_parity = 1;
	set_range(world, 50001, 50006);
	for (unsigned int n = 0; n < 3; n++)
		seen[get(LAN_HOST(10 + n), 40000, UDP)] = true;
	assert_true(seen[50002] && seen[50004] && seen[50006]);
	for (unsigned int n = 0; n < 3; n++)
		seen[get(LAN_HOST(20 + n), 40001, UDP)] = true;
	assert_true(seen[50001] && seen[50003] && seen[50005]);
	assert_int_equal(get(LAN_HOST(30), 40000, UDP), 0);
}

/* What the gateway itself answers on is no mapping's, kept or drawn. */
static void test_sockets(void **state)
{
	struct nat_world *world = *state;

	world->listens_port = htons(40000);
	assert_int_not_equal(get(LAN_HOST(30), 40000, UDP), 40000);
	set_range(world, 40000, 40001);
	assert_int_equal(get(LAN_HOST(31), 40000, TCP), 40001);
	assert_int_equal(get(LAN_HOST(32), 40000, TCP), 0);
	assert_int_equal(reason, HP_DROP_NO_PORT);
	/* It is the gateway's own socket that the gateway's own flow comes from. */
	assert_int_equal(get(PUBLIC, 40000, UDP), 40000);
	/* An ICMP id is no socket's. */
	assert_int_equal(get(LAN_HOST(33), 40000, ICMP), 40000);
}

static __u32 two_then_free(struct nat_world *world)
{
	unsigned int *asked = world->data;

	return (*asked)++ < 4 ? 0 : 7;
}

static void test_histogram(void **state)
{
	struct nat_world *world = *state;
	unsigned int asked = 0;

	set_range(world, 50000, 50009);
	assert_int_equal(get(LAN_HOST(30), 50000, UDP), 50000);
	assert_int_equal(world->stats[HP_STAT_PORT_KEPT], 1);
	world->random = two_then_free;
	world->data = &asked;
	/* Two of the numbers are for the words of the mapping and of its host, two find 50000 taken. */
	assert_int_equal(get(LAN_HOST(31), 50000, UDP), 50007);
	assert_int_equal(world->stats[HP_STAT_PORT_4], 1);
	world->random = NULL;
	set_range(world, 50000, 50000);
	assert_int_equal(get(LAN_HOST(32), 50000, UDP), 0);
	assert_int_equal(world->stats[HP_STAT_PORT_NONE], 1);
}

/* --- rest ---------------------------------------------------------------------------------------- */

static void test_rest(void **state)
{
	struct nat_world *world = *state;

	set_range(world, 50000, 50000);
	assert_int_equal(get(LAN_HOST(30), 50000, UDP), 50000);
	end(LAN_HOST(30), 50000, UDP);
	assert_int_equal(world->mappings.n, 0);
	assert_int_equal(world->bindings.n, 1);
	world_check_ports(world);
	now_s += REST_S - 1;
	sweep();
	assert_int_equal(get(LAN_HOST(31), 50000, UDP), 0);
	assert_int_equal(reason, HP_DROP_NO_PORT);
	/* Other protocols do not share it. */
	assert_int_equal(get(LAN_HOST(31), 50000, TCP), 50000);
	now_s++;
	assert_int_equal(get(LAN_HOST(31), 50000, UDP), 50000);
	world_check_ports(world);
	/* The entry of the queue is a leftover now. */
	sweep();
	assert_int_equal(world->rest_n, 0);
	assert_int_equal(world_bound(world), 2);
}

/* The owner gets its own back, and then it rests anew. */
static void test_owner_comes_back(void **state)
{
	struct nat_world *world = *state;

	set_range(world, 50000, 50000);
	assert_int_equal(get(LAN_HOST(30), 50000, UDP), 50000);
	end(LAN_HOST(30), 50000, UDP);
	now_s += REST_S - 1;
	assert_int_equal(get(LAN_HOST(30), 50000, UDP), 50000);
	end(LAN_HOST(30), 50000, UDP);
	now_s += 2;
	sweep();
	assert_int_equal(get(LAN_HOST(31), 50000, UDP), 0);
	now_s += REST_S;
	assert_int_equal(get(LAN_HOST(31), 50000, UDP), 50000);
	world_check_ports(world);
}

/* Another port of the same host is another endpoint. */
static void test_rest_is_the_endpoints(void **state)
{
	set_range(*state, 50000, 50000);
	assert_int_equal(get(LAN_HOST(30), 50000, UDP), 50000);
	end(LAN_HOST(30), 50000, UDP);
	assert_int_equal(get(LAN_HOST(30), 40000, UDP), 0);
	assert_int_equal(reason, HP_DROP_NO_PORT);
}

/* Who could not keep its own port gets back the one it had, also when its own is free by then. */
static void test_drawn_port_comes_back(void **state)
{
	struct nat_world *world = *state;
	__u16 drawn;

	assert_int_equal(get(LAN_HOST(30), 51820, UDP), 51820);
	drawn = get(LAN_HOST(31), 51820, UDP);
	assert_int_not_equal(drawn, 51820);
	end(LAN_HOST(31), 51820, UDP);
	now_s += 60;
	assert_int_equal(get(LAN_HOST(31), 51820, UDP), drawn);
	assert_int_equal(world->stats[HP_STAT_PORT_AGAIN], 1);
	end(LAN_HOST(31), 51820, UDP);
	end(LAN_HOST(30), 51820, UDP);
	now_s += 60;
	assert_int_equal(get(LAN_HOST(31), 51820, UDP), drawn);
	end(LAN_HOST(31), 51820, UDP);
	/* Unless somebody has it by now, or nat.ports is another. */
	now_s += 2 * REST_S;
	assert_int_equal(get(LAN_HOST(32), drawn, UDP), drawn);
	assert_int_equal(get(LAN_HOST(31), 51820, UDP), 51820);
	release(LAN_HOST(31), 51820, UDP, 0);
	release(LAN_HOST(32), drawn, UDP, 0);
	set_range(world, 51820, 51820);
	assert_int_equal(get(LAN_HOST(31), 51820, UDP), 51820);
	world_check_ports(world);
}

/* The kernel lets the gateway's own ports rest; one that no packet left from, and one of a lost address, need none. */
static void test_no_rest(void **state)
{
	struct hp_prefix_key key = {.prefixlen = 32 + 128};
	struct nat_world *world = *state;

	assert_int_equal(get(PUBLIC, 40000, UDP), 40000);
	end(PUBLIC, 40000, UDP);
	assert_int_equal(world->bindings.n, 0);
	assert_int_equal(get(LAN_HOST(30), 40000, UDP), 40000);
	release(LAN_HOST(30), 40000, UDP, 0);
	assert_int_equal(world->bindings.n, 0);
	assert_int_equal(get(LAN_HOST(30), 40000, UDP), 40000);
	nat_v4_mapped(key.addr, PUBLIC);
	nat_table_delete(&world->prefixes[0], &key);
	end(LAN_HOST(30), 40000, UDP);
	assert_int_equal(world->bindings.n + world->rest_n, 0);
	world_check_ports(world);
}

static void test_fixed_port(void **state)
{
	struct nat_world *world = *state;

	world_forward(world, 0, &(struct world_forward){UDP, 6000, LAN_HOST(20), 5000, 0});
	assert_int_equal(get(LAN_HOST(20), 5000, UDP), 6000);
	end(LAN_HOST(20), 5000, UDP);
	assert_int_equal(world->bindings.n + world->rest_n + world->hosts.n, 0);
}

/* A port that cannot be put into the queue would never be found again. */
static void test_queue_full(void **state)
{
	struct nat_world *world = *state;
	__u32 room = world->n_rests;

	assert_int_equal(get(LAN_HOST(30), 40000, UDP), 40000);
	world->n_rests = 0;
	end(LAN_HOST(30), 40000, UDP);
	world->n_rests = room;
	assert_int_equal(world->bindings.n, 0);
	world_check_ports(world);
}

/* Nothing is left for ever, whatever came back in between; and nothing goes too early. */
static void test_swept(void **state)
{
	struct nat_world *world = *state;

	for (__u16 i = 0; i < 20; i++)
		assert_int_equal(get(LAN_HOST(30), (__u16)(40000 + i), UDP), 40000 + i);
	for (__u16 i = 0; i < 20; i++) {
		now_s += 5;
		end(LAN_HOST(30), (__u16)(40000 + i), UDP);
	}
	/* The first one ended 95 seconds before the last. */
	now_s += REST_S - 95 - 1;
	sweep();
	assert_int_equal(world->bindings.n, 20);
	now_s += 1 + 50;
	sweep();
	assert_int_equal(world->bindings.n, 9);
	world_check_ports(world);
	now_s += 45;
	sweep();
	assert_int_equal(world->bindings.n + world->rest_n, 0);
	world_check_ports(world);
}

/* Room in the table of bindings is asked for, too. */
static void test_bindings_full(void **state)
{
	struct nat_world *world = *state;
	size_t room = world->bindings.max_entries;

	world->bindings.max_entries = 1;
	assert_int_equal(get(LAN_HOST(30), 40000, UDP), 40000);
	assert_int_equal(get(LAN_HOST(31), 41000, UDP), 0);
	assert_int_equal(reason, HP_DROP_TABLE_FULL);
	world->bindings.max_entries = room;
	assert_int_equal(world_bound(world), 1);
	world_check_ports(world);
}

/* --- another CPU ----------------------------------------------------------------------------------- */

static __be32 other_host;

/* Before this CPU's exchange another one takes the port that rests. */
static void take_it(struct nat_world *world, __u64 *word)
{
	struct nat_ctx c = context();

	(void)world, (void)word;
	c.mapping_key =
		(struct hp_mapping_key){.addr = other_host, .port = htons(50000), .proto = UDP};
	c.mapping.ext_addr = PUBLIC;
	assert_int_equal(nat_mapping_get(nat_world, &c), 0);
	assert_int_equal(ntohs(c.mapping.ext_port), 50000);
}

/* Two want the port that has rested: one gets it. */
static void test_two_want_it(void **state)
{
	struct nat_world *world = *state;

	set_range(world, 50000, 50000);
	get(LAN_HOST(30), 50000, UDP);
	end(LAN_HOST(30), 50000, UDP);
	/* The first exchange of get() is the binding's: its host has no element yet. */
	now_s += REST_S;
	other_host = LAN_HOST(31);
	world->before_cas = take_it;
	assert_int_equal(get(LAN_HOST(32), 50000, UDP), 0);
	assert_int_equal(reason, HP_DROP_NO_PORT);
	assert_int_equal(world->mappings.n, 1);
	world_check_ports(world);
}

/* The sweep looks at a port that its owner takes back at this moment. */
static void test_taken_from_the_sweep(void **state)
{
	struct nat_world *world = *state;

	set_range(world, 50000, 50000);
	get(LAN_HOST(30), 50000, UDP);
	end(LAN_HOST(30), 50000, UDP);
	now_s += REST_S;
	other_host = LAN_HOST(30);
	world->before_cas = take_it;
	sweep();
	assert_int_equal(world_bound(world), 1);
	assert_int_equal(world->rest_n, 0);
	world_check_ports(world);
}

/* The sweep wins, the element is somebody else's by the time of this CPU's exchange, and its word happens to be the same. */
static void sweep_and_recycle(struct nat_world *world, __u64 *word)
{
	const struct hp_binding_key key = {.addr = PUBLIC, .port = htons(41000), .proto = UDP};
	__u64 old = *word;
	struct hp_binding *b;

	sweep();
	set_range(world, 1024, 65535);
	assert_int_equal(get(LAN_HOST(40), 41000, UDP), 41000);
	end(LAN_HOST(40), 41000, UDP);
	b = nat_table_find(&world->bindings, &key);
	assert_ptr_equal(&b->word, word);
	*word = old;
	set_range(world, 50000, 50000);
}

static void test_recycled(void **state)
{
	const struct hp_binding_key key = {.addr = PUBLIC, .port = htons(41000), .proto = UDP};
	struct nat_world *world = *state;
	const struct hp_binding *b;

	set_range(world, 50000, 50000);
	get(LAN_HOST(30), 50000, UDP);
	end(LAN_HOST(30), 50000, UDP);
	now_s += REST_S;
	world->before_cas = sweep_and_recycle;
	/* Of the tries that follow one finds it free again. */
	assert_int_equal(get(LAN_HOST(31), 50000, UDP), 50000);
	b = nat_table_find(&world->bindings, &key);
	assert_int_not_equal(nat_binding_freed_s(b->word), 0);
	assert_int_equal(b->mapping.addr, LAN_HOST(40));
	assert_int_equal(world_bound(world), 1);
}

/* The same endpoint's mapping is made by another CPU, which draws another port, before this one inserts its own. */
static void make_the_same(struct nat_world *world)
{
	(void)world;
	assert_int_not_equal(get(LAN_HOST(40), 9, UDP), 0);
}

/* The loser's claim is free again; where the port rested, its rest goes on from where it was. */
static void test_lost_claim(void **state)
{
	struct nat_world *world = *state;

	/* One that has rested long enough. */
	set_range(world, 50000, 50001);
	get(LAN_HOST(30), 50000, UDP);
	get(LAN_HOST(31), 50001, UDP);
	end(LAN_HOST(30), 50000, UDP);
	end(LAN_HOST(31), 50001, UDP);
	now_s += REST_S;
	world->before_mapping_add = make_the_same;
	assert_int_not_equal(get(LAN_HOST(40), 9, UDP), 0);
	assert_int_equal(world->mappings.n, 1);
	world_check_ports(world);
	assert_int_not_equal(get(LAN_HOST(41), 9, UDP), 0);
	release(LAN_HOST(40), 9, UDP, 0);
	release(LAN_HOST(40), 9, UDP, 0);
	release(LAN_HOST(41), 9, UDP, 0);
	sweep();
	assert_int_equal(world->bindings.n + world->rest_n, 0);

	/* Its own, which rests: of the two CPUs the first one takes it, and loses nevertheless. */
	set_range(world, 50000, 50000);
	assert_int_equal(get(LAN_HOST(40), 9, UDP), 50000);
	end(LAN_HOST(40), 9, UDP);
	set_range(world, 50000, 50001);
	now_s += REST_S - 10;
	world->before_mapping_add = make_the_same;
	assert_int_equal(get(LAN_HOST(40), 9, UDP), 50001);
	world_check_ports(world);
	assert_int_equal(world_bound(world), 1);
	assert_int_equal(get(LAN_HOST(41), 50000, UDP), 0);
	now_s += 10;
	assert_int_equal(get(LAN_HOST(41), 50000, UDP), 50000);
	now_s += REST_S;
	sweep();
	assert_int_equal(world->rest_n, 0);
	world_check_ports(world);
}

/* --- a twin that knows nothing of hash tables and exchanges --------------------------------------------- */

#define TWIN_FIRST 50000
#define TWIN_PORTS 6
#define TWIN_HOSTS 8
#define TWIN_STEPS 20000

static struct {
	int owner; /* of the port, -1: nobody */
	bool in_use;
	__u32 freed_s;
} twin[TWIN_PORTS];

static __be32 twin_host(int host)
{
	return LAN_HOST(30 + host);
}

/* Whether @host may have @port by the rule. */
static bool twin_may(int host, int port)
{
	if (twin[port].in_use)
		return false;
	return twin[port].owner < 0 || twin[port].owner == host ||
	       now_s - twin[port].freed_s >= REST_S;
}

static void twin_open(int host, int *mapped)
{
	__u16 port = get(twin_host(host), 9, UDP);
	bool possible = false;

	for (int i = 0; i < TWIN_PORTS; i++)
		possible |= twin_may(host, i);
	/* 64 tries can miss one of six: once in a hundred thousand. */
	assert_int_equal(port != 0, possible);
	if (!port)
		return;
	assert_in_range(port, TWIN_FIRST, TWIN_FIRST + TWIN_PORTS - 1);
	*mapped = port - TWIN_FIRST;
	assert_true(twin_may(host, *mapped));
	twin[*mapped].owner = host;
	twin[*mapped].in_use = true;
}

static void twin_step(struct nat_world *world, int *mapped)
{
	int host = (int)(nat_env_random() % TWIN_HOSTS);

	if (nat_env_random() % 4 == 0) {
		now_s += nat_env_random() % 50;
	} else if (nat_env_random() % 8 == 0) {
		sweep();
	} else if (mapped[host] < 0) {
		twin_open(host, &mapped[host]);
	} else {
		end(twin_host(host), 9, UDP);
		twin[mapped[host]].in_use = false;
		twin[mapped[host]].freed_s = now_s;
		mapped[host] = -1;
	}
	world_check_ports(world);
}

static void test_twin(void **state)
{
	struct nat_world *world = *state;
	int mapped[TWIN_HOSTS];

	set_range(world, TWIN_FIRST, TWIN_FIRST + TWIN_PORTS - 1);
	for (int i = 0; i < TWIN_PORTS; i++)
		twin[i].owner = -1;
	memset(mapped, -1, sizeof(mapped));
	for (unsigned int i = 0; i < TWIN_STEPS; i++)
		twin_step(world, mapped);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_classes),
		TEST(test_parity),
		TEST(test_parity_at_the_edges),
		TEST(test_sockets),
		TEST(test_histogram),
		TEST(test_rest),
		TEST(test_owner_comes_back),
		TEST(test_rest_is_the_endpoints),
		TEST(test_drawn_port_comes_back),
		TEST(test_no_rest),
		TEST(test_fixed_port),
		TEST(test_queue_full),
		TEST(test_swept),
		TEST(test_bindings_full),
		TEST(test_two_want_it),
		TEST(test_taken_from_the_sweep),
		TEST(test_recycled),
		TEST(test_lost_claim),
		TEST(test_twin),
	};

	return cmocka_run_group_tests_name("nat port", tests, NULL, NULL);
}
