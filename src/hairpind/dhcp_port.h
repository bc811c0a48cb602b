/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the ports of a DHCP server are free. */
#pragma once

#include "plan_dhcp.h"
#include "strbuf.h"

/* 0; or -errno with a line in @why that says who holds one. Nothing stays open. */
int dhcp_port_check(const struct plan_dhcp *dhcp, struct strbuf *why);
