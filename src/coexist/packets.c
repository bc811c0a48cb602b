// SPDX-License-Identifier: GPL-2.0-or-later
#include "packets.h"

#include <arpa/inet.h>
#include <string.h>

#define PORT_DNS 53
#define PORT_DHCP_SERVER 67
#define PORT_DHCP_CLIENT 68
#define TCP_SYN 0x02
#define TCP_ACK 0x10

struct maker {
	const struct plan *plan;
	const char *wan; /* "": none */
	packet_cb cb;
	void *data;
};

/* Addresses that are alike for our purpose. */
struct span {
	struct ip_addr first, last;
};

static struct span span_one(const struct ip_addr *addr)
{
	return (struct span){*addr, *addr};
}

/* @bits of the 128. */
static struct span span_of(const __u8 addr[16], unsigned int bits)
{
	struct span span;

	memcpy(span.first.b, addr, sizeof(span.first.b));
	span.last = span.first;
	for (unsigned int i = bits; i < 128; i++) {
		span.first.b[i / 8] &= (__u8) ~(0x80 >> i % 8);
		span.last.b[i / 8] |= (__u8)(0x80 >> i % 8);
	}
	return span;
}

static struct span span_anywhere(bool v4)
{
	struct ip_addr zero = ip_addr_from_v4(0), none = {{0}};

	return span_of(v4 ? zero.b : none.b, v4 ? 96 : 0);
}

/* The first prefix of @set; for set 0, of the LAN behind @ifindex. False: there is none of that family. */
static bool span_find(const struct plan *plan, __u32 set, unsigned int ifindex, bool v4,
		      struct span *ret_span)
{
	for (size_t i = 0; i < plan->n_prefixes; i++) {
		const struct plan_prefix *prefix = &plan->prefixes[i];
		struct ip_addr addr = ip_addr_from_v6(prefix->key.addr);

		if (prefix->key.set != set || ip_addr_is_v4(&addr) != v4)
			continue;
		if (set == 0 &&
		    (prefix->prefix.kind != HP_NET_LAN || prefix->prefix.ifindex != ifindex))
			continue;
		*ret_span = span_of(prefix->key.addr, prefix->key.prefixlen - 32);
		return true;
	}
	return false;
}

static const struct plan_device *device_find(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (!strcmp(plan->devices[i].name, name))
			return &plan->devices[i];
	}
	return NULL;
}

static int key_compare(const void *a, const void *b)
{
	const struct plan_rule *x = a, *y = b;

	return memcmp(&x->key, &y->key, sizeof(x->key));
}

/* Who may use that external port from WAN. */
static struct span clients_outside(const struct plan *plan, __u8 proto, __u16 port)
{
	struct plan_rule key = {
		.key = {.port = htons(port), .proto = proto, .kind = HP_RULE_EXTERNAL}};
	const struct plan_rule *rule =
		bsearch(&key, plan->rules, plan->n_rules, sizeof(key), key_compare);
	struct span span = span_anywhere(true);

	if (rule && rule->rule.allow)
		span_find(plan, rule->rule.allow, 0, true, &span);
	return span;
}

/* --- one packet ------------------------------------------------------------------------------------------- */

static void ports_set(struct packet *packet, __u16 from, __u16 from_last, __u16 to, __u16 to_last)
{
	packet->any_sport = !from;
	packet->sport_low = from ? from : 1024;
	packet->sport_high = from ? from_last : 65535;
	packet->any_dport = !to;
	packet->dport_low = to ? to : 1;
	packet->dport_high = to ? to_last : 65535;
}

static void say(const struct maker *maker, struct packet packet, enum rule_hook hook)
{
	packet.hook = hook;
	if (hook == HOOK_PREROUTING || hook == HOOK_INPUT)
		packet.oif = "";
	if (hook == HOOK_POSTROUTING || hook == HOOK_OUTPUT)
		packet.iif = "";
	packet.tcp_flags = packet.is_answer ? TCP_ACK : TCP_SYN;
	maker->cb(&packet, maker->data);
}

/* --- what is forwarded -------------------------------------------------------------------------------- */

/* One way that a connection takes, in the form of its first packet behind all translation of destinations. */
struct way {
	struct packet packet;
	/* Before it. */
	struct ip_addr public;
	__u16 external, external_last;
};

static void begins(const struct maker *maker, const struct way *way)
{
	struct packet before = way->packet;
	bool is_own = way->packet.way == WAY_OWN;
	enum rule_hook first = is_own ? HOOK_OUTPUT : HOOK_PREROUTING;

	if (way->packet.is_nat) {
		before.dst_first = before.dst_last = way->public;
		before.dst_type = ADDRESS_LOCAL;
		before.connection = CONNECTION_NEW;
		/* To an address of our own. */
		if (is_own)
			before.oif = "lo";
		ports_set(&before, 0, 0, way->external, way->external_last);
	}
	before.before_nat = true;
	say(maker, before, first);
	say(maker, way->packet, first);
	if (!is_own)
		say(maker, way->packet, HOOK_FORWARD);
	say(maker, way->packet, HOOK_POSTROUTING);
}

