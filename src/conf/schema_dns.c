// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of dns. */
#include "schema_parts.h"

#include <string.h>

#include "alloc.h"
#include "conf.h"

static void *rewrite_add(struct conf *conf)
{
	size_t n = conf->n_rewrites++;

	if ((n & (n - 1)) == 0)
		conf->rewrites =
			alloc_array(conf->rewrites, n ? 2 * n : 1, sizeof(*conf->rewrites));
	return memset(&conf->rewrites[n], 0, sizeof(conf->rewrites[n]));
}

static size_t rewrite_count(const struct conf *conf)
{
	return conf->n_rewrites;
}

static const void *rewrite_at(const struct conf *conf, size_t i)
{
	return &conf->rewrites[i];
}

static const struct schema_list rewrite_list = {
	.limit = LIMIT_REWRITES, .add = rewrite_add, .count = rewrite_count, .at = rewrite_at};

static const struct schema_value listen_values[] = {
	{.word = "lan", .doc = "on the gateway's addresses in its segments"}, {0}};

static const struct schema_value choice_values[] = {
	{.word = "in-order",
	 .value = CONF_UPSTREAMS_IN_ORDER,
	 .doc = "the first that answers; the next is asked when it is silent or refuses"},
	{.word = "parallel",
	 .value = CONF_UPSTREAMS_PARALLEL,
	 .doc = "two at once, and the first good answer is taken"},
	{0}};

static const struct schema_value doctoring_values[] = {
	{.word = "auto",
	 .value = CONF_DOCTORING_AUTO,
	 .doc = "it is the host's, if all that is forwarded goes to one host and each port is the same "
		"inside"},
	{.word = "off", .value = CONF_DOCTORING_OFF, .doc = "it stays"},
	{0}};

static const struct schema_value pass_values[] = {
	{.word = "all",
	 .doc = "the name is asked upstream, also below a pattern that is answered here"},
	{0}};

static const struct schema_value log_values[] = {
	{.word = "anonymised",
	 .value = CONF_LOG_ANONYMISED,
	 .doc = "with the network of whoever asked: /24 of IPv4, /56 of IPv6"},
	{.word = "yes", .value = CONF_LOG_YES, .doc = "with the address of whoever asked"},
	{.word = "no", .value = CONF_LOG_NO, .doc = "nothing is written down; what was is removed"},
	{0}};

static const struct schema_value https_values[] = {
	{.word = "off", .value = 0, .doc = "DNS over TLS alone"}, {0}};

