// SPDX-License-Identifier: GPL-2.0-or-later
#include "retry.h"

__u32 retry_next_ms(__u32 before_ms, __u32 random)
{
	__u32 base = before_ms ? 2 * before_ms : RETRY_PCP_INITIAL_MS;

	if (base > RETRY_PCP_MAX_MS)
		base = RETRY_PCP_MAX_MS;
	/* RAND: from -0.1 to +0.1, in thousandths. */
	return base * 9 / 10 + (__u32)((__u64)base * (random % 201) / 1000);
}

__u64 renewal_after_ms(__u32 lifetime_s, unsigned int n, __u32 random)
{
	__u64 left = (__u64)lifetime_s * 1000;
	__u64 after;

	/* Of what is left, each try takes half, and up to a quarter of that half more. */
	left >>= n < 32 ? n : 32;
	/* The one before it may have been late by a quarter of what is left now. */
	if (left < (n ? 4 : 2) * RENEWAL_APART_MS)
		return 0;
	after = (__u64)lifetime_s * 1000 - left / 2;
	return after + left / 8 * (random % 1024) / 1024;
}

bool epoch_take(struct epoch *epoch, __u32 server_s, __u64 now_ms)
{
	const struct epoch before = *epoch;
	__u64 server, client;

	*epoch = (struct epoch){.is_known = true, .server_s = server_s, .client_ms = now_ms};
	if (!before.is_known)
		return true;
	/* One second back may be two packets that came in another order. */
	if ((__u64)server_s + 1 < before.server_s)
		return false;
	server = server_s > before.server_s ? server_s - before.server_s : 0;
	client = (now_ms - before.client_ms) / 1000;
	return client + 2 >= server - server / 16 && server + 2 >= client - client / 16;
}
