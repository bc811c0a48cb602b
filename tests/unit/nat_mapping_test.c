// SPDX-License-Identifier: GPL-2.0-or-later
/* Mappings and the choice of their port (RFC 4787 REQ-1 to REQ-4), and what another CPU may do in between. */
/* Requirements: 1, 3, 68. */
#include "cleanup.h"
#include "native/world.h"

#include "nat/mapping.h"

#define UDP 17
#define ICMP 1

/* A packet context whose plan is the world's. */
static struct nat_ctx context(void)
{
	struct nat_ctx c = {0};

	world_begin(&c, WORLD_LAN, HP_SIDE_LAN, 1000);
	return c;
}

static void set_key(struct nat_ctx *c, __be32 addr, __u16 port, __u8 proto)
{
	c->mapping_key = (struct hp_mapping_key){.addr = addr, .port = htons(port), .proto = proto};
	c->mapping.ext_addr = PUBLIC;
	c->mapping.host = 0;
}

/* The external port that the endpoint gets, host byte order; 0 and the reason in *ret_reason if none. */
static __u16 get(__be32 addr, __u16 port, __u8 proto, int *ret_reason)
{
	struct nat_ctx c = context();

	set_key(&c, addr, port, proto);
	*ret_reason = nat_mapping_get(nat_world, &c);
	if (*ret_reason)
		return 0;
	assert_int_equal(c.mapping.ext_addr, PUBLIC);
	return ntohs(c.mapping.ext_port);
}

static void release(__be32 addr, __u16 port, __u8 proto)
{
	struct nat_ctx c = context();
	const struct hp_mapping_key key = {.addr = addr, .port = htons(port), .proto = proto};

	nat_mapping_release(&c, &key, 0);
}

static void test_kept(void **state)
{
	struct nat_world *world = *state;
	int reason;

	assert_int_equal(get(LAN_HOST(30), 40000, UDP, &reason), 40000);
	assert_int_equal(get(LAN_HOST(30), 1024, UDP, &reason), 1024);
	assert_int_equal(get(LAN_HOST(30), 65535, UDP, &reason), 65535);
	assert_int_equal(world->bindings.n, 3);
	assert_int_equal(world->mappings.n, 3);
}

static void test_outside_the_range(void **state)
{
	struct nat_world *world = *state;
	int reason;

	world->settings[0].port_first = 50000;
	world->settings[0].port_last = 50009;
	assert_in_range(get(LAN_HOST(30), 49999, UDP, &reason), 50000, 50009);
	assert_in_range(get(LAN_HOST(31), 50010, UDP, &reason), 50000, 50009);
	assert_in_range(get(LAN_HOST(32), 1, UDP, &reason), 50000, 50009);
	assert_int_equal(get(LAN_HOST(33), 77, ICMP, &reason), 77);
	assert_int_equal(get(LAN_HOST(33), 0, ICMP, &reason), 0);
	assert_int_equal(reason, 0);
}

static void test_conflict(void **state)
{
	struct nat_world *world = *state;
	bool seen[65536] = {0};
	int reason;

	for (__u32 host = 2; host < 62; host++) {
		__u16 port = get(LAN_HOST(host), 40000, UDP, &reason);

		assert_int_equal(reason, 0);
		assert_in_range(port, 1024, 65535);
		assert_false(seen[port]);
		seen[port] = true;
	}
	assert_int_equal(world->bindings.n, 60);
}

