/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of the old iptables, which nftables does not list. */
#pragma once

#include "strbuf.h"

/* A line for each chain on a router's way that has rules or drops by policy. 0 or -errno with a line in @why. */
int legacy_rules(struct strbuf *ret_lines, struct strbuf *why);
