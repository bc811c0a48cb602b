/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages under TLS are made longer, so that their length says less of what is in them (RFC 7830): to a multiple of a block whose size RFC 8467 section 4.1
 * found by measuring.
 */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#define DNS_PAD_QUERY 128
#define DNS_PAD_ANSWER 468

/* Room for a question of ours, padded. */
#define DNS_PADDED_QUERY_MAX (3 * DNS_PAD_QUERY)

/*
 * Adds to the OPT of @message, which has room for @room octets, what makes its @length a multiple of @block, or as much as there is room for. The new length; the old one
 * where the message has no OPT, or not as its last record, or cannot be read.
 */
size_t dns_pad(__u8 *message, size_t length, size_t room, size_t block);