/* Both ends of a range are given out, and nothing beside them. */
static void test_whole_range_is_used(void **state)
{
	struct nat_world *world = *state;
	bool seen[4] = {0};
	int reason;

	world->settings[0].port_first = 50000;
	world->settings[0].port_last = 50003;
	for (__u32 host = 2; host < 6; host++) {
		__u16 port = get(LAN_HOST(host), 9, UDP, &reason);

		assert_in_range(port, 50000, 50003);
		seen[port - 50000] = true;
	}
	assert_true(seen[0] && seen[1] && seen[2] && seen[3]);
	assert_int_equal(get(LAN_HOST(6), 9, UDP, &reason), 0);
	assert_int_equal(reason, HP_DROP_NO_PORT);
	assert_int_equal(world->mappings.n, 4);
	assert_int_equal(world->bindings.n, 4);
	/* One that goes makes room for one. */
	release(LAN_HOST(3), 9, UDP);
	assert_in_range(get(LAN_HOST(6), 9, UDP, &reason), 50000, 50003);
}

static __u32 always_first(struct nat_world *world)
{
	(*(unsigned int *)world->data)++;
	return 0;
}

/* Exhaustion costs a bounded number of tries. */
static void test_tries_are_bounded(void **state)
{
	struct nat_world *world = *state;
	unsigned int asked = 0;
	int reason;

	assert_int_equal(get(LAN_HOST(30), 1024, UDP, &reason), 1024);
	world->random = always_first;
	world->data = &asked;
	assert_int_equal(get(LAN_HOST(31), 1024, UDP, &reason), 0);
	assert_int_equal(reason, HP_DROP_NO_PORT);
	/* And one for each of the words of mapping and host. */
	assert_in_range(asked, LIMIT_PORT_TRIES, LIMIT_PORT_TRIES + 2);
}

static void test_reserved(void **state)
{
	struct nat_world *world = *state;
	int reason;

	world->settings[0].port_first = 50000;
	world->settings[0].port_last = 50001;
	world_forward(world, 0, &(struct world_forward){UDP, 50000, LAN_HOST(20), 5000, 0});
	assert_int_equal(get(LAN_HOST(30), 50000, UDP, &reason), 50001);
	assert_int_equal(get(LAN_HOST(31), 50000, UDP, &reason), 0);
	assert_int_equal(reason, HP_DROP_NO_PORT);
	/* The declared host's own endpoint is the declared one, without a binding: the rule is its claim. */
	assert_int_equal(get(LAN_HOST(20), 5000, UDP, &reason), 50000);
	assert_int_equal(world->bindings.n, 1);
	assert_int_equal(world->mappings.n, 2);
	release(LAN_HOST(20), 5000, UDP);
	assert_int_equal(world->bindings.n, 1);
	assert_int_equal(world->mappings.n, 1);
}

/* The gateway's own flows keep a port outside nat.ports, but not one of somebody else's. */
static void test_host(void **state)
{
	struct nat_ctx c = context();

	(void)state;
	set_key(&c, PUBLIC, 123, UDP);
	c.mapping.host = 1;
	assert_int_equal(nat_mapping_get(nat_world, &c), 0);
	assert_int_equal(ntohs(c.mapping.ext_port), 123);
	set_key(&c, LAN_HOST(30), 40000, UDP);
	assert_int_equal(nat_mapping_get(nat_world, &c), 0);
	set_key(&c, PUBLIC, 40000, UDP);
	c.mapping.host = 1;
	assert_int_equal(nat_mapping_get(nat_world, &c), 0);
	assert_int_not_equal(ntohs(c.mapping.ext_port), 40000);
}

static void test_gateway_pool(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = context();

	world_forward(world, 0, &(struct world_forward){UDP, 20000, LAN_HOST(20), 5000, 0});
	set_key(&c, LAN_HOST(30), 20000, UDP);
	c.mapping_key.pool = HP_POOL_GATEWAY;
	c.mapping_key.via = c.mapping.ext_addr = LAN_HOST(1);
	assert_int_equal(nat_mapping_get(nat_world, &c), 0);
	/* What is reserved on the public address is not on another one. */
	assert_int_equal(ntohs(c.mapping.ext_port), 20000);
	set_key(&c, LAN_HOST(30), 40000, UDP);
	c.mapping_key.pool = HP_POOL_GATEWAY;
	c.mapping_key.via = c.mapping.ext_addr = LAN_HOST(1);
	assert_int_equal(nat_mapping_get(nat_world, &c), 0);
	assert_in_range(ntohs(c.mapping.ext_port), LIMIT_GATEWAY_POOL_FIRST,
			LIMIT_GATEWAY_POOL_LAST);
}

