// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dnsmasq sends every type that it has no record for upstream, and so leaks the public AAAA and HTTPS records past an A of its own. `local=` keeps them; but that
 * holds for all names below as well, and a second line with "*." gives those back to upstream. (Since 2.86; the more exact word counts, whatever stands first.)
 * The test that fails without either: tests/lab/export_dnsmasq.sh.
 */
#include "export_internal.h"

void export_dnsmasq_own(const struct plan_name *name, struct strbuf *out)
{
	switch (name->match) {
	case PLAN_MATCH_EXACT:
		strbuf_add(out, "local=/%s/\nserver=/*.%s/#\n", name->domain, name->domain);
		break;
	case PLAN_MATCH_BELOW:
		strbuf_add(out, "local=/*.%s/\n", name->domain);
		break;
	case PLAN_MATCH_TREE:
		strbuf_add(out, "local=/%s/\n", name->domain);
		break;
	}
}

void export_dnsmasq_pattern(const struct plan_name *name, struct strbuf *out)
{
	const char *star = name->match == PLAN_MATCH_BELOW ? "*." : "";
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < name->n_addrs; i++)
		strbuf_add(out, "address=/%s%s/%s\n", star, name->domain,
			   ip_addr_format(&name->addrs[i], text));
}

void export_dnsmasq_exception(const struct plan_kept *kept, struct strbuf *out)
{
	strbuf_add(out, "server=/%s%s/#\n", kept->match == PLAN_MATCH_BELOW ? "*." : "",
		   kept->domain);
}

bool export_dnsmasq_takes_alias(struct export *export, const struct plan_name *name)
{
	const char *prefix = export_match_prefix(name->match);

	if (name->match != PLAN_MATCH_EXACT)
		export_cannot(export, "%s%s: it has no aliases of patterns", prefix, name->domain);
	else if (!export_name_find(&export->plan->dns, name->target))
		export_cannot(export,
			      "%s: its aliases lead to names that it knows itself, not to %s",
			      name->domain, name->target);
	else
		return true;
	return false;
}

static void record_add(const struct plan_name *name, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < name->n_addrs; i++)
		strbuf_add(out, "host-record=%s,%s\n", name->domain,
			   ip_addr_format(&name->addrs[i], text));
}

static void name_add(struct export *export, const struct plan_name *name)
{
	struct strbuf *out = &export->body;

	if (name->target) {
		if (!export_dnsmasq_takes_alias(export, name))
			return;
		strbuf_add(out, "cname=%s,%s\n", name->domain, name->target);
	} else if (name->match == PLAN_MATCH_EXACT) {
		record_add(name, out);
	} else {
		export_dnsmasq_pattern(name, out);
	}
	export_dnsmasq_own(name, out);
}

void export_dnsmasq(struct export *export)
{
	const struct plan_dns *dns = &export->plan->dns;

	export_names_cannot(export);
	for (size_t i = 0; i < dns->n_names; i++)
		name_add(export, &dns->names[i]);
	for (size_t i = 0; i < dns->n_kept; i++) {
		if (export_is_exception(dns, &dns->kept[i]))
			export_dnsmasq_exception(&dns->kept[i], &export->body);
	}
}
