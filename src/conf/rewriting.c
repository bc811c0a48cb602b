// SPDX-License-Identifier: GPL-2.0-or-later
/* Names with two answers: in dns.rewrites, by services, or in a circle. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "rrtype.h"

/* The DNS server follows no more aliases than this either (src/dns/rewrite_answer.c). */
#define ALIASES_MAX 8
#define TYPE_A 1
#define TYPE_AAAA 28
#define TYPE_HTTPS 65

/* A word that stands for names, and who has it: one of the two. */
struct claim {
	const char *domain;
	const struct conf_rewrite *rewrite;
	const struct conf_service *service;
	unsigned int line;
};

struct claims {
	struct claim *claims; /* sorted; of one word rewrites stand before services */
	size_t n;
};

static int compare_domains(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;

	return strcmp(a->domain, b->domain);
}

static int compare_claims(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;
	int order = compare_domains(a, b);

	if (order)
		return order;
	if (!a->rewrite != !b->rewrite)
		return a->rewrite ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

static struct claims claims_make(const struct conf *conf)
{
	struct claims all = {0};
	size_t room = conf->n_rewrites;

	for (size_t i = 0; i < conf->n_services; i++)
		room += conf->services[i].n_domains;
	all.claims = alloc_array(NULL, room, sizeof(*all.claims));
	for (size_t i = 0; i < conf->n_rewrites; i++) {
		const struct conf_rewrite *rewrite = &conf->rewrites[i];

		all.claims[all.n++] = (struct claim){
			.domain = rewrite->domain, .rewrite = rewrite, .line = rewrite->line};
	}
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		for (size_t k = 0; k < service->n_domains; k++)
			all.claims[all.n++] = (struct claim){.domain = service->domains[k],
							     .service = service,
							     .line = service->line};
	}
	qsort(all.claims, all.n, sizeof(*all.claims), compare_claims);
	return all;
}

static void claims_fini(struct claims *all)
{
	free(all->claims);
}

/* --- one word ------------------------------------------------------------------------------ */

static bool is_left_alone(const struct claim *group, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (group[i].service && group[i].service->rewrite == CONF_REWRITE_OFF)
			return true;
	}
	return false;
}

static bool differ(bool has_a, const struct ip_addr *a, bool has_b, const struct ip_addr *b)
{
	return has_a && has_b && !ip_addr_equal(a, b);
}

static bool on_other_host(const struct conf_service *service, const struct conf_service *other)
{
	return service->is_self != other->is_self ||
	       differ(service->has_host, &service->host, other->has_host, &other->host) ||
	       differ(service->has_host6, &service->host6, other->has_host6, &other->host6);
}

static const struct conf_service *other_host(const struct conf_service *service,
					     const struct claim *group, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct conf_service *other = group[i].service;

		if (other && on_other_host(service, other))
			return other;
	}
	return NULL;
}

static void check_twice(struct report *report, const struct claim *group, size_t n)
{
	for (size_t i = 1; i < n && group[i].rewrite; i++)
		report_add(report, (struct spot){group[i].line, "domain", group[i].domain},
			   "given twice, first on line %u; one item for each name, with all its "
			   "addresses",
			   group[0].line);
}

/* What only passes types, or says how a web server is reached, goes with what a service answers. */
static bool is_answer(const struct conf_rewrite *rewrite)
{
	return rewrite->n_addrs || rewrite->target || rewrite->pass_all;
}

static bool has_family(const struct conf_rewrite *rewrite, bool is_v4)
{
	for (size_t i = 0; i < rewrite->n_addrs; i++) {
		if (ip_addr_is_v4(&rewrite->addrs[i]) == is_v4)
			return true;
	}
	return false;
}

/* One answer: from here, or from upstream. */
static bool is_answered(const struct conf_rewrite *rewrite, __u16 type)
{
	return (type == TYPE_A && has_family(rewrite, true)) ||
	       (type == TYPE_AAAA && has_family(rewrite, false)) ||
	       (type == TYPE_HTTPS && rewrite->n_https);
}

