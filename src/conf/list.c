// SPDX-License-Identifier: GPL-2.0-or-later
/* The types that are lists of words. One word alone is taken as a list of one. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "alloc.h"
#include "conf.h"
#include "pattern.h"
#include "presets.h"
#include "value.h"

static size_t count_of(const struct node *list)
{
	size_t n = 0;

	for (const struct node *item = list->first; item; item = item->next)
		n++;
	return n;
}

bool list_parse(struct report *report, const struct schema_row *row, const struct node *node,
		void *object, item_parse *parse)
{
	bool ok = true;

	if (node->kind != NODE_LIST)
		return value_scalar(report, row, node) && parse(report, row, node, object);
	for (const struct node *item = node->first; item && !report_full(report); item = item->next)
		ok = value_scalar(report, row, item) && parse(report, row, item, object) && ok;
	return ok;
}

long list_length(struct report *report, const struct schema_row *row, const struct node *node)
{
	struct spot spot = {node->line, row->key, NULL};
	size_t n = node->kind == NODE_LIST ? count_of(node) : 1;

	if (n > row->max) {
		report_add(report, spot, "%zu items; at most %u", n, row->max);
		return -1;
	}
	if (n < row->min) {
		if (row->required)
			report_add(report, spot, "an empty list; at least one item");
		else
			report_add(report, spot,
				   "an empty list; at least one item, or leave `%s` out", row->key);
		return -1;
	}
	return (long)n;
}

static void print_separator(struct strbuf *out, size_t i)
{
	strbuf_add(out, "%s", i ? ", " : "");
}

void list_words_print(char *const *words, size_t n, struct strbuf *out)
{
	strbuf_add(out, "[");
	for (size_t i = 0; i < n; i++) {
		print_separator(out, i);
		value_print_text(words[i], out);
	}
	strbuf_add(out, "]");
}

/* --- domain -------------------------------------------------------------------------------- */

static bool domain_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object)
{
	struct conf_service *service = object;
	const char *fault = pattern_fault(node->text);

	/* ".x" would be two names with one owner each: those below and x itself are written apart. */
	if (!fault && *node->text == '.')
		fault = "has an empty part; leave out a dot at its beginning or end";
	if (fault)
		return value_refuse(report, row, node, fault);
	for (size_t i = 0; i < service->n_domains; i++) {
		if (!strcasecmp(service->domains[i], node->text))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	service->domains[service->n_domains++] = pattern_text(node->text);
	return true;
}

bool list_domains_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object)
{
	struct conf_service *service = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	service->domains = alloc_array(NULL, (size_t)n, sizeof(*service->domains));
	return list_parse(report, row, node, object, domain_parse);
}

void list_domains_print(const struct schema_row *row _unused_, const void *object,
			struct strbuf *out)
{
	const struct conf_service *service = object;

	if (service->n_domains)
		list_words_print(service->domains, service->n_domains, out);
}

/* --- ports and pass ------------------------------------------------------------------------ */

struct protocol {
	const char *name;
	__u8 number;
};
static const struct protocol protocols[] = {{"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}};

static const char *protocol_name(__u8 number)
{
	return number == IPPROTO_TCP ? "tcp" : "udp";
}

/* The protocol behind the slash of @text; *ret_slash is that slash. NULL, or what is wrong. */
static const char *protocol_of(const char *text, const char **ret_slash, __u8 *ret_proto)
{
	const char *slash = strchr(text, '/');

	if (!slash)
		return "names no protocol";
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (!strcmp(protocols[i].name, slash + 1)) {
			*ret_slash = slash;
			*ret_proto = protocols[i].number;
			return NULL;
		}
	}
	if (strpbrk(slash + 1, "+,&|"))
		return "names more than one protocol; write an item for each";
	return "its protocol is neither tcp nor udp";
}

static const char *port_fault(const char *text, struct conf_port *port)
{
	__u16 internal_last;
	const char *slash, *colon, *why;

	why = protocol_of(text, &slash, &port->proto);
	if (why)
		return why;
	colon = strchr(text, ':');
	if (colon)
		why = value_ports(text, colon, &port->external_first, &port->external_last);
	if (why)
		return why;
	why = value_ports(colon ? colon + 1 : text, slash, &port->internal_first, &internal_last);
	if (why)
		return why;
	if (!colon) {
		port->external_first = port->internal_first;
		port->external_last = internal_last;
	}
	if (port->external_last - port->external_first != internal_last - port->internal_first)
		return "its two ranges are not of one size";
	return NULL;
}

static bool port_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	struct conf_service *service = object;
	struct conf_port port = {.line = node->line};
	const char *why = port_fault(node->text, &port);

	if (why)
		return value_refuse(report, row, node, why);
	service->ports[service->n_ports++] = port;
	return true;
}

bool list_ports_parse(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object)
{
	struct conf_service *service = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	/* `preset` may have come first and put its ports there. */
	service->ports =
		alloc_array(service->ports, service->n_ports + (size_t)n, sizeof(*service->ports));
	return list_parse(report, row, node, object, port_parse);
}

