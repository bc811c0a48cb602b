// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "duration.h"
#include "file.h"
#include "internal.h"
#include "nat/tcp.h"

/* Looked up in one go; a bucket of the hash must fit as a whole. */
#define BATCH 1024u

static __u32 now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (__u32)now.tv_sec;
}

/* --- sessions ---------------------------------------------------------------------------------------- */

static void addresses4(const struct hp_session *session, struct backend_session *out)
{
	const struct hp_tuple4 *orig = &session->v4.orig, *xlat = &session->v4.xlat;

	out->orig_src = ip_addr_from_v4(orig->saddr);
	out->orig_dst = ip_addr_from_v4(orig->daddr);
	out->orig_sport = ntohs(orig->sport);
	out->orig_dport = ntohs(orig->dport);
	out->xlat_src = ip_addr_from_v4(xlat->saddr);
	out->xlat_dst = ip_addr_from_v4(xlat->daddr);
	out->xlat_sport = ntohs(xlat->sport);
	out->xlat_dport = ntohs(xlat->dport);
}

/* Never translated: both sides are the same. */
static void addresses6(const struct hp_session *session, struct backend_session *out)
{
	const struct hp_tuple6 tuple = session->v6;

	out->orig_src = out->xlat_src = ip_addr_from_v6(tuple.saddr);
	out->orig_dst = out->xlat_dst = ip_addr_from_v6(tuple.daddr);
	out->orig_sport = out->xlat_sport = ntohs(tuple.sport);
	out->orig_dport = out->xlat_dport = ntohs(tuple.dport);
}

/* What session_give() needs besides the session. */
struct giving {
	struct hp_settings settings; /* in force: they say when a session is over */
	__u32 now;
	backend_session_cb cb;
	void *data;
};

static void session_give(const struct hp_session *session, const struct giving *giving)
{
	__u16 flags = (__u16)(session->word >> HP_WORD_FLAGS_SHIFT);
	__u32 timeout_s;
	struct backend_session out = {
		.proto = session->proto,
		.kind = session->kind,
		.tcp_state = (__u8)(session->word >> HP_WORD_TCP_SHIFT),
		.replied = flags & HP_SESSION_REPLIED,
		.idle_s = duration_since(giving->now, session->last_seen_s),
		.age_s = duration_since(giving->now, session->created_s),
		.service = session->service,
	};

	if ((__u8)(session->word >> HP_WORD_LIFE_SHIFT) != HP_LIFE_ACTIVE)
		return;
	if (flags & HP_SESSION_V6)
		addresses6(session, &out);
	else
		addresses4(session, &out);
	timeout_s = out.proto == IPPROTO_UDP
			    ? nat_timeout_udp_s(&giving->settings, out.orig_dport)
			    : nat_timeout_s(&giving->settings, out.proto, out.tcp_state);
	out.expires_s = timeout_s > out.idle_s ? timeout_s - out.idle_s : 0;
	giving->cb(&out, giving->data);
}

/* The cursor is the next index. */
int dump_sessions(struct backend *backend, __u64 *cursor, unsigned int max, backend_session_cb cb,
		  void *data)
{
	struct giving giving = {.now = now_s(), .cb = cb, .data = data};
	__u32 size = sweep_sessions(backend), n;
	__u32 keys[BATCH], previous = (__u32)*cursor - 1, last;
	_free_ struct hp_session *sessions = calloc(BATCH, sizeof(*sessions));

	if (!sessions)
		return -ENOMEM;
	if (tables_settings(backend, &giving.settings))
		return -errno;
	while (max > 0 && *cursor < size) {
		n = max < BATCH ? max : BATCH;
		if (bpf_map_lookup_batch(bpf_map__fd(backend->skel->maps.hp_sessions),
					 *cursor ? &previous : NULL, &last, keys, sessions, &n,
					 NULL) &&
		    errno != ENOENT)
			return -errno;
		if (n == 0)
			return 0;
		for (__u32 i = 0; i < n; i++)
			session_give(&sessions[i], &giving);
		*cursor += n;
		previous = (__u32)*cursor - 1;
		max -= n < max ? n : max;
	}
	return *cursor < size;
}

/* --- mappings ------------------------------------------------------------------------------------------- */

static void mapping_give(const struct hp_mapping_key *key, const struct hp_mapping *mapping,
			 struct backend_mapping *out)
{
	__u32 now = now_s();

