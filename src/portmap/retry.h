/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times of RFC 6887: of retransmission (8.1.1), of renewal (11.2.1), and of the router's own clock (8.5). Pure functions; @random is any number. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#define RETRY_PCP_INITIAL_MS 3000 /* IRT */
#define RETRY_PCP_MAX_MS 1024000 /* MRT */
/* Two renewals are at least this far apart. */
#define RENEWAL_APART_MS 4000

/* Until the next transmission; @before_ms is what this function said before, 0 at the first one. */
__u32 retry_next_ms(__u32 before_ms, __u32 random);

/*
 * From the grant of @lifetime_s until try @n, from 0: between 1/2 and 5/8 of it, then 3/4 and 13/16, 7/8 and 29/32 ... 0: there is no time for another one, which would be less
 * than RENEWAL_APART_MS behind the one before, or from the end.
 */
__u64 renewal_after_ms(__u32 lifetime_s, unsigned int n, __u32 random);

/* What was heard last of the router's clock. All zero: nothing yet. */
struct epoch {
	bool is_known;
	__u32 server_s;
	__u64 client_ms;
};

/* Notes what it says now. False: it has lost what it had since. */
bool epoch_take(struct epoch *epoch, __u32 server_s, __u64 now_ms);
