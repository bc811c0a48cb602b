/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of each forward in the router upstream, and what that means for its service. Pure: what was asked and said is told (struct portmap_report); upstream_parent.c asks by single
 * ports, this puts ranges together again.
 */
#pragma once

#include "plan.h"
#include "portmap.h"
#include "public_address.h"

/* The worst of a range's ports; later ones are worse. */
enum upstream_state {
	UPSTREAM_MAPPED,
	UPSTREAM_ASKING,
	UPSTREAM_BY_HAND, /* no protocol answers, or it is not asked: nobody here can know */
	UPSTREAM_REFUSED, /* it said no, for this port */
};

struct upstream_rule {
	enum upstream_state state;
	unsigned int protocol; /* of MAPPED and REFUSED, enum portmap_protocol */
	char why[2 * LIMIT_UPSTREAM_TEXT + 64]; /* of BY_HAND and REFUSED, for people */
};

struct upstream_question {
	const struct portmap_report *report; /* NULL: nothing so far */
	const char *why_not; /* no forwards are asked for, for people; NULL: they are */
	bool is_settled; /* each protocol was asked */
};

/* What became of the external ports of @forward. */
struct upstream_rule upstream_rule_judge(const struct upstream_question *question,
					 const struct plan_forward *forward);

/* "mapped", "asking", "by-hand", "refused", for JSON. */
const char *upstream_state_key(enum upstream_state state);

enum upstream_verdict {
	UPSTREAM_SERVES,
	UPSTREAM_WAITS,
	UPSTREAM_UNKNOWN, /* whether anybody on the internet reaches it */
	UPSTREAM_INSIDE, /* nobody there does */
};

/*
 * Of a service over IPv4, with what there is to say in @out, nothing for SERVES: one NAT more in front comes before what the router said, since a port that is mapped there leads nowhere.
 */
enum upstream_verdict upstream_service_judge(const struct upstream_question *question,
					     const struct plan_service *service,
					     const struct public_verdict *seen, struct strbuf *out);
