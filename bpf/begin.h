/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How every program begins: work space of its own, and the plan in force. */
#pragma once

#include "maps.h"

#define NS_PER_S 1000000000ULL

static __always_inline struct nat_ctx *scratch(__u32 which)
{
	struct nat_ctx *c = bpf_map_lookup_elem(&hp_scratch, &which);

	if (c)
		c->self = which;
	return c;
}

/* Reads the plan in force and clears what the packet before left behind. 0, or -1 before the first plan. */
static __noinline int begin(struct nat_ctx *c)
{
	__u32 zero = 0, *slot;
	struct hp_pace *pace = bpf_map_lookup_elem(&hp_pace, &zero);
	struct hp_settings *settings;

	/* First, so that what changes from here on makes a note of this packet's way one of the past; read at its end, it could be that of a change in between. */
	c->in.epoch = pace ? *(volatile __u32 *)&pace->epoch : 0;
	slot = bpf_map_lookup_elem(&hp_active, &zero);
	if (!slot)
		return -1;
	c->slot = *slot;
	settings = bpf_map_lookup_elem(&hp_settings, &c->slot);
	if (!settings)
		return -1;
	c->settings = *settings;
	c->in.now_s = (__u32)(bpf_ktime_get_boot_ns() / NS_PER_S);
	c->in.icmp = NAT_ICMP_NONE;
	c->in.quoted = 0;
	c->in.fragment = 0;
	c->in.first = 0;
	c->in.sorted = 0;
	c->expected = 0;
	c->known = 0;
	c->in.tcp_flags = 0;
	c->in.exempt = 0;
	return 0;
}
