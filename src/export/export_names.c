// SPDX-License-Identifier: GPL-2.0-or-later
/* What all that take names have in common. */
#include <string.h>

#include "export_internal.h"
#include "rrtype.h"

const char *export_match_prefix(enum plan_match match)
{
	static const char *const prefixes[] = {
		[PLAN_MATCH_EXACT] = "", [PLAN_MATCH_BELOW] = "*.", [PLAN_MATCH_TREE] = "."};

	return prefixes[match];
}

static bool is_below(const char *domain, const char *above)
{
	size_t n = strlen(domain), m = strlen(above);

	return n > m + 1 && domain[n - m - 1] == '.' && !strcmp(domain + n - m, above);
}

bool export_is_exception(const struct plan_dns *dns, const struct plan_kept *kept)
{
	for (size_t i = 0; i < dns->n_names; i++) {
		const struct plan_name *name = &dns->names[i];

		if (name->match != PLAN_MATCH_EXACT &&
		    (is_below(kept->domain, name->domain) ||
		     (name->match == PLAN_MATCH_TREE && !strcmp(kept->domain, name->domain))))
			return true;
	}
	return false;
}

const struct plan_name *export_name_find(const struct plan_dns *dns, const char *domain)
{
	for (size_t i = 0; i < dns->n_names; i++) {
		const struct plan_name *name = &dns->names[i];

		if (name->match == PLAN_MATCH_EXACT && name->n_addrs &&
		    !strcmp(name->domain, domain))
			return name;
	}
	return NULL;
}

static void types_cannot(struct export *export, const struct plan_name *name)
{
	_strbuf_ struct strbuf types = {0};
	char text[RRTYPE_TEXT_MAX];

	for (size_t i = 0; i < name->n_pass; i++)
		strbuf_add(&types, "%s%s", i ? ", " : "", rrtype_format(name->pass[i], text));
	export_cannot(export, "%s%s: %s stay unanswered, it cannot pass single types on",
		      export_match_prefix(name->match), name->domain, strbuf_text(&types));
}

void export_names_cannot(struct export *export)
{
	const struct plan_dns *dns = &export->plan->dns;

	for (size_t i = 0; i < dns->n_kept; i++)
		export_cannot(
			export,
			"%s%s keeps its public address (%s): inside it works where the router does NAT loopback",
			export_match_prefix(dns->kept[i].match), dns->kept[i].domain,
			dns->kept[i].why);
	for (size_t i = 0; i < dns->n_names; i++) {
		const struct plan_name *name = &dns->names[i];
		const char *prefix = export_match_prefix(name->match);

		if (name->n_pass)
			types_cannot(export, name);
		if (name->broken)
			export_cannot(export, "%s%s: inside these ports do not work: %s", prefix,
				      name->domain, name->broken);
		if (name->n_https || name->has_h3)
			export_cannot(
				export,
				"%s%s: no HTTPS record, so browsers begin with HTTP/2 instead of HTTP/3",
				prefix, name->domain);
	}
}
