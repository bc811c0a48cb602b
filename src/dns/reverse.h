/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as names: in-addr.arpa (RFC 1035 section 3.5) and ip6.arpa (RFC 3596 section 2.5). */
#pragma once

#include "addr.h"
#include "name.h"

/* "5.11.168.192.in-addr.arpa", or thirty-two digits and "ip6.arpa". */
void dns_reverse_name(const struct ip_addr *addr, struct dns_name *ret_name);

/*
 * What @name says below in-addr.arpa or ip6.arpa: a whole address, or the network of the octets or digits that it has. *ret_rest: further labels stand in
 * front of what could be read ("b._dns-sd._udp.", "0/25."). False: it is not below these.
 */
bool dns_reverse_read(const struct dns_name *name, struct ip_net *ret_net, bool *ret_rest);
