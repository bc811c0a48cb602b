// SPDX-License-Identifier: GPL-2.0-or-later
/* The programs themselves, compiled for this machine, and the list of their maps. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#include "../../../bpf/hairpin.bpf.c"

#include "shim.h"

#define MAX_ENTRIES(m) (sizeof(*(m).max_entries) / sizeof(int))
#define TYPE(m) (sizeof(*(m).type) / sizeof(int))
/* A map with keys and values of C types, one whose values have a size only, and one of maps. */
#define TABLE(m)                                                                        \
	{                                                                               \
#m, &(m), TYPE(m), sizeof(*(m).key), sizeof(*(m).value), MAX_ENTRIES(m) \
	}
#define QUEUE(m)                                                                            \
	{                                                                                   \
#m, &(m), TYPE(m), 0, sizeof(*(m).value_size) / sizeof(int), MAX_ENTRIES(m) \
	}
#define SLOTS(m)                                              \
	{                                                     \
#m, &(m), TYPE(m), sizeof(__u32), 0, HP_SLOTS \
	}

const struct shim_map shim_maps[] = {
	/* every map of bpf/maps.h that a program names; maps.c ends the program at another one */
	TABLE(hp_flows4),    TABLE(hp_flows6),	       TABLE(hp_sessions),
	QUEUE(hp_free),	     TABLE(hp_mappings),       TABLE(hp_bindings),
	QUEUE(hp_resting),   TABLE(hp_unproven),       TABLE(hp_peer_sets),
	TABLE(hp_peers),     TABLE(hp_hosts),	       TABLE(hp_notes),
	TABLE(hp_fragments), SLOTS(hp_rules),	       SLOTS(hp_prefixes),
	TABLE(hp_settings),  TABLE(hp_active),	       TABLE(hp_reasons),
	TABLE(hp_stats),     TABLE(hp_scratch),	       TABLE(hp_icmp_budget),
	TABLE(hp_old_ports), TABLE(hp_totals),	       TABLE(hp_clock),
	TABLE(hp_icmp_told), TABLE(hp_sorter_classes), TABLE(hp_sorter_sources),
	TABLE(hp_pace),	     TABLE(hp_links),	       TABLE(hp_fdb),
};
const size_t shim_maps_n = sizeof(shim_maps) / sizeof(*shim_maps);

int shim_run(enum shim_program program, struct shim_skb *s)
{
	int (*const programs[])(struct __sk_buff *) = {
		[SHIM_LAN_INGRESS] = hp_lan_ingress,
		[SHIM_WAN_INGRESS] = hp_wan_ingress,
		[SHIM_WAN_EGRESS] = hp_wan_egress,
		[SHIM_SORTED] = hp_sorted,
	};
	int verdict = programs[program](&s->skb);

	shim_sent(s);
	return verdict;
}

uint32_t shim_sweep(bool audit)
{
	struct __sk_buff skb = {.cb = {0, 1 << 20, audit}};

	hp_sweep(&skb);
	return skb.cb[3];
}

void shim_clock_start(uint32_t slice, uint32_t period_us)
{
	struct __sk_buff skb = {.cb = {slice, period_us}};

	hp_clock_start(&skb);
}
