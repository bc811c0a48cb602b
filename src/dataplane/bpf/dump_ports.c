// SPDX-License-Identifier: GPL-2.0-or-later
/* External ports by address and protocol, who holds most, who answers past us, and the statistics. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "internal.h"

/* Looked up in one go to begin with; twice as much where a bucket of the hash does not fit. */
#define BATCH 1024u

/* A hash map as it is read, batch by batch. */
struct reader {
	int map;
	__u32 key_size, value_size, max_entries;
	char *keys, *values; /* owned */
	__u32 size; /* of the arrays */
	__u32 n; /* in them */
	__u32 cursor;
	bool begun, ended;
};

static void reader_fini(struct reader *reader)
{
	free(reader->keys);
	free(reader->values);
}
#define _reader_ _cleanup_(reader_fini)

static int reader_grow(struct reader *reader)
{
	reader->size = reader->size ? 2 * reader->size : BATCH;
	reader->keys = reallocarray(reader->keys, reader->size, reader->key_size);
	reader->values = reallocarray(reader->values, reader->size, reader->value_size);
	return reader->keys && reader->values ? 0 : -ENOMEM;
}

/* The next batch. 1: there is one, 0: that was all, -errno. */
static int reader_next(struct reader *reader)
{
	__u32 in = reader->cursor;
	int ret = 0;

	if (reader->ended)
		return 0;
	do {
		if (!reader->size || ret == -ENOSPC)
			ret = reader_grow(reader);
		if (ret == -ENOMEM)
			return ret;
		reader->n = reader->size;
		ret = bpf_map_lookup_batch(reader->map, reader->begun ? &in : NULL, &reader->cursor,
					   reader->keys, reader->values, &reader->n, NULL)
			      ? -errno
			      : 0;
	} while (ret == -ENOSPC && reader->size <= reader->max_entries);
	if (ret && ret != -ENOENT)
		return ret;
	reader->begun = true;
	reader->ended = ret == -ENOENT;
	return 1;
}

static struct reader reader_of(const struct bpf_map *map)
{
	return (struct reader){
		.map = bpf_map__fd(map),
		.key_size = bpf_map__key_size(map),
		.value_size = bpf_map__value_size(map),
		.max_entries = bpf_map__max_entries(map),
	};
}

/* --- ports -------------------------------------------------------------------------------------------- */

static int compare_ports(const void *a, const void *b)
{
	const struct backend_ports *left = a, *right = b;
	int order = memcmp(&left->address, &right->address, sizeof(left->address));

	return order ? order : left->proto - right->proto;
}

/* The row of the endpoint's address and protocol, made if there is none; NULL: no memory. */
static struct backend_ports *row_of(struct backend_ports_list *list,
				    const struct hp_binding_key *key, __u8 pool)
{
	struct ip_addr address = ip_addr_from_v4(key->addr);
	struct backend_ports *items;

	for (size_t i = 0; i < list->n; i++) {
		if (list->items[i].proto == key->proto &&
		    !memcmp(&list->items[i].address, &address, sizeof(address)))
			return &list->items[i];
	}
	items = reallocarray(list->items, list->n + 1, sizeof(*items));
	if (!items)
		return NULL;
	list->items = items;
	items[list->n] =
		(struct backend_ports){.proto = key->proto, .pool = pool, .address = address};
	return &items[list->n++];
}

static int count_binding(const struct hp_settings *settings, const struct hp_binding *b,
			 struct backend_ports_list *list)
{
	struct backend_ports *row = row_of(list, &b->key, b->mapping.pool);
	__u16 port = ntohs(b->key.port);

	if (!row)
		return -ENOMEM;
	if (b->word >> HP_BINDING_FREED_SHIFT)
		row->resting++;
	else
		row->in_use++;
	row->in_range += port >= settings->port_first && port <= settings->port_last;
	return 0;
}

