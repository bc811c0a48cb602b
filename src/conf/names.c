// SPDX-License-Identifier: GPL-2.0-or-later
/* The types of `dns`: what is answered. */
#include <string.h>

#include "alloc.h"
#include "conf.h"
#include "pattern.h"
#include "rrtype.h"
#include "value.h"

/* --- listen -------------------------------------------------------------------------------- */

static bool listener_parse(struct report *report, const struct schema_row *row,
			   const struct node *node, void *object)
{
	static const char *const nets[] = {"0.0.0.0/8", "224.0.0.0/3", "169.254.0.0/16",
					   "::/128",	"ff00::/8",    "fe80::/10"};
	struct conf *conf = object;
	struct ip_net net;
	struct ip_addr addr;

	if (schema_value_find(row, node->text))
		return value_refuse(report, row, node, "one word for all; alone, or addresses");
	if (ip_addr_parse(node->text, &addr) || (ip_addr_is_v4(&addr) && strchr(node->text, ':')))
		return value_refuse(report, row, node, "not an address");
	/* "Everywhere" would be WAN too, and an answer by another address than was asked is none. */
	for (size_t i = 0; i < ARRAY_SIZE(nets); i++) {
		if (!ip_net_parse(nets[i], &net) && ip_net_contains(&net, &addr))
			return value_refuse(report, row, node, "cannot be asked by clients");
	}
	for (size_t i = 0; i < conf->n_listeners; i++) {
		if (ip_addr_equal(&conf->listeners[i].addr, &addr))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	conf->listeners[conf->n_listeners++] = (struct conf_listener){addr, node->line};
	return true;
}

bool names_listen_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object)
{
	struct conf *conf = object;
	long n;

	if (node->kind == NODE_SCALAR && schema_value_find(row, node->text))
		return true;
	n = list_length(report, row, node);
	if (n < 0)
		return false;
	conf->listeners = alloc_array(NULL, (size_t)n, sizeof(*conf->listeners));
	return list_parse(report, row, node, object, listener_parse);
}

void names_listen_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const struct conf *conf = object;
	char text[IP_TEXT_MAX];

	if (!conf->n_listeners) {
		strbuf_add(out, "%s", row->fallback);
		return;
	}
	for (size_t i = 0; i < conf->n_listeners; i++) {
		strbuf_add(out, i ? ", " : "[");
		value_print_text(ip_addr_format(&conf->listeners[i].addr, text), out);
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

/* Who comes from AdGuard Home writes the types there, and would have an alias to a name of one letter here. */
static bool is_type_word(const char *text)
{
	__u16 type;

	for (const char *c = text; *c; c++) {
		if (*c >= 'a' && *c <= 'z')
			return false;
	}
	return rrtype_parse(text, &type);
}

static bool https_answer_parse(struct report *report, const struct schema_row *row,
			       const struct node *node, struct conf_rewrite *rewrite)
{
	struct conf_https https;
	const char *fault = https_parse(node->text, &https);

	if (!fault && rewrite->n_https == LIMIT_HTTPS_PER_REWRITE)
		fault = "more than two HTTPS records; two at most";
	for (size_t i = 0; !fault && i < rewrite->n_https; i++) {
		if (rewrite->https[i].priority == https.priority)
			fault = "its priority is another's too; one for each";
	}
	if (fault)
		return value_refuse(report, row, node, fault);
	rewrite->https[rewrite->n_https++] = https;
	return true;
}

static bool answer_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object)
{
	struct conf_rewrite *rewrite = object;
	struct ip_addr addr;
	const char *fault;

	if (https_is(node->text))
		return https_answer_parse(report, row, node, rewrite);
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
		fault = is_type_word(node->text)
				? "a type of records; `pass` has those that are asked upstream"
				: pattern_name_fault(node->text);
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
	char text[IP_TEXT_MAX], https[HTTPS_TEXT_MAX];

	if (rewrite->target) {
		value_print_text(rewrite->target, out);
		return;
	}
	if (!rewrite->n_addrs && !rewrite->n_https)
		return;
	strbuf_add(out, "[");
	for (size_t i = 0; i < rewrite->n_addrs; i++) {
		strbuf_add(out, "%s", i ? ", " : "");
		value_print_text(ip_addr_format(&rewrite->addrs[i], text), out);
	}
	for (size_t i = 0; i < rewrite->n_https; i++) {
		strbuf_add(out, "%s", i || rewrite->n_addrs ? ", " : "");
		value_print_text(https_format(&rewrite->https[i], https), out);
	}
	strbuf_add(out, "]");
}

static bool type_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	struct conf_rewrite *rewrite = object;
	__u16 type;

	if (!strcmp(node->text, "all")) {
		rewrite->pass_all = true;
		return true;
	}
	if (!rrtype_parse(node->text, &type))
		return value_refuse(report, row, node, "no type that a name has");
	for (size_t i = 0; i < rewrite->n_pass; i++) {
		if (rewrite->pass[i] == type)
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	rewrite->pass[rewrite->n_pass++] = type;
	return true;
}

bool names_types_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	struct conf_rewrite *rewrite = object;

	if (list_length(report, row, node) < 0 ||
	    !list_parse(report, row, node, object, type_parse))
		return false;
	if (!rewrite->pass_all || !rewrite->n_pass)
		return true;
	report_add(report, (struct spot){node->line, row->key, "all"},
		   "beside others; `all` stands alone");
	return false;
}

void names_types_print(const struct schema_row *row _unused_, const void *object,
		       struct strbuf *out)
{
	const struct conf_rewrite *rewrite = object;
	char text[RRTYPE_TEXT_MAX];

	if (rewrite->pass_all)
		strbuf_add(out, "all");
	for (size_t i = 0; i < rewrite->n_pass; i++)
		strbuf_add(out, "%s%s", i ? ", " : "[", rrtype_format(rewrite->pass[i], text));
	if (rewrite->n_pass)
		strbuf_add(out, "]");
}
