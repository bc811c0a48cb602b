// SPDX-License-Identifier: GPL-2.0-or-later
/* What there is to see: connection tracking in the words of the contract. It knows no mappings; those are worked out from sessions. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* --- sessions ------------------------------------------------------------------------------------------ */

/* The cursor: whose list it is a place in, and the place. */
static int walk_at(struct backend *backend, __u64 *cursor, size_t *ret_index)
{
	struct walk *walk = &backend->walk;
	__u32 serial = (__u32)(*cursor >> 32);

	*ret_index = (__u32)*cursor;
	if (serial && serial == walk->serial)
		return 0;
	tracked_list_fini(&walk->list);
	walk->serial = walk->serial == 0xffffffff ? 1 : walk->serial + 1;
	return track_dump(&walk->list);
}

static void walk_leave(struct backend *backend, size_t index, __u64 *cursor)
{
	struct walk *walk = &backend->walk;

	*cursor = (__u64)walk->serial << 32 | index;
	if (index >= walk->list.n)
		tracked_list_fini(&walk->list);
}

int show_sessions(struct backend *backend, __u64 *cursor, unsigned int max, backend_session_cb cb,
		  void *data)
{
	const struct tracked_list *list = &backend->walk.list;
	size_t index, end;
	int ret = walk_at(backend, cursor, &index);

	if (ret)
		return ret;
	for (end = index + max; index < list->n && index < end; index++) {
		const struct tracked *tracked = &list->items[index];
		struct backend_session session;

		if (!view_kind(&backend->view, tracked))
			continue;
		session = view_session(&backend->view, tracked);
		cb(&session, data);
	}
	ret = index < list->n;
	walk_leave(backend, index, cursor);
	return ret;
}

/* --- mappings ------------------------------------------------------------------------------------------- */

/* What a session shows of a mapping; false: its source is not translated. */
static bool mapping_of(const struct view *view, const struct tracked *t,
		       struct backend_mapping *ret_mapping)
{
	__u8 kind = view_kind(view, t);
	const struct hp_prefix *net = view_net(view, &t->reply_dst);

	if (kind != HP_KIND_OUTGOING && kind != HP_KIND_HAIRPIN && kind != HP_KIND_HOST)
		return false;
	if (!ip_addr_is_v4(&t->orig_src) || !net || net->kind == HP_NET_LAN)
		return false;
	*ret_mapping = (struct backend_mapping){
		.proto = t->proto,
		.pool = net->kind == HP_NET_LOCAL ? HP_POOL_GATEWAY : HP_POOL_WAN,
		.host = kind == HP_KIND_HOST,
		.internal = t->orig_src,
		.external = t->reply_dst,
		.internal_port = t->orig_sport,
		.external_port = t->reply_dport,
		.sessions = 1,
		.age_s = t->age_s,
	};
	return true;
}

static int mapping_compare(const void *a, const void *b)
{
	const struct backend_mapping *x = a, *y = b;
	int order = memcmp(&x->external, &y->external, sizeof(x->external));

	if (!order)
		order = (int)x->proto - y->proto;
	if (!order)
		order = (int)x->external_port - y->external_port;
	if (!order)
		order = memcmp(&x->internal, &y->internal, sizeof(x->internal));
	return order ? order : (int)x->internal_port - y->internal_port;
}

struct mappings {
	struct backend_mapping *items;
	size_t n;
};

static void mappings_fini(struct mappings *mappings)
{
	free(mappings->items);
}
#define _mappings_ _cleanup_(mappings_fini)

static int mappings_read(const struct view *view, struct mappings *out)
{
	_tracked_ struct tracked_list list = {0};
	size_t n = 0, kept = 0;
	int ret = track_dump(&list);

	if (ret)
		return ret;
	out->items = calloc(list.n + 1, sizeof(*out->items));
	if (!out->items)
		return -ENOMEM;
	for (size_t i = 0; i < list.n; i++)
		n += mapping_of(view, &list.items[i], &out->items[n]);
	if (!n)
		return 0;
	qsort(out->items, n, sizeof(*out->items), mapping_compare);
	for (size_t i = 1; i < n; i++) {
		struct backend_mapping *last = &out->items[kept];

		if (mapping_compare(last, &out->items[i])) {
			out->items[++kept] = out->items[i];
			continue;
		}
		last->sessions++;
		if (out->items[i].age_s > last->age_s)
			last->age_s = out->items[i].age_s;
	}
	out->n = kept + 1;
	return 0;
}

/* As many as there are ports, so they are read for each slice anew. */
int show_mappings(struct backend *backend, __u64 *cursor, unsigned int max, backend_mapping_cb cb,
		  void *data)
{
	_mappings_ struct mappings all = {0};
	int ret = mappings_read(&backend->view, &all);

	if (ret)
		return ret;
	for (; *cursor < all.n && max > 0; max--)
		cb(&all.items[(*cursor)++], data);
	return *cursor < all.n;
}

/* --- counters ------------------------------------------------------------------------------------------- */

static void add_reason(const char *name, __u64 packets, void *data)
{
	__u64 *counts = data;

	for (int reason = 0; reason < HP_REASON_MAX; reason++) {
		if (!strcmp(hp_reason_name((enum hp_reason)reason), name))
			counts[reason] += packets;
	}
}

/* Where the kernel drops before or behind all rules, it counts itself. */
int show_counters(struct backend *backend _unused_, __u64 *ret_packets)
{
	struct track_stats stats;
	int ret = track_stats(&stats);

	memset(ret_packets, 0, HP_REASON_MAX * sizeof(*ret_packets));
	if (ret)
		return ret;
	ret_packets[HP_DROP_NO_PORT] = stats.clashed;
	ret_packets[HP_DROP_TABLE_FULL] = stats.no_room;
	return table_counters(add_reason, ret_packets);
}

