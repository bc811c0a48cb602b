// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The choice of external ports against a twin that looks at every port there is: what is free, what rests, what is declared, which class
 * and which parity. Whatever the allocator gives, the twin has to find allowed; what it should have kept, it has to have kept; and what it
 * refuses, where its random numbers go through the whole range, must be none.
 */
/* Requirements: 1, 3, 4, 5, 22, 31, 57, 66, 68. */
#include "cleanup.h"
#include "native/world.h"

#include "fuzz.h"
#include "nat/mapping.h"

#define SESSIONS 256
#define HOSTS 4 /* the last one is the gateway */
#define PORTS 65536u
#define NONE PORTS
/* RFC 6888 REQ-8, written out. */
#define REST_S 120
#define DECLARED 2

static const __u8 protocols[] = {6, 17, 1};
/* Of the hosts: of both classes and parities, and in the ranges below. */
static const __u16 host_ports[] = {5, 80, 1023, 1024, 40000, 40001, 40002, 65535};

struct endpoint {
	unsigned int proto, host, port; /* indices */
	unsigned int refs;
	__u32 ext, before; /* NONE: it has none, it had none */
};

struct port {
	struct endpoint *owner; /* NULL: nobody, or it rests */
	struct endpoint *rests_of;
	__u32 freed_s;
};

struct twin {
	struct nat_world *world;
	struct fuzz_input *input;
	struct endpoint endpoints[ARRAY_SIZE(protocols)][HOSTS][ARRAY_SIZE(host_ports)];
	struct port ports[ARRAY_SIZE(protocols)][PORTS];
	struct world_forward declared[DECLARED];
	__u32 first, last; /* nat.ports */
	bool parity, whole; /* whole: random numbers go through the range in turn */
	__u32 now_s, turn;
};

static __u32 in_turn(struct nat_world *world)
{
	struct twin *t = world->data;

	return t->turn++;
}

static __be32 address_of(const struct endpoint *e)
{
	return e->host == HOSTS - 1 ? PUBLIC : LAN_HOST(20 + e->host);
}

static const struct world_forward *declared_at(const struct twin *t, unsigned int proto, __u32 port)
{
	for (size_t i = 0; i < DECLARED; i++) {
		if (t->declared[i].proto == protocols[proto] && t->declared[i].port == port)
			return &t->declared[i];
	}
	return NULL;
}

/* The port outside that a forward gives to the endpoint, or NONE. */
static __u32 declared_for(const struct twin *t, const struct endpoint *e)
{
	for (size_t i = 0; i < DECLARED; i++) {
		const struct world_forward *f = &t->declared[i];

		if (f->proto == protocols[e->proto] && f->host == address_of(e) &&
		    f->host_port == host_ports[e->port])
			return f->port;
	}
	return NONE;
}

/* --- what is allowed ------------------------------------------------------------------------------------- */

static bool is_icmp(const struct endpoint *e)
{
	return protocols[e->proto] == 1;
}

/* Whether nat.ports has any port of the class: RFC 4787 REQ-3a can be kept only then. */
static bool class_exists(const struct twin *t, bool low)
{
	return low ? t->first < 1024 && t->last > 0 : t->last >= 1024;
}

static bool is_in_range(const struct twin *t, const struct endpoint *e, __u32 port)
{
	bool low = host_ports[e->port] < 1024;

	if (is_icmp(e))
		return true;
	if (!port || port < t->first || port > t->last)
		return false;
	return !class_exists(t, low) || (port < 1024) == low;
}

/* Nobody's, nor declared, nor resting for somebody else. */
static bool is_free(const struct twin *t, const struct endpoint *e, __u32 port)
{
	const struct port *p = &t->ports[e->proto][port];

	if (p->owner || declared_at(t, e->proto, port))
		return false;
	return !p->rests_of || p->rests_of == e || t->now_s - p->freed_s >= REST_S;
}

/* Whether ports of the endpoint's own parity are in the range at all. */
static bool parity_matters(const struct twin *t, const struct endpoint *e)
{
	if (!t->parity || is_icmp(e))
		return false;
	for (__u32 port = t->first; port <= t->last; port++) {
		if (is_in_range(t, e, port) && port % 2 == host_ports[e->port] % 2)
			return true;
	}
	return false;
}

