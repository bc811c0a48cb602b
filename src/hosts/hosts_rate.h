/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often the gateway signs: for all, and for each client, so that one that asks all the time does not have it for itself. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include <hairpin/limits.h>

#include "addr.h"

struct hosts_bucket {
	__u64 filled_ms;
	__u64 used; /* thousandths of an answer */
};

/* All zero: nobody has asked. */
struct hosts_rate {
	struct hosts_bucket all;
	struct hosts_bucket
		clients[LIMIT_HOSTS_BUCKETS]; /* by a hash of the address: two may share one */
};

/* Whether @client gets an answer at @now_ms, which is counted then. A pure function of these. */
bool hosts_rate_take(struct hosts_rate *rate, const struct ip_addr *client, __u64 now_ms);
