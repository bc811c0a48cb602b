/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration that dnsmasq is started with: DHCPv4 and router advertisements for the segments of a plan, and no DNS (port=0).
 *
 * It names everything that dnsmasq would else take from this machine (/etc/hosts, resolv.conf, other configuration) as not wanted. Whatever comes from the
 * configuration file has passed the schema's types, so that no value can end a line or begin another key.
 */
#pragma once

#include "plan_dhcp.h"
#include "strbuf.h"

/* Adds the text to @out; @leases is the path that dnsmasq finds the file of leases at. */
void dhcp_config_write(const struct plan_dhcp *dhcp, const char *leases, struct strbuf *out);
