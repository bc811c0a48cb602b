// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts.h"

#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "reverse.h"

struct pointer {
	struct ip_addr addr;
	struct dns_name name;
};

struct dns_hosts {
	struct dns_rewrites *names; /* machines and the domains that they are in */
	struct pointer *pointers; /* n, sorted by address, each once */
	size_t n_pointers;
	struct ip_net *networks;
	size_t n_networks;
};

/* --- making ------------------------------------------------------------------------------------------- */

/* Own ones have the lower orders. */
struct entry {
	const struct dns_host *host;
	size_t order;
	bool is_live;
};

static int order_compare(const struct entry *a, const struct entry *b)
{
	return (a->order > b->order) - (a->order < b->order);
}

static int name_compare(const struct dns_name *a, const struct dns_name *b)
{
	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return memcmp(a->wire, b->wire, a->length);
}

static int by_name(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = name_compare(&a->host->name, &b->host->name);

	return order ? order : order_compare(a, b);
}

static int by_addr(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = ip_addr_compare(&a->host->addr, &b->host->addr);

	return order ? order : order_compare(a, b);
}

static struct entry *entries_make(const struct dns_hosts_source *source)
{
	struct entry *entries = calloc(source->n_own + source->n_live + 1, sizeof(*entries));
	size_t n = 0;

	if (!entries)
		return NULL;
	for (size_t i = 0; i < source->n_own; i++, n++)
		entries[n] = (struct entry){&source->own[i], n, false};
	for (size_t i = 0; i < source->n_live; i++, n++)
		entries[n] = (struct entry){&source->live[i], n, true};
	qsort(entries, n, sizeof(*entries), by_name);
	return entries;
}

/* Takes out those that call themselves like one of ours. Sorted by name, and stays so. */
static size_t impostors_remove(struct entry *entries, size_t n)
{
	const struct entry *own = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (entries[i].is_live && own &&
		    dns_name_equal(&own->host->name, &entries[i].host->name))
			continue;
		entries[kept++] = entries[i];
		if (!entries[i].is_live)
			own = &entries[kept - 1];
	}
	return kept;
}

/* The domain is there, and below it nobody but those who have names of their own. */
static size_t domains_write(struct dns_rewrite *to, const struct dns_hosts_source *source)
{
	size_t n = 0;

	for (size_t i = 0; i < source->n_domains; i++) {
		struct dns_rewrite domain = {.name = source->domains[i],
					     .ttl_s = LIMIT_DNS_HOST_TTL_S};

		to[n++] = domain;
		domain.match = DNS_MATCH_BELOW;
		domain.is_absent = true;
		to[n++] = domain;
	}
	return n;
}

/* @entries are sorted by name. */
static struct dns_rewrites *names_make(const struct dns_hosts_source *source,
				       const struct entry *entries, size_t n_entries)
{
	_free_ struct dns_rewrite *made =
		calloc(n_entries + 2 * source->n_domains + 1, sizeof(*made));
	_free_ struct ip_addr *addrs = calloc(n_entries + 1, sizeof(*addrs));
	struct dns_rewrite *last = NULL;
	size_t n = 0;

	if (!made || !addrs)
		return NULL;
	for (size_t i = 0; i < n_entries; i++) {
		const struct dns_host *host = entries[i].host;

		if (host->is_reverse_only)
			continue;
		if (!last || !dns_name_equal(&last->name, &host->name)) {
			last = &made[n++];
			*last = (struct dns_rewrite){.name = host->name,
						     .addrs = &addrs[i],
						     .ttl_s = LIMIT_DNS_HOST_TTL_S};
		}
		last->addrs[last->n_addrs++] = host->addr;
	}
	n += domains_write(made + n, source);
	return dns_rewrites_make(made, n);
}

static bool pointers_make(struct dns_hosts *hosts, const struct entry *entries, size_t n)
{
	hosts->pointers = calloc(n + 1, sizeof(*hosts->pointers));
	if (!hosts->pointers)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct dns_host *host = entries[i].host;

		if (i && ip_addr_equal(&host->addr, &entries[i - 1].host->addr))
			continue;
		hosts->pointers[hosts->n_pointers++] = (struct pointer){host->addr, host->name};
	}
	return true;
}

static bool networks_copy(struct dns_hosts *hosts, const struct dns_hosts_source *source)
{
	hosts->networks = calloc(source->n_networks + 1, sizeof(*hosts->networks));
	if (!hosts->networks)
		return false;
	for (size_t i = 0; i < source->n_networks; i++)
		hosts->networks[i] = source->networks[i];
	hosts->n_networks = source->n_networks;
	return true;
}

struct dns_hosts *dns_hosts_make(const struct dns_hosts_source *source)
{
	_free_ struct entry *entries = entries_make(source);
	struct dns_hosts *made = calloc(1, sizeof(*made));
	size_t n;

	if (!entries || !made)
		return dns_hosts_free(made);
	n = impostors_remove(entries, source->n_own + source->n_live);
	made->names = names_make(source, entries, n);
	qsort(entries, n, sizeof(*entries), by_addr);
	if (!made->names || !pointers_make(made, entries, n) || !networks_copy(made, source))
		return dns_hosts_free(made);
	return made;
}