	*out = (struct backend_mapping){
		.proto = key->proto,
		.pool = key->pool,
		.host = mapping->host,
		.fixed = mapping->fixed,
		.internal = ip_addr_from_v4(key->addr),
		.external = ip_addr_from_v4(mapping->ext_addr),
		.internal_port = ntohs(key->port),
		.external_port = ntohs(mapping->ext_port),
		.sessions =
			(__u32)((mapping->word & HP_MAPPING_REFS_MASK) >> HP_MAPPING_REFS_SHIFT),
		.age_s = duration_since(now, mapping->created_s),
	};
}

struct mappings {
	struct hp_mapping_key *keys;
	struct hp_mapping *values;
	__u32 n;
};

static void mappings_fini(struct mappings *mappings)
{
	free(mappings->keys);
	free(mappings->values);
}

/*
 * At most @max mappings from *cursor, as whole buckets. Fewer than the next bucket holds is no answer at all
 * (ENOSPC). The cursor is the kernel's bucket number plus one, so that 0 is the start.
 */
static int mappings_read(struct backend *backend, __u64 *cursor, __u32 max, struct mappings *ret)
{
	__u32 in = (__u32)*cursor - 1, out = 0;
	struct mappings *m = ret;
	int end;

	m->keys = reallocarray(m->keys, max, sizeof(*m->keys));
	m->values = reallocarray(m->values, max, sizeof(*m->values));
	if (!m->keys || !m->values)
		return -ENOMEM;
	m->n = max;
	end = bpf_map_lookup_batch(bpf_map__fd(backend->skel->maps.hp_mappings),
				   *cursor ? &in : NULL, &out, m->keys, m->values, &m->n, NULL);
	if (end && errno != ENOENT)
		return -errno;
	*cursor = (__u64)out + 1;
	return end ? 0 : 1;
}

int dump_mappings(struct backend *backend, __u64 *cursor, unsigned int max, backend_mapping_cb cb,
		  void *data)
{
	_cleanup_(mappings_fini) struct mappings mappings = {0};
	__u32 size = max < BATCH ? max : BATCH;
	int ret;

	do {
		ret = mappings_read(backend, cursor, size, &mappings);
		size *= 2;
	} while (ret == -ENOSPC && size <= LIMIT_MAPPINGS);
	for (__u32 i = 0; ret >= 0 && i < mappings.n; i++) {
		struct backend_mapping out;

		mapping_give(&mappings.keys[i], &mappings.values[i], &out);
		cb(&out, data);
	}
	return ret;
}

/* --- counters and memory -------------------------------------------------------------------------------------- */

int dump_percpu(const struct bpf_map *map, __u32 n, __u64 *ret_sums)
{
	int n_cpus = libbpf_num_possible_cpus();
	_free_ __u64 *values = n_cpus > 0 ? calloc((size_t)n_cpus, sizeof(*values)) : NULL;

	if (!values)
		return n_cpus > 0 ? -ENOMEM : n_cpus;
	for (__u32 i = 0; i < n; i++) {
		int ret = bpf_map_lookup_elem(bpf_map__fd(map), &i, values);

		if (ret)
			return ret;
		ret_sums[i] = 0;
		for (int cpu = 0; cpu < n_cpus; cpu++)
			ret_sums[i] += values[cpu];
	}
	return 0;
}

int dump_counters(struct backend *backend, __u64 *ret_packets)
{
	return dump_percpu(backend->skel->maps.hp_reasons, HP_REASON_MAX, ret_packets);
}

static __u64 memory_of(int fd)
{
	_free_ char *text = NULL;
	char path[64];
	const char *line;
	size_t length;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (file_read(path, 4096, &text, &length))
		return 0;
	line = strstr(text, "memlock:");
	return line ? strtoull(line + strlen("memlock:"), NULL, 10) : 0;
}

__u64 dump_memory(const struct backend *backend)
{
	const int *inner = &backend->inner[0][0];
	struct bpf_map *map;
	__u64 bytes = 0;

	bpf_object__for_each_map(map, backend->skel->obj)
	{
		bytes += memory_of(bpf_map__fd(map));
	}
	for (size_t i = 0; i < TABLES_MAX * HP_SLOTS; i++)
		bytes += inner[i] >= 0 ? memory_of(inner[i]) : 0;
	return bytes;
}
