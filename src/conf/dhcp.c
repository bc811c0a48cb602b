// SPDX-License-Identifier: GPL-2.0-or-later
/* The types of `dhcp`. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "conf.h"
#include "pattern.h"
#include "value.h"

/* --- range --------------------------------------------------------------------------------- */

/* NULL, or what is wrong. */
static const char *range_fault(const char *text, struct ip_addr *ret_first,
			       struct ip_addr *ret_last)
{
	const char *dash = strchr(text, '-');
	char part[IP_TEXT_MAX];
	size_t length = dash ? (size_t)(dash - text) : 0;

	if (!dash || length >= sizeof(part))
		return "not two addresses with \"-\" between them";
	snprintf(part, sizeof(part), "%.*s", (int)length, text);
	if (strchr(text, ':') || ip_addr_parse(part, ret_first) ||
	    ip_addr_parse(dash + 1, ret_last))
		return "not two IPv4 addresses with \"-\" between them";
	if (value_is_nobody(ret_first) || value_is_nobody(ret_last))
		return "cannot be addresses of hosts";
	if (ip_addr_compare(ret_first, ret_last) > 0)
		return "the range is reversed: its first address is above its last";
	if (ntohl(ip_addr_v4(ret_last)) - ntohl(ip_addr_v4(ret_first)) >= LIMIT_DHCP_RANGE)
		return "more than 65536 addresses";
	return NULL;
}

bool dhcp_range_parse(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object)
{
	struct ip_addr *bounds = value_field(row, object);
	const char *fault = range_fault(node->text, &bounds[0], &bounds[1]);

	return fault ? value_refuse(report, row, node, fault) : true;
}

void dhcp_range_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const struct ip_addr *bounds = value_field_in(row, object);
	char first[IP_TEXT_MAX], last[IP_TEXT_MAX];

	strbuf_add(out, "%s-%s", ip_addr_format(&bounds[0], first),
		   ip_addr_format(&bounds[1], last));
}

/* --- dns ----------------------------------------------------------------------------------- */

