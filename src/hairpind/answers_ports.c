// SPDX-License-Identifier: GPL-2.0-or-later
/* External ports: how many are left, how hard they are to find, and who has most. */
#include <arpa/inet.h>

#include "answers.h"

#define _ports_ _cleanup_(backend_ports_list_fini)

/* Ports of nat.ports that the plan keeps for forwards and wan.pass. */
static __u32 count_declared(const struct plan *plan, __u8 proto)
{
	__u32 n = 0;

	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct hp_rule_key *key = &plan->rules[i].key;
		__u16 port = ntohs(key->port);

		n += key->kind == HP_RULE_EXTERNAL && key->proto == proto &&
		     port >= plan->settings.port_first && port <= plan->settings.port_last;
	}
	return n;
}

/* Of all that mappings may have, what is neither in use nor resting. */
static __u32 count_free(const struct plan *plan, const struct backend_ports *row)
{
	__u32 size, taken;

	if (row->pool == HP_POOL_GATEWAY) {
		size = LIMIT_GATEWAY_POOL_LAST - LIMIT_GATEWAY_POOL_FIRST + 1;
		taken = row->in_use + row->resting;
	} else if (row->proto == IPPROTO_ICMP) {
		size = 65536;
		taken = row->in_use + row->resting;
	} else {
		size = (__u32)plan->settings.port_last - plan->settings.port_first + 1;
		taken = row->in_range + count_declared(plan, row->proto);
	}
	return size > taken ? size - taken : 0;
}

static json_t *port_rows(struct daemon *daemon)
{
	_ports_ struct backend_ports_list list = {0};
	json_t *rows = json_array();

	if (daemon->ops->ports(daemon->backend, &list))
		return rows;
	for (size_t i = 0; i < list.n; i++) {
		const struct backend_ports *row = &list.items[i];
		char number[8];

		json_array_append_new(rows,
				      json_pack("{s:s, s:o, s:s, s:I, s:I, s:I}", "protocol",
						answer_protocol(row->proto, number), "address",
						answer_addr(&row->address), "pool",
						row->pool == HP_POOL_GATEWAY ? "gateway" : "wan",
						"in_use", (json_int_t)row->in_use, "resting",
						(json_int_t)row->resting, "free",
						(json_int_t)count_free(daemon->now.plan, row)));
	}
	return rows;
}

/* How the ports of all mappings since the start of the data plane were found. */
static json_t *search_rows(struct daemon *daemon)
{
	__u64 stats[HP_STAT_MAX];
	json_t *rows = json_array();

	if (daemon->ops->stats(daemon->backend, stats))
		return rows;
	for (unsigned int i = HP_STAT_PORT_AGAIN; i <= HP_STAT_PORT_NONE; i++)
		json_array_append_new(rows, json_pack("{s:s, s:I, s:s}", "found",
						      hp_stat_name((enum hp_stat)i), "mappings",
						      (json_int_t)stats[i], "text",
						      hp_stat_text((enum hp_stat)i)));
	return rows;
}

static json_t *host_rows(const struct backend_hosts *hosts)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < hosts->n_top; i++)
		json_array_append_new(rows,
				      json_pack("{s:o, s:I, s:I}", "address",
						answer_addr(&hosts->top[i].address), "mappings",
						(json_int_t)hosts->top[i].mappings, "sessions",
						(json_int_t)hosts->top[i].sessions));
	return rows;
}

json_t *answer_ports(struct daemon *daemon)
{
	struct backend_hosts hosts = {0};

	if (daemon->ops->hosts(daemon->backend, &hosts))
		hosts = (struct backend_hosts){0};
	return json_pack("{s:o, s:o, s:o, s:I}", "ports", port_rows(daemon), "search",
			 search_rows(daemon), "hosts", host_rows(&hosts), "hosts_counted",
			 (json_int_t)hosts.n);
}
