/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which way packets of known flows take that arrive on a device, and why no faster one. Pure: what is known of the device goes in, a reason comes out. */
#pragma once

#include <stdbool.h>

#include "backend.h"

enum fast_why {
	FAST_WHY_NOTHING = 0, /* XDP has it */
	FAST_WHY_OFF,
	FAST_WHY_NO_WATCH,
	FAST_WHY_NO_ETHERNET,
	FAST_WHY_ONE_ARM,
	FAST_WHY_PLACE,
	FAST_WHY_BRIDGE,
	FAST_WHY_STACKED,
	FAST_WHY_VLANS,
	FAST_WHY_FOREIGN,
	FAST_WHY_FILTERS,
	FAST_WHY_DEVICE_RULES,
	FAST_WHY_BRIDGE_VLANS,
	FAST_WHY_BRIDGE_RULES,
	FAST_WHY_PORT_STATE,
	FAST_WHY_PORT_ISOLATED,
	FAST_WHY_PORT_GUARDED,
	FAST_WHY_STRIPS_TAGS,
	FAST_WHY_VETH,
	FAST_WHY_TAP,
	FAST_WHY_NO_XDP, /* of these two the kernel decides, when it is asked to attach */
	FAST_WHY_REFUSED,
	FAST_WHY_MAX,
};

/* What is known of a device. */
struct fast_case {
	enum conf_fast_path wanted;
	bool deaf; /* the kernel does not tell us of changes */
	bool one_arm;
	bool ethernet;
	bool place_taken; /* in hp_links, by another device */
	bool bridge;
	bool stacked; /* made of another device: VLAN, bond, macvlan */
	bool has_vlans; /* a VLAN device stands on it, or on the other end of its cable */
	bool foreign; /* somebody else's XDP program is there, or at its bridge */
	bool filtered; /* tc filters of others are at its ingress, or at that of its bridge */
	bool strips_tags; /* takes VLAN tags off before a program sees the frame */
	bool device_rules; /* netfilter has rules at devices */
	bool veth;
	bool tap; /* or tun, which has no Ethernet header */
	bool port; /* of a bridge of ours; the next are of ports alone */
	bool bridge_vlans; /* the bridge filters VLANs */
	bool bridge_rules; /* netfilter has rules for what is bridged */
	bool forwarding; /* its state; else what arrives there is thrown away */
	bool isolated;
	bool guarded; /* neigh_suppress, locked, vlan_tunnel: who may send, and where it goes, is more than the address */
};

/* The first reason that holds, FAST_WHY_NOTHING: XDP is right and pays. */
enum fast_why fast_judge(const struct fast_case *c);
/* For people, without the device's name; NULL: FAST_WHY_NOTHING. */
const char *fast_why_text(enum fast_why why);
/* The way that is left with that reason. */
enum backend_fast_path fast_why_path(enum fast_why why);

/*
 * Whether a queueing discipline only queues: what shapes or marks what leaves (cake, htb, tbf) would be passed by, as XDP comes out below it.
 */
bool fast_queue_is_plain(const char *qdisc);
