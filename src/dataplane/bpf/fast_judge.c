// SPDX-License-Identifier: GPL-2.0-or-later
#include "fast_judge.h"

#include <string.h>

#include "cleanup.h"

static const struct {
	enum backend_fast_path path;
	const char *text;
} whys[] = {
	[FAST_WHY_NOTHING] = {BACKEND_FAST_XDP, NULL},
	[FAST_WHY_OFF] = {BACKEND_FAST_OFF, "nat.fast-path: off"},
	[FAST_WHY_NO_WATCH] = {BACKEND_FAST_OFF,
			       "the kernel does not tell of changes of the network"},
	[FAST_WHY_NO_ETHERNET] = {BACKEND_FAST_OFF, "has no Ethernet header"},
	[FAST_WHY_ONE_ARM] =
		{BACKEND_FAST_OFF,
		 "role bypass: both sides are on one device, and each packet is judged"},
	[FAST_WHY_PLACE] =
		{BACKEND_FAST_OFF,
		 "its place in the table belongs to another device; made anew, it may get another one"},
	[FAST_WHY_BRIDGE] = {BACKEND_FAST_TC, "a bridge: XDP is for its ports"},
	[FAST_WHY_STACKED] = {BACKEND_FAST_TC,
			      "is made of another device, below which XDP would be"},
	[FAST_WHY_VLANS] = {BACKEND_FAST_TC,
			    "a VLAN device stands on it, whose frames XDP could take for its own"},
	[FAST_WHY_FOREIGN] = {BACKEND_FAST_TC, "has an XDP program of somebody else"},
	[FAST_WHY_FILTERS] =
		{BACKEND_FAST_TC,
		 "it or its bridge has tc filters of somebody else, which XDP would pass by"},
	[FAST_WHY_DEVICE_RULES] =
		{BACKEND_FAST_TC,
		 "netfilter has rules at devices (family netdev), which XDP would pass by"},
	[FAST_WHY_BRIDGE_VLANS] = {BACKEND_FAST_TC, "its bridge filters VLANs"},
	[FAST_WHY_BRIDGE_RULES] = {BACKEND_FAST_TC,
				   "netfilter has rules for bridges, which XDP would pass by"},
	[FAST_WHY_PORT_STATE] = {BACKEND_FAST_TC, "is not in the state forwarding"},
	[FAST_WHY_PORT_ISOLATED] = {BACKEND_FAST_TC, "is an isolated port"},
	[FAST_WHY_PORT_GUARDED] = {BACKEND_FAST_TC,
				   "is a port with locked, neigh_suppress or vlan_tunnel"},
	[FAST_WHY_STRIPS_TAGS] =
		{BACKEND_FAST_TC,
		 "takes VLAN tags off before XDP could see them (ethtool -K DEVICE rxvlan off)"},
	[FAST_WHY_VETH] =
		{BACKEND_FAST_TC,
		 "veth: TCP with segmentation offload would be slower (nat.fast-path: on)"},
	[FAST_WHY_TAP] = {BACKEND_FAST_TC,
			  "tap: large segments of its guest would be slower (nat.fast-path: on)"},
	[FAST_WHY_NO_XDP] = {BACKEND_FAST_TC, "its driver has no XDP of its own"},
	[FAST_WHY_REFUSED] = {BACKEND_FAST_TC, "its driver takes no XDP program now"},
};

_Static_assert(ARRAY_SIZE(whys) == FAST_WHY_MAX, "a row for each reason");

static enum fast_why judge_port(const struct fast_case *c)
{
	if (c->bridge_vlans)
		return FAST_WHY_BRIDGE_VLANS;
	if (c->bridge_rules)
		return FAST_WHY_BRIDGE_RULES;
	if (!c->forwarding)
		return FAST_WHY_PORT_STATE;
	if (c->isolated)
		return FAST_WHY_PORT_ISOLATED;
	return c->guarded ? FAST_WHY_PORT_GUARDED : FAST_WHY_NOTHING;
}

/* Where XDP would be right. */
static enum fast_why judge_worth(const struct fast_case *c)
{
	if (c->wanted == CONF_FAST_PATH_ON)
		return FAST_WHY_NOTHING;
	if (c->veth)
		return FAST_WHY_VETH;
	return c->tap ? FAST_WHY_TAP : FAST_WHY_NOTHING;
}

/* Whether anything is noted at all. */
static enum fast_why judge_ways(const struct fast_case *c)
{
	if (c->wanted == CONF_FAST_PATH_OFF)
		return FAST_WHY_OFF;
	if (c->deaf)
		return FAST_WHY_NO_WATCH;
	if (!c->ethernet)
		return FAST_WHY_NO_ETHERNET;
	if (c->one_arm)
		return FAST_WHY_ONE_ARM;
	return c->place_taken ? FAST_WHY_PLACE : FAST_WHY_NOTHING;
}

enum fast_why fast_judge(const struct fast_case *c)
{
	enum fast_why why = judge_ways(c);

	if (why)
		return why;
	if (c->bridge)
		return FAST_WHY_BRIDGE;
	if (c->stacked)
		return FAST_WHY_STACKED;
	if (c->has_vlans)
		return FAST_WHY_VLANS;
	if (c->foreign)
		return FAST_WHY_FOREIGN;
	if (c->filtered)
		return FAST_WHY_FILTERS;
	if (c->device_rules)
		return FAST_WHY_DEVICE_RULES;
	why = c->port ? judge_port(c) : FAST_WHY_NOTHING;
	if (why)
		return why;
	/* Both ends of a veth leave the tag beside the frame; it is another device of this machine that would have to send one. */
	if (c->strips_tags && !c->veth)
		return FAST_WHY_STRIPS_TAGS;
	return judge_worth(c);
}

const char *fast_why_text(enum fast_why why)
{
	return whys[why].text;
}

enum backend_fast_path fast_why_path(enum fast_why why)
{
	return whys[why].path;
}

bool fast_queue_is_plain(const char *qdisc)
{
	static const char *const plain[] = {"noqueue",	"mq", "pfifo_fast", "pfifo", "bfifo",
					    "fq_codel", "fq", "codel",	    "noop"};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		if (!strcmp(qdisc, plain[i]))
			return true;
	}
	return false;
}
