/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The certificates of authorities by which upstreams are checked: read by the daemon, since the DNS process can open no file. */
#pragma once

#include "plan.h"
#include "strbuf.h"

struct dns_trust {
	int fd; /* sealed file in memory; -1: none is needed */
	char *text; /* the same; owned */
	size_t length;
	char *from; /* dns.upstream-ca, or "" for the system's; owned; NULL with an empty one */
	char *fault; /* owned; why this is not what the file says now, for people; NULL: it is */
};

/*
 * Of dns.upstream-ca or else the system's, if an upstream of @dns is asked over TLS; into @trust, whose content before goes. 0; -errno with a line in @why, and
 * @trust is empty then.
 */
int dns_trust_read(struct dns_trust *trust, const struct plan_dns *dns, struct strbuf *why);

/*
 * The same where nothing may be refused any more: with a bad file @next is a copy of @known, if that is of the same place, or else empty, and next->fault says
 * so. Without any authority no upstream under TLS is asked; all else goes on.
 */
void dns_trust_next(struct dns_trust *next, const struct plan_dns *dns,
		    const struct dns_trust *known);

/* Equal but for faults. */
bool dns_trust_equal(const struct dns_trust *a, const struct dns_trust *b);
void dns_trust_fini(struct dns_trust *trust);
