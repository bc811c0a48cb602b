/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that asks DNS servers outside for IPv4 addresses that the daemon itself needs: of STUN servers, of the name in wan.public-address, of services (decision 035). Not
 * our own DNS server, which would answer with the host inside, and not the C library's resolver, which reads what strangers send in the daemon.
 *
 * It is started for one job, has no rights and no file, asks with the code of the DNS server (src/dns/upstream.h), says what came of it, and ends.
 */
#pragma once

#include <linux/types.h>

#include <hairpin/limits.h>

#include "addr.h"

/* Where the process that is started as `hairpind --lookup` finds its socket to the daemon. */
#define LOOKUP_PROCESS_FD 3

struct lookup_server {
	struct ip_addr addr;
	__u16 port;
};

struct lookup_job {
	__u32 n_servers, n_names;
	struct lookup_server servers[LIMIT_LOOKUP_SERVERS]; /* the first that answers */
	char names[LIMIT_LOOKUP_NAMES][LIMIT_DOMAIN_NAME + 1];
};

enum lookup_answer {
	LOOKUP_FAILED, /* nobody answered */
	LOOKUP_NONE, /* it has no IPv4 address */
	LOOKUP_FOUND,
};

struct lookup_result {
	__u32 answer; /* enum lookup_answer */
	__u32 ttl_s; /* the least of those that lead there */
	struct ip_addr addr; /* of FOUND: the first */
};

/* In the order of the job. */
struct lookup_report {
	__u32 n_names;
	struct lookup_result results[LIMIT_LOOKUP_NAMES];
};

/*
 * Takes the one job from @fd, does it and says so. `ready` is called before anything is read from it: there the caller gives up its rights. What the process
 * exits with.
 */
int lookup_process_run(int fd, int (*ready)(void));
