// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <hairpin/limits.h>

#include "upstream_internal.h"

bool upstream_is_out(const struct upstream *upstream, __u64 now_ms)
{
	return upstream->out_until_ms > now_ms || !upstream->has_addr;
}

void upstream_set_addr(struct dns_upstreams *upstreams, size_t at, const struct ip_addr *addr)
{
	struct upstream *upstream = &upstreams->list[at];

	if (upstream->has_addr && ip_addr_equal(&upstream->conf.addr, addr))
		return;
	upstream->conf.addr = *addr;
	if (upstream->channel)
		dns_channel_set_addr(upstream->channel, addr);
	upstream->has_addr = true;
	/* What was said of the address before says nothing of this one. */
	upstream->failures = 0;
	upstream->out_until_ms = 0;
}

size_t upstream_choose(const struct dns_upstreams *upstreams, dns_servers servers, size_t turn)
{
	__u64 now_ms = uv_now(upstreams->loop);
	size_t next = upstreams->n;

	/* Without one nothing is asked (dns_upstreams_ask()). */
	assert(servers);
	for (size_t i = 0; i < upstreams->n; i++) {
		size_t at = (turn + i) % upstreams->n;

		if (!(servers >> at & 1))
			continue;
		if (!upstream_is_out(&upstreams->list[at], now_ms))
			return at;
		if (next == upstreams->n)
			next = at;
	}
	return next;
}

void upstream_answered(struct upstream *upstream, __u64 rtt_ns)
{
	__u32 rtt_us = (__u32)(rtt_ns / 1000) + 1;

	upstream->stats.answered++;
	upstream->failures = 0;
	upstream->out_until_ms = 0;
	upstream->stats.rtt_us =
		upstream->stats.rtt_us ? (7 * upstream->stats.rtt_us + rtt_us) / 8 : rtt_us;
}

void upstream_failed(struct dns_upstreams *upstreams, size_t at)
{
	struct upstream *upstream = &upstreams->list[at];

	if (++upstream->failures >= LIMIT_DNS_UPSTREAM_FAILURES)
		upstream->out_until_ms = uv_now(upstreams->loop) + upstreams->times.out_ms;
}

__u64 upstream_patience_ms(const struct dns_upstreams *upstreams, size_t at)
{
	const struct dns_upstream_times *times = &upstreams->times;
	__u32 rtt_us = upstreams->list[at].stats.rtt_us;
	__u64 ms = 4 * (__u64)rtt_us / 1000;

	if (!rtt_us || ms > times->try_max_ms)
		return times->try_max_ms;
	return ms < times->try_min_ms ? times->try_min_ms : ms;
}

bool upstream_takes_edns(const struct upstream *upstream, __u64 now_ms)
{
	/* Over TLS there is no box in between that drops what it does not know, and no server so old. */
	if (upstream->conf.kind != DNS_UPSTREAM_PLAIN)
		return true;
	if (upstream->plain_until_ms > now_ms)
		return false;
	/* Silent, and never heard with EDNS: every other try is without. */
	return upstream->speaks_edns || upstream->failures < LIMIT_DNS_UPSTREAM_FAILURES ||
	       upstream->failures % 2 == 0;
}

void upstream_edns_note(struct upstream *upstream, bool had_edns, __u64 now_ms)
{
	if (had_edns) {
		upstream->speaks_edns = true;
		upstream->plain_proofs = 0;
	} else if (upstream->plain_until_ms <= now_ms &&
		   ++upstream->plain_proofs >= LIMIT_DNS_PLAIN_PROOFS) {
		upstream->plain_until_ms = now_ms + LIMIT_DNS_PLAIN_MS;
		upstream->plain_proofs = 0;
	}
}

void upstream_edns_refused(struct upstream *upstream, bool had_edns, __u64 now_ms)
{
	upstream->plain_until_ms = had_edns ? now_ms + LIMIT_DNS_PLAIN_MS : 0;
}
