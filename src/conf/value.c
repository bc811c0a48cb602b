// SPDX-License-Identifier: GPL-2.0-or-later
#include "value.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "conf.h"
#include "duration.h"
#include "presets.h"

static struct spot spot_of(const struct schema_row *row, const struct node *node)
{
	bool nothing = node->text && !*node->text && !node->quoted;

	return (struct spot){node->line, row->key, nothing ? NULL : node->text};
}

bool value_refuse(struct report *report, const struct schema_row *row, const struct node *node,
		  const char *why)
{
	_strbuf_ struct strbuf form = {0};

	value_form(row, &form);
	if (strchr(why, ';'))
		report_add(report, spot_of(row, node), "%s", why);
	else
		report_add(report, spot_of(row, node), "%s; %s", why, strbuf_text(&form));
	return false;
}

bool value_is_built(struct report *report, const struct schema_row *row, const struct node *node,
		    enum feature feature)
{
	if (!feature_is_built(feature))
		report_add(report, spot_of(row, node),
			   "%s; leave it out, or install one that has it", feature_lacks(feature));
	return feature_is_built(feature);
}

bool value_refuse_bits(struct report *report, const struct schema_row *row, const struct node *node)
{
	const char *slash = strchr(node->text, '/');
	char part[IP_TEXT_MAX], right[IP_TEXT_MAX];
	struct ip_addr addr;
	struct ip_net net;

	snprintf(part, sizeof(part), "%.*s", (int)(slash - node->text), node->text);
	if (ip_addr_parse(part, &addr))
		return value_refuse(report, row, node, "not a network");
	net = ip_net_of(&addr, (__u8)atoi(slash + 1));
	report_add(report, spot_of(row, node), "has bits set behind its prefix length; %s",
		   ip_net_format(&net, right));
	return false;
}

const char *value_scalar(struct report *report, const struct schema_row *row,
			 const struct node *node)
{
	if (node->kind == NODE_LIST)
		value_refuse(report, row, node, "a list where one value belongs");
	else if (node->kind == NODE_MAP)
		value_refuse(report, row, node, "keys and values where one value belongs");
	else if (!node->quoted && (!*node->text || !strcmp(node->text, "~")))
		value_refuse(report, row, node, "no value");
	else
		return node->text;
	return NULL;
}

const char *value_ports(const char *text, const char *end, __u16 *ret_first, __u16 *ret_last)
{
	unsigned long bounds[2];
	unsigned int n = 0;

	do {
		char *after;

		if (n == 2 || !isdigit((unsigned char)*text))
			return "not a port or a range of ports";
		bounds[n] = strtoul(text, &after, 10);
		if (after > end || (after < end && *after != '-'))
			return "not a port or a range of ports";
		if (bounds[n] == 0)
			return "there is no port 0";
		if (bounds[n] > 65535)
			return "above the last port, 65535";
		n++;
		text = after + 1;
	} while (text <= end);
	if (n == 2 && bounds[0] > bounds[1])
		return "the range is reversed: its first port is above its last";
	*ret_first = (__u16)bounds[0];
	*ret_last = (__u16)bounds[n - 1];
	return NULL;
}

void value_print_text(const char *text, struct strbuf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";

	if (isalnum((unsigned char)*text) && strspn(text, plain) == strlen(text)) {
		strbuf_add(out, "%s", text);
		return;
	}
	strbuf_add(out, "\"");
	for (; *text; text++)
		strbuf_add(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	strbuf_add(out, "\"");
}

static bool bool_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	bool yes = !strcmp(node->text, "yes") || !strcmp(node->text, "true");

	if (!yes && strcmp(node->text, "no") && strcmp(node->text, "false"))
		return value_refuse(report, row, node, "neither yes nor no");
	if (yes && !value_is_built(report, row, node, row->feature))
		return false;
	*(bool *)value_field(row, object) = yes;
	return true;
}

static void bool_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	strbuf_add(out, "%s", *(const bool *)value_field_in(row, object) ? "yes" : "no");
}

static bool word_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	const struct schema_value *value = schema_value_find(row, node->text);

	if (!value)
		return value_refuse(report, row, node, "not known here");
	if (!value_is_built(report, row, node, value->feature))
		return false;
	if (row->offset != SCHEMA_NOWHERE)
		memcpy(value_field(row, object), &value->value, sizeof(value->value));
	return true;
}

const char *value_word(const struct schema_row *row, int stored)
{
	for (const struct schema_value *value = row->values; value && value->word; value++) {
		if (value->value == stored)
			return value->word;
	}
	return NULL;
}

