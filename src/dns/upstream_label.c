// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "upstream.h"

static const struct {
	const char *scheme;
	__u16 port;
} kinds[] = {
	[DNS_UPSTREAM_PLAIN] = {"", 53},
	[DNS_UPSTREAM_TLS] = {"tls://", 853},
	[DNS_UPSTREAM_HTTPS] = {"https://", 443},
};

void dns_upstream_label(struct dns_log *log, size_t i, const struct dns_upstream_conf *conf)
{
	const char *scheme = kinds[conf->kind].scheme;
	char text[sizeof(conf->name) + IP_TEXT_MAX], addr[IP_TEXT_MAX];

	ip_addr_format(&conf->addr, addr);
	if (*conf->name)
		snprintf(text, sizeof(text), "%s%s", scheme, conf->name);
	else if (conf->port == kinds[conf->kind].port)
		snprintf(text, sizeof(text), "%s%s", scheme, addr);
	else
		snprintf(text, sizeof(text), ip_addr_is_v4(&conf->addr) ? "%s%s:%u" : "%s[%s]:%u",
			 scheme, addr, conf->port);
	dns_log_label(log, DNS_LABEL_UPSTREAM, (__u8)(i + 1), text);
}
