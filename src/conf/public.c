// SPDX-License-Identifier: GPL-2.0-or-later
/* The types of `wan` about a public address that another router has: public-address and stun. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "addr_class.h"
#include "alloc.h"
#include "check.h"
#include "conf.h"
#include "pattern.h"
#include "value.h"

#define STUN_PORT 3478

/* A top label of digits alone is no name's, but an address that was mistyped (RFC 3696 section 2). */
static bool is_number(const char *name)
{
	const char *dot = strrchr(name, '.'), *label = dot ? dot + 1 : name;

	return strspn(label, "0123456789") == strlen(label);
}

static void name_copy(const char *name, char *ret_name)
{
	for (size_t i = 0; i <= strlen(name); i++)
		ret_name[i] = (char)tolower((unsigned char)name[i]);
}

/* NULL, or why @name cannot be asked for. */
static const char *name_fault(const char *name)
{
	if (is_number(name))
		return "not an address";
	if (!strchr(name, '.'))
		return "a name without a dot, which nobody outside knows";
	return pattern_name_fault(name);
}

/* --- public-address ------------------------------------------------------------------------ */

static bool public_addr_parse(struct report *report, const struct schema_row *row,
			      const struct node *node, struct conf *conf)
{
	enum addr_class class = addr_class_of(&conf->public_addr);
	struct spot spot = {node->line, row->key, node->text};

	if (strchr(node->text, ':'))
		return value_refuse(
			report, row, node,
			"not IPv4, and IPv6 is not translated: its addresses are the hosts' own; an "
			"IPv4 address, or auto");
	if (class != ADDR_PUBLIC) {
		report_add(
			report, spot,
			"is %s, and nobody on the internet reaches it; auto, or the address that the internet knows",
			addr_class_words(class));
		return false;
	}
	conf->public = CONF_PUBLIC_ADDRESS;
	return true;
}

bool public_parse(struct report *report, const struct schema_row *row, const struct node *node,
		  void *object)
{
	struct conf *conf = object;
	const char *fault;

	if (schema_value_find(row, node->text)) {
		conf->public = CONF_PUBLIC_AUTO;
		return true;
	}
	if (!ip_addr_parse(node->text, &conf->public_addr))
		return public_addr_parse(report, row, node, conf);
	fault = name_fault(node->text);
	if (fault)
		return value_refuse(report, row, node, fault);
	if (!value_is_built(report, row, node, FEATURE_DNS))
		return false;
	name_copy(node->text, conf->public_name);
	conf->public = CONF_PUBLIC_NAME;
	return true;
}

void public_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const struct conf *conf = object;
	char text[IP_TEXT_MAX];

	if (conf->public == CONF_PUBLIC_AUTO)
		strbuf_add(out, "%s", row->fallback);
	else if (conf->public == CONF_PUBLIC_ADDRESS)
		value_print_text(ip_addr_format(&conf->public_addr, text), out);
	else
		value_print_text(conf->public_name, out);
}

/* --- stun ---------------------------------------------------------------------------------- */

/* NULL, or what is wrong with "HOST" or "HOST:PORT". */
static const char *stun_fault(const char *text, struct conf_stun_server *server)
{
	size_t length = strcspn(text, ":");
	const char *rest = text + length;
	struct ip_addr addr;
	char host[LIMIT_DOMAIN_NAME + 1];
	__u16 last;

	if (*text == '[' || strchr(rest, ':') != strrchr(rest, ':'))
		return "not IPv4, whose address it is asked for";
	if (length >= sizeof(host))
		return "too long";
	snprintf(host, sizeof(host), "%.*s", (int)length, text);
	if (!ip_addr_parse(host, &addr) && value_is_nobody(&addr))
		return "cannot be a server's address";
	if (ip_addr_parse(host, &addr) && name_fault(host))
		return name_fault(host);
	name_copy(host, server->host);
	server->port = STUN_PORT;
	if (!*rest)
		return NULL;
	if (strchr(rest, '-') || value_ports(rest + 1, rest + strlen(rest), &server->port, &last))
		return "its port is none";
	return NULL;
}