static void word_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	int stored;

	if (row->offset == SCHEMA_NOWHERE) {
		strbuf_add(out, "%s", row->fallback);
		return;
	}
	memcpy(&stored, value_field_in(row, object), sizeof(stored));
	strbuf_add(out, "%s", value_word(row, stored));
}

static bool range_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object)
{
	__u16 *field = value_field(row, object);
	const char *why =
		value_ports(node->text, node->text + strlen(node->text), &field[0], &field[1]);

	return why ? value_refuse(report, row, node, why) : true;
}

static void range_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const __u16 *field = value_field_in(row, object);

	strbuf_add(out, "%u-%u", field[0], field[1]);
}

/* As the kernel judges a device name: dev_valid_name(), and what its sysctl folders keep for themselves. */
static bool is_device_name(const char *name)
{
	static const char *const taken[] = {"", ".", "..", "all", "default"};

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		if (!strcmp(name, taken[i]))
			return false;
	}
	for (const char *c = name; *c; c++) {
		if (*c == '/' || *c == ':' || !isgraph((unsigned char)*c))
			return false;
	}
	return true;
}

static bool interface_parse(struct report *report, const struct schema_row *row,
			    const struct node *node, void *object)
{
	const char *name = node->text;

	if (strlen(name) >= IFNAMSIZ)
		return value_refuse(report, row, node, "longer than 15 characters");
	if (!is_device_name(name))
		return value_refuse(report, row, node, "not an interface name");
	/* The kernel would take it, and a daemon that waits for such a device waits for ever. */
	if (name[0] == '<')
		return value_refuse(report, row, node, "to be replaced by you");
	/* In a rule of nftables the one cannot be written, and the other means every name that begins so. */
	if (strpbrk(name, "\"*"))
		return value_refuse(report, row, node,
				    "has \" or *, which no firewall rule can name");
	strcpy(value_field(row, object), name);
	return true;
}

static bool name_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	const char *name = node->text;

	if (strlen(name) > row->max)
		return value_refuse(report, row, node, "too long");
	for (const char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && (c == name || !strchr("-_.", *c)))
			return value_refuse(report, row, node, "has a character that it may not");
	}
	if (!*name)
		return value_refuse(report, row, node, "empty");
	strcpy(value_field(row, object), name);
	return true;
}

static void text_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	value_print_text(value_field_in(row, object), out);
}

static bool network_parse(struct report *report, const struct schema_row *row,
			  const struct node *node, void *object)
{
	struct ip_net net;
	int ret = ip_net_parse(node->text, &net);

	if (ret == -EDOM)
		return value_refuse_bits(report, row, node);
	if (ret)
		return value_refuse(report, row, node, "not a network");
	if (!ip_addr_is_v4(&net.addr) || strchr(node->text, ':'))
		return value_refuse(report, row, node, "not IPv4");
	if (!strchr(node->text, '/'))
		return value_refuse(report, row, node, "has no prefix length");
	if (net.length < row->min || net.length > row->max)
		return value_refuse(report, row, node, "its prefix length cannot be a segment's");
	*(struct ip_net *)value_field(row, object) = net;
	return true;
}

static void network_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	value_print_text(ip_net_format(value_field_in(row, object), text), out);
}

bool value_is_nobody(const struct ip_addr *addr)
{
	static const char *const nets[] = {"0.0.0.0/8",	  "127.0.0.0/8", "169.254.0.0/16",
					   "224.0.0.0/3", "::/127",	 "ff00::/8",
					   "fe80::/10"};

	for (size_t i = 0; i < ARRAY_SIZE(nets); i++) {
		struct ip_net net;

		if (!ip_net_parse(nets[i], &net) && ip_net_contains(&net, addr))
			return true;
	}
	return false;
}

static bool addr_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	bool want_v4 = row->type != SCHEMA_ADDR6;
	struct ip_addr addr;

	if (ip_addr_parse(node->text, &addr))
		return value_refuse(report, row, node, "not an address");
	/* The notation decides, not the value: ::ffff:192.0.2.1 is no way to write either. */
	if (want_v4 && strchr(node->text, ':'))
		return value_refuse(report, row, node, "not IPv4");
	if (!want_v4 && ip_addr_is_v4(&addr))
		return value_refuse(report, row, node, "not IPv6");
	if (value_is_nobody(&addr))
		return value_refuse(report, row, node, "cannot be a host's address");
	*(struct ip_addr *)value_field(row, object) = addr;
	return true;
}

static void addr_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	value_print_text(ip_addr_format(value_field_in(row, object), text), out);
}

static bool host_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	struct conf_service *service = object;

	service->is_self = schema_value_find(row, node->text);
	service->has_host = !service->is_self && addr_parse(report, row, node, object);
	return service->is_self || service->has_host;
}

