/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a request and its answer can be seen without HTTP. */
#pragma once

#include <sys/types.h>

#include "wire.h"

/*
 * The message of a GET: the value of "dns" among @query, what stands behind "?", out of base64url without its "=" (RFC 8484 section 6), into @to. Its
 * octets; -EINVAL: there is none, or it is not written so; -EFBIG: it does not fit.
 */
ssize_t doh_query_read(const char *query, size_t length, __u8 *to, size_t room);

/* How long caches may keep @message: no longer than its first record lives (RFC 8484 section 5.1); a failure not at all. */
__u32 doh_max_age(const __u8 *message, size_t n);