int dump_ports(struct backend *backend, struct backend_ports_list *ret_list)
{
	_reader_ struct reader reader = reader_of(backend->skel->maps.hp_bindings);
	struct hp_settings settings;
	int ret = tables_settings(backend, &settings);

	/* Rows for the public address, whether anybody has a port of it or not. */
	for (size_t i = 0; !ret && settings.wan_addr && i < 3; i++) {
		static const __u8 protocols[] = {IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP};
		const struct hp_binding_key key = {.addr = settings.wan_addr,
						   .proto = protocols[i]};

		if (!row_of(ret_list, &key, HP_POOL_WAN))
			ret = -ENOMEM;
	}
	while (!ret && (ret = reader_next(&reader)) > 0) {
		const struct hp_binding *bindings = (const struct hp_binding *)reader.values;

		ret = 0;
		for (__u32 i = 0; i < reader.n && !ret; i++)
			ret = count_binding(&settings, &bindings[i], ret_list);
	}
	if (ret_list->n)
		qsort(ret_list->items, ret_list->n, sizeof(*ret_list->items), compare_ports);
	return ret;
}

void backend_ports_list_fini(struct backend_ports_list *list)
{
	free(list->items);
	*list = (struct backend_ports_list){0};
}

/* --- hosts -------------------------------------------------------------------------------------------- */

/* Most mappings first, then most sessions, then by address, so that the order is always the same. */
static int compare_hosts(const void *a, const void *b)
{
	const struct backend_host *left = a, *right = b;

	if (left->mappings != right->mappings)
		return left->mappings < right->mappings ? 1 : -1;
	if (left->sessions != right->sessions)
		return left->sessions < right->sessions ? 1 : -1;
	return memcmp(&left->address, &right->address, sizeof(left->address));
}

/* Puts @host among the best of @hosts, which keep their order. */
static void hosts_take(struct backend_hosts *hosts, const struct backend_host *host)
{
	size_t i = hosts->n_top < ARRAY_SIZE(hosts->top) ? hosts->n_top : hosts->n_top - 1;

	hosts->n++;
	if (hosts->n_top == ARRAY_SIZE(hosts->top) && compare_hosts(host, &hosts->top[i]) > 0)
		return;
	for (; i > 0 && compare_hosts(host, &hosts->top[i - 1]) < 0; i--)
		hosts->top[i] = hosts->top[i - 1];
	hosts->top[i] = *host;
	if (hosts->n_top < ARRAY_SIZE(hosts->top))
		hosts->n_top++;
}

int dump_hosts(struct backend *backend, struct backend_hosts *ret_hosts)
{
	_reader_ struct reader reader = reader_of(backend->skel->maps.hp_hosts);
	int ret;

	*ret_hosts = (struct backend_hosts){0};
	while ((ret = reader_next(&reader)) > 0) {
		const struct hp_host *hosts = (const struct hp_host *)reader.values;

		for (__u32 i = 0; i < reader.n; i++) {
			__u64 word = hosts[i].word;
			struct backend_host host = {
				.sessions = (__u32)(word & HP_HOST_SESSIONS_MASK),
				.mappings = (__u32)((word & HP_HOST_MAPPINGS_MASK) >>
						    HP_HOST_MAPPING_SHIFT),
			};

			memcpy(&host.address, hosts[i].key.addr, sizeof(host.address));
			hosts_take(ret_hosts, &host);
		}
	}
	return ret;
}

/* --- answers past us ----------------------------------------------------------------------------------- */

int dump_past(struct backend *backend, struct backend_past *ret_items, size_t max)
{
	_reader_ struct reader reader = reader_of(backend->skel->maps.hp_notes);
	struct timespec now;
	size_t n = 0;
	int ret;

	clock_gettime(CLOCK_BOOTTIME, &now);
	while ((ret = reader_next(&reader)) > 0) {
		const struct hp_flow4 *notes = (const struct hp_flow4 *)reader.keys;
		const __u32 *noted_s = (const __u32 *)reader.values;

		for (__u32 i = 0; i < reader.n && n < max; i++) {
			if (notes[i].side != HP_SIDE_ARM ||
			    (__s32)((__u32)now.tv_sec - noted_s[i]) >= PAST_S)
				continue;
			ret_items[n++] =
				(struct backend_past){.host = ip_addr_from_v4(notes[i].daddr),
						      .port = ntohs(notes[i].dport),
						      .proto = notes[i].proto};
		}
	}
	return ret ? ret : (int)n;
}

/* --- statistics --------------------------------------------------------------------------------------- */

int dump_stats(struct backend *backend, __u64 *ret_stats)
{
	return dump_percpu(backend->skel->maps.hp_stats, HP_STAT_MAX, ret_stats);
}
