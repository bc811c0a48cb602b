// SPDX-License-Identifier: GPL-2.0-or-later
/* What the names of the services resolve to from here: all are asked at once, and waited for together. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "findings.h"

/* A resolver that has not answered by then is not one that a client would wait for. */
#define RESOLVE_S 5
/* Beyond this many names a check would be a flood. */
#define NAMES_MAX 256

struct lookup {
	const struct plan_service *service;
	/* A copy: a thread of the resolver may read it after the plan is gone. */
	char domain[LIMIT_DOMAIN_NAME + 1];
	struct gaicb request;
};

static size_t collect(const struct plan *plan, struct lookup *lookups)
{
	static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	size_t n = 0;

	for (size_t i = 0; i < plan->n_services; i++) {
		for (size_t j = 0; j < plan->services[i].n_domains && n < NAMES_MAX; j++) {
			/* Of all below a name there is none to ask for. */
			if (plan->services[i].domains[j][0] == '*')
				continue;
			lookups[n].service = &plan->services[i];
			snprintf(lookups[n].domain, sizeof(lookups[n].domain), "%s",
				 plan->services[i].domains[j]);
			lookups[n].request.ar_name = lookups[n].domain;
			lookups[n].request.ar_request = &hints;
			n++;
		}
	}
	return n;
}

/* Those that are not answered yet, for gai_suspend(), which skips NULL; it returns at once for one that is answered. */
static size_t list_open(struct lookup *lookups, size_t n, struct gaicb **ret_list)
{
	size_t open = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_open = gai_error(&lookups[i].request) == EAI_INPROGRESS;

		ret_list[i] = is_open ? &lookups[i].request : NULL;
		open += is_open;
	}
	return open;
}

/* Waits until all are answered or the time is over. */
static void resolve(struct lookup *lookups, size_t n)
{
	struct gaicb *list[NAMES_MAX];
	struct timespec now, end;

	for (size_t i = 0; i < n; i++)
		list[i] = &lookups[i].request;
	if (getaddrinfo_a(GAI_NOWAIT, list, (int)n, NULL))
		return;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += RESOLVE_S;
	while (list_open(lookups, n, list) > 0) {
		struct timespec left;

		clock_gettime(CLOCK_MONOTONIC, &now);
		left = (struct timespec){.tv_sec = end.tv_sec - now.tv_sec};
		if (left.tv_sec <= 0)
			return;
		gai_suspend((const struct gaicb *const *)list, (int)n, &left);
	}
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
static void judge_addresses(struct check *check, const struct lookup *lookup,
			    const struct addrinfo *answers)
{
	const struct ip_addr *public = check_public_addr(check);
	char text[IP_TEXT_MAX], own[IP_TEXT_MAX];

	for (const struct addrinfo *at = answers; at; at = at->ai_next) {
		struct ip_addr addr = addr_of(at);

		if (ip_addr_equal(&addr, public) ||
		    is_expected(check->candidate, lookup->service, &addr))
			continue;
		check_find(check, "name", "correct the record at the name's provider",
			   "%s (service %s) resolves to %s, and not to the public address %s",
			   lookup->domain, lookup->service->name, ip_addr_format(&addr, text),
			   ip_addr_format(public, own));
		return;
	}
	check_note(check, "name", "%s (service %s) resolves to the right address", lookup->domain,
		   lookup->service->name);
}

static void judge(struct check *check, struct lookup *lookup)
{
	int error = gai_error(&lookup->request);

	if (error == 0)
		judge_addresses(check, lookup, lookup->request.ar_result);
	else
		check_find(
			check, "name",
			"set the record at the name's provider, or look at this machine's resolver",
			"%s (service %s) does not resolve here: %s", lookup->domain,
			lookup->service->name,
			error == EAI_INPROGRESS ? "no answer in time" : gai_strerror(error));
}

void check_names(struct check *check)
{
	const struct plan *plan = check->candidate->plan;
	struct lookup *lookups = calloc(NAMES_MAX, sizeof(*lookups));
	bool is_idle = true;
	size_t n;

	/* Behind a second router it is that one's, and may not be known. */
	if (!lookups || !check_public_addr(check)) {
		free(lookups);
		return;
	}
	n = collect(plan, lookups);
	if (n > 0)
		resolve(lookups, n);
	for (size_t i = 0; i < n; i++) {
		judge(check, &lookups[i]);
		/* A request that is at work cannot be cancelled: its memory stays until the process ends. */
		is_idle = gai_cancel(&lookups[i].request) != EAI_NOTCANCELED && is_idle;
		if (lookups[i].request.ar_result)
			freeaddrinfo(lookups[i].request.ar_result);
	}
	if (is_idle)
		free(lookups);
}
