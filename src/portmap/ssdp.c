// SPDX-License-Identifier: GPL-2.0-or-later
#include "ssdp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"

/* Version 2 answers for version 1 too, and not everywhere. */
static const char *const targets[] = {
	"urn:schemas-upnp-org:device:InternetGatewayDevice:1",
	"urn:schemas-upnp-org:device:InternetGatewayDevice:2",
	"urn:schemas-upnp-org:service:WANIPConnection:1",
	"urn:schemas-upnp-org:service:WANPPPConnection:1",
};

const char *ssdp_target(size_t i)
{
	return i < ARRAY_SIZE(targets) ? targets[i] : NULL;
}

size_t ssdp_search_write(const char *target, const struct ip_addr *to, char *buf)
{
	char text[IP_TEXT_MAX];
	int n = snprintf(buf, SSDP_MESSAGE_MAX,
			 "M-SEARCH * HTTP/1.1\r\n"
			 "HOST: %s:%u\r\n"
			 "MAN: \"ssdp:discover\"\r\n"
			 "MX: 1\r\n"
			 "ST: %s\r\n\r\n",
			 ip_addr_format(to, text), SSDP_PORT, target);

	return (size_t)n;
}

/* The value of @name in the line at @line, without space around it; NULL: another line. */
static const char *value_of(const char *line, size_t length, const char *name, size_t *ret_length)
{
	size_t at = strlen(name);

	if (length <= at || strncasecmp(line, name, at) != 0 || line[at] != ':')
		return NULL;
	at++;
	while (at < length && (line[at] == ' ' || line[at] == '\t'))
		at++;
	while (length > at && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		length--;
	*ret_length = length - at;
	return line + at;
}

static bool is_target(const char *text, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		/* Any version of a kind that was asked for. */
		size_t kind = strlen(targets[i]) - 1;

		if (length > kind && !strncasecmp(text, targets[i], kind))
			return true;
	}
	return false;
}

bool ssdp_url_is_at(const char *url, const struct ip_addr *router)
{
	char begin[IP_TEXT_MAX + 8], text[IP_TEXT_MAX];
	size_t n;

	snprintf(begin, sizeof(begin), "http://%s", ip_addr_format(router, text));
	n = strlen(begin);
	if (strncasecmp(url, begin, n) != 0)
		return false;
	/* An '@' behind it would make it a name of a user. */
	return (url[n] == ':' || url[n] == '/') && !strchr(url, '@');
}

static int url_take(const char *text, size_t length, const struct ip_addr *router, char *ret_url)
{
	char url[SSDP_URL_MAX];

	if (!text || length >= sizeof(url))
		return -EBADMSG;
	for (size_t i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return -EBADMSG;
	}
	memcpy(url, text, length);
	url[length] = '\0';
	if (!ssdp_url_is_at(url, router))
		return -EXDEV;
	memcpy(ret_url, url, length + 1);
	return 0;
}

int ssdp_answer_read(const char *buf, size_t length, const struct ip_addr *router, char *ret_url)
{
	static const char status[] = "HTTP/1.1 200";
	const char *url = NULL, *end = buf + length;
	size_t url_length = 0;
	bool is_ours = false;

	if (length > SSDP_MESSAGE_MAX || length < sizeof(status) ||
	    strncasecmp(buf, status, sizeof(status) - 1) != 0 || memchr(buf, '\0', length))
		return -EBADMSG;
	for (const char *line = buf, *next; line < end; line = next) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((newline ? newline : end) - line);
		const char *value;

		next = newline ? newline + 1 : end;
		if (n && line[n - 1] == '\r')
			n--;
		value = value_of(line, n, "ST", &n);
		if (value) {
			is_ours = is_target(value, n);
			continue;
		}
		n = (size_t)((newline ? newline : end) - line);
		if (n && line[n - 1] == '\r')
			n--;
		value = value_of(line, n, "LOCATION", &n);
		if (value) {
			url = value;
			url_length = n;
		}
	}
	return is_ours ? url_take(url, url_length, router, ret_url) : -EBADMSG;
}
