/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discovery of designated resolvers: a client that knows our address asks it for _dns.resolver.arpa, and hears where else and how we answer (RFC 9462).
 */
#pragma once

#include "addr.h"
#include "answer.h"

/* An address that is listened on, and who asks there. */
struct dns_designated_place {
	struct ip_addr addr;
	struct ip_net segment;
	bool is_closed; /* they do not reach it under TLS */
};

/* All-zero: nothing is designated. */
struct dns_designated {
	struct dns_name name; /* that our certificate is for */
	__u16 https; /* port; 0: DNS over TLS alone */
	struct dns_designated_place *places; /* n_places, owned */
	size_t n_places;
};

/*
 * The answer to what asks so from @segment (NULL: not known), with our addresses there; -ENOENT: it asks for something else, or nothing is designated.
 */
int dns_designated_answer(const struct dns_designated *designated, const struct ip_net *segment,
			  struct dns_answer *answer);

void dns_designated_fini(struct dns_designated *designated);