static void test_references(void **state)
{
	struct nat_world *world = *state;
	int reason;

	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(get(LAN_HOST(30), 40000, UDP, &reason), 40000);
	assert_int_equal(world->mappings.n, 1);
	release(LAN_HOST(30), 40000, UDP);
	release(LAN_HOST(30), 40000, UDP);
	assert_int_equal(world->mappings.n, 1);
	release(LAN_HOST(30), 40000, UDP);
	assert_int_equal(world->mappings.n, 0);
	assert_int_equal(world->bindings.n, 0);
	/* One too many finds nothing. */
	release(LAN_HOST(30), 40000, UDP);
	assert_int_equal(world->mappings.n, 0);
}

/* A mapping on our second address stays what it is (RFC 4787 REQ-1); on one that is gone, the audit ends its sessions soon. */
static void test_another_address(void **state)
{
	struct nat_world *world = *state;
	struct hp_prefix_key key = {.prefixlen = 32 + 128};
	struct nat_ctx c = context();
	int reason;

	assert_int_equal(get(LAN_HOST(30), 40000, UDP, &reason), 40000);
	set_key(&c, LAN_HOST(30), 40000, UDP);
	c.mapping.ext_addr = PUBLIC2;
	assert_int_equal(nat_mapping_get(nat_world, &c), 0);
	assert_int_equal(c.mapping.ext_addr, PUBLIC);
	release(LAN_HOST(30), 40000, UDP);

	nat_v4_mapped(key.addr, PUBLIC);
	nat_table_delete(&world->prefixes[0], &key);
	set_key(&c, LAN_HOST(30), 40000, UDP);
	c.mapping.ext_addr = PUBLIC2;
	assert_int_equal(nat_mapping_get(nat_world, &c), HP_DROP_NO_WAN);
	release(LAN_HOST(30), 40000, UDP);
	assert_int_equal(world->mappings.n, 0);
	set_key(&c, LAN_HOST(30), 40000, UDP);
	c.mapping.ext_addr = PUBLIC2;
	assert_int_equal(nat_mapping_get(nat_world, &c), 0);
	assert_int_equal(c.mapping.ext_addr, PUBLIC2);
}

/* Room for a binding, none for its mapping: the claim is given back. */
static void test_table_full(void **state)
{
	struct nat_world *world = *state;
	size_t room = world->mappings.max_entries;
	int reason;

	world->mappings.max_entries = 4;
	for (__u16 port = 40000; port < 40004; port++)
		assert_int_equal(get(LAN_HOST(30), port, UDP, &reason), port);
	assert_int_equal(get(LAN_HOST(31), 50000, UDP, &reason), 0);
	assert_int_equal(reason, HP_DROP_TABLE_FULL);
	assert_int_equal(world->bindings.n, 4);
	release(LAN_HOST(30), 40002, UDP);
	assert_int_equal(get(LAN_HOST(31), 50000, UDP, &reason), 50000);
	world->mappings.max_entries = room;
}

/* --- another CPU ------------------------------------------------------------------------------ */

/* The other CPU makes the same endpoint's mapping just before this one inserts its own. */
static void make_the_same(struct nat_world *world)
{
	int reason;

	(void)world;
	get(LAN_HOST(30), 40000, UDP, &reason);
	assert_int_equal(reason, 0);
}

