// SPDX-License-Identifier: GPL-2.0-or-later
#include "rewrites.h"

#include <string.h>

#include "addresses.h"

/* CNAMEs in a row. Operators use one; eight is where everybody else stops too. */
#define CHAIN_MAX 8
/* As many hints as a name has addresses. */
#define HINTS_MAX 16

struct chosen {
	const struct ip_addr *at[HINTS_MAX];
	unsigned int n;
};

/* The addresses of one family that this asker is given: those in its own segment if there are any, else all. */
static struct chosen addrs_choose(const struct dns_rewrite *rewrite, const struct ip_net *segment,
				  bool is_v4)
{
	struct chosen all = {0}, near = {0};

	for (size_t i = 0; i < rewrite->n_addrs; i++) {
		const struct ip_addr *addr = &rewrite->addrs[i];

		if (ip_addr_is_v4(addr) != is_v4)
			continue;
		/* Of a service of the gateway itself there are more where it has many segments; the asker's own must be among them. */
		if (all.n < HINTS_MAX)
			all.at[all.n++] = addr;
		if (near.n < HINTS_MAX && segment && ip_net_contains(segment, addr))
			near.at[near.n++] = addr;
	}
	return near.n ? near : all;
}

/* The octets of @addr's own family. */
static size_t addr_put(__u8 *to, const struct ip_addr *addr, bool is_v4)
{
	size_t n = is_v4 ? 4 : 16;

	memcpy(to, &addr->b[16 - n], n);
	return n;
}

static void addresses_add(struct dns_answer *answer, size_t owner_at,
			  const struct dns_rewrite *rewrite, const struct chosen *chosen,
			  bool is_v4)
{
	for (unsigned int i = 0; i < chosen->n; i++) {
		__u8 data[16];
		size_t length = addr_put(data, chosen->at[i], is_v4);

		dns_answer_add(answer, DNS_ANSWER,
			       &(struct dns_rr){.owner_at = owner_at,
						.type = is_v4 ? DNS_A : DNS_AAAA,
						.ttl_s = rewrite->ttl_s,
						.data = data,
						.data_length = (__u16)length});
	}
}

static size_t hints_put(__u8 *to, __u16 key, const struct chosen *chosen, bool is_v4)
{
	size_t n = 4;

	if (!chosen->n)
		return 0;
	for (unsigned int i = 0; i < chosen->n; i++)
		n += addr_put(to + n, chosen->at[i], is_v4);
	dns_put16(to, key);
	dns_put16(to + 2, (__u16)(n - 4));
	return n;
}

/* What the name offers, and where this asker finds it. Without any there is nothing to say, and "no data" is the answer. */
static void https_add(struct dns_answer *answer, size_t owner_at, const struct dns_rewrite *rewrite,
		      const struct ip_net *segment)
{
	__u8 data[DNS_HTTPS_MAX + 4 + HINTS_MAX * 4 + 4 + HINTS_MAX * 16];
	struct chosen v4 = addrs_choose(rewrite, segment, true);
	struct chosen v6 = addrs_choose(rewrite, segment, false);

	for (size_t i = 0; i < rewrite->n_https; i++) {
		size_t n = rewrite->https[i].length;

		memcpy(data, rewrite->https[i].data, n);
		n += hints_put(data + n, DNS_PARAM_IPV4HINT, &v4, true);
		n += hints_put(data + n, DNS_PARAM_IPV6HINT, &v6, false);
		dns_answer_add(answer, DNS_ANSWER,
			       &(struct dns_rr){.owner_at = owner_at,
						.type = DNS_HTTPS,
						.ttl_s = rewrite->ttl_s,
						.data = data,
						.data_length = (__u16)n});
	}
}

/* The records of the type that was asked, of a name that is no alias. */
static void records_add(struct dns_answer *answer, size_t owner_at,
			const struct dns_rewrite *rewrite, const struct ip_net *segment)
{
	__u16 type = answer->query->type;
	struct chosen chosen;

	if (type == DNS_HTTPS && answer->query->name.wire[1] != '_')
		https_add(answer, owner_at, rewrite, segment);
	if (type == DNS_A || type == DNS_ANY) {
		chosen = addrs_choose(rewrite, segment, true);
		addresses_add(answer, owner_at, rewrite, &chosen, true);
	}
	if (type == DNS_AAAA || type == DNS_ANY) {
		chosen = addrs_choose(rewrite, segment, false);
		addresses_add(answer, owner_at, rewrite, &chosen, false);
	}
}

static bool passes(const struct dns_rewrite *rewrite, __u16 type)
{
	if (rewrite->is_kept)
		return true;
	for (size_t i = 0; i < rewrite->n_pass; i++) {
		if (rewrite->pass[i] == type)
			return true;
	}
	return false;
}

enum dns_rewritten dns_rewrite_answer(const struct dns_rewrites *rewrites,
				      const struct dns_rewrite *rewrite,
				      const struct ip_net *segment, struct dns_answer *answer,
				      struct dns_name *ret_target)
{
	size_t owner_at = DNS_AT_QUESTION;
	__u16 aliases;

	if (passes(rewrite, answer->query->type))
		return DNS_REWRITTEN_PASS;
	for (unsigned int hops = 0; rewrite->target.length; hops++) {
		const struct dns_name *target = &rewrite->target;

		if (hops == CHAIN_MAX)
			return DNS_REWRITTEN_LOOP;
		owner_at = dns_answer_add(answer, DNS_ANSWER,
					  &(struct dns_rr){.owner_at = owner_at,
							   .type = DNS_CNAME,
							   .ttl_s = rewrite->ttl_s,
							   .data = target->wire,
							   .data_length = target->length});
		if (!owner_at || answer->query->type == DNS_CNAME)
			return DNS_REWRITTEN_WHOLE;
		rewrite = dns_rewrites_find(rewrites, target, answer->query->type);
		if (!rewrite || passes(rewrite, answer->query->type)) {
			*ret_target = *target;
			return DNS_REWRITTEN_ALIAS;
		}
	}
	aliases = answer->counts[DNS_ANSWER];
	records_add(answer, owner_at, rewrite, segment);
	if (answer->counts[DNS_ANSWER] == aliases)
		dns_answer_add_soa(answer, owner_at, rewrite->ttl_s);
	return rewrite->is_absent ? DNS_REWRITTEN_ABSENT : DNS_REWRITTEN_WHOLE;
}
