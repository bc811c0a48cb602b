/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An HTTPS record as the operator writes it (RFC 9460 section 2.1): "HTTPS 1 . alpn=h3,h2 port=8443". */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

/* What a web server may speak; in the order of the names in https.c. */
enum conf_alpn { CONF_ALPN_H3, CONF_ALPN_H2, CONF_ALPN_HTTP11, CONF_ALPN_MAX };

struct conf_https {
	__u16 priority; /* 1 and more: the least is taken first */
	__u16 port; /* 0: that of the URL */
	enum conf_alpn alpn[CONF_ALPN_MAX]; /* n_alpn, each once, in order of preference */
	unsigned int n_alpn;
	bool no_default_alpn; /* it speaks nothing but these */
};

/* Whether @text is meant to be one. */
bool https_is(const char *text);

/*
 * NULL and *ret_https, or what is wrong, with what would be right behind a semicolon. Hints of addresses are refused: they are those of the name, as each
 * client is told them.
 */
const char *https_parse(const char *text, struct conf_https *ret_https);

/* Room for any text of https_format(), NUL included. */
#define HTTPS_TEXT_MAX 80
/* Writes into @text, as https_parse() reads it, and returns it. */
const char *https_format(const struct conf_https *https, char text[HTTPS_TEXT_MAX]);

/* "h3", as it stands in the record. */
const char *https_alpn_name(enum conf_alpn alpn);

bool https_equal(const struct conf_https *a, const struct conf_https *b);
