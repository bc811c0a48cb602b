// SPDX-License-Identifier: GPL-2.0-or-later
#include "candidate.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "extra.h"
#include "file.h"
#include "memory.h"

/* The interfaces of which facts are wanted, each once; those of addresses last as long as the list of ifaddrs. */
struct names {
	const char *list[1 + LIMIT_LANS + LIMIT_DNS_LISTENERS];
	size_t n;
};

static void name_add(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (!strcmp(names->list[i], name))
			return;
	}
	names->list[names->n++] = name;
}

static void name_add_of(struct names *names, const struct ifaddrs *interfaces,
			const struct ip_addr *wanted)
{
	for (const struct ifaddrs *at = interfaces; at; at = at->ifa_next) {
		const struct sockaddr_in *v4 = (const void *)at->ifa_addr;
		const struct sockaddr_in6 *v6 = (const void *)at->ifa_addr;
		struct ip_addr addr;

		if (!at->ifa_addr || (v4->sin_family != AF_INET && v4->sin_family != AF_INET6))
			continue;
		addr = v4->sin_family == AF_INET ? ip_addr_from_v4(v4->sin_addr.s_addr)
						 : ip_addr_from_v6(v6->sin6_addr.s6_addr);
		if (ip_addr_equal(&addr, wanted)) {
			name_add(names, at->ifa_name);
			return;
		}
	}
}

static void interfaces_free(struct ifaddrs **interfaces)
{
	if (*interfaces)
		freeifaddrs(*interfaces);
}

int candidate_read_facts(const struct conf *conf, const struct facts_observed *observed,
			 struct facts **ret_facts)
{
	_cleanup_(interfaces_free) struct ifaddrs *interfaces = NULL;
	_facts_ struct facts *facts = NULL;
	struct names names = {0};
	int ret;

	if (*conf->wan_interface)
		name_add(&names, conf->wan_interface);
	for (size_t i = 0; i < conf->n_lan; i++)
		name_add(&names, conf->lan[i].interface);
	/* Where an address of dns.listen is, the configuration does not say. */
	if (conf->n_listeners && getifaddrs(&interfaces))
		return -errno;
	for (size_t i = 0; i < conf->n_listeners; i++)
		name_add_of(&names, interfaces, &conf->listeners[i].addr);
	ret = facts_read(names.list, names.n, &facts);
	if (!ret)
		ret = facts_observe(facts, observed);
	if (!ret)
		*ret_facts = TAKE_PTR(facts);
	return ret;
}

/* What a plan is made of beside the configuration. */
struct circumstances {
	const struct facts_observed *observed;
	bool following;
};

static int work_out(const struct conf *conf, const struct circumstances *now,
		    struct facts **ret_facts, struct plan **ret_plan, struct strbuf *errors)
{
	const struct plan_options options = {.memory_bytes = memory_usable_bytes(""),
					     .following = now->following};
	_facts_ struct facts *facts = NULL;
	int ret = candidate_read_facts(conf, now->observed, &facts);

	if (ret) {
		strbuf_add(errors, "cannot ask the kernel about the network: %s\n", strerror(-ret));
		return ret;
	}
	ret = plan_make(conf, facts, &options, ret_plan, errors);
	if (ret == -ENOMEM)
		strbuf_add(errors, "%s\n", strerror(ENOMEM));
	if (!ret)
		*ret_facts = TAKE_PTR(facts);
	return ret;
}

int candidate_refresh(const struct conf *conf, const struct facts_observed *observed,
		      struct facts **ret_facts, struct plan **ret_plan, struct strbuf *errors)
{
	const struct circumstances now = {observed, true};

	return work_out(conf, &now, ret_facts, ret_plan, errors);
}

static void add_operator(struct conf *conf, const struct operator_state *changes,
			 struct strbuf *conflicts)
{
	for (size_t i = 0; i < changes->n_rewrites; i++) {
		const struct operator_rewrite *own = &changes->rewrites[i];
		const struct conf_extra_rewrite rewrite = {
			own->domain, (const char *const *)own->answers, own->n_answers};
		_strbuf_ struct strbuf why = {0};

		if (conf_add_rewrite(conf, &rewrite, &why))
			strbuf_add(conflicts, "a rewrite of the operator's is not in force: %s\n",
				   strbuf_text(&why));
	}
	for (size_t i = 0; i < changes->n_reservations; i++) {
		const struct operator_reservation *own = &changes->reservations[i];
		const struct conf_extra_reservation reservation = {own->mac, own->address,
								   own->name};
		_strbuf_ struct strbuf why = {0};

		if (conf_add_reservation(conf, &reservation, &why))
			strbuf_add(conflicts,
				   "a reservation of the operator's is not in force: %s\n",
				   strbuf_text(&why));
	}
}

static int make(const struct candidate_source *source, const struct operator_state *changes,
		struct candidate *candidate, struct strbuf *errors)
{
	const struct circumstances now = {source->observed, source->following};
	int ret = conf_parse(source->path, source->text, source->length, &candidate->conf, errors);

	if (!ret && changes)
		add_operator(candidate->conf, changes, &candidate->conflicts);
	if (!ret)
		ret = work_out(candidate->conf, &now, &candidate->facts, &candidate->plan, errors);
	if (ret)
		return ret;
	candidate->text = malloc(source->length + 1);
	if (!candidate->text)
		return -ENOMEM;
	memcpy(candidate->text, source->text, source->length);
	candidate->text[source->length] = '\0';
	candidate->length = source->length;
	return 0;
}

static bool has_items(const struct operator_state *changes)
{
	return changes && changes->n_rewrites + changes->n_reservations > 0;
}

int candidate_make(const struct candidate_source *source, struct candidate *ret_candidate,
		   struct strbuf *errors)
{
	_candidate_ struct candidate candidate = {0}, alone = {0};
	_strbuf_ struct strbuf faults = {0}, none = {0};
	int ret = make(source, source->changes, &candidate, &faults);

	if (ret && !source->is_strict && has_items(source->changes) &&
	    !make(source, NULL, &alone, &none)) {
		strbuf_add(&alone.conflicts,
			   "nothing of what was changed by command is in force, since with it: %s",
			   strbuf_text(&faults));
		*ret_candidate = alone;
		alone = (struct candidate){0};
		return 0;
	}
	strbuf_add(errors, "%s", strbuf_text(&faults));
	if (ret)
		return ret;
	*ret_candidate = candidate;
	candidate = (struct candidate){0};
	return 0;
}

int candidate_load(const char *path, const struct operator_state *changes,
		   const struct facts_observed *observed, struct candidate *ret_candidate,
		   struct strbuf *errors)
{
	struct candidate_source source = {.path = path, .changes = changes, .observed = observed};
	_free_ char *text = NULL;
	int ret = file_read(path, LIMIT_CONF_BYTES, &text, &source.length);

	if (ret) {
		strbuf_add(errors, "%s: %s\n", path, strerror(-ret));
		return ret;
	}
	source.text = text;
	return candidate_make(&source, ret_candidate, errors);
}

void candidate_fini(struct candidate *candidate)
{
	plan_free(candidate->plan);
	facts_free(candidate->facts);
	conf_free(candidate->conf);
	free(candidate->text);
	strbuf_fini(&candidate->conflicts);
	*candidate = (struct candidate){0};
}