static bool server_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object)
{
	struct conf_dhcp *dhcp = object;
	struct ip_addr addr;

	if (ip_addr_parse(node->text, &addr))
		return value_refuse(report, row, node, "not an address");
	if (ip_addr_is_v4(&addr) && strchr(node->text, ':'))
		return value_refuse(report, row, node, "not IPv6");
	if (value_is_nobody(&addr))
		return value_refuse(report, row, node, "cannot be a server's address");
	for (size_t i = 0; i < dhcp->n_dns; i++) {
		if (ip_addr_equal(&dhcp->dns[i], &addr))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	dhcp->dns[dhcp->n_dns++] = addr;
	return true;
}

bool dhcp_dns_parse(struct report *report, const struct schema_row *row, const struct node *node,
		    void *object)
{
	struct conf_dhcp *dhcp = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	dhcp->dns = alloc_array(NULL, (size_t)n, sizeof(*dhcp->dns));
	return list_parse(report, row, node, object, server_parse);
}

void dhcp_dns_print(const struct schema_row *row _unused_, const void *object, struct strbuf *out)
{
	const struct conf_dhcp *dhcp = object;
	char text[IP_TEXT_MAX];

	strbuf_add(out, "[");
	for (size_t i = 0; i < dhcp->n_dns; i++) {
		strbuf_add(out, "%s", i ? ", " : "");
		value_print_text(ip_addr_format(&dhcp->dns[i], text), out);
	}
	strbuf_add(out, "]");
}

/* --- options ------------------------------------------------------------------------------- */

/*
 * Options that say what `dhcp` has keys for, and those that the protocol itself is made of (RFC 2132 section 9): given by hand they would
 * contradict it, or end it.
 */
static const struct {
	__u8 first, last;
	const char *why;
} taken[] = {
	{0, 1, "said by the network itself; leave it out"},
	{3, 3, "said by `gateway`; use that"},
	{6, 6, "said by `dns`; use that"},
	{12, 12, "said by the name of a reservation; use that"},
	{15, 15, "said by `domain`; use that"},
	{28, 28, "said by the network itself; leave it out"},
	{50, 51, "a part of the protocol; leave it out (`lease` is the time)"},
	{52, 59, "a part of the protocol; leave it out"},
	{61, 61, "a part of the protocol; leave it out"},
	{81, 82, "a part of the protocol; leave it out"},
	{119, 119, "said by `domain`; use that"},
	{162, 162, "said by what `dns` offers; leave it out"},
	{255, 255, "the end mark; leave it out"},
};

/* Options whose form dnsmasq knows, and for which it takes no other: the tables of RFC 2132 and RFC 5859. */
static const struct {
	__u8 code;
	enum conf_option_form form;
} formed[] = {
	{7, CONF_OPTION_IPS},	{9, CONF_OPTION_IPS},	 {16, CONF_OPTION_IPS},
	{21, CONF_OPTION_IPS},	{32, CONF_OPTION_IPS},	 {33, CONF_OPTION_IPS},
	{41, CONF_OPTION_IPS},	{42, CONF_OPTION_IPS},	 {44, CONF_OPTION_IPS},
	{45, CONF_OPTION_IPS},	{48, CONF_OPTION_IPS},	 {49, CONF_OPTION_IPS},
	{65, CONF_OPTION_IPS},	{68, CONF_OPTION_IPS},	 {69, CONF_OPTION_IPS},
	{70, CONF_OPTION_IPS},	{71, CONF_OPTION_IPS},	 {74, CONF_OPTION_IPS},
	{150, CONF_OPTION_IPS}, {17, CONF_OPTION_TEXT},	 {18, CONF_OPTION_TEXT},
	{40, CONF_OPTION_TEXT}, {64, CONF_OPTION_TEXT},	 {66, CONF_OPTION_TEXT},
	{67, CONF_OPTION_TEXT}, {100, CONF_OPTION_TEXT}, {101, CONF_OPTION_TEXT},
};

static const char *form_fault(const struct conf_option *option)
{
	for (size_t i = 0; i < ARRAY_SIZE(formed); i++) {
		if (formed[i].code == option->code && formed[i].form != option->form)
			return formed[i].form == CONF_OPTION_IPS
				       ? "holds addresses; write them with ips"
				       : "holds a text; write it with text";
	}
	return NULL;
}

static void option_add(struct conf_option *option, const void *octets, size_t n)
{
	option->octets = alloc_array(option->octets, option->n_octets + n, 1);
	memcpy(option->octets + option->n_octets, octets, n);
	option->n_octets += n;
}

static const char *ips_fault(const char *text, struct conf_option *option)
{
	while (true) {
		size_t length = strcspn(text, ",");
		char part[IP_TEXT_MAX];
		struct ip_addr addr;
		__be32 v4;

		if (length >= sizeof(part))
			return "not IPv4 addresses with \",\" between them";
		snprintf(part, sizeof(part), "%.*s", (int)length, text);
		if (strchr(part, ':') || ip_addr_parse(part, &addr))
			return "not IPv4 addresses with \",\" between them";
		v4 = ip_addr_v4(&addr);
		option_add(option, &v4, sizeof(v4));
		if (!text[length])
			return NULL;
		text += length + 1;
	}
}

static const char *text_fault(const char *text, struct conf_option *option)
{
	for (const char *c = text; *c; c++) {
		if (!isascii((unsigned char)*c) || !isprint((unsigned char)*c))
			return "has a character that is not printable ASCII; write it as hex";
	}
	option_add(option, text, strlen(text));
	return NULL;
}

static const char *hex_fault(const char *text, struct conf_option *option)
{
	while (true) {
		char digits[3] = {text[0], text[0] ? text[1] : '\0', '\0'};
		__u8 octet = (__u8)strtoul(digits, NULL, 16);

		if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]) ||
		    (text[2] && text[2] != ':'))
			return "not octets of two hexadecimal digits with \":\" between them";
		option_add(option, &octet, 1);
		if (!text[2])
			return NULL;
		text += 3;
	}
}

static const struct {
	const char *word;
	const char *(*fault)(const char *text, struct conf_option *option);
} forms[] = {
	[CONF_OPTION_IPS] = {"ips", ips_fault},
	[CONF_OPTION_TEXT] = {"text", text_fault},
	[CONF_OPTION_HEX] = {"hex", hex_fault},
};

static const char *code_fault(const char **text, __u8 *ret_code)
{
	char *end;
	unsigned long code = strtoul(*text, &end, 10);

	if (!isdigit((unsigned char)**text) || *end != ' ' || code > 255)
		return "does not begin with an option's number";
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		if (code >= taken[i].first && code <= taken[i].last)
			return taken[i].why;
	}
	*text = end + 1;
	*ret_code = (__u8)code;
	return NULL;
}

