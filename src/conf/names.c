// SPDX-License-Identifier: GPL-2.0-or-later
/* The types of `dns`: who is asked, and what is answered. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "conf.h"
#include "pattern.h"
#include "value.h"

#define DNS_PORT 53

/* --- upstream ------------------------------------------------------------------------------ */

/* "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]", "[2001:db8::53]:5353". NULL, or what is wrong. */
static const char *upstream_fault(const char *text, struct conf_upstream *upstream)
{
	static const char not_one[] = "not an address with or without a port";
	bool bracket = *text == '[';
	char part[IP_TEXT_MAX];
	size_t length = bracket ? strcspn(++text, "]") : strcspn(text, ":");
	const char *rest = text + length;
	__u16 last;

	upstream->port = DNS_PORT;
	/* The notation decides, as with a host: ::ffff:192.0.2.53 is no way to write either. */
	if (!bracket && !ip_addr_parse(text, &upstream->addr))
		return ip_addr_is_v4(&upstream->addr) && *rest ? "not IPv6" : NULL;
	if (length >= sizeof(part) || (bracket && *rest++ != ']'))
		return not_one;
	snprintf(part, sizeof(part), "%.*s", (int)length, text);
	if (ip_addr_parse(part, &upstream->addr) || bracket == ip_addr_is_v4(&upstream->addr))
		return not_one;
	if (!*rest)
		return NULL;
	if (*rest++ != ':' || strchr(rest, '-'))
		return not_one;
	return value_ports(rest, rest + strlen(rest), &upstream->port, &last);
}

/* No server can be asked there; loopback is fine, as another program of the gateway may answer on it. */
static bool is_unreachable(const struct ip_addr *addr)
{
	static const char *const nets[] = {"0.0.0.0/8", "224.0.0.0/3", "::/128", "ff00::/8",
					   /* Without an interface it says nothing. */
					   "fe80::/10"};

	for (size_t i = 0; i < ARRAY_SIZE(nets); i++) {
		struct ip_net net;

		if (!ip_net_parse(nets[i], &net) && ip_net_contains(&net, addr))
			return true;
	}
	return false;
}

static bool upstream_parse(struct report *report, const struct schema_row *row,
			   const struct node *node, void *object)
{
	struct conf *conf = object;
	struct conf_upstream upstream = {.line = node->line};
	const char *fault = upstream_fault(node->text, &upstream);

	if (!fault && is_unreachable(&upstream.addr))
		fault = "cannot be a server's address";
	if (fault)
		return value_refuse(report, row, node, fault);
	for (size_t i = 0; i < conf->n_upstreams; i++) {
		if (ip_addr_equal(&conf->upstreams[i].addr, &upstream.addr) &&
		    conf->upstreams[i].port == upstream.port)
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	conf->upstreams[conf->n_upstreams++] = upstream;
	return true;
}

bool names_upstreams_parse(struct report *report, const struct schema_row *row,
			   const struct node *node, void *object)
{
	struct conf *conf = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	conf->upstreams = alloc_array(NULL, (size_t)n, sizeof(*conf->upstreams));
	return list_parse(report, row, node, object, upstream_parse);
}

static void print_upstream(const struct conf_upstream *upstream, struct strbuf *out)
{
	bool bracket = upstream->port != DNS_PORT && !ip_addr_is_v4(&upstream->addr);
	char text[IP_TEXT_MAX];
	_strbuf_ struct strbuf word = {0};

	strbuf_add(&word, "%s%s%s", bracket ? "[" : "", ip_addr_format(&upstream->addr, text),
		   bracket ? "]" : "");
	if (upstream->port != DNS_PORT)
		strbuf_add(&word, ":%u", upstream->port);
	value_print_text(strbuf_text(&word), out);
}

void names_upstreams_print(const struct schema_row *row _unused_, const void *object,
			   struct strbuf *out)
{
	const struct conf *conf = object;

	for (size_t i = 0; i < conf->n_upstreams; i++) {
		strbuf_add(out, i ? ", " : "[");
		print_upstream(&conf->upstreams[i], out);
	}
	strbuf_add(out, "]");
}

/* --- private-domains ----------------------------------------------------------------------- */

static bool tree_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	struct pattern pattern = pattern_of(node->text);
	const char *fault = pattern_name_fault(pattern.name);
	struct conf *conf = object;

	/* Taken as one more way to write it, "*.x" would read as if x itself were left out, as it is elsewhere. */
	if (!fault && pattern.match != PATTERN_EXACT)
		fault = "more than a name; the name alone means itself and all below it";
	if (fault)
		return value_refuse(report, row, node, fault);
	for (size_t i = 0; i < conf->n_private_domains; i++) {
		if (!strcasecmp(conf->private_domains[i], node->text))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	conf->private_domains[conf->n_private_domains++] = pattern_text(node->text);
	return true;
}

bool names_trees_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	struct conf *conf = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	conf->private_domains = alloc_array(NULL, (size_t)n, sizeof(*conf->private_domains));
	return list_parse(report, row, node, object, tree_parse);
}

void names_trees_print(const struct schema_row *row _unused_, const void *object,
		       struct strbuf *out)
{
	const struct conf *conf = object;

	list_words_print(conf->private_domains, conf->n_private_domains, out);
}

/* --- rewrites ------------------------------------------------------------------------------ */

bool names_pattern_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object)
{
	const char *fault = pattern_fault(node->text);

	if (fault)
		return value_refuse(report, row, node, fault);
	*(char **)value_field(row, object) = pattern_text(node->text);
	return true;
}

void names_pattern_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	value_print_text(*(char *const *)value_field_in(row, object), out);
}

static bool answer_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object)
{
	struct conf_rewrite *rewrite = object;
	struct ip_addr addr;
	const char *fault;

	if (!ip_addr_parse(node->text, &addr)) {
		if (ip_addr_is_v4(&addr) && strchr(node->text, ':'))
			return value_refuse(report, row, node, "not IPv6");
		for (size_t i = 0; i < rewrite->n_addrs; i++) {
			if (ip_addr_equal(&rewrite->addrs[i], &addr))
				return value_refuse(report, row, node,
						    "twice in this list; once is enough");
		}
		rewrite->addrs[rewrite->n_addrs++] = addr;
	} else {
		fault = pattern_name_fault(node->text);
		if (fault)
			return value_refuse(report, row, node, fault);
		free(rewrite->target);
		rewrite->target = pattern_text(node->text);
	}
	return true;
}

bool names_answer_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object)
{
	struct conf_rewrite *rewrite = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	rewrite->addrs = alloc_array(NULL, (size_t)n, sizeof(*rewrite->addrs));
	if (!list_parse(report, row, node, object, answer_parse))
		return false;
	/* RFC 1034 section 3.6.2: where a CNAME is, nothing else is. */
	if (rewrite->target && n > 1) {
		report_add(report, (struct spot){node->line, row->key, rewrite->target},
			   "a name beside others; a name stands alone, addresses may be many");
		return false;
	}
	return true;
}

void names_answer_print(const struct schema_row *row _unused_, const void *object,
			struct strbuf *out)
{
	const struct conf_rewrite *rewrite = object;
	char text[IP_TEXT_MAX];

	if (rewrite->target) {
		value_print_text(rewrite->target, out);
		return;
	}
	strbuf_add(out, "[");
	for (size_t i = 0; i < rewrite->n_addrs; i++) {
		strbuf_add(out, "%s", i ? ", " : "");
		value_print_text(ip_addr_format(&rewrite->addrs[i], text), out);
	}
	strbuf_add(out, "]");
}