static void host_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const struct conf_service *service = object;

	if (service->is_self)
		strbuf_add(out, "%s", row->values->word);
	else
		addr_print(row, object, out);
}

const struct value_type value_types[SCHEMA_TYPE_MAX] = {
	[SCHEMA_SECTION] = {"keys and values below it", NULL, NULL},
	[SCHEMA_SECTIONS] = {"a list of stanzas, each begun by \"- \"", NULL, NULL},
	[SCHEMA_BOOL] = {"yes or no", bool_parse, bool_print},
	[SCHEMA_WORD] = {"", word_parse, word_print},
	[SCHEMA_NUMBER] = {"a number", number_parse, number_print},
	[SCHEMA_DURATION] = {"a time", number_duration_parse, number_duration_print},
	[SCHEMA_MARK] = {"bits of a packet mark such as 0x04000000", number_mark_parse,
			 number_mark_print},
	[SCHEMA_SIZE] = {"a size", number_size_parse, number_size_print},
	[SCHEMA_PORT_RANGE] = {"a range of ports such as 1024-65535", range_parse, range_print},
	[SCHEMA_INTERFACE] = {"the name of a network device such as eth0", interface_parse,
			      text_print},
	[SCHEMA_NAME] = {"letters, digits, \"-\", \"_\" and \".\", a letter or digit first",
			 name_parse, text_print},
	[SCHEMA_NETWORK] = {"an IPv4 network such as 192.168.11.0/24", network_parse,
			    network_print},
	[SCHEMA_ADDR4] = {"an IPv4 address such as 192.168.11.20", addr_parse, addr_print},
	[SCHEMA_HOST] = {"an IPv4 address such as 192.168.11.20", host_parse, host_print},
	[SCHEMA_ADDR6] = {"an IPv6 address such as 2001:db8:11::20", addr_parse, addr_print},
	[SCHEMA_PRESET] = {"", list_preset_parse, list_preset_print},
	[SCHEMA_DOMAINS] = {"a name such as example.com or \"*.example.com\", or a list of names",
			    list_domains_parse, list_domains_print},
	[SCHEMA_PORTS] = {"items such as 443/tcp, \"8443:443/tcp\" or 30000-30099/udp",
			  list_ports_parse, list_ports_print},
	[SCHEMA_ALLOW] = {"networks such as 203.0.113.0/24", list_allow_parse, list_allow_print},
	[SCHEMA_PASS] = {"items such as 22/tcp or icmp-echo", list_pass_parse, list_pass_print},
	[SCHEMA_LISTEN] = {"addresses of this machine such as 192.168.11.1", names_listen_parse,
			   names_listen_print},
	[SCHEMA_UPSTREAMS] =
		{"addresses such as 192.0.2.53, \"[2001:db8::53]:5353\", \"tls://192.0.2.53#dns.example.net\" or "
		 "\"https://192.0.2.53/dns-query\"",
		 upstreams_parse, upstreams_print},
	[SCHEMA_BOOTSTRAPS] = {"addresses such as 192.0.2.53", bootstraps_parse, bootstraps_print},
	[SCHEMA_TREES] = {"a name such as plex.direct, or a list of names", names_trees_parse,
			  names_trees_print},
	[SCHEMA_PATTERN] = {"a name such as example.com, \"*.example.com\" for all below it, or "
			    "\".example.com\" for both",
			    names_pattern_parse, names_pattern_print},
	[SCHEMA_ANSWER] = {"an address such as 192.168.11.20, a list of addresses, or one name",
			   names_answer_parse, names_answer_print},
	[SCHEMA_ADDR_RANGE] = {"two IPv4 addresses such as 192.168.11.100-192.168.11.199",
			       dhcp_range_parse, dhcp_range_print},
	[SCHEMA_DHCP_DNS] = {"addresses such as 192.168.11.2", dhcp_dns_parse, dhcp_dns_print},
	[SCHEMA_DHCP_OPTIONS] = {"items such as \"42 ips 192.168.11.1\", \"66 text boot.example\" "
				 "or \"43 hex 01:04\"",
				 dhcp_options_parse, dhcp_options_print},
	[SCHEMA_DOMAIN] = {"a name such as home.arpa", dhcp_domain_parse, names_pattern_print},
	[SCHEMA_MAC] = {"an Ethernet address such as 52:54:00:12:34:56", dhcp_mac_parse,
			dhcp_mac_print},
	[SCHEMA_CLIENTS] = {"addresses, networks or Ethernet addresses such as 192.168.11.20, "
			    "192.168.11.64/26 or 52:54:00:12:34:56",
			    groups_clients_parse, groups_clients_print},
	[SCHEMA_LIST_NAMES] = {"names of lists, such as ads", groups_lists_parse,
			       groups_lists_print},
	[SCHEMA_BLOCK_ANSWER] = {"addresses such as 192.168.11.1", groups_answer_parse,
				 groups_answer_print},
	[SCHEMA_LABEL] = {"a host's name without dots: letters, digits and \"-\"", dhcp_label_parse,
			  dhcp_label_print},
	[SCHEMA_TYPES] = {"types of records such as MX, TXT or TYPE99", names_types_parse,
			  names_types_print},
	[SCHEMA_PATTERNS] = {"names such as example.com, \"*.example.com\" for all below it, or "
			     "\".example.com\" for both",
			     blocklists_patterns_parse, blocklists_patterns_print},
	[SCHEMA_FILE] = {"a whole path such as /etc/hairpin/ads.txt", blocklists_file_parse,
			 blocklists_text_print},
	[SCHEMA_URL] = {"an address such as https://lists.example.net/ads.txt",
			blocklists_url_parse, blocklists_text_print},
	[SCHEMA_PUBLIC] =
		{"an IPv4 address such as 203.0.113.1, or a name such as home.example.com",
		 public_parse, public_print},
	[SCHEMA_STUN] = {"servers such as stun.example.net:3478", stun_parse, stun_print},
	[SCHEMA_TEXT] = {"a text", NULL, NULL},
	[SCHEMA_TEXTS] = {"a list of texts", NULL, NULL},
};