static bool may_be_chosen(const struct twin *t, const struct endpoint *e, __u32 port, bool parity)
{
	return is_in_range(t, e, port) && is_free(t, e, port) &&
	       (!parity || port % 2 == host_ports[e->port] % 2);
}

static bool any_may_be_chosen(const struct twin *t, const struct endpoint *e, bool parity)
{
	for (__u32 port = 0; port < PORTS; port++) {
		if (may_be_chosen(t, e, port, parity))
			return true;
	}
	return false;
}

/* The host's own port, if the range has it; the gateway keeps any that is free. */
static bool may_keep(const struct twin *t, const struct endpoint *e)
{
	__u32 own = host_ports[e->port];

	return (e->host == HOSTS - 1 || is_in_range(t, e, own)) && is_free(t, e, own);
}

/* A new mapping got @port. */
static void check_given(const struct twin *t, const struct endpoint *e, __u32 port)
{
	__u32 own = host_ports[e->port];
	bool parity = parity_matters(t, e);

	/* What it had before is as good as its own: who knew it finds it there. */
	if (port == e->before && is_in_range(t, e, port) && is_free(t, e, port))
		return;
	if (may_keep(t, e)) {
		assert_int_equal(port, own);
		return;
	}
	assert_true(may_be_chosen(t, e, port, parity));
}

static void check_refused(const struct twin *t, const struct endpoint *e, int reason)
{
	assert_int_equal(reason, HP_DROP_NO_PORT);
	assert_false(may_keep(t, e));
	if (t->whole && t->last - t->first < LIMIT_PORT_TRIES)
		assert_false(any_may_be_chosen(t, e, parity_matters(t, e)));
}

/* --- steps --------------------------------------------------------------------------------------------------- */

static void context(const struct twin *t, const struct endpoint *e, struct nat_ctx *ret_c)
{
	memset(ret_c, 0x5a, sizeof(*ret_c));
	world_begin(ret_c, WORLD_LAN, HP_SIDE_LAN, t->now_s);
	ret_c->in.proto = protocols[e->proto];
	ret_c->mapping_key = (struct hp_mapping_key){.addr = address_of(e),
						     .port = htons(host_ports[e->port]),
						     .proto = protocols[e->proto]};
	ret_c->mapping.ext_addr = PUBLIC;
	ret_c->mapping.host = e->host == HOSTS - 1;
}

static struct endpoint *any_endpoint(struct twin *t)
{
	unsigned int proto = fuzz_u8(t->input) % ARRAY_SIZE(protocols);
	unsigned int host = fuzz_u8(t->input) % HOSTS;

	return &t->endpoints[proto][host][fuzz_u8(t->input) % ARRAY_SIZE(host_ports)];
}

/* The mapping is there already, or declared: there is nothing to choose. */
static bool is_settled(const struct twin *t, const struct endpoint *e, __u32 *ret_port)
{
	__u32 declared = e->host == HOSTS - 1 ? NONE : declared_for(t, e);

	*ret_port = e->refs ? e->ext : declared;
	return *ret_port != NONE;
}

static void step_take(struct twin *t, struct endpoint *e)
{
	struct nat_ctx c;
	__u32 settled, port;
	int reason;

	context(t, e, &c);
	reason = nat_mapping_get(t->world, &c);
	port = ntohs(c.mapping.ext_port);
	if (is_settled(t, e, &settled)) {
		assert_int_equal(reason, 0);
		assert_int_equal(port, settled);
	} else if (reason) {
		check_refused(t, e, reason);
		return;
	} else {
		check_given(t, e, port);
	}
	e->refs++;
	e->ext = port;
	if (!declared_at(t, e->proto, port))
		t->ports[e->proto][port] = (struct port){.owner = e};
}

