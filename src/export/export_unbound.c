// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A zone of type `transparent` answers a name that has data there with "no data" for every other type, and sends the names below it upstream: what a name of ours
 * means. `typetransparent`, which many recipes have, leaks the public AAAA and HTTPS records. A pattern is a zone of type `redirect`.
 */
#include "export_internal.h"

/* Of @name, with the data of @to: an alias that it resolves upstream would lose what is ours there. */
static void zone_add(const struct plan_name *name, const struct plan_name *to, struct strbuf *out)
{
	bool is_alone = name->match == PLAN_MATCH_EXACT && !to->target;
	char text[IP_TEXT_MAX];

	strbuf_add(out, "  local-zone: \"%s.\" %s\n", name->domain,
		   is_alone ? "transparent" : "redirect");
	for (size_t i = 0; i < to->n_addrs; i++)
		strbuf_add(out, "  local-data: \"%s. %s %s\"\n", name->domain,
			   ip_addr_is_v4(&to->addrs[i]) ? "A" : "AAAA",
			   ip_addr_format(&to->addrs[i], text));
	if (to->target)
		strbuf_add(out, "  local-data: \"%s. CNAME %s.\"\n", name->domain, to->target);
}

static void name_add(struct export *export, const struct plan_name *name)
{
	const struct plan_name *to = NULL;

	if (name->target)
		to = export_name_find(&export->plan->dns, name->target);
	if (!to)
		to = name;
	if (!to->n_addrs && !to->target)
		return;
	if (name->match == PLAN_MATCH_BELOW)
		export_cannot(export, "*.%s: %s itself is answered the same", name->domain,
			      name->domain);
	else if (name->match == PLAN_MATCH_EXACT && to->target)
		export_cannot(export, "%s: names below it are answered the same", name->domain);
	zone_add(name, to, &export->body);
}

void export_unbound(struct export *export)
{
	const struct plan_dns *dns = &export->plan->dns;

	export_names_cannot(export);
	strbuf_add(&export->body, "server:\n");
	for (size_t i = 0; i < dns->n_names; i++)
		name_add(export, &dns->names[i]);
	for (size_t i = 0; i < dns->n_kept; i++) {
		if (export_is_exception(dns, &dns->kept[i]))
			strbuf_add(&export->body, "  local-zone: \"%s.\" always_transparent\n",
				   dns->kept[i].domain);
	}
}