static void test_lost_the_insert(void **state)
{
	struct nat_world *world = *state;
	__u16 port;
	int reason;

	world->before_mapping_add = make_the_same;
	port = get(LAN_HOST(30), 40000, UDP, &reason);
	assert_int_equal(reason, 0);
	/* Both use the winner's, and the loser's port is free again. */
	assert_int_equal(world->mappings.n, 1);
	assert_int_equal(world->bindings.n, 1);
	assert_int_equal(port, get(LAN_HOST(30), 40000, UDP, &reason));
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(world->mappings.n, 1);
		release(LAN_HOST(30), 40000, UDP);
	}
	assert_int_equal(world->mappings.n, 0);
	assert_int_equal(world->bindings.n, 0);
}

/* The other CPU gives the last reference back between this one's look and its exchange. */
static void release_the_last(struct nat_world *world, __u64 *word)
{
	(void)world, (void)word;
	release(LAN_HOST(30), 40000, UDP);
}

static void test_taken_while_it_went(void **state)
{
	struct nat_world *world = *state;
	int reason;

	get(LAN_HOST(30), 40000, UDP, &reason);
	world->before_cas = release_the_last;
	get(LAN_HOST(30), 40000, UDP, &reason);
	assert_int_equal(reason, HP_DROP_RACE);
	assert_int_equal(world->mappings.n, 0);
	assert_int_equal(world->bindings.n, 0);
	assert_int_equal(get(LAN_HOST(30), 40000, UDP, &reason), 40000);
}

/*
 * As before, but the element is somebody else's mapping by the time of the exchange, with a word that happens to be the
 * same: the reference is that one's, and is given back.
 */
static void recycle(struct nat_world *world, __u64 *word)
{
	__u64 old = *word;
	struct hp_mapping *other;
	const struct hp_mapping_key key = {
		.addr = LAN_HOST(31), .port = htons(41000), .proto = UDP};
	const struct hp_binding_key endpoint = {.addr = PUBLIC, .port = htons(41000), .proto = UDP};
	struct hp_binding *binding;
	int reason;

	release(LAN_HOST(30), 40000, UDP);
	get(LAN_HOST(31), 41000, UDP, &reason);
	other = nat_table_find(&world->mappings, &key);
	assert_ptr_equal(&other->word, word);
	other->word = old;
	binding = nat_table_find(&world->bindings, &endpoint);
	binding->word = (__u32)old;
}

static void test_recycled(void **state)
{
	struct nat_world *world = *state;
	int reason;

	get(LAN_HOST(30), 40000, UDP, &reason);
	world->before_cas = recycle;
	get(LAN_HOST(30), 40000, UDP, &reason);
	assert_int_equal(reason, HP_DROP_RACE);
	assert_int_equal(world->mappings.n, 1);
	/* The other one has the one reference that it should have. */
	release(LAN_HOST(31), 41000, UDP);
	assert_int_equal(world->mappings.n, 0);
	assert_int_equal(world->bindings.n, 0);
}

static void count_up(struct nat_world *world, __u64 *word)
{
	(void)world;
	*word += HP_MAPPING_REF_ONE;
}

/* A lost exchange is tried again. */
static void test_exchange_again(void **state)
{
	struct nat_world *world = *state;
	int reason;

	get(LAN_HOST(30), 40000, UDP, &reason);
	world->before_cas = count_up;
	assert_int_equal(get(LAN_HOST(30), 40000, UDP, &reason), 40000);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(world->mappings.n, 1);
		release(LAN_HOST(30), 40000, UDP);
	}
	assert_int_equal(world->mappings.n, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kept),
		TEST(test_outside_the_range),
		TEST(test_conflict),
		TEST(test_whole_range_is_used),
		TEST(test_tries_are_bounded),
		TEST(test_reserved),
		TEST(test_host),
		TEST(test_gateway_pool),
		TEST(test_references),
		TEST(test_another_address),
		TEST(test_table_full),
		TEST(test_lost_the_insert),
		TEST(test_taken_while_it_went),
		TEST(test_recycled),
		TEST(test_exchange_again),
	};

	return cmocka_run_group_tests_name("nat mapping", tests, NULL, NULL);
}