static void form_word(struct strbuf *out, const char *word)
{
	strbuf_add(out, "%s%s", out->length ? ", " : "", word);
}

void value_form(const struct schema_row *row, struct strbuf *out)
{
	const char *form = value_types[row->type].form;
	const char *of = *form ? ", or " : "";
	char least[DURATION_TEXT_MAX], most[DURATION_TEXT_MAX];
	_strbuf_ struct strbuf words = {0};

	for (const struct schema_value *value = row->values; value && value->word; value++)
		form_word(&words, value->word);
	for (size_t i = 0; row->type == SCHEMA_PRESET && i < preset_count; i++)
		form_word(&words, presets[i].name);
	if (row->type == SCHEMA_SECTION && words.length)
		strbuf_add(out, "%s, or for all of them one of %s", form, strbuf_text(&words));
	else
		strbuf_add(out, "%s%s%s%s", strchr(strbuf_text(&words), ',') ? "one of " : "",
			   strbuf_text(&words), words.length ? of : "", form);
	if (row->type == SCHEMA_NUMBER)
		strbuf_add(out, " from %u to %u", row->min, row->max);
	else if (row->type == SCHEMA_DURATION)
		strbuf_add(out, " from %s to %s", duration_format_exact(row->min, least),
			   duration_format_exact(row->max, most));
	else if (row->type == SCHEMA_MARK)
		strbuf_add(out, ", none of 0x%08x", row->max);
	else if (row->type == SCHEMA_SIZE)
		strbuf_add(out, " from %s to %s", number_size_format(row->min, least),
			   number_size_format(row->max, most));
	else if (row->type == SCHEMA_NAME)
		strbuf_add(out, ", at most %u characters", row->max);
	else if (row->type == SCHEMA_NETWORK)
		strbuf_add(out, ", %u to %u bits long", row->min, row->max);
}

static bool is_list(enum schema_type type)
{
	return type == SCHEMA_DOMAINS || type == SCHEMA_PORTS || type == SCHEMA_ALLOW ||
	       type == SCHEMA_PASS || type == SCHEMA_UPSTREAMS || type == SCHEMA_TREES ||
	       type == SCHEMA_ANSWER || type == SCHEMA_LISTEN || type == SCHEMA_BOOTSTRAPS ||
	       type == SCHEMA_TYPES || type == SCHEMA_DHCP_DNS || type == SCHEMA_DHCP_OPTIONS ||
	       type == SCHEMA_PATTERNS || type == SCHEMA_CLIENTS || type == SCHEMA_LIST_NAMES ||
	       type == SCHEMA_BLOCK_ANSWER || type == SCHEMA_STUN;
}

bool value_parse(struct report *report, const struct schema_row *row, const struct node *node,
		 void *object)
{
	char text[64];
	struct node fallback = {.kind = NODE_SCALAR, .text = text};

	if (!node) {
		if (!row->fallback)
			return true;
		strcpy(text, row->fallback);
		return value_types[row->type].parse(report, row, &fallback, object);
	}
	if (!is_list(row->type) && !value_scalar(report, row, node))
		return false;
	if (!value_types[row->type].parse(report, row, node, object))
		return false;
	if (row->has_offset)
		*(bool *)((char *)object + row->has_offset) = true;
	if (row->line_offset)
		*(unsigned int *)((char *)object + row->line_offset) = node->line;
	return true;
}
