/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether another DHCP server answers on the segments that get leases from us: who does hands out another DNS server or gateway, to some clients and by chance.
 *
 * Asked when a segment begins and once in DHCP_SCAN_S; nothing is ever requested, so that a server there only holds an address back for a moment.
 */
#pragma once

#include <jansson.h>
#include <uv.h>

#include "plan_dhcp.h"
#include "strbuf.h"

struct dhcp_scan;

/* NULL: no memory. */
struct dhcp_scan *dhcp_scan_make(uv_loop_t *loop);
void dhcp_scan_free(struct dhcp_scan *scan);

/* From now on the segments of @dhcp; those that stay are not asked anew. */
void dhcp_scan_apply(struct dhcp_scan *scan, const struct plan_dhcp *dhcp);

/* Once a second. */
void dhcp_scan_tick(struct dhcp_scan *scan);

/* New reference: an array of {interface, server, mac, router, dns}. */
json_t *dhcp_scan_answer(const struct dhcp_scan *scan);

/* Adds a line for each. */
void dhcp_scan_warnings(const struct dhcp_scan *scan, struct strbuf *out);
