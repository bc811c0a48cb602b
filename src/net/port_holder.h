/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who holds a port that we need, and what frees it. */
#pragma once

#include "addr.h"
#include "strbuf.h"

/*
 * Adds "dnsmasq (process 812) holds it; ..." with what its operator has to do, one line without its end. @proto: IPPROTO_UDP or IPPROTO_TCP. False,
 * and nothing added: nobody holds that port of @addr.
 */
bool port_holder_explain(const struct ip_addr *addr, __u16 port, __u8 proto, struct strbuf *out);
