// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A rewrite of AdGuard Home owns its name with all types, as ours does; an answer that is the name itself is an exception from a pattern. (Its source,
 * internal/filtering/rewrites.go of 0.107; POST /control/rewrite/add is in its openapi/openapi.yaml.) Rewrites without `enabled: true` are off since configurations of 2025.
 */
#include "export_internal.h"

typedef void (*entry_fn)(struct strbuf *out, const char *domain, const char *answer);

static void entry_yaml(struct strbuf *out, const char *domain, const char *answer)
{
	strbuf_add(out, "    - domain: \"%s\"\n      answer: \"%s\"\n      enabled: true\n", domain,
		   answer);
}

static void entry_call(struct strbuf *out, const char *domain, const char *answer)
{
	strbuf_add(
		out,
		"# curl -fsS -u \"$USER:$PASSWORD\" -H 'Content-Type: application/json' \"$ADGUARD/control/rewrite/add\" "
		"-d '{\"domain\": \"%s\", \"answer\": \"%s\", \"enabled\": true}'\n",
		domain, answer);
}

static void answers_add(const struct plan_name *name, const char *star, entry_fn add,
			struct strbuf *out)
{
	_strbuf_ struct strbuf domain = {0};
	char text[IP_TEXT_MAX];

	strbuf_add(&domain, "%s%s", star, name->domain);
	for (size_t i = 0; i < name->n_addrs; i++)
		add(out, strbuf_text(&domain), ip_addr_format(&name->addrs[i], text));
	if (name->target)
		add(out, strbuf_text(&domain), name->target);
}

static void exception_add(const struct plan_kept *kept, entry_fn add, struct strbuf *out)
{
	_strbuf_ struct strbuf domain = {0};

	strbuf_add(&domain, "%s%s", kept->match == PLAN_MATCH_EXACT ? "" : "*.", kept->domain);
	add(out, strbuf_text(&domain), strbuf_text(&domain));
	if (kept->match == PLAN_MATCH_TREE)
		add(out, kept->domain, kept->domain);
}

static void entries_add(struct export *export, entry_fn add)
{
	const struct plan_dns *dns = &export->plan->dns;

	for (size_t i = 0; i < dns->n_names; i++) {
		const struct plan_name *name = &dns->names[i];

		if (name->match != PLAN_MATCH_EXACT)
			answers_add(name, "*.", add, &export->body);
		if (name->match != PLAN_MATCH_BELOW)
			answers_add(name, "", add, &export->body);
	}
	for (size_t i = 0; i < dns->n_kept; i++) {
		if (export_is_exception(dns, &dns->kept[i]))
			exception_add(&dns->kept[i], add, &export->body);
	}
}

void export_adguardhome(struct export *export)
{
	export_names_cannot(export);
	strbuf_add(&export->body, "filtering:\n  rewrites:\n");
	entries_add(export, entry_yaml);
	strbuf_add(
		&export->body,
		"\n# The same by its API. ADGUARD=http://ADDRESS:PORT, USER and PASSWORD are yours:\n");
	entries_add(export, entry_call);
}
