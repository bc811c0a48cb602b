// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `dns.upstream`: "192.0.2.53:5353", "tls://192.0.2.53#dns.example.net", "https://dns.example.net/dns-query", each with domains in front or without: "[/corp.example/lan/]192.0.2.54".
 *
 * Behind "#" stands the name of the certificate where the address alone is in front of it, for both schemes. A URL's fragment is nothing that is sent, and
 * forwarders have written it so for DNS over TLS for years.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "conf.h"
#include "pattern.h"
#include "value.h"

static const struct scheme {
	const char *prefix;
	__u16 port;
} schemes[] = {
	[CONF_DNS_PLAIN] = {"", 53},
	[CONF_DNS_TLS] = {"tls://", 853},
	[CONF_DNS_HTTPS] = {"https://", 443},
};

static const char *name_take(struct conf_upstream *upstream, const char *name)
{
	const char *fault = pattern_name_fault(name);
	size_t i;

	if (fault)
		return fault;
	for (i = 0; name[i]; i++)
		upstream->name[i] = (char)tolower((unsigned char)name[i]);
	upstream->name[i] = '\0';
	return NULL;
}

/* What stands before the port: an address, or with a scheme a name. */
static const char *host_take(struct conf_upstream *upstream, const char *host, bool bracket)
{
	static const char not_one[] = "not an address with or without a port";

	upstream->has_addr = !ip_addr_parse(host, &upstream->addr);
	if (upstream->has_addr)
		return bracket == ip_addr_is_v4(&upstream->addr) ? not_one : NULL;
	if (bracket || upstream->transport == CONF_DNS_PLAIN)
		return not_one;
	return name_take(upstream, host);
}

/* "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]", "[2001:db8::53]:5353". NULL, or what is wrong. */
static const char *authority_fault(const char *text, struct conf_upstream *upstream)
{
	static const char not_one[] = "not an address with or without a port";
	bool bracket = *text == '[';
	char part[LIMIT_DOMAIN_NAME + 1];
	size_t length = bracket ? strcspn(++text, "]") : strcspn(text, ":");
	const char *rest = text + length, *fault;
	__u16 last;

	/* The notation decides, as with a host: ::ffff:192.0.2.53 is no way to write either. */
	if (!bracket && !ip_addr_parse(text, &upstream->addr)) {
		upstream->has_addr = true;
		return ip_addr_is_v4(&upstream->addr) && *rest ? "not IPv6" : NULL;
	}
	if (length >= sizeof(part) || (bracket && *rest++ != ']'))
		return not_one;
	snprintf(part, sizeof(part), "%.*s", (int)length, text);
	fault = host_take(upstream, part, bracket);
	if (fault || !*rest)
		return fault;
	if (*rest++ != ':' || strchr(rest, '-'))
		return not_one;
	return value_ports(rest, rest + strlen(rest), &upstream->port, &last);
}

/* "/dns-query"; what a request may carry as it is (RFC 3986 section 3.3). */
static const char *path_take(struct conf_upstream *upstream, const char *path)
{
	if (!*path)
		return "has no path; most servers have /dns-query";
	if (strlen(path) > LIMIT_DNS_PATH)
		return "its path is longer than 255 characters";
	for (const char *c = path; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("/-._~%!$&'()*+,;=:@?", *c))
			return "its path has a character that it may not; without {?dns}, as questions are "
			       "posted";
	}
	strcpy(upstream->path, path);
	return NULL;
}

/* Cuts @text at its "#", whose place is for the name. */
static const char *fragment_take(char *text, struct conf_upstream *upstream, const char **ret_name)
{
	char *hash = upstream->transport == CONF_DNS_PLAIN ? NULL : strchr(text, '#');

	*ret_name = NULL;
	if (!hash)
		return NULL;
	*hash = '\0';
	*ret_name = hash + 1;
	return hash[1] ? NULL : "has no name behind #";
}

static const char *upstream_fault(const char *text, struct conf_upstream *upstream)
{
	char rest[LIMIT_DOMAIN_NAME * 2 + LIMIT_DNS_PATH + 16];
	const char *fault, *name;
	char *slash;

	for (size_t i = CONF_DNS_TLS; i < ARRAY_SIZE(schemes); i++) {
		if (!strncmp(text, schemes[i].prefix, strlen(schemes[i].prefix)))
			upstream->transport = (enum conf_transport)i;
	}
	text += strlen(schemes[upstream->transport].prefix);
	upstream->port = schemes[upstream->transport].port;
	if (strlen(text) >= sizeof(rest))
		return "too long";
	strcpy(rest, text);
	fault = fragment_take(rest, upstream, &name);
	slash = upstream->transport == CONF_DNS_HTTPS ? strchr(rest, '/') : NULL;
	if (!fault && upstream->transport == CONF_DNS_HTTPS)
		fault = path_take(upstream, slash ? slash : "");
	if (slash)
		*slash = '\0';
	if (!fault)
		fault = authority_fault(rest, upstream);
	if (!fault && name && !upstream->has_addr)
		fault = "a name before # and one behind it; in front belongs the address";
	if (!fault && name)
		fault = name_take(upstream, name);
	return fault;
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

/* --- domains ------------------------------------------------------------------------------- */

/* Those of one item, in the order of the file. */
struct domains {
	char **list; /* n, owned */
	size_t n;
};

static bool has_domain(char *const *list, size_t n, const char *domain)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcasecmp(list[i], domain))
			return true;
	}
	return false;
}

