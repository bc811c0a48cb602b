/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers from outside that lead to our own public address. A name that nobody declared here (a dynamic DNS name, an alias of a friend's zone) still means a
 * machine of the house; inside it is answered with that machine's address, where the plan can say which one it is: all that is forwarded at the public address
 * goes to one host, port by port as it is. What a name of ours is answered with goes before that, and a name that the operator leaves as it is stays so.
 *
 * The signatures of such an answer no longer fit and are left out, as everything that is rewritten here has none.
 */
#pragma once

#include "addr.h"
#include "cache.h"
#include "rewrites.h"

/* One public address of ours. */
struct dns_doctor_rule {
	struct ip_addr public;
	struct ip_addr inside; /* of the same family; valid with has_inside */
	bool has_host; /* all that is forwarded there goes to one machine; else only names of ours are told otherwise */
	bool has_inside; /* else that machine has no address in this family, and the record is left out */
};

struct dns_doctor {
	bool is_on;
	struct dns_doctor_rule *rules; /* n; owned by whoever made them */
	size_t n;
};

bool dns_doctor_equal(const struct dns_doctor *a, const struct dns_doctor *b);

/*
 * @reply as it is to be told, for as long as @room (DNS_MESSAGE_MAX) lasts, and true; false: as it is. @query is what upstream was asked; names that
 * @rewrites has are answered as there.
 */
bool dns_doctor_reply(const struct dns_doctor *doctor, const struct dns_rewrites *rewrites,
		      const struct dns_query *query, struct dns_reply *reply, __u8 *room);

/*
 * Takes out of @cache what may have been told by @old or would be told otherwise by @new: old answers with an address that is ours no more would be given for a
 * day where upstreams are silent.
 */
void dns_doctor_forget(const struct dns_doctor *old, const struct dns_doctor *new,
		       struct dns_cache *cache);
