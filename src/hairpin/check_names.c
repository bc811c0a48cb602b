// SPDX-License-Identifier: GPL-2.0-or-later
/* What the names of the services resolve to from here: all are asked at once, and waited for together. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "findings.h"
#include "lookups.h"

/* A resolver that has not answered by then is not one that a client would wait for. */
#define RESOLVE_S 5
/* Beyond this many names a check would be a flood. */
#define NAMES_MAX 256

/* A name, and the service that has it. */
struct asked {
	const struct plan_service *service;
	const char *domain;
};

static size_t collect(const struct plan *plan, struct asked asked[NAMES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_services; i++) {
		for (size_t j = 0; j < plan->services[i].n_domains && n < NAMES_MAX; j++) {
			/* Of all below a name there is none to ask for. */
			if (plan->services[i].domains[j][0] != '*')
				asked[n++] = (struct asked){&plan->services[i],
							    plan->services[i].domains[j]};
		}
	}
	return n;
}

static struct ip_addr addr_of(const struct addrinfo *info)
{
	if (info->ai_family == AF_INET6)
		return ip_addr_from_v6(((const struct sockaddr_in6 *)(const void *)info->ai_addr)
					       ->sin6_addr.s6_addr);
	return ip_addr_from_v4(
		((const struct sockaddr_in *)(const void *)info->ai_addr)->sin_addr.s_addr);
}

/* An address of the gateway in a segment: what our own server says of its services. */
static bool is_own(const struct facts *facts, const struct ip_addr *addr)
{
	for (size_t i = 0; i < facts->n_links; i++) {
		for (size_t k = 0; k < facts->links[i].n_addrs; k++) {
			if (ip_addr_equal(&facts->links[i].addrs[k].addr, addr))
				return true;
		}
	}
	return false;
}

static bool is_expected(const struct candidate *candidate, const struct plan_service *service,
			const struct ip_addr *addr)
{
	const struct plan *plan = candidate->plan;

	if (service->is_self && is_own(candidate->facts, addr))
		return true;
	if ((service->has_host && ip_addr_equal(addr, &service->host)) ||
	    (service->has_host6 && ip_addr_equal(addr, &service->host6)))
		return true;
	for (size_t i = 0; i < plan->n_wan_addrs; i++) {
		if (ip_addr_equal(addr, &plan->wan_addrs[i]))
			return true;
	}
	return false;
}

/* Names the first address that leads elsewhere. */
static void judge_addresses(struct check *check, const struct asked *asked,
			    const struct addrinfo *answers)
{
	const struct ip_addr *public = check_public_addr(check);
	char text[IP_TEXT_MAX], own[IP_TEXT_MAX];

	for (const struct addrinfo *at = answers; at; at = at->ai_next) {
		struct ip_addr addr = addr_of(at);

		if (ip_addr_equal(&addr, public) ||
		    is_expected(check->candidate, asked->service, &addr))
			continue;
		check_find(check, "name", "correct the record at the name's provider",
			   "%s (service %s) resolves to %s, and not to the public address %s",
			   asked->domain, asked->service->name, ip_addr_format(&addr, text),
			   ip_addr_format(public, own));
		return;
	}
	check_note(check, "name", "%s (service %s) resolves to the right address", asked->domain,
		   asked->service->name);
}

static void judge(struct check *check, const struct asked *asked, struct lookups *lookups, size_t i)
{
	struct addrinfo *answers;
	int error;
	bool is_answered = lookups_take(lookups, i, &error, &answers);

	if (is_answered && !error)
		judge_addresses(check, asked, answers);
	else
		check_find(
			check, "name",
			"set the record at the name's provider, or look at this machine's resolver",
			"%s (service %s) does not resolve here: %s", asked->domain,
			asked->service->name,
			is_answered ? gai_strerror(error) : "no answer in time");
	if (answers)
		freeaddrinfo(answers);
}

void check_names(struct check *check)
{
	struct asked asked[NAMES_MAX];
	struct lookups *lookups;
	size_t n;

	/* Behind a second router it is that one's, and may not be known. */
	if (!check_public_addr(check))
		return;
	n = collect(check->candidate->plan, asked);
	lookups = n ? lookups_new(n) : NULL;
	if (!lookups)
		return;
	for (size_t i = 0; i < n; i++)
		lookups_set(lookups, i, asked[i].domain);
	lookups_run(lookups, RESOLVE_S);
	for (size_t i = 0; i < n; i++)
		judge(check, &asked[i], lookups, i);
	lookups_free(lookups);
}
