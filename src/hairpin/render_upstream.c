// SPDX-License-Identifier: GPL-2.0-or-later
/* What `status` and `check` say of the router upstream. */
#include <stdio.h>
#include <string.h>

#include "render.h"

#define INDENT "            "

static void add_ports(json_int_t first, json_int_t last, char text[16])
{
	if (first == last)
		snprintf(text, 16, "%lld", (long long)first);
	else
		snprintf(text, 16, "%lld-%lld", (long long)first, (long long)last);
}

/* Those in @state in one line, "443/tcp (web), 7000-7002/udp (voice)". */
static void add_state(const json_t *rules, const char *state, const char *words, struct strbuf *out)
{
	const json_t *rule;
	size_t index, n = 0;
	char ports[16];

	json_array_foreach (rules, index, rule) {
		if (strcmp(render_text(rule, "state"), state))
			continue;
		add_ports(render_number(rule, "external_first"),
			  render_number(rule, "external_last"), ports);
		strbuf_add(out, "%s%s/%s (%s)", n++ ? ", " : INDENT, ports,
			   render_text(rule, "protocol"), render_text(rule, "service"));
	}
	if (n)
		strbuf_add(out, ": %s\n", words);
}

static bool is_to_enter(const json_t *rule)
{
	const char *state = render_text(rule, "state");

	return !strcmp(state, "by-hand") || !strcmp(state, "refused");
}

bool render_upstream_table(const json_t *rules, const char *indent, struct strbuf *out)
{
	const json_t *rule;
	size_t index, n = 0;

	json_array_foreach (rules, index, rule) {
		char external[16], internal[16];

		if (!is_to_enter(rule))
			continue;
		if (!n++)
			strbuf_add(out, "%s%-13s%-10s%-17s%-13s%s\n", indent, "EXTERNAL",
				   "PROTOCOL", "TO ADDRESS", "TO PORT", "WHY");
		add_ports(render_number(rule, "external_first"),
			  render_number(rule, "external_last"), external);
		add_ports(render_number(rule, "port_first"), render_number(rule, "port_last"),
			  internal);
		strbuf_add(out, "%s%-13s%-10s%-17s%-13s", indent, external,
			   render_text(rule, "protocol"),
			   *render_text(rule, "address") ? render_text(rule, "address") : "-",
			   internal);
		render_clean(rule, "why", 0, out);
		strbuf_add(out, "\n");
	}
	return n;
}

static void add_public(const json_t *upstream, struct strbuf *out)
{
	const json_t *public_address = json_object_get(upstream, "public");

	strbuf_add(out, "upstream    router %s, public address ",
		   *render_text(upstream, "router") ? render_text(upstream, "router")
						    : "not known");
	if (*render_text(public_address, "address"))
		strbuf_add(out, "%s (by %s)\n", render_text(public_address, "address"),
			   render_text(public_address, "source"));
	else
		strbuf_add(out, "not known\n");
	if (*render_text(public_address, "nat_text"))
		strbuf_add(out, INDENT "%s\n", render_text(public_address, "nat_text"));
	if (*render_text(public_address, "disagreement"))
		strbuf_add(out, INDENT "%s\n", render_text(public_address, "disagreement"));
}

/* What a router forwards behind another NAT is open to that NAT's network, and nothing here may read as if it were more. */
static const char *mapped_words(const json_t *upstream)
{
	const char *nat = render_text(json_object_get(upstream, "public"), "nat");

	if (!strcmp(nat, "proved"))
		return "the router forwards it, as it was asked to, and nobody on the internet "
		       "gets as far as that router";
	if (!strcmp(nat, "likely"))
		return "the router forwards it, as it was asked to; whether anybody on the "
		       "internet gets as far as that router is not known";
	return "the router forwards it, as it was asked to";
}

void render_upstream(const json_t *upstream, struct strbuf *out)
{
	const json_t *rules = json_object_get(upstream, "rules");
	_strbuf_ struct strbuf table = {0};

	/* Else no other router is in front. */
	if (!json_is_object(json_object_get(upstream, "public")))
		return;
	add_public(upstream, out);
	add_state(rules, "mapped", mapped_words(upstream), out);
	add_state(rules, "asking", "the router is being asked", out);
	if (render_upstream_table(rules, INDENT "  ", &table))
		strbuf_add(out,
			   INDENT "to be entered in the router as port forwards, if it is not:\n%s",
			   strbuf_text(&table));
}
