/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of a list. Which format it has is told by the line itself, since public lists mix them:
 *
 *     0.0.0.0 ads.example.com tracker.example     hosts(5): these names alone
 *     ads.example.com                             this name alone
 *     *.ads.example.com  .ads.example.com         the name and all below it
 *     ||ads.example.com^$important                adblock syntax: the name and all below it
 *     @@|good.example.com^                        ... "@@" allows, "|" is the name alone
 *     203.0.113.7  2001:db8::/32                  addresses in answers
 *     # and ! begin comments
 *
 * "*.x" has x in it too, unlike in hairpin.yaml: so do those who publish lists in that form mean it.
 */
#pragma once

#include "list_rule.h"

enum list_line {
	LIST_LINE_EMPTY, /* also a comment, and names of this very machine in a hosts file */
	LIST_LINE_RULE,
	LIST_LINE_REWRITE, /* gives a name an address: a list is no place for that */
	LIST_LINE_UNSUPPORTED, /* adblock syntax that is not for names, or that we do not have: regular expressions, other modifiers */
	LIST_LINE_IDN, /* a name that is not in ASCII; punycode is */
	LIST_LINE_INVALID,
	LIST_LINE_MAX,
};

/*
 * Reads the @n octets at @line, which have no end of line in them. @cb is called for each rule of a LIST_LINE_RULE. *ret_line says what it was. 0, or what @cb
 * returned.
 */
int list_line_read(const char *line, size_t n, list_rule_cb *cb, void *data,
		   enum list_line *ret_line);