static void add_stat(const char *name, __u64 packets, void *data)
{
	__u64 *counts = data;

	for (int stat = 0; stat < HP_STAT_MAX; stat++) {
		if (!strcmp(hp_stat_name((enum hp_stat)stat), name))
			counts[stat] += packets;
	}
}

int show_stats(struct backend *backend _unused_, __u64 *ret_stats)
{
	struct track_stats stats;
	int ret = track_stats(&stats);

	memset(ret_stats, 0, HP_STAT_MAX * sizeof(*ret_stats));
	if (ret)
		return ret;
	ret_stats[HP_STAT_REPLACED] = stats.replaced;
	return table_counters(add_stat, ret_stats);
}

/* --- ports and hosts --------------------------------------------------------------------------------------- */

static struct backend_ports *ports_row(struct backend_ports_list *list, const struct ip_addr *addr,
				       __u8 proto, __u8 pool)
{
	struct backend_ports *row, *items;

	for (size_t i = 0; i < list->n; i++) {
		row = &list->items[i];
		if (row->proto == proto && row->pool == pool && ip_addr_equal(&row->address, addr))
			return row;
	}
	items = reallocarray(list->items, list->n + 1, sizeof(*items));
	if (!items)
		return NULL;
	list->items = items;
	row = &items[list->n++];
	*row = (struct backend_ports){.proto = proto, .pool = pool, .address = *addr};
	return row;
}

/* One port counts once, however many hosts netfilter has on it. */
static bool is_same_port(const struct mappings *all, size_t i)
{
	return i && all->items[i].proto == all->items[i - 1].proto &&
	       all->items[i].external_port == all->items[i - 1].external_port &&
	       ip_addr_equal(&all->items[i].external, &all->items[i - 1].external);
}

int show_ports(struct backend *backend, struct backend_ports_list *ret_list)
{
	static const __u8 protos[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP};
	const struct hp_settings *settings = &backend->view.plan.settings;
	struct ip_addr wan = ip_addr_from_v4(settings->wan_addr);
	_mappings_ struct mappings all = {0};
	int ret = mappings_read(&backend->view, &all);

	for (size_t i = 0; settings->wan_addr && i < ARRAY_SIZE(protos) && !ret; i++)
		ret = ports_row(ret_list, &wan, protos[i], HP_POOL_WAN) ? 0 : -ENOMEM;
	for (size_t i = 0; i < all.n && !ret; i++) {
		const struct backend_mapping *mapping = &all.items[i];
		struct backend_ports *row =
			ports_row(ret_list, &mapping->external, mapping->proto, mapping->pool);

		if (!row)
			return -ENOMEM;
		if (is_same_port(&all, i))
			continue;
		row->in_use++;
		row->in_range += mapping->external_port >= settings->port_first &&
				 mapping->external_port <= settings->port_last;
	}
	return ret;
}

struct host_list {
	struct backend_host *items;
	size_t n;
};

static int address_compare(const void *a, const void *b)
{
	const struct backend_host *x = a, *y = b;

	return ip_addr_compare(&x->address, &y->address);
}

static int most_compare(const void *a, const void *b)
{
	const struct backend_host *x = a, *y = b;

	return x->sessions < y->sessions ? 1 : x->sessions > y->sessions ? -1 : 0;
}

/* One item for each address, its numbers summed up. */
static size_t hosts_sum(struct backend_host *items, size_t n)
{
	size_t kept = 0;

	if (!n)
		return 0;
	qsort(items, n, sizeof(*items), address_compare);
	for (size_t i = 1; i < n; i++) {
		if (address_compare(&items[kept], &items[i])) {
			items[++kept] = items[i];
			continue;
		}
		items[kept].sessions += items[i].sessions;
		items[kept].mappings += items[i].mappings;
	}
	return kept + 1;
}

int show_hosts(struct backend *backend, struct backend_hosts *ret_hosts)
{
	_tracked_ struct tracked_list list = {0};
	_mappings_ struct mappings all = {0};
	_free_ struct backend_host *items = NULL;
	size_t n = 0;
	int ret = track_dump(&list);

	*ret_hosts = (struct backend_hosts){0};
	if (!ret)
		ret = mappings_read(&backend->view, &all);
	if (ret)
		return ret;
	items = calloc(list.n + all.n + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < list.n; i++) {
		const struct hp_prefix *net = view_net(&backend->view, &list.items[i].orig_src);

		if (net && net->kind == HP_NET_LAN && view_kind(&backend->view, &list.items[i]))
			items[n++] = (struct backend_host){.address = list.items[i].orig_src,
							   .sessions = 1};
	}
	for (size_t i = 0; i < all.n; i++) {
		if (!all.items[i].host)
			items[n++] = (struct backend_host){.address = all.items[i].internal,
							   .mappings = 1};
	}
	ret_hosts->n = n = hosts_sum(items, n);
	if (n)
		qsort(items, n, sizeof(*items), most_compare);
	for (; ret_hosts->n_top < n && ret_hosts->n_top < ARRAY_SIZE(ret_hosts->top);
	     ret_hosts->n_top++)
		ret_hosts->top[ret_hosts->n_top] = items[ret_hosts->n_top];
	return 0;
}

int show_past(struct backend *backend _unused_, struct backend_past *ret_items, size_t max)
{
	return table_past(ret_items, max);
}
