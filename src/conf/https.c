// SPDX-License-Identifier: GPL-2.0-or-later
#include "https.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"

static const char *const alpns[] = {"h3", "h2", "http/1.1"};

bool https_is(const char *text)
{
	return !strncasecmp(text, "HTTPS ", 6);
}

const char *https_alpn_name(enum conf_alpn alpn)
{
	return alpns[alpn];
}

/* Decimal without a zero in front, @least to 65535. */
static bool number_read(const char *text, unsigned long least, __u16 *ret_number)
{
	size_t n = strspn(text, "0123456789");
	unsigned long number = strtoul(text, NULL, 10);

	if (!n || n > 5 || text[n] || (n > 1 && *text == '0') || number < least || number > 65535)
		return false;
	*ret_number = (__u16)number;
	return true;
}

static const char *alpn_read(char *value, struct conf_https *https)
{
	char *rest;

	if (https->n_alpn)
		return "`alpn` twice; one list of all";
	for (char *word = value; word; word = rest) {
		enum conf_alpn alpn = CONF_ALPN_H3;

		rest = strchr(word, ',');
		if (rest)
			*rest++ = '\0';
		while (alpn < CONF_ALPN_MAX && strcmp(alpns[alpn], word))
			alpn++;
		if (alpn == CONF_ALPN_MAX)
			return "a protocol that no web server speaks; h3, h2 or http/1.1";
		for (unsigned int i = 0; i < https->n_alpn; i++) {
			if (https->alpn[i] == alpn)
				return "a protocol twice; once is enough";
		}
		https->alpn[https->n_alpn++] = alpn;
	}
	return NULL;
}

static const char *param_read(char *word, struct conf_https *https)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	if (!strcmp(word, "alpn") && value)
		return alpn_read(value, https);
	if (!strcmp(word, "port") && value && !https->port)
		return number_read(value, 1, &https->port) ? NULL : "no port; 1 to 65535";
	if (!strcmp(word, "no-default-alpn") && !value) {
		https->no_default_alpn = true;
		return NULL;
	}
	if (!strcmp(word, "ipv4hint") || !strcmp(word, "ipv6hint"))
		return "hints of addresses; leave them out, they are those of the name";
	if (!strcmp(word, "ech"))
		return "`ech` needs the key of the server, which changes it when it likes; leave it out";
	return "a parameter that is none here; `alpn`, `port` and `no-default-alpn`, each once";
}

static const char *head_read(const char *priority, const char *target, struct conf_https *https)
{
	if (!priority || !number_read(priority, 0, &https->priority))
		return "its priority is no number; \"HTTPS 1 . alpn=h2\"";
	if (!https->priority)
		return "priority 0 makes it an alias; write the name alone";
	if (!target || strcmp(target, "."))
		return "another target than the name itself; \"HTTPS 1 . alpn=h2\"";
	return NULL;
}

const char *https_parse(const char *text, struct conf_https *ret_https)
{
	_free_ char *copy = strdup(text);
	struct conf_https https = {0};
	const char *priority, *fault;
	char *word, *rest = NULL;

	if (!copy)
		return "too long; less of it";
	strtok_r(copy, " ", &rest);
	priority = strtok_r(NULL, " ", &rest);
	fault = head_read(priority, strtok_r(NULL, " ", &rest), &https);
	while (!fault && (word = strtok_r(NULL, " ", &rest)))
		fault = param_read(word, &https);
	if (fault)
		return fault;
	if (!https.n_alpn && (https.no_default_alpn || !https.port))
		return "it says nothing; `alpn`, or another `port`";
	*ret_https = https;
	return NULL;
}

const char *https_format(const struct conf_https *https, char text[HTTPS_TEXT_MAX])
{
	size_t n = (size_t)snprintf(text, HTTPS_TEXT_MAX, "HTTPS %u .", https->priority);

	for (unsigned int i = 0; i < https->n_alpn; i++)
		n += (size_t)snprintf(text + n, HTTPS_TEXT_MAX - n, "%s%s",
				      i ? "," : " alpn=", alpns[https->alpn[i]]);
	if (https->no_default_alpn)
		n += (size_t)snprintf(text + n, HTTPS_TEXT_MAX - n, " no-default-alpn");
	if (https->port)
		snprintf(text + n, HTTPS_TEXT_MAX - n, " port=%u", https->port);
	return text;
}

bool https_equal(const struct conf_https *a, const struct conf_https *b)
{
	char x[HTTPS_TEXT_MAX], y[HTTPS_TEXT_MAX];

	return !strcmp(https_format(a, x), https_format(b, y));
}
