// SPDX-License-Identifier: GPL-2.0-or-later
#include "world.h"

#define RULES 64
#define PREFIXES 16
#define NOTES 8

struct nat_world *nat_world;

static void add_rule(struct nat_world *world, __u32 slot, const struct hp_rule_key *key,
		     const struct hp_rule *rule)
{
	assert_int_equal(nat_table_add(&world->rules[slot], key, rule), 0);
}

static void add_link(struct nat_world *world, __u32 slot, __u32 ifindex, __be32 gateway)
{
	struct hp_rule_key key = {.kind = HP_RULE_LINK};
	const struct hp_rule rule = {
		.action = HP_ACTION_LINK,
		.link_side = ifindex == WORLD_WAN ? HP_SIDE_WAN : HP_SIDE_LAN,
		.isolated = ifindex == WORLD_ISO,
		.gateway = gateway,
		.service = 0xffffffff,
	};

	memcpy(key.addr + 12, &ifindex, sizeof(ifindex));
	add_rule(world, slot, &key, &rule);
}

/* @addr with @length bits of IPv4. */
static void add_net(struct nat_world *world, __u32 slot, __be32 addr, __u32 length,
		    const struct hp_prefix *prefix)
{
	struct hp_prefix_key key = {.prefixlen = 32 + 96 + length};

	key.addr[10] = key.addr[11] = 0xff;
	memcpy(key.addr + 12, &addr, sizeof(addr));
	assert_int_equal(nat_table_add(&world->prefixes[slot], &key, prefix), 0);
}

static void add_net6(struct nat_world *world, __u32 slot)
{
	const struct hp_prefix lan = {.kind = HP_NET_LAN, .ifindex = WORLD_LAN};
	struct hp_prefix_key key = {.prefixlen = 32 + 64,
				    .addr = {0x20, 0x01, 0x0d, 0xb8, 0, 0x11}};

	assert_int_equal(nat_table_add(&world->prefixes[slot], &key, &lan), 0);
}

void world_plan(struct nat_world *world, __u32 slot)
{
	const struct hp_prefix lan = {.kind = HP_NET_LAN, .ifindex = WORLD_LAN};
	const struct hp_prefix guest = {.kind = HP_NET_LAN, .ifindex = WORLD_ISO, .isolated = 1};
	const struct hp_prefix local = {.kind = HP_NET_LOCAL, .ifindex = WORLD_LAN};
	const struct hp_prefix wan = {.kind = HP_NET_WAN_LOCAL, .ifindex = WORLD_WAN};

	nat_table_clear(&world->rules[slot]);
	nat_table_clear(&world->prefixes[slot]);
	world->settings[slot] = (struct hp_settings){
		HP_SETTINGS_DEFAULTS,
		.wan_ifindex = WORLD_WAN,
		.wan_addr = PUBLIC,
		.port_first = 1024,
		.port_last = 65535,
		.pass_icmp_echo = 1,
		.filtering_udp = HP_FILTER_ADDRESS_AND_PORT_DEPENDENT,
		.filtering_tcp = HP_FILTER_ADDRESS_AND_PORT_DEPENDENT,
	};
	add_link(world, slot, WORLD_WAN, PUBLIC);
	add_link(world, slot, WORLD_LAN, LAN_HOST(1));
	add_link(world, slot, WORLD_ISO, GUEST(1));
	add_net(world, slot, LAN_HOST(0), 24, &lan);
	add_net(world, slot, GUEST(0), 24, &guest);
	add_net(world, slot, LAN_HOST(1), 32, &local);
	add_net(world, slot, PUBLIC, 32, &wan);
	add_net(world, slot, PUBLIC2, 32, &wan);
	add_net6(world, slot);
}

static void add_arm_nets(struct nat_world *world, __u32 slot, __be32 addr)
{
	const struct hp_prefix lan = {.kind = HP_NET_LAN, .ifindex = WORLD_WAN};
	const struct hp_prefix ours = {.kind = HP_NET_WAN_LOCAL, .ifindex = WORLD_WAN};
	const struct hp_prefix public = {.kind = HP_NET_PUBLIC};

	nat_table_clear(&world->prefixes[slot]);
	world->settings[slot].wan_addr = addr;
	add_net(world, slot, LAN_HOST(0), 24, &lan);
	add_net(world, slot, addr, 32, &ours);
	add_net(world, slot, MAIN_ADDR, 32, &public);
}

void world_plan_arm(struct nat_world *world, __u32 slot)
{
	struct hp_rule_key key = {.kind = HP_RULE_LINK};
	const __u32 ifindex = WORLD_WAN;
	const struct hp_rule link = {.action = HP_ACTION_LINK,
				     .link_side = HP_SIDE_LAN,
				     .gateway = ARM_ADDR,
				     .service = 0xffffffff};

	world_plan(world, slot);
	nat_table_clear(&world->rules[slot]);
	world->settings[slot].one_arm = 1;
	world->settings[slot].loop_addr = MAIN_ADDR;
	memcpy(key.addr + 12, &ifindex, sizeof(ifindex));
	add_rule(world, slot, &key, &link);
	add_arm_nets(world, slot, ARM_ADDR);
}

void world_arm_moves(struct nat_world *world, __u32 slot)
{
	add_arm_nets(world, slot, LAN_HOST(4));
}

void world_forward(struct nat_world *world, __u32 slot, const struct world_forward *forward)
{
	struct hp_rule_key outside = {.kind = HP_RULE_EXTERNAL, .proto = forward->proto};
	struct hp_rule_key host = {.kind = HP_RULE_HOST, .proto = forward->proto};
	const struct hp_rule rule = {
		.action = HP_ACTION_FORWARD,
		.hairpin_source = forward->source,
		.host_port = htons(forward->host_port),
		.ext_port = htons(forward->port),
		.host = forward->host,
		.outside_gateway = forward->outside_gateway,
	};

	outside.port = htons(forward->port);
	host.port = htons(forward->host_port);
	host.addr[10] = host.addr[11] = 0xff;
	memcpy(host.addr + 12, &forward->host, sizeof(forward->host));
	add_rule(world, slot, &outside, &rule);
	add_rule(world, slot, &host, &rule);
}

