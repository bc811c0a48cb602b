// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "fast_path.h"

static int add(struct fast_devices *devices, const struct fast_device *device)
{
	struct fast_device *more = reallocarray(devices->items, devices->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	devices->items = more;
	more[devices->n++] = *device;
	return 0;
}

const struct fast_device *fast_devices_find(const struct fast_devices *devices,
					    unsigned int ifindex)
{
	for (size_t i = 0; ifindex && i < devices->n; i++) {
		if (devices->items[i].ifindex == ifindex)
			return &devices->items[i];
	}
	return NULL;
}

void fast_devices_fini(struct fast_devices *devices)
{
	free(devices->items);
	*devices = (struct fast_devices){0};
}

/* --- which ------------------------------------------------------------------------------------------------ */

static int add_ports(struct fast_devices *devices, const struct fast_facts *facts,
		     const struct fast_device *bridge)
{
	int ret = 0;

	for (size_t i = 0; i < facts->n && !ret; i++) {
		const struct fast_fact *fact = &facts->items[i];
		struct fast_device port = *bridge;

		if (fact->master != bridge->ifindex)
			continue;
		memcpy(port.name, fact->name, sizeof(port.name));
		port.ifindex = fact->ifindex;
		port.bridge = bridge->ifindex;
		port.is_bridge = false;
		ret = add(devices, &port);
	}
	return ret;
}

/* Those that are waited for have no number, and on one arm the same is there twice. */
static int add_wanted(struct fast_devices *devices, const struct fast_facts *facts,
		      const struct plan_device *wanted)
{
	const struct fast_fact *fact = fast_facts_find(facts, wanted->ifindex);
	struct fast_device device = {.ifindex = wanted->ifindex, .side = wanted->side};
	int ret;

	if (!fact || fast_devices_find(devices, wanted->ifindex))
		return 0;
	memcpy(device.name, fact->name, sizeof(device.name));
	memcpy(device.mac, fact->mac, sizeof(device.mac));
	device.is_bridge = !strcmp(fact->kind, "bridge");
	ret = add(devices, &device);
	return ret || !device.is_bridge ? ret : add_ports(devices, facts, &device);
}

/* --- how -------------------------------------------------------------------------------------------------- */

static void add_port_case(const struct fast *fast, const struct fast_facts *facts,
			  const struct fast_fact *fact, struct fast_case *c)
{
	const struct fast_fact *bridge = fast_facts_find(facts, fact->master);

	/* Between a port and our filter at the bridge stands all that others have put at the bridge. */
	c->filtered |= fast_filtered(fact->master, BPF_TC_INGRESS);
	c->foreign |= bridge && bridge->has_xdp;
	c->port = true;
	c->bridge_vlans = bridge && bridge->filters_vlans;
	c->bridge_rules = fast->rules.bridges;
	c->forwarding = fact->forwarding;
	c->isolated = fact->isolated;
	c->guarded = fact->guarded;
}

static enum fast_why judge(const struct fast *fast, const struct fast_facts *facts,
			   const struct fast_devices *devices, size_t i)
{
	const struct fast_device *device = &devices->items[i];
	const struct fast_fact *fact = fast_facts_find(facts, device->ifindex);
	struct fast_case c = {
		.wanted = fast->wanted,
		.deaf = fast->watch < 0,
		.one_arm = fast->one_arm,
		.ethernet = fact->ethernet,
		.place_taken = fast_places_taken(&fast->places, devices, i),
		.bridge = device->is_bridge,
		.stacked = fast_facts_stacked(fact),
		.has_vlans = fast_facts_vlans(facts, fact),
		.foreign = fact->has_xdp && !fast_xdp_has(&fast->xdps, fact->ifindex),
		.device_rules = fast->rules.devices,
		.veth = !strcmp(fact->kind, "veth"),
		.tap = !strcmp(fact->kind, "tun"),
	};

	/* Questions to the kernel, which not every one has to answer. */
	if (!device->is_bridge && !c.stacked && !c.veth)
		c.strips_tags = fast_strips_tags(fact->name);
	if (!device->is_bridge)
		c.filtered = fast_filtered(fact->ifindex, BPF_TC_INGRESS);
	if (device->bridge)
		add_port_case(fast, facts, fact, &c);
	return fast_judge(&c);
}

int fast_devices_make(const struct fast *fast, const struct fast_facts *facts,
		      struct fast_devices *ret_devices)
{
	int ret = 0;

	*ret_devices = (struct fast_devices){0};
	for (size_t i = 0; i < fast->n_wanted_devices && !ret; i++)
		ret = add_wanted(ret_devices, facts, &fast->wanted_devices[i]);
	for (size_t i = 0; i < ret_devices->n && !ret; i++)
		ret_devices->items[i].why = judge(fast, facts, ret_devices, i);
	return ret;
}

/* What goes out of a port of ours by tc goes out of its bridge first. */
static const char *mute_of(const struct fast_facts *facts, const struct fast_device *device)
{
	const struct fast_fact *fact = fast_facts_find(facts, device->ifindex);
	const struct fast_fact *bridge = fast_facts_find(facts, device->bridge);

	if (fast_shapes(fact))
		return "its queue shapes what is sent, which XDP would pass by";
	if (bridge && fast_shapes(bridge))
		return "the queue of its bridge shapes what is sent, which XDP would pass by";
	if (fast_filtered(fact->ifindex, BPF_TC_EGRESS) ||
	    (bridge && fast_filtered(bridge->ifindex, BPF_TC_EGRESS)))
		return "it or its bridge has tc filters of somebody else at egress";
	if (!fast_sends_redirected(device->name, device->ifindex))
		return "its driver takes nothing, or the other end of a veth has no GRO";
	return NULL;
}

void fast_devices_ask(struct fast_devices *devices, const struct fast_facts *facts)
{
	for (size_t i = 0; i < devices->n; i++) {
		struct fast_device *device = &devices->items[i];

		if (!device->why)
			device->mute = mute_of(facts, device);
	}
}

size_t fast_devices_links(const struct fast_devices *devices, struct hp_link *links)
{
	size_t n = 0;

	for (size_t i = 0; i < devices->n; i++) {
		const struct fast_device *device = &devices->items[i];
		struct hp_link *link = &links[n];

		if (fast_why_path(device->why) == BACKEND_FAST_OFF ||
		    (device->bridge && device->why))
			continue;
		*link = (struct hp_link){
			.ifindex = device->ifindex,
			.bridge = device->bridge,
			.side = (__u8)device->side,
			.flags = device->is_bridge ? HP_LINK_IS_BRIDGE : 0,
		};
		if (!device->why && !device->mute)
			link->flags |= HP_LINK_SENDS;
		memcpy(link->mac, device->mac, sizeof(link->mac));
		n++;
	}
	return n;
}
