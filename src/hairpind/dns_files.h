/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of certificates that the configuration names for DNS: whom upstreams are believed by, and who we are under TLS. Those in force, and those that were read for
 * a plan that may come into force.
 *
 * A file that is wrong takes nothing else away: what it said before goes on where that is of the same place, the log says so once, and it is read again.
 */
#pragma once

#include <jansson.h>

#include "dns_identity.h"
#include "dns_trust.h"

struct dns_files {
	struct dns_trust trust, next_trust; /* in force, and prepared */
	struct dns_identity identity, next_identity; /* the same */
	unsigned int wrong; /* ticks since files that are wrong were read */
};

void dns_files_init(struct dns_files *files);
void dns_files_fini(struct dns_files *files);

/*
 * Whether those of @dns are right, for who can still be told so: 0, or -errno with a line in @why. What was said to be wrong before, of the same files of @now (in
 * force), is not said again, and nobody is refused for what time has done.
 */
int dns_files_check(const struct dns_files *files, const struct plan_dns *now,
		    const struct plan_dns *dns, struct strbuf *why);

/* Reads those of @dns. */
void dns_files_prepare(struct dns_files *files, const struct plan_dns *dns);

/* What was prepared does not come into force. */
void dns_files_forget(struct dns_files *files);

/* What was prepared comes into force. Whether it says something else than before. */
bool dns_files_renew_trust(struct dns_files *files);
bool dns_files_renew_identity(struct dns_files *files);

/* What is wrong with files that are in force or should be, each behind "; ". */
void dns_files_faults(const struct dns_files *files, struct strbuf *out);

/* Once a second. True: files that were wrong are to be read again. */
bool dns_files_tick(struct dns_files *files);

/* Adds "tls" (who we are, and for how long clients believe it) and "trust_fault" to @answer. */
void dns_files_answer(const struct dns_files *files, json_t *answer);
