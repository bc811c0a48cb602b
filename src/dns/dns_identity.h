/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our certificate and its key, for clients that ask under TLS: read by the daemon, since the DNS process can open no file, and the key is root's. */
#pragma once

#include "plan.h"
#include "strbuf.h"

struct dns_identity {
	int fd; /* sealed file in memory, as tls_identity_load() takes it; -1: none is needed */
	char *text; /* the same: the chain and the key, each with its NUL; owned */
	size_t length;
	char *name; /* that it was checked for; owned */
	__s64 until_s; /* when it ends, in seconds since 1970 */
	char *fault; /* owned; why this is not what the files say now, for people; NULL: it is */
};

/*
 * Of dns.tls, into @identity, whose content before goes. 0; -errno with a line in @why that says where it was written and what is wrong, and @identity is empty then:
 * -EKEYEXPIRED where all is right but the time.
 *
 * @known is what is in force. The same files are not judged by the clock again: a certificate that has ended meanwhile must not keep a plan from following the
 * network. Who starts with such a one is told.
 */
int dns_identity_read(struct dns_identity *identity, const struct plan_dns *dns,
		      const struct dns_identity *known, struct strbuf *why);

/*
 * The same where nothing may be refused any more: with bad files @next is a copy of @known, if that is for the same name, or else empty, and next->fault says so. A
 * certificate that was not renewed in time must take nobody's names and NAT away.
 */
void dns_identity_next(struct dns_identity *next, const struct plan_dns *dns,
		       const struct dns_identity *known);

/* Equal but for faults. */
bool dns_identity_equal(const struct dns_identity *a, const struct dns_identity *b);
void dns_identity_fini(struct dns_identity *identity);