bool list_preset_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	const struct preset *preset = preset_find(node->text);
	struct conf_service *service = object;
	size_t n = 0;

	if (!preset)
		return value_refuse(report, row, node, "no such preset");
	while (preset->ports[n].first)
		n++;
	service->ports = alloc_array(service->ports, service->n_ports + n, sizeof(*service->ports));
	memmove(service->ports + n, service->ports, service->n_ports * sizeof(*service->ports));
	for (size_t i = 0; i < n; i++)
		service->ports[i] = (struct conf_port){
			.external_first = preset->ports[i].first,
			.external_last = preset->ports[i].last,
			.internal_first = preset->ports[i].first,
			.proto = preset->ports[i].proto,
			.from_preset = true,
			.line = node->line,
		};
	service->n_ports += n;
	service->preset = preset->name;
	return true;
}

void list_preset_print(const struct schema_row *row _unused_, const void *object,
		       struct strbuf *out)
{
	const struct conf_service *service = object;

	if (service->preset)
		value_print_text(service->preset, out);
}

static void print_range(struct strbuf *out, unsigned int first, unsigned int last)
{
	strbuf_add(out, "%u", first);
	if (last != first)
		strbuf_add(out, "-%u", last);
}

static void print_port(struct strbuf *out, const struct conf_port *port)
{
	unsigned int size = port->external_last - port->external_first;
	_strbuf_ struct strbuf text = {0};

	if (port->external_first != port->internal_first) {
		print_range(&text, port->external_first, port->external_last);
		strbuf_add(&text, ":");
	}
	print_range(&text, port->internal_first, port->internal_first + size);
	strbuf_add(&text, "/%s", protocol_name(port->proto));
	value_print_text(strbuf_text(&text), out);
}

void list_ports_print(const struct schema_row *row _unused_, const void *object, struct strbuf *out)
{
	const struct conf_service *service = object;
	size_t n = 0;

	for (size_t i = 0; i < service->n_ports; i++) {
		/* The preset's are behind its name. */
		if (service->ports[i].from_preset)
			continue;
		strbuf_add(out, "%s", n++ ? ", " : "[");
		print_port(out, &service->ports[i]);
	}
	if (n)
		strbuf_add(out, "]");
}

static bool pass_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	struct conf *conf = object;
	struct conf_pass pass = {.line = node->line};
	const char *slash, *why;

	if (!strcmp(node->text, "icmp-echo")) {
		if (conf->pass_icmp_echo)
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
		conf->pass_icmp_echo = true;
		return true;
	}
	why = protocol_of(node->text, &slash, &pass.proto);
	if (!why)
		why = value_ports(node->text, slash, &pass.first, &pass.last);
	if (why)
		return value_refuse(report, row, node, why);
	conf->pass[conf->n_pass++] = pass;
	return true;
}

bool list_pass_parse(struct report *report, const struct schema_row *row, const struct node *node,
		     void *object)
{
	struct conf *conf = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	conf->pass = alloc_array(NULL, (size_t)n, sizeof(*conf->pass));
	return list_parse(report, row, node, object, pass_parse);
}

void list_pass_print(const struct schema_row *row _unused_, const void *object, struct strbuf *out)
{
	const struct conf *conf = object;

	strbuf_add(out, "[");
	for (size_t i = 0; i < conf->n_pass; i++) {
		const struct conf_pass *pass = &conf->pass[i];

		print_range(out, pass->first, pass->last);
		strbuf_add(out, "/%s%s", protocol_name(pass->proto),
			   i + 1 < conf->n_pass || conf->pass_icmp_echo ? ", " : "");
	}
	strbuf_add(out, "%s]", conf->pass_icmp_echo ? "icmp-echo" : "");
}

/* --- allow --------------------------------------------------------------------------------- */

static bool prefix_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object)
{
	struct conf_service *service = object;
	struct ip_net net;
	int ret = ip_net_parse(node->text, &net);

	if (ret == -EDOM)
		return value_refuse_bits(report, row, node);
	if (ret)
		return value_refuse(report, row, node, "not a network or an address");
	for (size_t i = 0; i < service->n_allow; i++) {
		if (ip_net_equal(&service->allow[i], &net))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	service->allow[service->n_allow++] = net;
	return true;
}

bool list_allow_parse(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object)
{
	struct conf_service *service = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	service->allow = alloc_array(NULL, (size_t)n, sizeof(*service->allow));
	return list_parse(report, row, node, object, prefix_parse);
}

void list_allow_print(const struct schema_row *row _unused_, const void *object, struct strbuf *out)
{
	const struct conf_service *service = object;
	char text[IP_TEXT_MAX];

	if (!service->n_allow)
		return;
	strbuf_add(out, "[");
	for (size_t i = 0; i < service->n_allow; i++) {
		print_separator(out, i);
		value_print_text(ip_net_format(&service->allow[i], text), out);
	}
	strbuf_add(out, "]");
}
