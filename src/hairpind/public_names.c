// SPDX-License-Identifier: GPL-2.0-or-later
#include "public_names.h"

#include <stdio.h>
#include <string.h>

#include "addr_class.h"
#include "file.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLV_CONF_MAX 65536
#define DNS_PORT 53

/* --- which --------------------------------------------------------------------------------------- */

static void name_add(struct public_names *names, const char *name, enum public_source source)
{
	for (size_t i = 0; i < names->n; i++) {
		if (names->list[i].source == source && !strcmp(names->list[i].name, name))
			return;
	}
	if (names->n == LIMIT_LOOKUP_NAMES)
		return;
	names->list[names->n] = (struct public_lookup){.source = source};
	snprintf(names->list[names->n++].name, sizeof(names->list[0].name), "%s", name);
}

static bool is_addr(const char *host, struct ip_addr *ret_addr)
{
	return !ip_addr_parse(host, ret_addr);
}

static void names_of_conf(struct public_names *names, const struct conf *conf)
{
	const struct conf_stun_server *stun;
	struct ip_addr addr;

	names->n_stun = conf_stun_servers(conf, &stun);
	for (size_t i = 0; i < names->n_stun; i++) {
		names->stun[i] = stun[i];
		if (!is_addr(stun[i].host, &addr))
			name_add(names, stun[i].host, PUBLIC_STUN);
	}
	if (conf->public == CONF_PUBLIC_NAME)
		name_add(names, conf->public_name, PUBLIC_NAME);
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		/* Of all below a name there is none to ask for. */
		for (size_t k = 0; k < service->n_domains; k++) {
			if (service->domains[k][0] != '*')
				name_add(names, service->domains[k], PUBLIC_SERVICES);
		}
	}
}

static struct public_lookup *name_find(struct public_names *names, const char *name,
				       enum public_source source)
{
	for (size_t i = 0; i < names->n; i++) {
		if (names->list[i].source == source && !strcmp(names->list[i].name, name))
			return &names->list[i];
	}
	return NULL;
}

bool public_names_set(struct public_names *names, const struct conf *conf)
{
	struct public_names next = {0};
	bool is_other = false;

	names_of_conf(&next, conf);
	for (size_t i = 0; i < next.n; i++) {
		const struct public_lookup *known =
			name_find(names, next.list[i].name, next.list[i].source);

		if (known)
			next.list[i] = *known;
		else if (next.list[i].source != PUBLIC_STUN)
			is_other = true;
	}
	for (size_t i = 0; i < names->n; i++) {
		if (names->list[i].source != PUBLIC_STUN &&
		    !name_find(&next, names->list[i].name, names->list[i].source))
			is_other = true;
	}
	*names = next;
	return is_other;
}

/* --- when ---------------------------------------------------------------------------------------- */

bool public_names_due(struct public_names *names, bool wants_services, __u64 now_ms,
		      struct lookup_job *job)
{
	for (size_t i = 0; i < names->n; i++) {
		struct public_lookup *name = &names->list[i];

		if (name->due_ms > now_ms || (name->source == PUBLIC_SERVICES && !wants_services))
			continue;
		name->due_ms = now_ms + 1000ull * LOOKUP_RETRY_S;
		strcpy(job->names[job->n_names++], name->name);
	}
	return job->n_names;
}

static void name_take(struct public_lookup *name, const struct lookup_result *result, __u64 now_ms)
{
	__u32 wait_s = LOOKUP_RETRY_S;

	name->was_asked = true;
	name->is_found = result->answer == LOOKUP_FOUND;
	if (result->answer == LOOKUP_NONE)
		wait_s = LOOKUP_MIN_S;
	if (name->is_found) {
		name->has = true;
		name->addr = result->addr;
		wait_s = result->ttl_s < LOOKUP_MIN_S	? LOOKUP_MIN_S
			 : result->ttl_s > LOOKUP_MAX_S ? LOOKUP_MAX_S
							: result->ttl_s;
	}
	name->due_ms = now_ms + 1000ull * wait_s;
}

