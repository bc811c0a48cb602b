// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hairpin/limits.h>

#include "alloc.h"
#include "import_internal.h"

const struct import_source import_sources[] = {
	{"iptables", "what iptables-save prints, or commands of iptables", import_iptables},
	{"nftables", "what `nft -j list ruleset` prints", import_nftables},
	{"openwrt", "/etc/config/firewall of OpenWrt", import_openwrt},
	{"uci", "what `uci export` prints of hairpin, network and firewall", import_uci},
	{0},
};

const struct import_source *import_find(const char *name)
{
	for (const struct import_source *source = import_sources; source->name; source++) {
		if (!strcmp(source->name, name))
			return source;
	}
	return NULL;
}

/* --- what was read ------------------------------------------------------------------------- */

/* Whether a comment of YAML may have that character and still be one line: no control, no other end of a line, nothing that is no character. */
static bool is_shown(__u32 c)
{
	return (c >= ' ' && c < 0x7f) || (c >= 0xa0 && c < 0xd800 && c != 0x2028 && c != 0x2029) ||
	       (c >= 0xe000 && c < 0xfffe && c != 0xfeff) || (c >= 0x10000 && c < 0x110000);
}

/* How many octets of UTF-8 the character at @at has; 0: it is none that can be shown. */
static size_t shown_length(const char *at)
{
	static const __u32 least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *octets = (const unsigned char *)at;
	size_t n = *octets < 0x80   ? 1
		   : *octets < 0xc0 ? 0
		   : *octets < 0xe0 ? 2
		   : *octets < 0xf0 ? 3
		   : *octets < 0xf8 ? 4
				    : 0;
	__u32 c = n == 1 ? *octets : *octets & (0x7fU >> n);

	for (size_t i = 1; i < n; i++) {
		if ((octets[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (octets[i] & 0x3f);
	}
	return n && c >= least[n] && is_shown(c) ? n : 0;
}

void import_note(struct import *import, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* It stands in a comment of a file that somebody will use: one line of UTF-8, and nothing that a terminal obeys. */
	for (char *at = text; *at;) {
		size_t n = shown_length(at);

		if (!n)
			*at = '?';
		at += n ? n : 1;
	}
	strbuf_add(&import->notes, "%s\n", text);
}

int import_ports_parse(const char *text, __u16 *ret_first, __u16 *ret_last)
{
	unsigned int first, last;
	int used = 0;

	if (sscanf(text, "%5u%n", &first, &used) != 1)
		return -EINVAL;
	last = first;
	text += used;
	if (*text == '-' || *text == ':') {
		if (sscanf(text + 1, "%5u%n", &last, &used) != 1)
			return -EINVAL;
		text += 1 + used;
	}
	if (*text || !first || last > 65535 || last < first)
		return -EINVAL;
	*ret_first = (__u16)first;
	*ret_last = (__u16)last;
	return 0;
}

int import_net_parse(const char *text, struct ip_net *ret_net)
{
	char part[IP_TEXT_MAX];
	const char *slash = strchr(text, '/');
	struct ip_addr addr;
	unsigned int length;

	if (!ip_net_parse(text, ret_net))
		return 0;
	if (!slash || (size_t)(slash - text) >= sizeof(part) ||
	    sscanf(slash + 1, "%3u", &length) != 1)
		return -EINVAL;
	snprintf(part, sizeof(part), "%.*s", (int)(slash - text), text);
	if (ip_addr_parse(part, &addr) || length > (ip_addr_is_v4(&addr) ? 32 : 128))
		return -EINVAL;
	*ret_net = ip_net_of(&addr, (__u8)length);
	return 0;
}

/* --- services ------------------------------------------------------------------------------ */

static bool text_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Whether they are for the same people, and look the same to the server. */
static bool terms_equal(const struct import_service *service, const struct import_rule *rule)
{
	if (service->n_allow != rule->n_allow ||
	    !text_equal(service->hairpin_source, rule->hairpin_source))
		return false;
	for (size_t i = 0; i < rule->n_allow; i++) {
		if (!ip_net_equal(&service->allow[i], &rule->allow[i]))
			return false;
	}
	return true;
}

static bool name_is_said(const struct import *import, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = strbuf_text(&import->said_names); *at; at = strchr(at, '\n') + 1) {
		if (!strncmp(at, name, length) && at[length] == '\n')
			return true;
	}
	return false;
}

static bool name_is_taken(const struct import *import, const char *name)
{
	if (name_is_said(import, name))
		return true;
	for (size_t i = 0; i < import->n_services; i++) {
		if (import->services[i].name && !strcmp(import->services[i].name, name))
			return true;
	}
	return false;
}

/* Somebody's words as a service's name may be: letters, digits, "-"; or after the host. */
static void name_base(const struct import_rule *rule, char *text, size_t size)
{
	char host[IP_TEXT_MAX];
	size_t n = 0;

	for (const char *at = rule->name ? rule->name : ""; *at && n + 1 < size; at++) {
		if (isalnum((unsigned char)*at))
			text[n++] = (char)tolower((unsigned char)*at);
		else if (n && text[n - 1] != '-')
			text[n++] = '-';
	}
	while (n && text[n - 1] == '-')
		n--;
	text[n] = '\0';
	if (n)
		return;
	snprintf(text, size, "host-%s", ip_addr_format(&rule->host, host));
	for (char *at = text; *at; at++) {
		if (*at == '.' || *at == ':')
			*at = '-';
	}
}

static char *name_choose(const struct import *import, const struct import_rule *rule)
{
	char base[LIMIT_SERVICE_NAME - 8], name[LIMIT_SERVICE_NAME + 1];

	name_base(rule, base, sizeof(base));
	snprintf(name, sizeof(name), "%s", base);
	for (unsigned int i = 2; name_is_taken(import, name) && i < 1000000; i++)
		snprintf(name, sizeof(name), "%s-%u", base, i);
	return alloc_text(name);
}

static struct import_service *service_of(struct import *import, const struct import_rule *rule)
{
	struct import_service *service;

	for (size_t i = 0; i < import->n_services; i++) {
		service = &import->services[i];
		if (ip_addr_equal(&service->host, &rule->host) && terms_equal(service, rule))
			return service;
	}
	import->services =
		alloc_array(import->services, import->n_services + 1, sizeof(*import->services));
	service = &import->services[import->n_services];
	*service = (struct import_service){.host = rule->host,
					   .n_allow = rule->n_allow,
					   .hairpin_source = rule->hairpin_source};
	service->name = name_choose(import, rule);
	service->allow = alloc_array(NULL, rule->n_allow, sizeof(*service->allow));
	memcpy(service->allow, rule->allow, rule->n_allow * sizeof(*service->allow));
	import->n_services++;
	return service;
}

static bool overlaps(const struct import_forward *a, const struct import_forward *b)
{
	return a->proto == b->proto && a->external_first <= b->external_last &&
	       b->external_first <= a->external_last;
}

static bool is_same(const struct import_forward *a, const struct import_forward *b)
{
	return a->proto == b->proto && a->external_first == b->external_first &&
	       a->external_last == b->external_last && a->internal_first == b->internal_first;
}

/* IPv4 hosts share the public address; each IPv6 host has its own. */
static bool share_ports(const struct ip_addr *a, const struct ip_addr *b)
{
	return ip_addr_is_v4(a) ? ip_addr_is_v4(b) : ip_addr_equal(a, b);
}

enum import_outcome import_add(struct import *import, const struct import_rule *rule)
{
	struct import_service *service;

	for (size_t i = 0; i < import->n_services; i++) {
		const struct import_service *other = &import->services[i];

		for (size_t k = 0; k < other->n_forwards; k++) {
			if (!share_ports(&other->host, &rule->host) ||
			    !overlaps(&other->forwards[k], &rule->forward))
				continue;
			return is_same(&other->forwards[k], &rule->forward) &&
					       ip_addr_equal(&other->host, &rule->host)
				       ? IMPORT_KNOWN
				       : IMPORT_OTHER;
		}
	}
	service = service_of(import, rule);
	service->forwards =
		alloc_array(service->forwards, service->n_forwards + 1, sizeof(*service->forwards));
	service->forwards[service->n_forwards++] = rule->forward;
	return IMPORT_NEW;
}

bool import_has_host(const struct import *import, const struct ip_addr *host)
{
	for (size_t i = 0; i < import->n_services; i++) {
		if (ip_addr_equal(&import->services[i].host, host))
			return true;
	}
	return false;
}

void import_fini(struct import *import)
{
	for (size_t i = 0; i < import->n_services; i++) {
		free(import->services[i].name);
		free(import->services[i].allow);
		free(import->services[i].forwards);
	}
	free(import->services);
	strbuf_fini(&import->stanzas);
	strbuf_fini(&import->said_services);
	strbuf_fini(&import->said_names);
	strbuf_fini(&import->notes);
	*import = (struct import){0};
}

/* --- the stanza ---------------------------------------------------------------------------- */

static void range_add(struct strbuf *out, unsigned int first, unsigned int last)
{
	strbuf_add(out, "%u", first);
	if (last != first)
		strbuf_add(out, "-%u", last);
}

static void forward_add(struct strbuf *out, const struct import_forward *forward)
{
	const char *proto = forward->proto == IPPROTO_TCP ? "tcp" : "udp";
	unsigned int size = forward->external_last - forward->external_first;
	bool moves = forward->external_first != forward->internal_first;

	strbuf_add(out, "%s", moves ? "\"" : "");
	range_add(out, forward->external_first, forward->external_last);
	if (moves) {
		strbuf_add(out, ":");
		range_add(out, forward->internal_first, forward->internal_first + size);
	}
	strbuf_add(out, "/%s%s", proto, moves ? "\"" : "");
}

static void service_add(struct strbuf *out, const struct import_service *service)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, "  - name: %s\n    %s: %s\n    ports: [", service->name,
		   ip_addr_is_v4(&service->host) ? "host" : "host6",
		   ip_addr_format(&service->host, text));
	for (size_t i = 0; i < service->n_forwards; i++) {
		strbuf_add(out, "%s", i ? ", " : "");
		forward_add(out, &service->forwards[i]);
	}
	strbuf_add(out, "]\n");
	for (size_t i = 0; i < service->n_allow; i++) {
		/* Colons are YAML's own in a list like this. */
		const char *quote = ip_addr_is_v4(&service->allow[i].addr) ? "" : "\"";

		strbuf_add(out, "%s%s%s%s", i ? ", " : "    allow: [", quote,
			   ip_net_format(&service->allow[i], text), quote);
	}
	strbuf_add(out, "%s", service->n_allow ? "]\n" : "");
	if (service->hairpin_source)
		strbuf_add(out, "    hairpin-source: %s\n", service->hairpin_source);
}

void import_print(const struct import *import, struct strbuf *out)
{
	strbuf_add(out, "%s", strbuf_text(&import->stanzas));
	if (import->n_services || import->said_services.length)
		strbuf_add(out, "services:\n%s", strbuf_text(&import->said_services));
	else
		strbuf_add(out, "# There is no forward in it.\n");
	for (size_t i = 0; i < import->n_services; i++)
		service_add(out, &import->services[i]);
	if (!import->notes.length)
		return;
	strbuf_add(out, "\n# To know:\n");
	for (const char *at = strbuf_text(&import->notes); *at;) {
		size_t length = strcspn(at, "\n");

		strbuf_add(out, "# - %.*s\n", (int)length, at);
		at += length + 1;
	}
}