static const struct schema_row rows[] = {
	{.section = "dns",
	 .key = "listen",
	 .type = SCHEMA_LISTEN,
	 .min = 1,
	 .max = LIMIT_DNS_LISTENERS,
	 .fallback = "lan",
	 .values = listen_values,
	 .doc = "Where questions are taken."},
	{.section = "dns",
	 .key = "upstream",
	 .type = SCHEMA_UPSTREAMS,
	 .required = true,
	 .min = 1,
	 .max = LIMIT_UPSTREAMS,
	 .example = "[192.0.2.53]",
	 .doc = "Who is asked for names that are not ours."},
	{.section = "dns",
	 .key = "upstream-ca",
	 .type = SCHEMA_FILE,
	 .max = LIMIT_FILE_PATH,
	 .example = "/etc/hairpin/ca.pem",
	 AT(struct conf, upstream_ca),
	 .doc = "A file of the authorities that may vouch for upstreams, instead of the system's."},
	{.section = "dns",
	 .key = "upstream-choice",
	 .type = SCHEMA_WORD,
	 .fallback = "in-order",
	 .values = choice_values,
	 AT(struct conf, upstream_choice),
	 .doc = "Which of several upstreams is asked."},
	{.section = "dns",
	 .key = "bootstrap",
	 .type = SCHEMA_BOOTSTRAPS,
	 .min = 1,
	 .max = LIMIT_BOOTSTRAPS,
	 .example = "192.0.2.53",
	 LINE(struct conf, bootstrap_line),
	 .doc = "Who is asked for the addresses of upstreams that are given by name."},
	{.section = "dns",
	 .key = "tls",
	 .type = SCHEMA_SECTION,
	 HAS(struct conf, has_tls),
	 .example =
		 "{ certificate: /etc/hairpin/dns.pem, key: /etc/hairpin/dns.key, name: dns.example.net }",
	 .doc = "Questions of clients over TLS and HTTPS, at the addresses of listen."},
	{.section = "dns",
	 .key = "private-domains",
	 .type = SCHEMA_TREES,
	 .max = LIMIT_PRIVATE_DOMAINS,
	 .example = "plex.direct",
	 .doc = "Names that upstreams may answer with private addresses."},
	{.section = "dns",
	 .key = "doctoring",
	 .type = SCHEMA_WORD,
	 .gateway_only = true,
	 .fallback = "auto",
	 .values = doctoring_values,
	 AT(struct conf, doctoring),
	 .doc = "What becomes of our public address in answers from upstream."},
	{.section = "dns",
	 .key = "block-dot",
	 .type = SCHEMA_BOOL,
	 .gateway_only = true,
	 .fallback = "no",
	 AT(struct conf, block_dot),
	 .doc = "Whether hosts inside are kept from servers of DNS over TLS and over QUIC outside."},
	{.section = "dns",
	 .key = "redirect",
	 .type = SCHEMA_BOOL,
	 .gateway_only = true,
	 .fallback = "no",
	 AT(struct conf, lead_questions),
	 .doc = "Whether questions of hosts inside to DNS servers outside are answered by ours."},
	{.section = "dns",
	 .key = "rewrites",
	 .type = SCHEMA_SECTIONS,
	 .max = LIMIT_REWRITES,
	 .example = "[{ domain: nas.example.com, answer: 192.168.11.30 }]",
	 .list = &rewrite_list,
	 .doc = "Answers of your own."},
	{.section = "dns",
	 .key = "blocklists",
	 .type = SCHEMA_SECTIONS,
	 .max = LIMIT_BLOCKLISTS,
	 .example = "[{ name: ads, path: /etc/hairpin/ads.txt }]",
	 .list = &schema_blocklists,
	 .doc = "Names that get no answer."},
	{.section = "dns",
	 .key = "allowlists",
	 .type = SCHEMA_SECTIONS,
	 .max = LIMIT_BLOCKLISTS,
	 .example = "[{ name: fine, path: /etc/hairpin/fine.txt }]",
	 .list = &schema_allowlists,
	 .doc = "Names that get one all the same."},
	{.section = "dns",
	 .key = "block",
	 .type = SCHEMA_PATTERNS,
	 .min = 1,
	 .max = LIMIT_OWN_WORDS,
	 .example = "[ads.example.net, \".tracker.example.net\"]",
	 AT(struct conf, block),
	 .doc = "Names of your own that get no answer, whatever lists allow."},
	{.section = "dns",
	 .key = "allow",
	 .type = SCHEMA_PATTERNS,
	 .min = 1,
	 .max = LIMIT_OWN_WORDS,
	 .example = "[shop.example.net]",
	 AT(struct conf, allow),
	 .doc = "Names of your own that get one, whatever else blocks them."},
	{.section = "dns",
	 .key = "blocking",
	 .type = SCHEMA_SECTION,
	 .example = "{ mode: nxdomain }",
	 .doc = "How names are blocked."},
	{.section = "dns",
	 .key = "groups",
	 .type = SCHEMA_SECTIONS,
	 .max = LIMIT_DNS_GROUPS,
	 .example = "[{ name: tv, clients: [192.168.11.60], blocking: no }]",
	 .list = &schema_group_list,
	 .doc = "Clients that are blocked other things than everybody."},

	{.section = "dns",
	 .key = "log",
	 .type = SCHEMA_SECTION,
	 .example = "{ queries: yes, retention: 30d }",
	 .doc = "What is written down of queries."},

	{.section = "dns.tls",
	 .key = "certificate",
	 .type = SCHEMA_FILE,
	 .required = true,
	 .max = LIMIT_FILE_PATH,
	 .example = "/etc/hairpin/dns.pem",
	 AT(struct conf, tls.certificate),
	 LINE(struct conf, tls.certificate_line),
	 .doc = "The file of our certificate, with those between it and an authority behind it."},
	{.section = "dns.tls",
	 .key = "key",
	 .type = SCHEMA_FILE,
	 .required = true,
	 .max = LIMIT_FILE_PATH,
	 .example = "/etc/hairpin/dns.key",
	 AT(struct conf, tls.key),
	 LINE(struct conf, tls.key_line),
	 .doc = "The file of its key."},
	{.section = "dns.tls",
	 .key = "name",
	 .type = SCHEMA_DOMAIN,
	 .required = true,
	 .example = "dns.example.net",
	 AT(struct conf, tls.name),
	 LINE(struct conf, tls.name_line),
	 .doc = "The name that the certificate is for, and that clients are told."},
	{.section = "dns.tls",
	 .key = "https",
	 .type = SCHEMA_NUMBER,
	 .min = 1,
	 .max = 65535,
	 .fallback = "443",
	 .values = https_values,
	 AT(struct conf, tls.https),
	 LINE(struct conf, tls.https_line),
	 .doc = "The port of DNS over HTTPS."},
	{.section = "dns.log",
	 .key = "queries",
	 .type = SCHEMA_WORD,
	 .fallback = "anonymised",
	 .values = log_values,
	 AT(struct conf, log.queries),
	 .doc = "Whether each query is written down."},
	{.section = "dns.log",
	 .key = "retention",
	 .type = SCHEMA_DURATION,
	 .min = LIMIT_LOG_RETENTION_MIN_S,
	 .max = LIMIT_LOG_RETENTION_MAX_S,
	 .fallback = "7d",
	 AT(struct conf, log.retention_s),
	 .doc = "For how long."},
	{.section = "dns.log",
	 .key = "size",
	 .type = SCHEMA_SIZE,
	 .min = LIMIT_LOG_SIZE_MIN_MB,
	 .max = LIMIT_LOG_SIZE_MAX_MB,
	 .fallback = "64M",
	 AT(struct conf, log.size_mb),
	 .doc = "What it may take of the disk; the oldest queries make room."},
	{.section = "dns.rewrites",
	 .key = "domain",
	 .type = SCHEMA_PATTERN,
	 .required = true,
	 .example = "nas.example.com",
	 AT(struct conf_rewrite, domain),
	 LINE(struct conf_rewrite, line),
	 .doc = "The name, or all below one."},
	{.section = "dns.rewrites",
	 .key = "answer",
	 .type = SCHEMA_ANSWER,
	 .min = 1,
	 .max = LIMIT_ADDRS_PER_REWRITE,
	 .example = "192.168.11.30",
	 LINE(struct conf_rewrite, answer_line),
	 .doc = "Its addresses, or the name that it stands for (CNAME)."},
	{.section = "dns.rewrites",
	 .key = "pass",
	 .type = SCHEMA_TYPES,
	 .min = 1,
	 .max = LIMIT_PASS_PER_REWRITE,
	 .example = "[MX, TXT]",
	 .values = pass_values,
	 LINE(struct conf_rewrite, pass_line),
	 .doc = "The types of its records that are asked upstream all the same."},
};

const struct schema_part schema_part_dns = {rows, ARRAY_SIZE(rows)};