static void answers(const struct maker *maker, const struct way *way)
{
	const struct packet *to = &way->packet;
	struct packet answer = *to;

	answer.is_answer = true;
	answer.iif = to->oif;
	answer.oif = to->iif;
	answer.src_first = to->dst_first;
	answer.src_last = to->dst_last;
	answer.src_type = to->dst_type;
	answer.dst_first = to->src_first;
	answer.dst_last = to->src_last;
	answer.dst_type = to->src_type;
	answer.connection = CONNECTION_ESTABLISHED | (to->connection & CONNECTION_DNAT);
	ports_set(&answer, to->any_dport ? 0 : to->dport_low, to->dport_high, 0, 0);
	say(maker, answer, HOOK_PREROUTING);
	if (to->way == WAY_OWN) {
		say(maker, answer, HOOK_INPUT);
		return;
	}
	say(maker, answer, HOOK_FORWARD);
	say(maker, answer, HOOK_POSTROUTING);
}

static void connects(const struct maker *maker, const struct way *way)
{
	begins(maker, way);
	answers(maker, way);
}

static struct way forward_way(const struct maker *maker, const struct plan_service *service,
			      const struct plan_forward *forward)
{
	const struct plan *plan = maker->plan;
	__u16 more = (__u16)(forward->external_last - forward->external_first);
	struct way way = {
		.packet = {.oif = service->segment,
			   .is_v4 = true,
			   .is_nat = true,
			   .has_source = service->hairpin_source != HP_HAIRPIN_GATEWAY,
			   .proto = forward->proto,
			   .dst_first = service->host,
			   .dst_last = service->host,
			   .dst_type = ADDRESS_UNICAST,
			   .src_type = ADDRESS_UNICAST,
			   .connection = CONNECTION_NEW | CONNECTION_DNAT,
			   .service = service->name,
			   .host = service->host,
			   .host_port = forward->internal_first},
		.public = ip_addr_from_v4(plan->settings.wan_addr),
		.external = forward->external_first,
		.external_last = forward->external_last,
	};

	ports_set(&way.packet, 0, 0, forward->internal_first,
		  (__u16)(forward->internal_first + more));
	return way;
}

static void way_from(struct way *way, enum packet_way kind, const char *device, struct span from)
{
	way->packet.way = kind;
	way->packet.iif = device;
	way->packet.src_first = from.first;
	way->packet.src_last = from.last;
}

static void forwarded(const struct maker *maker, const struct plan_service *service,
		      const struct plan_forward *forward)
{
	const struct plan *plan = maker->plan;
	struct way way = forward_way(maker, service, forward);
	struct span from;

	if (*maker->wan) {
		way_from(&way, WAY_FORWARD, maker->wan,
			 clients_outside(plan, forward->proto, forward->external_first));
		connects(maker, &way);
	}
	for (size_t i = 0; i < plan->n_devices; i++) {
		const struct plan_device *device = &plan->devices[i];

		if (device->side != HP_SIDE_LAN ||
		    !span_find(plan, 0, device->ifindex, true, &from))
			continue;
		way_from(&way, WAY_LOOPBACK, device->name, from);
		connects(maker, &way);
	}
	way.packet.src_type = ADDRESS_LOCAL;
	way_from(&way, WAY_OWN, "", span_one(&way.public));
	connects(maker, &way);
}

static void pinhole(const struct maker *maker, const struct plan_service *service,
		    const struct plan_forward *forward)
{
	struct way way = forward_way(maker, service, forward);

	way.packet.is_v4 = way.packet.is_nat = false;
	way.packet.connection = CONNECTION_NEW;
	way.packet.dst_first = way.packet.dst_last = way.packet.host = service->host6;
	way_from(&way, WAY_FORWARD, maker->wan, span_anywhere(false));
	if (*maker->wan)
		connects(maker, &way);
}

static void outgoing(const struct maker *maker, const struct plan_device *device, bool v4)
{
	static const __u8 protos[] = {IPPROTO_TCP, IPPROTO_UDP};
	struct span from, to = span_anywhere(v4);

	if (!*maker->wan || !span_find(maker->plan, 0, device->ifindex, v4, &from))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
		struct way way = {.packet = {.oif = maker->wan,
					     .is_v4 = v4,
					     .proto = protos[i],
					     .dst_first = to.first,
					     .dst_last = to.last,
					     .dst_type = ADDRESS_UNICAST,
					     .src_type = ADDRESS_UNICAST,
					     .connection = CONNECTION_NEW,
					     .service = ""}};

		way_from(&way, WAY_OUTGOING, device->name, from);
		ports_set(&way.packet, 0, 0, 0, 0);
		connects(maker, &way);
	}
}