static void check_item(struct report *report, const struct conf_rewrite *rewrite)
{
	struct spot pass = {rewrite->pass_line, "pass", "all"};
	bool has_answer = rewrite->n_addrs || rewrite->target || rewrite->n_https;
	char text[RRTYPE_TEXT_MAX];

	if (!has_answer && !rewrite->n_pass && !rewrite->pass_all)
		report_add(report, (struct spot){rewrite->line, "domain", rewrite->domain},
			   "has neither `answer` nor `pass`; for example `answer: 192.168.11.30`");
	if (has_answer && rewrite->pass_all)
		report_add(report, pass, "beside an `answer`; one of the two");
	for (size_t i = 0; i < rewrite->n_pass; i++) {
		pass.word = rrtype_format(rewrite->pass[i], text);
		if (is_answered(rewrite, rewrite->pass[i]))
			report_add(report, pass, "answered by `answer`; one of the two");
	}
}

/* Where an HTTPS record leads has to be known here: its hints would be nobody's. */
static void check_https(struct report *report, const struct claim *group)
{
	const struct conf_rewrite *rewrite = group[0].rewrite;

	if (rewrite && rewrite->n_https && !rewrite->n_addrs)
		report_add(
			report, (struct spot){rewrite->answer_line, "answer", rewrite->domain},
			"an HTTPS record without an address; one beside it, or a service that is "
			"rewritten");
}

/* @group: all that have one word. */
static void check_group(struct report *report, const struct claim *group, size_t n)
{
	const struct conf_service *last = group[n - 1].service;

	check_twice(report, group, n);
	if (!last || is_left_alone(group, n)) {
		check_https(report, group);
		return;
	}
	if (group[0].rewrite && is_answer(group[0].rewrite)) {
		report_add(report, (struct spot){group[0].line, "domain", group[0].domain},
			   "a name of service %s on line %u too; give that one `rewrite: off`, or "
			   "leave this out",
			   last->name, last->line);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct conf_service *service = group[i].service;
		const struct conf_service *other = service ? other_host(service, group, n) : NULL;

		if (!service || service->rewrite != CONF_REWRITE_ON || !other)
			continue;
		report_add(report, (struct spot){service->rewrite_line, "rewrite", group[i].domain},
			   "has another host in service %s on line %u; one host for a name that is "
			   "rewritten, or `rewrite: auto`",
			   other->name, other->line);
		return;
	}
}

static void check_groups(struct report *report, const struct claims *all)
{
	size_t n;

	for (size_t i = 0; i < all->n && !report_full(report); i += n) {
		n = 1;
		while (i + n < all->n && !compare_domains(&all->claims[i], &all->claims[i + n]))
			n++;
		check_group(report, &all->claims[i], n);
	}
}

/* --- aliases ------------------------------------------------------------------------------- */

/* The first that has the word of @prefix and @name, or NULL. */
static const struct claim *find_word(const struct claims *all, const char *prefix, const char *name)
{
	char text[LIMIT_DOMAIN_NAME + 3];
	const struct claim key = {.domain = text}, *found;

	snprintf(text, sizeof(text), "%s%s", prefix, name);
	found = all->n ? bsearch(&key, all->claims, all->n, sizeof(key), compare_domains) : NULL;
	while (found && found > all->claims && !compare_domains(found - 1, found))
		found--;
	return found;
}

/* Who answers for @name: the word that says most of it. */
static const struct claim *find_owner(const struct claims *all, const char *name)
{
	const struct claim *found = find_word(all, "", name);

	if (!found)
		found = find_word(all, ".", name);
	while (!found && (name = strchr(name, '.'))) {
		name++;
		found = find_word(all, "*.", name);
		if (!found)
			found = find_word(all, ".", name);
	}
	return found;
}

/*
 * Only who is in the circle is told so. An alias that ends at a service's name is fine, whatever becomes of that: it is
 * either answered or asked upstream.
 */
static void check_alias(struct report *report, const struct claims *all,
			const struct conf_rewrite *rewrite)
{
	const struct conf_rewrite *at = rewrite;

	for (unsigned int i = 0; i < ALIASES_MAX && at && at->target; i++) {
		const struct claim *owner = find_owner(all, at->target);

		at = owner ? owner->rewrite : NULL;
		if (at != rewrite)
			continue;
		report_add(report, (struct spot){rewrite->answer_line, "answer", rewrite->target},
			   "leads back to %s; an address, or a name that has one", rewrite->domain);
		return;
	}
}

void conf_check_rewriting(const struct conf *conf, struct report *report)
{
	_cleanup_(claims_fini) struct claims all = claims_make(conf);

	check_groups(report, &all);
	for (size_t i = 0; i < conf->n_rewrites && !report_full(report); i++)
		check_item(report, &conf->rewrites[i]);
	for (size_t i = 0; i < conf->n_rewrites && !report_full(report); i++)
		check_alias(report, &all, &conf->rewrites[i]);
}