static bool stun_server_parse(struct report *report, const struct schema_row *row,
			      const struct node *node, void *object)
{
	struct conf *conf = object;
	struct conf_stun_server *server = &conf->stun_servers[conf->n_stun_servers];
	struct ip_addr addr;
	const char *fault;
	bool is_address;

	if (schema_value_find(row, node->text))
		return value_refuse(report, row, node, "one word for all; alone, or servers");
	fault = stun_fault(node->text, server);
	if (fault)
		return value_refuse(report, row, node, fault);
	is_address = !ip_addr_parse(server->host, &addr);
	for (size_t i = 0; i < conf->n_stun_servers; i++) {
		if (!strcmp(conf->stun_servers[i].host, server->host) &&
		    conf->stun_servers[i].port == server->port)
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	if (!value_is_built(report, row, node, FEATURE_PORTMAP) ||
	    !value_is_built(report, row, node, is_address ? FEATURE_ALWAYS : FEATURE_DNS))
		return false;
	conf->n_stun_servers++;
	return true;
}

bool stun_parse(struct report *report, const struct schema_row *row, const struct node *node,
		void *object)
{
	const struct schema_value *value =
		node->kind == NODE_SCALAR ? schema_value_find(row, node->text) : NULL;
	struct conf *conf = object;

	if (value) {
		conf->stun = (enum conf_stun)value->value;
		return true;
	}
	if (list_length(report, row, node) < 0)
		return false;
	conf->stun = CONF_STUN_SERVERS;
	return list_parse(report, row, node, object, stun_server_parse);
}

void stun_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const struct conf *conf = object;

	if (conf->stun != CONF_STUN_SERVERS) {
		strbuf_add(out, "%s", value_word(row, (int)conf->stun));
		return;
	}
	for (size_t i = 0; i < conf->n_stun_servers; i++) {
		_strbuf_ struct strbuf word = {0};

		strbuf_add(&word, "%s", conf->stun_servers[i].host);
		if (conf->stun_servers[i].port != STUN_PORT)
			strbuf_add(&word, ":%u", conf->stun_servers[i].port);
		strbuf_add(out, i ? ", " : "[");
		value_print_text(strbuf_text(&word), out);
	}
	strbuf_add(out, "]");
}

size_t conf_stun_servers(const struct conf *conf, const struct conf_stun_server **ret_servers)
{
	/* Of two operators: one that is away, or says nonsense, is seen by the other. */
	static const struct conf_stun_server known[] = {
		{"stun.cloudflare.com", STUN_PORT},
		{"stun.l.google.com", 19302},
	};

	*ret_servers = conf->stun == CONF_STUN_AUTO ? known : conf->stun_servers;
	if (conf->stun == CONF_STUN_OFF)
		return 0;
	return conf->stun == CONF_STUN_AUTO ? ARRAY_SIZE(known) : conf->n_stun_servers;
}

/* --- both ---------------------------------------------------------------------------------- */

void conf_check_public(const struct conf *conf, struct report *report)
{
	char text[IP_TEXT_MAX], net[IP_TEXT_MAX];

	for (size_t i = 0; i < conf->n_lan && conf->public == CONF_PUBLIC_ADDRESS; i++) {
		const struct conf_lan *lan = &conf->lan[i];

		if (lan->has_network && ip_net_contains(&lan->network, &conf->public_addr))
			report_add(
				report,
				(struct spot){conf->public_line, "public-address",
					      ip_addr_format(&conf->public_addr, text)},
				"is in %s, the network of %s (line %u); the address that another router has "
				"towards the internet",
				ip_net_format(&lan->network, net), lan->interface,
				lan->network_line);
	}
}