static void domains_free(char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

static const char *domain_take(struct domains *domains, const char *domain)
{
	struct pattern pattern = pattern_of(domain);
	const char *fault = *domain ? pattern_name_fault(pattern.name) : NULL;

	if (!fault && pattern.match != PATTERN_EXACT)
		fault = "more than a name; the name alone means itself and all below it";
	if (!fault && has_domain(domains->list, domains->n, domain))
		fault = "has one domain twice";
	if (!fault && domains->n == LIMIT_DOMAINS_PER_UPSTREAM)
		fault = "has more than 64 domains";
	if (!fault)
		domains->list[domains->n++] = pattern_text(domain);
	return fault;
}

/* "[/a.example/b.example/]" at the beginning of *text, which moves behind it; between two slashes with nothing are the names of one label. */
static const char *domains_take(const char **text, struct domains *domains)
{
	const char *at = *text, *end;
	char domain[LIMIT_DOMAIN_NAME + 1];
	const char *fault = NULL;

	if (strncmp(at, "[/", 2))
		return NULL;
	end = strstr(at + 2, "/]");
	if (!end)
		return "its domains have no end; as in \"[/corp.example/]192.0.2.54\"";
	*text = end + 2;
	domains->list = alloc_array(NULL, LIMIT_DOMAINS_PER_UPSTREAM, sizeof(*domains->list));
	for (at += 2; !fault; at++) {
		size_t length = at < end ? strcspn(at, "/") : 0;

		if (length >= sizeof(domain))
			return "has a domain that is too long";
		snprintf(domain, sizeof(domain), "%.*s", (int)length, at);
		fault = domain_take(domains, domain);
		at += length;
		if (at >= end)
			break;
	}
	return fault;
}

static bool is_same(const struct conf_upstream *a, const struct conf_upstream *b)
{
	bool overlaps = !a->n_domains && !b->n_domains;

	for (size_t i = 0; i < a->n_domains; i++)
		overlaps = overlaps || has_domain(b->domains, b->n_domains, a->domains[i]);
	return overlaps && a->transport == b->transport && a->has_addr == b->has_addr &&
	       a->port == b->port && (!a->has_addr || ip_addr_equal(&a->addr, &b->addr)) &&
	       !strcmp(a->name, b->name) && !strcmp(a->path, b->path);
}

/* "#": those without domains, also here. */
static bool general_parse(struct conf *conf, struct domains *domains)
{
	size_t n = conf->n_general_domains;

	for (size_t i = 0; i < domains->n; i++) {
		if (has_domain(conf->general_domains, n, domains->list[i]))
			return false;
	}
	conf->general_domains =
		alloc_array(conf->general_domains, n + domains->n, sizeof(*conf->general_domains));
	for (size_t i = 0; i < domains->n; i++)
		conf->general_domains[conf->n_general_domains++] = domains->list[i];
	domains->n = 0;
	return true;
}

/* Takes @domains where the item is accepted. */
static bool item_parse_with(struct report *report, const struct schema_row *row,
			    const struct node *node, struct conf *conf, struct domains *domains)
{
	struct conf_upstream upstream = {.line = node->line};
	const char *text = node->text, *fault = domains_take(&text, domains);

	if (!fault && domains->n && !strcmp(text, "#"))
		return general_parse(conf, domains) ||
		       value_refuse(report, row, node, "twice in this list; once is enough");
	if (!fault)
		fault = upstream_fault(text, &upstream);
	upstream.domains = domains->list;
	upstream.n_domains = domains->n;

	if (!fault && upstream.has_addr && is_unreachable(&upstream.addr))
		fault = "cannot be a server's address";
	if (fault)
		return value_refuse(report, row, node, fault);
	for (size_t i = 0; i < conf->n_upstreams; i++) {
		if (is_same(&conf->upstreams[i], &upstream))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	conf->upstreams[conf->n_upstreams++] = upstream;
	*domains = (struct domains){0};
	return true;
}

static bool upstream_parse(struct report *report, const struct schema_row *row,
			   const struct node *node, void *object)
{
	struct domains domains = {0};
	bool ok = item_parse_with(report, row, node, object, &domains);

	domains_free(domains.list, domains.n);
	return ok;
}

static bool has_general(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_upstreams; i++) {
		if (!conf->upstreams[i].n_domains)
			return true;
	}
	return false;
}

bool upstreams_parse(struct report *report, const struct schema_row *row, const struct node *node,
		     void *object)
{
	struct conf *conf = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	conf->upstreams = alloc_array(NULL, (size_t)n, sizeof(*conf->upstreams));
	if (!list_parse(report, row, node, object, upstream_parse))
		return false;
	if (has_general(conf))
		return true;
	report_add(report, (struct spot){node->line, row->key, NULL},
		   "all have domains; one without, for all other names");
	return false;
}

void upstreams_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->n_upstreams; i++)
		domains_free(conf->upstreams[i].domains, conf->upstreams[i].n_domains);
	free(conf->upstreams);
	free(conf->bootstraps);
	domains_free(conf->general_domains, conf->n_general_domains);
}