static void step_release(struct twin *t, struct endpoint *e)
{
	struct port *p;
	struct nat_ctx c;

	if (!e->refs)
		return;
	context(t, e, &c);
	nat_mapping_release(&c, &c.mapping_key, 1);
	if (--e->refs)
		return;
	p = &t->ports[e->proto][e->ext];
	if (p->owner == e)
		*p = e->host == HOSTS - 1 ? (struct port){0}
					  : (struct port){.rests_of = e, .freed_s = t->now_s};
	e->before = e->ext;
	e->ext = NONE;
}

static void step_sweep(struct twin *t)
{
	struct nat_ctx c;

	context(t, &t->endpoints[0][0][0], &c);
	while (nat_rest_sweep(&c))
		continue;
}

static void step(struct twin *t)
{
	uint8_t kind = fuzz_u8(t->input) % 8;

	if (kind < 4)
		step_take(t, any_endpoint(t));
	else if (kind < 6)
		step_release(t, any_endpoint(t));
	else if (kind == 6)
		t->now_s += fuzz_u8(t->input) % (REST_S + 2);
	else
		step_sweep(t);
}

/* --- the plan ------------------------------------------------------------------------------------------------- */

static void set_up(struct twin *t)
{
	static const __u16 ranges[][2] = {
		{1024, 65535}, {40000, 40003}, {40000, 40015}, {1000, 1030},
		{0, 7},	       {1, 65535},     {5, 5},
	};
	const __u16 *range = ranges[fuzz_u8(t->input) % ARRAY_SIZE(ranges)];
	uint8_t how = fuzz_u8(t->input);
	struct hp_settings *settings = &t->world->settings[0];

	t->first = settings->port_first = range[0];
	t->last = settings->port_last = range[1];
	settings->port_parity = how & 1;
	t->parity = settings->port_parity;
	t->whole = how & 2;
	t->world->data = t;
	if (t->whole)
		t->world->random = in_turn;
	for (size_t i = 0; i < DECLARED; i++) {
		t->declared[i] = (struct world_forward){
			.proto = how & 4 ? 6 : 17,
			.port = (__u16)(40000 + i),
			.host = LAN_HOST(20 + i),
			.host_port = host_ports[i + 3],
		};
		world_forward(t->world, 0, &t->declared[i]);
	}
}

static void each_endpoint(struct twin *t, void (*call)(struct twin *t, struct endpoint *e))
{
	struct endpoint *e = &t->endpoints[0][0][0];

	for (size_t i = 0; i < sizeof(t->endpoints) / sizeof(*e); i++)
		call(t, &e[i]);
}

static void number_endpoint(struct twin *t, struct endpoint *e)
{
	size_t i = (size_t)(e - &t->endpoints[0][0][0]);

	*e = (struct endpoint){
		.proto = (unsigned int)(i / ARRAY_SIZE(host_ports) / HOSTS),
		.host = (unsigned int)(i / ARRAY_SIZE(host_ports) % HOSTS),
		.port = (unsigned int)(i % ARRAY_SIZE(host_ports)),
		.ext = NONE,
		.before = NONE,
	};
}

static void release_all(struct twin *t, struct endpoint *e)
{
	while (e->refs)
		step_release(t, e);
}

/* Both indices have what the twin has, neither more nor less. */
static void check_tables(const struct twin *t)
{
	size_t owned = 0;

	for (size_t proto = 0; proto < ARRAY_SIZE(protocols); proto++) {
		for (__u32 port = 0; port < PORTS; port++)
			owned += t->ports[proto][port].owner != NULL;
	}
	assert_int_equal(world_bound(t->world), owned);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct twin t;
	struct fuzz_input input = {data, size};
	void *world = world_new(SESSIONS);

	memset(&t, 0, sizeof(t));
	t.world = world;
	t.input = &input;
	t.now_s = 1000;
	each_endpoint(&t, number_endpoint);
	set_up(&t);
	while (!fuzz_over(&input))
		step(&t);
	check_tables(&t);
	each_endpoint(&t, release_all);
	assert_int_equal(t.world->mappings.n + world_bound(t.world) + t.world->hosts.n, 0);
	t.now_s += REST_S;
	step_sweep(&t);
	assert_int_equal(t.world->bindings.n + t.world->rest_n, 0);
	world_teardown(&world);
	return 0;
}
