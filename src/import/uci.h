/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenWrt's configuration as text: files of /etc/config, or what `uci export` prints of several of them.
 *
 * Read as libuci reads it: "..." with backslashes, '...' without, words that run on from one quote into the next, a section that is continued
 * under its name, an option that is said twice and counts as said last. libuci itself is in no distribution beside OpenWrt. Private to this folder.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "strbuf.h"

struct uci_option {
	char *key; /* letters, digits and "_" */
	char **values; /* n_values, at least one; owned. Without is_list: one */
	size_t n_values;
	bool is_list;
};

struct uci_section {
	char *package; /* NULL: the text names none, as a file of /etc/config */
	char *type; /* printable, without blanks */
	char *name; /* as a key; NULL: none */
	size_t index; /* among those of its type in its package, from 0 */
	unsigned int line;
	struct uci_option *options; /* n_options, owned */
	size_t n_options;
};

struct uci {
	struct uci_section *sections; /* n_sections, owned */
	size_t n_sections;
};

/* 0; -EINVAL or -E2BIG with one line in @why, and nothing in @uci. */
int uci_parse(const char *text, struct uci *uci, struct strbuf *why);
void uci_fini(struct uci *uci);
#define _uci_ _cleanup_(uci_fini)

/* Whether @section belongs to @package, or the text does not say what it belongs to. */
bool uci_is_of(const struct uci_section *section, const char *package);
/* The same, and of that type. */
bool uci_is_type(const struct uci_section *section, const char *package, const char *type);

/* NULL: @section does not say it. */
const struct uci_option *uci_option(const struct uci_section *section, const char *key);
/* Its value, of a list the first; NULL: @section does not say it. */
const char *uci_value(const struct uci_section *section, const char *key);
/* A switch; what is none of UCI's words for "no" is a yes. */
bool uci_is_on(const struct uci_section *section, const char *key, bool fallback);
/* Whether @text is one of UCI's words for yes, or with @on false for no. */
bool uci_means(const char *text, bool on);

/* Where @section is, for people: "firewall.@redirect[2]" as uci(1) has it, or "line 12: redirect" of a file. */
void uci_place(const struct uci_section *section, struct strbuf *out);
