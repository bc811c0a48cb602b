/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machines of the house by name and by address: what the plan knows (the gateway, hosts of services) and what DHCP has seen.
 *
 * Everything below a local domain (home.arpa, dhcp[].domain) and every address of a LAN is known here or nowhere: what nobody has is NXDOMAIN, never
 * a question to an upstream, which would learn the names and addresses of the house and has no answer. A type that a host has not is "no data". Asked behind the
 * operator's rewrites and before the special names.
 */
#pragma once

#include "rewrites.h"

/* One address of a name; a name has as many entries as addresses. */
struct dns_host {
	struct dns_name name; /* whole: "nas.home.arpa" */
	struct ip_addr addr;
	bool is_reverse_only; /* the name's own records are a rewrite's; this is for PTR */
};

struct dns_hosts_source {
	const struct dns_host *own; /* of the plan */
	size_t n_own;
	const struct dns_host
		*live; /* of leases: whoever calls himself like one of those above is not heard */
	size_t n_live;
	const struct dns_name *domains; /* each with all that is below it */
	size_t n_domains;
	const struct ip_net *networks; /* whose addresses nobody else knows */
	size_t n_networks;
};

struct dns_hosts;

/*
 * Copies @source; of two names for one address the first is its PTR. Freed by dns_hosts_free(); a new one takes its place whole. NULL: no memory.
 */
struct dns_hosts *dns_hosts_make(const struct dns_hosts_source *source);
struct dns_hosts *dns_hosts_free(struct dns_hosts *hosts);

enum dns_host_known {
	DNS_HOST_ELSEWHERE, /* none of our names */
	DNS_HOST_KNOWN,
	DNS_HOST_NOBODY, /* one of ours, that nobody has */
};

/*
 * What is known of @name. NOBODY sets *ret_zone_length, the octets of the shortest domain for which an upstream of its own would know better. @hosts may be
 * NULL, and knows nobody.
 */
enum dns_host_known dns_hosts_know(const struct dns_hosts *hosts, const struct dns_name *name,
				   unsigned int *ret_zone_length);

/* Writes the records of answer->query, of a name that is not ELSEWHERE, and returns the RCODE to end it with; @segment is the asker's (rewrites.h). */
enum dns_rcode dns_hosts_answer(const struct dns_hosts *hosts, const struct ip_net *segment,
				struct dns_answer *answer);

/*
 * The name of a machine that calls itself @label (of @length, as it came in a DHCP packet, not trusted) in @domain: "nas" in home.arpa. 0; -EINVAL: not one
 * label of letters, digits and inner hyphens (RFC 952, 1123), or one that clients give a meaning to: wpad and isatap would hand the traffic of the house to whoever
 * takes that name, localhost is each machine's own; -ENAMETOOLONG.
 */
int dns_host_name(const char *label, size_t length, const struct dns_name *domain,
		  struct dns_name *ret_name);

/* --- as the daemon tells of them ----------------------------------------------------------------------- */

/* A sealed file with @hosts, for DNS_MESSAGE_HOSTS. Its descriptor, or -errno. */
int dns_hosts_write(const struct dns_host *hosts, size_t n);

/* *ret_hosts is to be freed with free(); 0, -EINVAL: not what dns_hosts_write() made; -ENOMEM. */
int dns_hosts_read(int fd, struct dns_host **ret_hosts, size_t *ret_n);
