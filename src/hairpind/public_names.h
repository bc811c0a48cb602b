/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names that public_watch.c has asked for outside: whose they are, when each is asked for again, and what it led to last. */
#pragma once

#include "candidate.h"
#include "lookup_process.h"
#include "portmap.h"
#include "public_address.h"

struct public_lookup {
	char name[LIMIT_DOMAIN_NAME + 1];
	enum public_source source; /* PUBLIC_STUN: of a server; PUBLIC_NAME; PUBLIC_SERVICES */
	__u64 due_ms; /* 0: at once */
	bool was_asked, is_found; /* with an end; the last time it had an address */
	bool has; /* an address, of the last time that it had one */
	struct ip_addr addr;
};

struct public_names {
	struct public_lookup list[LIMIT_LOOKUP_NAMES];
	size_t n;
	struct conf_stun_server stun[LIMIT_STUN_SERVERS];
	size_t n_stun;
};

/* Those of @conf from now on; what was asked for before is kept. True: of the public address or of services there are others. */
bool public_names_set(struct public_names *names, const struct conf *conf);

/* Adds to @job what is due, that of services only where they are wanted; it is due again soon, whatever comes of it. False: nothing is. */
bool public_names_due(struct public_names *names, bool wants_services, __u64 now_ms,
		      struct lookup_job *job);

/* What came of @job; @report NULL: nothing. */
void public_names_take(struct public_names *names, const struct lookup_job *job,
		       const struct lookup_report *report, __u64 now_ms);

/* What the names of @source (PUBLIC_NAME, PUBLIC_SERVICES) lead to; NULL: nowhere, or nobody answered. *ret_was_asked: one of them was. */
const struct ip_addr *public_names_addr(const struct public_names *names, enum public_source source,
					bool *ret_was_asked);

/* The STUN servers whose addresses are known, in the order of the configuration. How many. */
size_t public_names_stun(const struct public_names *names,
			 struct portmap_server servers[LIMIT_STUN_SERVERS]);

/* Who is asked for names, at most LIMIT_LOOKUP_SERVERS; @router: the default gateway, or zero. How many. */
size_t public_names_servers(const struct candidate *now, const struct ip_addr *router,
			    struct lookup_server servers[LIMIT_LOOKUP_SERVERS]);
