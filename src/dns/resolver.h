/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of one query, from its octets to those of the answer, without a socket.
 *
 * In this order: what cannot be read or is not answered at all; names of the operator (rewrites, hosts); names that mean something of themselves; what is
 * blocked; the cache; upstreams. Only the last waits, and it has bounds of its own: whatever upstreams do, what comes before them is answered.
 */
#pragma once

#include "blocking.h"
#include "designated.h"
#include "doctor.h"
#include "hosts.h"
#include "special.h"
#include "upstream.h"

struct dns_resolver {
	uv_loop_t *loop;
	struct dns_rewrites *rewrites; /* of the operator; replaced whole */
	struct dns_hosts *hosts; /* machines of the house; replaced whole */
	struct dns_rewrites *special;
	struct dns_designated designated; /* where we answer under TLS; replaced whole */
	struct dns_doctor doctor; /* replaced whole, its rules are the process's */
	struct dns_rewrites
		*private; /* names whose answers from upstream may lead inward; replaced whole */
	struct dns_blocking *blocking; /* NULL: nothing is blocked */
	struct dns_cache *cache;
	struct dns_upstreams
		*upstreams; /* replaced whole: the new ones stand here before the old are freed */
	struct dns_log log;
};

/*
 * Somebody who waits for upstream, made by the transport (which puts its own behind this) and given back to it by `send`, which frees it. @n is 0
 * where nothing is to be sent.
 */
struct dns_waiting {
	struct dns_resolver *resolver; /* all but `send` is the resolver's */
	struct dns_query query;
	struct dns_name up; /* whom upstream is asked for: the name, or what our CNAMEs lead to */
	__u8 asked[DNS_HEADER + DNS_NAME_MAX + 4]; /* the question as it came */
	struct ip_addr client;
	struct ip_net segment;
	bool has_segment, is_datagram;
	__u64 begun_ns;
	struct dns_outcome outcome; /* of what is being sent */
	void (*send)(struct dns_waiting *waiting, const __u8 *message, size_t n);
};

struct dns_asked {
	const __u8 *message;
	size_t length;
	struct ip_addr client; /* the asker */
	const struct ip_net *segment; /* the asker's; NULL: not known */
	bool is_datagram; /* the answer has to be as short as its asker says; else DNS_MESSAGE_MAX */
};

/*
 * 0 or more: as many octets of the answer stand in @to, which has room for DNS_MESSAGE_MAX, or DNS_UDP_MAX for a datagram; 0: none is due. -EINPROGRESS: upstream is to be asked, by
 * dns_resolver_wait(), and *ret_query is what for.
 */
int dns_resolver_ask(struct dns_resolver *resolver, const struct dns_asked *asked, __u8 *to,
		     struct dns_query *ret_query);

/*
 * Asks upstream for @query, which came as @asked; waiting->send is called later with the answer, or now where too much waits already or what our CNAME
 * leads to is known. @waiting has its `send` set.
 *
 * What is over is given where upstreams are silent for LIMIT_DNS_STALE_WAIT_MS or fail (RFC 8767); the question goes on, for the cache. Names and upstreams
 * may be replaced meanwhile: the answer is by those that are in force when it is sent.
 */
void dns_resolver_wait(struct dns_resolver *resolver, const struct dns_asked *asked,
		       const struct dns_query *query, struct dns_waiting *waiting);

/*
 * A dns_judge_cb; @data is the resolver. What leads inward (inward.h) is heard as "there is none", unless the name is exempt: one that the plan keeps, or one
 * of resolver->private. What leads to our public address is told as doctor.h says.
 */
struct dns_reply dns_resolver_judge(void *data, const struct dns_query *query,
				    struct dns_reply reply, __u8 *room);