static void print_domains(char *const *list, size_t n, struct strbuf *out)
{
	for (size_t i = 0; i < n; i++)
		strbuf_add(out, "%s%s%s", i ? "" : "[/", list[i], i + 1 < n ? "/" : "/]");
}

static void print_upstream(const struct conf_upstream *upstream, struct strbuf *out)
{
	const struct scheme *scheme = &schemes[upstream->transport];
	bool is_v6 = upstream->has_addr && !ip_addr_is_v4(&upstream->addr);
	bool bracket = is_v6 && (upstream->port != scheme->port || *scheme->prefix);
	char text[IP_TEXT_MAX];
	_strbuf_ struct strbuf word = {0};

	print_domains(upstream->domains, upstream->n_domains, &word);
	strbuf_add(&word, "%s%s%s%s", scheme->prefix, bracket ? "[" : "",
		   upstream->has_addr ? ip_addr_format(&upstream->addr, text) : upstream->name,
		   bracket ? "]" : "");
	if (upstream->port != scheme->port)
		strbuf_add(&word, ":%u", upstream->port);
	strbuf_add(&word, "%s", upstream->path);
	if (upstream->has_addr && *upstream->name)
		strbuf_add(&word, "#%s", upstream->name);
	value_print_text(strbuf_text(&word), out);
}

void upstreams_print(const struct schema_row *row _unused_, const void *object, struct strbuf *out)
{
	const struct conf *conf = object;

	for (size_t i = 0; i < conf->n_upstreams; i++) {
		strbuf_add(out, i ? ", " : "[");
		print_upstream(&conf->upstreams[i], out);
	}
	if (conf->n_general_domains) {
		_strbuf_ struct strbuf word = {0};

		print_domains(conf->general_domains, conf->n_general_domains, &word);
		strbuf_add(&word, "#");
		strbuf_add(out, ", ");
		value_print_text(strbuf_text(&word), out);
	}
	strbuf_add(out, "]");
}

/* --- bootstrap ----------------------------------------------------------------------------- */

static bool bootstrap_parse(struct report *report, const struct schema_row *row,
			    const struct node *node, void *object)
{
	struct conf *conf = object;
	struct ip_addr addr;

	if (ip_addr_parse(node->text, &addr) || (ip_addr_is_v4(&addr) && strchr(node->text, ':')))
		return value_refuse(report, row, node, "not an address");
	if (is_unreachable(&addr))
		return value_refuse(report, row, node, "cannot be a server's address");
	for (size_t i = 0; i < conf->n_bootstraps; i++) {
		if (ip_addr_equal(&conf->bootstraps[i], &addr))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	conf->bootstraps[conf->n_bootstraps++] = addr;
	return true;
}

bool bootstraps_parse(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object)
{
	struct conf *conf = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	conf->bootstraps = alloc_array(NULL, (size_t)n, sizeof(*conf->bootstraps));
	return list_parse(report, row, node, object, bootstrap_parse);
}

void bootstraps_print(const struct schema_row *row _unused_, const void *object, struct strbuf *out)
{
	const struct conf *conf = object;
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < conf->n_bootstraps; i++) {
		strbuf_add(out, i ? ", " : "[");
		value_print_text(ip_addr_format(&conf->bootstraps[i], text), out);
	}
	if (conf->n_bootstraps)
		strbuf_add(out, "]");
}

void conf_check_upstreams(const struct conf *conf, struct report *report)
{
	bool has_plain = false, has_named = false;

	for (size_t i = 0; i < conf->n_upstreams; i++) {
		const struct conf_upstream *upstream = &conf->upstreams[i];

		has_named = has_named || !upstream->has_addr;
		has_plain = has_plain ||
			    (upstream->transport == CONF_DNS_PLAIN && !upstream->n_domains);
	}
	for (size_t i = 0; i < conf->n_upstreams && !conf->n_bootstraps && !has_plain; i++) {
		const struct conf_upstream *upstream = &conf->upstreams[i];

		if (!upstream->has_addr)
			report_add(
				report, (struct spot){upstream->line, "upstream", upstream->name},
				"a name, and nobody is there to ask for its address; give "
				"`bootstrap` a server's address, or write this one's with the name "
				"behind it: #%s",
				upstream->name);
	}
	if (conf->n_bootstraps && !has_named)
		report_add(report, (struct spot){conf->bootstrap_line, "bootstrap", NULL},
			   "no upstream is given by name, so it would not be asked; take it out");
}
