/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon tells the DNS process, and how: a socket of fixed-size messages between the two, and for what has no fixed size a file in memory that
 * nobody can change any more (memfd), with JSON in it.
 *
 * The daemon is the only writer of setups; the process reads them after it has given up all rights.
 */
#pragma once

#include <jansson.h>

#include "dns_server.h"
#include "plan.h"
#include "setup_blocking.h"
#include "setup_doctor.h"
#include "setup_hosts.h"

enum dns_message_type {
	DNS_MESSAGE_SETUP =
		1, /* to the process: with the memfd, then two sockets a listener, UDP and TCP */
	DNS_MESSAGE_IN_FORCE, /* back, to all that changes something: `ret` is 0, or -errno and what was before is in force */
	DNS_MESSAGE_LOG, /* to the process: with the ring of the query log (ring.h), or without: there is none */
	DNS_MESSAGE_ASK, /* to the process: how is it? */
	DNS_MESSAGE_STATS, /* back: `counts` and the rest */
	DNS_MESSAGE_LISTS, /* to the process: with a block table (blocktable.h), or with nothing: there are no lists */
	DNS_MESSAGE_HOSTS, /* to the process: with the file of dns_hosts_write() */
	DNS_MESSAGE_CLIENTS, /* to the process: with the file of dns_clients_write() */
	DNS_MESSAGE_TRUST, /* to the process: with a file of authorities as PEM, who may vouch for upstreams; without: nobody */
	DNS_MESSAGE_TLS, /* to the process, behind each SETUP: with the file of dns_setup_tls_write(), that of tls_identity_load(), then a socket a listener for DNS over TLS, and one each for HTTPS if that is on; without: it is off */
	DNS_MESSAGE_BLOCKING, /* to the process: blocking is off if `ret` is not 0 */

	DNS_MESSAGE_TYPES /* how many, with 0 */
};

/* Descriptors with one message: a setup, or two files, and two sockets for each listener. */
#define DNS_MESSAGE_FDS (2 + 2 * LIMIT_DNS_LISTENERS)

/* Addresses of upstreams that statistics are told of. */
#define DNS_UPSTREAMS_MAX 16

struct dns_message {
	__u32 type; /* enum dns_message_type */
	__u32 generation; /* of the setup that it is about */
	__s32 ret;
	__u32 n_upstreams;
	__u64 counts[DNS_COUNT_MAX];
	__u64 memory_bytes; /* memory_allocated_bytes() */
	__u32 waiting; /* dns_upstreams_waiting() */
	struct dns_cache_stats cache;
	struct dns_upstream_stats upstreams[DNS_UPSTREAMS_MAX];
};

struct dns_setup {
	struct ip_net *
		segments; /* of the listeners, in the order of their sockets; owned as all of this */
	size_t n_segments;
	struct dns_upstream_conf *upstreams;
	size_t n_upstreams;
	struct dns_route *
		routes; /* domains that have upstreams of their own, as dns_routes_make() takes them */
	size_t n_routes;
	dns_servers general; /* who is asked for everything else */
	bool is_parallel;
	struct dns_upstream_conf *bootstraps; /* plain */
	size_t n_bootstraps;
	struct dns_rewrite *names;
	size_t n_names;
	struct dns_name *private_domains; /* each means all below it too */
	size_t n_private_domains;
	struct dns_setup_hosts hosts;
	struct dns_doctor doctor;
	struct dns_blocking_conf blocking;
};

/* A sealed file with what @dns says. Its descriptor, or -errno. */
int dns_setup_write(const struct plan_dns *dns);

/* 0; -EINVAL: not what dns_setup_write() made; -ENOMEM. *ret_setup is to be freed by dns_setup_fini() then. */
int dns_setup_read(int fd, struct dns_setup *ret_setup);
void dns_setup_fini(struct dns_setup *setup);
#define _dns_setup_ _cleanup_(dns_setup_fini)

/* --- setup_upstreams.c: for setup.c ------------------------------------------------------------ */

json_t *dns_setup_upstreams_write(const struct plan_dns *dns);
json_t *dns_setup_policy_write(const struct plan_dns *dns);
/* Of the whole setup. 0, -EINVAL, -ENOMEM; what was read is in @setup, and its owner's to free. */
int dns_setup_upstreams_read(const json_t *json, struct dns_setup *setup);
