// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records are added one by one, which leaves others alone (PUT of /api/config/dns/hosts in Pi-hole's API, "pihole-FTL --config" replaces the whole list). What keeps
 * AAAA and HTTPS records from leaking past them are lines for the dnsmasq inside it.
 */
#include <string.h>

#include "export_internal.h"

/* An item of a path: "192.168.11.20 app.example.com" with its blank, its commas and its colons as a URL has them. */
static void item_add(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr(" ,:", *text))
			strbuf_add(out, "%%%02X", (unsigned int)(unsigned char)*text);
		else
			strbuf_add_bytes(out, text, 1);
	}
}

static void put_add(struct strbuf *out, const char *list, const char *item)
{
	strbuf_add(out, "curl -fsS -X PUT -H \"sid: $SID\" \"$PIHOLE/api/config/dns/%s/", list);
	item_add(out, item);
	strbuf_add(out, "\"\n");
}

static void records_add(struct export *export, const struct plan_name *name)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < name->n_addrs; i++) {
		_strbuf_ struct strbuf item = {0};

		strbuf_add(&item, "%s %s", ip_addr_format(&name->addrs[i], text), name->domain);
		put_add(&export->body, "hosts", strbuf_text(&item));
	}
}

static void name_add(struct export *export, const struct plan_name *name, struct strbuf *lines)
{
	if (name->target) {
		_strbuf_ struct strbuf item = {0};

		if (!export_dnsmasq_takes_alias(export, name))
			return;
		strbuf_add(&item, "%s,%s", name->domain, name->target);
		put_add(&export->body, "cnameRecords", strbuf_text(&item));
	} else if (name->match == PLAN_MATCH_EXACT) {
		records_add(export, name);
	} else {
		export_dnsmasq_pattern(name, lines);
	}
	export_dnsmasq_own(name, lines);
}

/* A JSON list of the lines, none of which has anything that JSON or a shell would read. */
static void lines_set(struct strbuf *out, const struct strbuf *lines)
{
	const char *separator = "";

	strbuf_add(out, "pihole-FTL --config misc.dnsmasq_lines '[");
	for (const char *at = strbuf_text(lines); *at;) {
		size_t length = strcspn(at, "\n");

		strbuf_add(out, "%s\n  \"%.*s\"", separator, (int)length, at);
		separator = ",";
		at += length + 1;
	}
	strbuf_add(out, "\n]'\n");
}

void export_pihole(struct export *export)
{
	const struct plan_dns *dns = &export->plan->dns;
	_strbuf_ struct strbuf lines = {0};

	export_names_cannot(export);
	strbuf_add(
		&export->body,
		"PIHOLE=http://127.0.0.1\n"
		"# The password of its web page, or an application password; without one leave it empty.\n"
		"SID=$(curl -fsS \"$PIHOLE/api/auth\" -d \"{\\\"password\\\": \\\"$PASSWORD\\\"}\" | "
		"sed -n 's/.*\"sid\": *\"\\([^\"]*\\)\".*/\\1/p')\n\n");
	for (size_t i = 0; i < dns->n_names; i++)
		name_add(export, &dns->names[i], &lines);
	for (size_t i = 0; i < dns->n_kept; i++) {
		if (export_is_exception(dns, &dns->kept[i]))
			export_dnsmasq_exception(&dns->kept[i], &lines);
	}
	if (lines.length)
		lines_set(&export->body, &lines);
}