void public_names_take(struct public_names *names, const struct lookup_job *job,
		       const struct lookup_report *report, __u64 now_ms)
{
	static const struct lookup_result failed = {.answer = LOOKUP_FAILED};

	for (size_t i = 0; i < job->n_names; i++) {
		for (size_t k = 0; k < names->n; k++) {
			if (!strcmp(names->list[k].name, job->names[i]))
				name_take(&names->list[k], report ? &report->results[i] : &failed,
					  now_ms);
		}
	}
}

/* --- what ---------------------------------------------------------------------------------------- */

const struct ip_addr *public_names_addr(const struct public_names *names, enum public_source source,
					bool *ret_was_asked)
{
	const struct ip_addr *addr = NULL;

	*ret_was_asked = false;
	for (size_t i = 0; i < names->n; i++) {
		const struct public_lookup *name = &names->list[i];

		if (name->source != source)
			continue;
		*ret_was_asked = *ret_was_asked || name->was_asked;
		/* One that somebody outside answers with a host inside says nothing of us. */
		if (name->is_found && (!addr || addr_class_of(addr) != ADDR_PUBLIC))
			addr = &name->addr;
	}
	return addr;
}

size_t public_names_stun(const struct public_names *names,
			 struct portmap_server servers[LIMIT_STUN_SERVERS])
{
	size_t n = 0;

	for (size_t i = 0; i < names->n_stun; i++) {
		struct ip_addr addr;
		bool is_known = is_addr(names->stun[i].host, &addr);

		for (size_t k = 0; k < names->n && !is_known; k++) {
			const struct public_lookup *name = &names->list[k];

			if (name->source != PUBLIC_STUN || !name->has ||
			    strcmp(name->name, names->stun[i].host))
				continue;
			is_known = true;
			addr = name->addr;
		}
		if (!is_known)
			continue;
		servers[n].addr = addr;
		servers[n++].port = names->stun[i].port;
	}
	return n;
}

/* --- of whom -------------------------------------------------------------------------------------- */

struct servers {
	const struct facts *facts;
	struct lookup_server *list;
	size_t n;
};

/* Our own server says of our names what is inside, and one on this machine may ask it. */
static bool is_ours(const struct facts *facts, const struct ip_addr *addr)
{
	struct ip_net loopback;

	if (!ip_net_parse("127.0.0.0/8", &loopback) && ip_net_contains(&loopback, addr))
		return true;
	return facts_has_own(facts, addr);
}

static void server_add(struct servers *servers, const struct ip_addr *addr, __u16 port)
{
	if (servers->n == LIMIT_LOOKUP_SERVERS || ip_addr_is_zero(addr) ||
	    is_ours(servers->facts, addr))
		return;
	servers->list[servers->n++] = (struct lookup_server){*addr, port};
}

static void servers_of_conf(struct servers *servers, const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_upstreams; i++) {
		const struct conf_upstream *upstream = &conf->upstreams[i];

		if (upstream->transport == CONF_DNS_PLAIN && upstream->has_addr &&
		    !upstream->n_domains)
			server_add(servers, &upstream->addr, upstream->port);
	}
	for (size_t i = 0; i < conf->n_bootstraps && !servers->n; i++)
		server_add(servers, &conf->bootstraps[i], DNS_PORT);
}

static void servers_of_system(struct servers *servers)
{
	_free_ char *text = NULL;
	char *line, *rest;
	size_t length;

	if (file_read(RESOLV_CONF, RESOLV_CONF_MAX, &text, &length))
		return;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char word[IP_TEXT_MAX];
		struct ip_addr addr;

		if (sscanf(line, " nameserver %49s", word) == 1 && !ip_addr_parse(word, &addr))
			server_add(servers, &addr, DNS_PORT);
	}
}

size_t public_names_servers(const struct candidate *now, const struct ip_addr *router,
			    struct lookup_server servers[LIMIT_LOOKUP_SERVERS])
{
	struct servers list = {.facts = now->facts, .list = servers};

	servers_of_conf(&list, now->conf);
	if (list.n)
		return list.n;
	servers_of_system(&list);
	/* Home routers answer as well, and know the way out. */
	server_add(&list, router, DNS_PORT);
	return list.n;
}