/* NULL, or what is wrong; what @option has is the caller's in both cases. */
static const char *option_fault(const char *text, struct conf_option *option)
{
	const char *fault = code_fault(&text, &option->code);

	if (fault)
		return fault;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t length = strlen(forms[i].word);

		if (strncmp(text, forms[i].word, length) || text[length] != ' ')
			continue;
		option->form = (enum conf_option_form)i;
		fault = forms[i].fault(text + length + 1, option);
		if (!fault)
			fault = form_fault(option);
		if (!fault && !option->n_octets)
			fault = "has no value";
		if (!fault && option->n_octets > LIMIT_DHCP_OPTION_BYTES)
			fault = "longer than 255 octets";
		return fault;
	}
	return "has none of ips, text and hex behind its number";
}

static bool option_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object)
{
	struct conf_dhcp *dhcp = object;
	struct conf_option option = {0};
	const char *fault = option_fault(node->text, &option);

	for (size_t i = 0; i < dhcp->n_options && !fault; i++) {
		if (dhcp->options[i].code == option.code)
			fault = "given twice; one item for each number";
	}
	if (fault) {
		free(option.octets);
		return value_refuse(report, row, node, fault);
	}
	dhcp->options[dhcp->n_options++] = option;
	return true;
}

bool dhcp_options_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object)
{
	struct conf_dhcp *dhcp = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	dhcp->options = alloc_array(NULL, (size_t)n, sizeof(*dhcp->options));
	return list_parse(report, row, node, object, option_parse);
}

static void print_option(const struct conf_option *option, struct strbuf *out)
{
	_strbuf_ struct strbuf text = {0};

	strbuf_add(&text, "%u %s ", option->code, forms[option->form].word);
	if (option->form == CONF_OPTION_TEXT)
		strbuf_add(&text, "%.*s", (int)option->n_octets, (const char *)option->octets);
	for (size_t i = 0; i < option->n_octets && option->form != CONF_OPTION_TEXT; i++) {
		bool hex = option->form == CONF_OPTION_HEX;
		const char *between = hex ? ":" : i % 4 ? "." : ",";

		strbuf_add(&text, "%s", i ? between : "");
		strbuf_add(&text, hex ? "%02x" : "%u", option->octets[i]);
	}
	value_print_text(strbuf_text(&text), out);
}

void dhcp_options_print(const struct schema_row *row _unused_, const void *object,
			struct strbuf *out)
{
	const struct conf_dhcp *dhcp = object;

	strbuf_add(out, "[");
	for (size_t i = 0; i < dhcp->n_options; i++) {
		strbuf_add(out, "%s", i ? ", " : "");
		print_option(&dhcp->options[i], out);
	}
	strbuf_add(out, "]");
}

/* --- names and stations -------------------------------------------------------------------- */

bool dhcp_domain_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	const char *fault = pattern_name_fault(node->text);

	if (fault)
		return value_refuse(report, row, node, fault);
	*(char **)value_field(row, object) = pattern_text(node->text);
	return true;
}

bool dhcp_label_parse(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object)
{
	const char *fault = pattern_label_fault(node->text);
	char *label = value_field(row, object);

	if (fault)
		return value_refuse(report, row, node, fault);
	/* pattern_label_fault() has seen to its length. */
	for (size_t i = 0; i <= strlen(node->text); i++)
		label[i] = (char)tolower((unsigned char)node->text[i]);
	return true;
}

void dhcp_label_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const char *label = value_field_in(row, object);

	if (*label)
		value_print_text(label, out);
}

bool dhcp_mac_parse(struct report *report, const struct schema_row *row, const struct node *node,
		    void *object)
{
	__u8 *mac = value_field(row, object);
	static const __u8 nobody[6];
	struct conf_option octets = {0};
	const char *fault = hex_fault(node->text, &octets);

	if (fault || octets.n_octets != sizeof(nobody))
		fault = "not an Ethernet address";
	else if ((octets.octets[0] & 1) || !memcmp(octets.octets, nobody, sizeof(nobody)))
		fault = "no single machine's";
	else
		memcpy(mac, octets.octets, sizeof(nobody));
	free(octets.octets);
	return fault ? value_refuse(report, row, node, fault) : true;
}

void dhcp_mac_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const __u8 *mac = value_field_in(row, object);

	strbuf_add(out, "\"%02x:%02x:%02x:%02x:%02x:%02x\"", mac[0], mac[1], mac[2], mac[3], mac[4],
		   mac[5]);
}
