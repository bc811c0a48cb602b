/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the targets share; private to this folder. */
#pragma once

#include "export.h"

/* Another line of what the target lacks. */
void export_cannot(struct export *export, const char *format, ...) _printf_(2, 3);

/* Says of each kept name why it is not among the names, and of each name what no other server takes over: types passed by, HTTPS records. */
void export_names_cannot(struct export *export);

/* As the configuration has it: "*.x", ".x" or "x". */
const char *export_match_prefix(enum plan_match match);

/* Whether a pattern of the names covers @kept, so that the other server has to know it as an exception. */
bool export_is_exception(const struct plan_dns *dns, const struct plan_kept *kept);

/* The name of ours that is exactly @domain and has addresses; NULL: there is none. */
const struct plan_name *export_name_find(const struct plan_dns *dns, const char *domain);

/* export_dnsmasq.c: lines that let nothing of @name past the records that the server has of it; and those of patterns, which are no records. For Pi-hole, too. */
void export_dnsmasq_own(const struct plan_name *name, struct strbuf *out);
void export_dnsmasq_pattern(const struct plan_name *name, struct strbuf *out);
void export_dnsmasq_exception(const struct plan_kept *kept, struct strbuf *out);
/* What a server of this kind does with @name->target: true, or what it cannot is said. */
bool export_dnsmasq_takes_alias(struct export *export, const struct plan_name *name);

/* --- forwards: export_nat.c --- */

/* A bypass router that tells hosts of the shorter way loses them. The kernel takes either value for a yes. */
#define EXPORT_NO_REDIRECTS \
	"sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.%s.send_redirects=0"

/* "tcp", "udp" */
const char *export_proto(__u8 proto);

#define EXPORT_PORTS_MAX 12
/* "80", or both with @separator between; in @text, which it returns. */
const char *export_ports(__u16 first, __u16 last, char separator, char text[EXPORT_PORTS_MAX]);
__u16 export_internal_last(const struct plan_forward *forward);

/* The IPv4 networks inside, one a call; *at is 0 before the first. False: there are no more. */
bool export_lan_next(const struct plan *plan, size_t *at, struct ip_net *ret_net);
/* That of @host. */
bool export_lan_of(const struct plan *plan, const struct ip_addr *host, struct ip_net *ret_net);

/* How a connection from inside that comes back in looks to the server. */
struct export_source {
	char address[IP_TEXT_MAX]; /* "": the router's own on that segment */
	bool keeps_others; /* from another segment than the server's it keeps its own */
};
struct export_source export_source_of(const struct export *export,
				      const struct plan_service *service);

/* The public address that another router has, as the configuration says it; NULL: that is not said, or this machine has it itself. */
const char *export_public(const struct export *export, char text[IP_TEXT_MAX]);
/* What becomes of who goes there from inside, for targets that lead it to the services. */
void export_public_say(struct export *export);
/* The same for those that know their own addresses only. */
void export_public_cannot(struct export *export, const char *what);

/* Says what no target takes over. False: there is nothing to be forwarded. */
bool export_nat_begin(struct export *export);

/* One interface with both sides on it, behind the main router. Whose target has a row for each side of the network cannot do that. */
bool export_is_bypass(const struct export *export);
/* True, and said: @what keeps the two sides apart by their interfaces, and there is one. */
bool export_needs_two_sides(struct export *export, const char *what);

void export_iptables(struct export *export);
void export_nftables(struct export *export);
void export_openwrt(struct export *export);
void export_routeros(struct export *export);
void export_hosts(struct export *export);
void export_dnsmasq(struct export *export);
void export_unbound(struct export *export);
void export_adguardhome(struct export *export);
void export_pihole(struct export *export);