/* --- what is for the gateway -------------------------------------------------------------------------- */

static void arrives(const struct maker *maker, struct packet packet)
{
	packet.way = WAY_INPUT;
	packet.is_v4 = true;
	packet.connection = CONNECTION_NEW;
	packet.dst_type = packet.dst_type ? packet.dst_type : ADDRESS_LOCAL;
	packet.src_type = ADDRESS_UNICAST;
	packet.oif = "";
	packet.before_nat = true;
	say(maker, packet, HOOK_PREROUTING);
	packet.before_nat = false;
	say(maker, packet, HOOK_INPUT);
}

static void answers_on_wan(const struct maker *maker)
{
	const struct plan *plan = maker->plan;
	struct ip_addr public = ip_addr_from_v4(plan->settings.wan_addr);

	for (size_t i = 0; *maker->wan && i < plan->n_rules; i++) {
		const struct plan_rule *rule = &plan->rules[i];
		__u16 port = ntohs(rule->rule.host_port);
		struct span from = span_anywhere(true);
		struct packet packet = {.iif = maker->wan,
					.proto = rule->key.proto,
					.dst_first = public,
					.dst_last = public};

		if (rule->key.kind != HP_RULE_EXTERNAL || rule->rule.action != HP_ACTION_PASS)
			continue;
		if (rule->rule.allow)
			span_find(plan, rule->rule.allow, 0, true, &from);
		packet.src_first = from.first;
		packet.src_last = from.last;
		packet.service = rule->rule.service < plan->n_services
					 ? plan->services[rule->rule.service].name
					 : "wan.pass";
		ports_set(&packet, 0, 0, port, port);
		arrives(maker, packet);
	}
}

static void answers_questions(const struct maker *maker)
{
	static const __u8 protos[] = {IPPROTO_UDP, IPPROTO_TCP};
	const struct plan_dns *dns = &maker->plan->dns;

	for (size_t i = 0; dns->on && i < dns->n_listeners; i++) {
		const struct plan_listener *listener = &dns->listeners[i];
		struct span from =
			span_of(listener->segment.addr.b, listener->segment.length + 96u);

		for (size_t k = 0; k < ARRAY_SIZE(protos); k++) {
			struct packet packet = {.iif = listener->interface,
						.proto = protos[k],
						.src_first = from.first,
						.src_last = from.last,
						.dst_first = listener->addr,
						.dst_last = listener->addr,
						.service = "dns"};

			ports_set(&packet, 0, 0, PORT_DNS, PORT_DNS);
			arrives(maker, packet);
		}
	}
}

static void answers_leases(const struct maker *maker)
{
	const struct plan_dhcp *dhcp = &maker->plan->dhcp;

	for (size_t i = 0; i < dhcp->n_segments; i++) {
		struct ip_addr nobody = ip_addr_from_v4(0), all = ip_addr_from_v4(htonl(~0u));
		struct packet packet = {.iif = dhcp->segments[i].interface,
					.proto = IPPROTO_UDP,
					.src_first = nobody,
					.src_last = nobody,
					.dst_first = all,
					.dst_last = all,
					.dst_type = ADDRESS_OTHER,
					.service = "dhcp"};

		ports_set(&packet, PORT_DHCP_CLIENT, PORT_DHCP_CLIENT, PORT_DHCP_SERVER,
			  PORT_DHCP_SERVER);
		arrives(maker, packet);
	}
}

/* --- all ------------------------------------------------------------------------------------------------ */

void packets_each(const struct plan *plan, bool only_own, packet_cb cb, void *data)
{
	struct maker maker = {.plan = plan, .wan = "", .cb = cb, .data = data};

	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].side == HP_SIDE_WAN)
			maker.wan = plan->devices[i].name;
	}
	answers_on_wan(&maker);
	answers_questions(&maker);
	answers_leases(&maker);
	if (only_own)
		return;
	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t k = 0; k < service->n_forwards && device_find(plan, service->segment);
		     k++) {
			if (service->has_host && plan->settings.wan_addr)
				forwarded(&maker, service, &service->forwards[k]);
			if (service->has_host6)
				pinhole(&maker, service, &service->forwards[k]);
		}
	}
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].side != HP_SIDE_LAN)
			continue;
		outgoing(&maker, &plan->devices[i], true);
		outgoing(&maker, &plan->devices[i], false);
	}
}
