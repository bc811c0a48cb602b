/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rest of an answer that began with CNAMEs of ours: what upstream says of the name they lead to. */
#pragma once

#include "cache.h"

/*
 * Adds the answer section of @reply, and the SOA of what there is not, behind what @answer has; their names written out, since in a new place no pointer would
 * lead where it did. Signatures are left out: nobody could check them behind a CNAME that is not signed. 0; -EBADMSG: a record whose names cannot be read.
 */
int dns_alias_append(struct dns_answer *answer, struct dns_reply reply);

/* Adds one record of @reply, with its names written out, in its own section. 0; -EBADMSG. */
int dns_alias_append_record(struct dns_answer *answer, struct dns_reply reply,
			    const struct dns_record *record, __u32 ttl_s);
