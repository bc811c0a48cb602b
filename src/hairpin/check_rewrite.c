// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of each name inside: answered there, or kept and why. All of it is as the operator asked, so none is more than
 * a note.
 */
#include <string.h>

#include "findings.h"
#include "pattern.h"
#include "presets.h"
#include "rrtype.h"

static const char *mark_of(enum plan_match match)
{
	static const char *const marks[] = {
		[PLAN_MATCH_EXACT] = "", [PLAN_MATCH_BELOW] = "*.", [PLAN_MATCH_TREE] = "."};

	return marks[match];
}

static void note_pass(struct check *check, const struct plan_name *name)
{
	_strbuf_ struct strbuf types = {0};
	char text[RRTYPE_TEXT_MAX];

	for (size_t i = 0; i < name->n_pass; i++)
		strbuf_add(&types, "%s%s", i ? ", " : "", rrtype_format(name->pass[i], text));
	if (name->n_pass)
		check_note(check, "rewrite", "%s%s: records of these types are asked upstream: %s",
			   mark_of(name->match), name->domain, strbuf_text(&types));
}

static void note_name(struct check *check, const struct plan_name *name)
{
	_strbuf_ struct strbuf addrs = {0};
	char text[IP_TEXT_MAX];

	note_pass(check, name);
	if (!name->n_addrs && !name->target)
		return;
	for (size_t i = 0; i < name->n_addrs; i++)
		strbuf_add(&addrs, "%s%s", i ? ", " : "", ip_addr_format(&name->addrs[i], text));
	if (name->target)
		check_note(check, "rewrite", "%s%s stands for %s inside", mark_of(name->match),
			   name->domain, name->target);
	else if (name->broken)
		check_note(check, "rewrite",
			   "%s%s is answered with %s inside, as `rewrite: on` asks; these ports do "
			   "not work by that name there: %s",
			   mark_of(name->match), name->domain, strbuf_text(&addrs), name->broken);
	else
		check_note(check, "rewrite", "%s%s is answered with %s inside",
			   mark_of(name->match), name->domain, strbuf_text(&addrs));
}

static bool is_rewritten(const struct plan_dns *dns, const char *domain)
{
	struct pattern pattern = pattern_of(domain);

	for (size_t i = 0; i < dns->n_names; i++) {
		if (dns->names[i].from_service && (int)dns->names[i].match == (int)pattern.match &&
		    !strcmp(dns->names[i].domain, pattern.name))
			return true;
	}
	return false;
}

/* What a service loses by a name that is rewritten, once for each service. */
static void note_cost(struct check *check, const struct conf_service *service)
{
	const struct plan_dns *dns = &check->candidate->plan->dns;
	const struct preset *preset = service->preset ? preset_find(service->preset) : NULL;

	if (!preset || !preset->rewrite_note)
		return;
	for (size_t i = 0; i < service->n_domains; i++) {
		if (!is_rewritten(dns, service->domains[i]))
			continue;
		check_note(check, "rewrite", "service %s: %s: %s", service->name, preset->name,
			   preset->rewrite_note);
		return;
	}
}

/* What becomes of names that nobody declared here. */
static void note_doctoring(struct check *check, const struct plan_dns *dns)
{
	char public[IP_TEXT_MAX], inside[IP_TEXT_MAX];

	if (dns->doctor_why)
		check_note(check, "rewrite",
			   "other names with our public address keep it inside: %s",
			   dns->doctor_why);
	for (size_t i = 0; i < dns->n_doctor; i++) {
		const struct plan_doctor *rule = &dns->doctor[i];

		if (!rule->has_host)
			continue;
		ip_addr_format(&rule->public, public);
		check_note(check, "rewrite", "other names with %s are told with %s inside", public,
			   rule->has_inside ? ip_addr_format(&rule->inside, inside) : "no address");
	}
}

/* An item without an address adds to what the services answer, and where they keep the name there is nothing to add to. */
static void note_idle(struct check *check, const struct conf_rewrite *rewrite)
{
	const struct plan_dns *dns = &check->candidate->plan->dns;
	struct pattern pattern = pattern_of(rewrite->domain);
	bool adds = rewrite->n_https || rewrite->n_pass;

	if (!adds || rewrite->pass_all || rewrite->n_addrs || rewrite->target)
		return;
	for (size_t i = 0; i < dns->n_kept; i++) {
		const struct plan_kept *kept = &dns->kept[i];

		if ((int)kept->match == (int)pattern.match && !strcmp(kept->domain, pattern.name))
			check_note(
				check, "rewrite",
				"%s: `%s` of dns.rewrites has no effect, since the name keeps the "
				"public address inside",
				rewrite->domain, rewrite->n_https ? "HTTPS" : "pass");
	}
}

void check_rewrites(struct check *check)
{
	const struct conf *conf = check->candidate->conf;
	const struct plan_dns *dns = &check->candidate->plan->dns;

	for (size_t i = 0; i < dns->n_names; i++)
		note_name(check, &dns->names[i]);
	for (size_t i = 0; i < dns->n_kept; i++)
		check_note(check, "rewrite", "%s%s keeps the public address inside: %s",
			   mark_of(dns->kept[i].match), dns->kept[i].domain, dns->kept[i].why);
	for (size_t i = 0; i < conf->n_rewrites; i++)
		note_idle(check, &conf->rewrites[i]);
	if (dns->on && dns->doctoring)
		note_doctoring(check, dns);
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		note_cost(check, service);
		if (service->rewrite == CONF_REWRITE_ON && !dns->on)
			check_note(check, "rewrite",
				   "service %s: `rewrite: on` has no effect without `dns`",
				   service->name);
		else if (service->rewrite == CONF_REWRITE_ON && !service->n_domains)
			check_note(check, "rewrite",
				   "service %s: `rewrite: on` has no effect without `domain`",
				   service->name);
	}
}

/* A network of hosts over IPv6, which a router advertisement or DHCPv6 gives them. */
static bool has_hosts6(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_prefixes; i++) {
		const struct plan_prefix *prefix = &plan->prefixes[i];
		struct ip_addr addr = ip_addr_from_v6(prefix->key.addr);

		if (!prefix->key.set && prefix->prefix.kind == HP_NET_LAN && !ip_addr_is_v4(&addr))
			return true;
	}
	return false;
}

void check_redirect(struct check *check)
{
	const struct plan *plan = check->candidate->plan;

	if (plan->n_leads && has_hosts6(plan))
		check_note(check, "redirect",
			   "dns.redirect is about IPv4: hosts inside have IPv6 too, and reach DNS "
			   "servers outside by it");
}
