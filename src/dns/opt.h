/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OPT among the records of a reply. */
#pragma once

#include "cache.h"

/*
 * @reply as it would be with its OPT as the last record. An OPT may stand anywhere in the additional section (RFC 6891 section 6.1.1), and everywhere here what ends at it is the
 * message: so one with records behind is written to @room, of DNS_MESSAGE_MAX octets, without the OPT, which is the upstream's and told to nobody. All others are
 * @reply itself; so is one whose names lead into the OPT, and what stands behind that is lost.
 */
struct dns_reply dns_opt_cut(struct dns_reply reply, __u8 *room);