void world_filter(struct nat_world *world, __u32 slot, __u8 proto, __be32 host, __u8 filtering)
{
	struct hp_rule_key key = {.kind = HP_RULE_FILTER, .proto = proto};
	const struct hp_rule rule = {.action = HP_ACTION_FILTER, .filtering = filtering};

	key.addr[10] = key.addr[11] = 0xff;
	memcpy(key.addr + 12, &host, sizeof(host));
	add_rule(world, slot, &key, &rule);
}

struct nat_world *world_new(__u32 sessions)
{
	struct nat_world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	nat_table_init(&world->flows4, sizeof(struct hp_flow4), sizeof(struct hp_flow_ref),
		       2 * sessions);
	nat_table_init(&world->flows6, sizeof(struct hp_flow6), sizeof(struct hp_flow_ref),
		       sessions);
	nat_table_init(&world->mappings, sizeof(struct hp_mapping_key), sizeof(struct hp_mapping),
		       2 * sessions);
	nat_table_init(&world->fragments, sizeof(struct hp_fragment_key),
		       sizeof(struct hp_fragment), 16);
	nat_table_init(&world->sorter_sources, sizeof(__be32), sizeof(struct hp_sorter_use), 1024);
	nat_table_init(&world->bindings, sizeof(struct hp_binding_key), sizeof(struct hp_binding),
		       2 * sessions);
	nat_table_init(&world->peers, sizeof(struct hp_peer_key), sizeof(struct hp_peer), sessions);
	nat_table_init(&world->notes, sizeof(struct hp_flow4), sizeof(__u32), NOTES);
	nat_table_init(&world->old_ports, sizeof(struct hp_mapping_key),
		       sizeof(struct hp_binding_key), sessions);
	nat_table_init(&world->hosts, sizeof(struct hp_host_key), sizeof(struct hp_host), sessions);
	for (__u32 slot = 0; slot < HP_SLOTS; slot++) {
		nat_table_init(&world->rules[slot], sizeof(struct hp_rule_key),
			       sizeof(struct hp_rule), RULES);
		nat_table_init(&world->prefixes[slot], sizeof(struct hp_prefix_key),
			       sizeof(struct hp_prefix), PREFIXES);
		world_plan(world, slot);
	}
	world->n_sessions = sessions;
	world->sessions = calloc(sessions, sizeof(*world->sessions));
	world->free_list = calloc(sessions + 1, sizeof(*world->free_list));
	world->n_rests = 4 * sessions;
	world->rests = calloc(world->n_rests, sizeof(*world->rests));
	world->n_unproven = sessions < LIMIT_UNPROVEN_SHARE ? 1 : sessions / LIMIT_UNPROVEN_SHARE;
	world->unproven = calloc(world->n_unproven, sizeof(*world->unproven));
	world->n_peer_sets = sessions / LIMIT_PEER_SET_SHARE;
	world->peer_sets = calloc(world->n_peer_sets + 1, sizeof(*world->peer_sets));
	assert_true(world->sessions && world->free_list && world->rests && world->unproven &&
		    world->peer_sets);
	world->totals[HP_TOTAL_FREE] = world->totals[HP_TOTAL_SESSIONS] = sessions;
	world->random_state = 0x9e3779b97f4a7c15;
	world->route = WORLD_WAN;
	nat_world = world;
	for (__u32 i = 0; i < sessions; i++)
		assert_int_equal(nat_env_free_push(i), 0);
	return world;
}

int world_setup(void **state)
{
	*state = world_new(64);
	return 0;
}

int world_teardown(void **state)
{
	struct nat_world *world = *state;

	nat_table_fini(&world->flows4);
	nat_table_fini(&world->flows6);
	nat_table_fini(&world->mappings);
	nat_table_fini(&world->bindings);
	nat_table_fini(&world->peers);
	nat_table_fini(&world->notes);
	nat_table_fini(&world->old_ports);
	nat_table_fini(&world->hosts);
	free(world->rests);
	nat_table_fini(&world->fragments);
	nat_table_fini(&world->sorter_sources);
	for (__u32 slot = 0; slot < HP_SLOTS; slot++) {
		nat_table_fini(&world->rules[slot]);
		nat_table_fini(&world->prefixes[slot]);
	}
	free(world->sessions);
	free(world->free_list);
	free(world->unproven);
	free(world->peer_sets);
	free(world);
	nat_world = NULL;
	return 0;
}

void world_begin(struct nat_ctx *c, __u32 device, __u8 side, __u32 now_s)
{
	c->slot = nat_world->slot;
	c->settings = nat_world->settings[c->slot];
	memset(&c->in, 0, sizeof(c->in));
	c->in.ifindex = device;
	c->in.flow4.side = side;
	c->in.now_s = now_s;
	c->in.ttl = 64;
}

void world_packet(struct nat_ctx *c, __u8 proto, const struct world_tuple *tuple)
{
	c->in.proto = c->in.flow4.proto = proto;
	c->in.flow4.saddr = tuple->saddr;
	c->in.flow4.daddr = tuple->daddr;
	c->in.flow4.sport = htons(tuple->sport);
	c->in.flow4.dport = htons(tuple->dport);
	if (proto == IPPROTO_ICMP)
		c->in.icmp = tuple->sport ? NAT_ICMP_REQUEST : NAT_ICMP_REPLY;
}