struct dns_hosts *dns_hosts_free(struct dns_hosts *hosts)
{
	if (!hosts)
		return NULL;
	dns_rewrites_free(hosts->names);
	free(hosts->pointers);
	free(hosts->networks);
	free(hosts);
	return NULL;
}

/* --- answering ---------------------------------------------------------------------------------------- */

static int pointer_compare(const void *key, const void *element)
{
	const struct pointer *pointer = element;

	return ip_addr_compare(key, &pointer->addr);
}

/* What is known of a reverse name. */
enum place {
	PLACE_ELSEWHERE, /* none of our addresses */
	PLACE_HOST, /* *ret_pointer has it */
	PLACE_NOBODY, /* an address of ours that nobody has, or a name below one */
	PLACE_WITHIN, /* a part of a network of ours: there may be addresses below it */
};

static bool is_ours(const struct dns_hosts *hosts, const struct ip_net *net)
{
	for (size_t i = 0; i < hosts->n_networks; i++) {
		if (hosts->networks[i].length <= net->length &&
		    ip_net_contains(&hosts->networks[i], &net->addr))
			return true;
	}
	return false;
}

static enum place place_of(const struct dns_hosts *hosts, const struct dns_name *name,
			   const struct pointer **ret_pointer)
{
	struct ip_net net;
	bool rest, whole;

	if (!dns_reverse_read(name, &net, &rest))
		return PLACE_ELSEWHERE;
	whole = net.length == (ip_addr_is_v4(&net.addr) ? 32 : 128);
	*ret_pointer = whole && !rest ? bsearch(&net.addr, hosts->pointers, hosts->n_pointers,
						sizeof(**ret_pointer), pointer_compare)
				      : NULL;
	if (*ret_pointer)
		return PLACE_HOST;
	if (!is_ours(hosts, &net))
		return PLACE_ELSEWHERE;
	return whole || rest ? PLACE_NOBODY : PLACE_WITHIN;
}

/* Octets of in-addr.arpa or ip6.arpa with one digit in front: whoever serves less does not know of networks. */
static unsigned int reverse_zone_length(const struct dns_name *name)
{
	static const char v4[] = "\7in-addr\4arpa", v6[] = "\3ip6\4arpa";
	size_t n = sizeof(v4);

	return (unsigned int)(name->length >= n && !memcmp(&name->wire[name->length - n], v4, n)
				      ? n
				      : sizeof(v6)) +
	       2;
}

enum dns_host_known dns_hosts_know(const struct dns_hosts *hosts, const struct dns_name *name,
				   unsigned int *ret_zone_length)
{
	const struct dns_rewrite *found =
		hosts ? dns_rewrites_find(hosts->names, name, DNS_A) : NULL;
	const struct pointer *pointer;

	if (!hosts)
		return DNS_HOST_ELSEWHERE;
	if (found && found->n_addrs)
		return DNS_HOST_KNOWN;
	*ret_zone_length = found ? found->name.length : reverse_zone_length(name);
	if (found)
		return DNS_HOST_NOBODY;
	switch (place_of(hosts, name, &pointer)) {
	case PLACE_HOST:
		return DNS_HOST_KNOWN;
	case PLACE_NOBODY:
	case PLACE_WITHIN:
		return DNS_HOST_NOBODY;
	case PLACE_ELSEWHERE:
		break;
	}
	return DNS_HOST_ELSEWHERE;
}

static enum dns_rcode reverse_answer(const struct dns_hosts *hosts, struct dns_answer *answer)
{
	const struct dns_query *query = answer->query;
	const struct pointer *pointer = NULL;
	enum place place = place_of(hosts, &query->name, &pointer);

	if (place == PLACE_HOST && (query->type == DNS_PTR || query->type == DNS_ANY)) {
		dns_answer_add(answer, DNS_ANSWER,
			       &(struct dns_rr){.owner_at = DNS_AT_QUESTION,
						.type = DNS_PTR,
						.ttl_s = LIMIT_DNS_HOST_TTL_S,
						.data = pointer->name.wire,
						.data_length = pointer->name.length});
		return DNS_NOERROR;
	}
	dns_answer_add_soa(answer, DNS_AT_QUESTION, LIMIT_DNS_HOST_TTL_S);
	return place == PLACE_NOBODY ? DNS_NXDOMAIN : DNS_NOERROR;
}

enum dns_rcode dns_hosts_answer(const struct dns_hosts *hosts, const struct ip_net *segment,
				struct dns_answer *answer)
{
	const struct dns_query *query = answer->query;
	const struct dns_rewrite *found =
		dns_rewrites_find(hosts->names, &query->name, query->type);
	struct dns_name target;

	if (!found)
		return reverse_answer(hosts, answer);
	if (dns_rewrite_answer(hosts->names, found, segment, answer, &target) ==
	    DNS_REWRITTEN_ABSENT)
		return DNS_NXDOMAIN;
	return DNS_NOERROR;
}
