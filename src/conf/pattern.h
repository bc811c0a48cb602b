/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which names a word of the configuration stands for: "x" for itself, "*.x" for all below x but not x, ".x" for both.
 *
 * In a struct conf such words are in lower case and have been checked, so that two are the same where strcmp() says so.
 */
#pragma once

enum pattern_match { PATTERN_EXACT, PATTERN_BELOW, PATTERN_TREE };

struct pattern {
	const char *name; /* in the word, behind "*." or "." */
	enum pattern_match match;
};

struct pattern pattern_of(const char *text);

/* What is wrong with @text, or NULL. A name is a host name (RFC 1123 section 2.1), with "_" as zones have it. */
const char *pattern_fault(const char *text);
/* The same of a name that stands for itself only. */
const char *pattern_name_fault(const char *name);

/* A copy in lower case; owned by the caller. */
char *pattern_text(const char *text);

/*
 * What is wrong with @label as the name that a host has below its segment's domain (RFC 952, RFC 1123 section 2.1), or NULL. Names that mean
 * something to all clients by themselves are no host's: who has one would be asked for proxies and tunnels, or is everybody.
 */
const char *pattern_label_fault(const char *label);
