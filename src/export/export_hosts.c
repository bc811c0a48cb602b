// SPDX-License-Identifier: GPL-2.0-or-later
#include "export_internal.h"

static void lines_add(struct export *export, const char *domain, const struct plan_name *to)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < to->n_addrs; i++)
		strbuf_add(&export->body, "%s %s\n", ip_addr_format(&to->addrs[i], text), domain);
}

static void name_add(struct export *export, const struct plan_name *name)
{
	const struct plan_name *to = name;

	if (name->target)
		to = export_name_find(&export->plan->dns, name->target);
	if (name->match != PLAN_MATCH_EXACT)
		export_cannot(
			export,
			"%s%s: a hosts file has no patterns; add a line for each name that is used",
			export_match_prefix(name->match), name->domain);
	if (!to)
		export_cannot(export,
			      "%s: a hosts file has no aliases, and the address of %s is not known",
			      name->domain, name->target);
	else if (name->match != PLAN_MATCH_BELOW)
		lines_add(export, name->domain, to);
}

void export_hosts(struct export *export)
{
	const struct plan_dns *dns = &export->plan->dns;

	export_names_cannot(export);
	for (size_t i = 0; i < dns->n_names; i++)
		name_add(export, &dns->names[i]);
}
