/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forwards that a machine has already, as services of ours: from iptables, nftables or OpenWrt's configuration, to be read and pasted. And what OpenWrt's configuration says to us,
 * as a whole configuration.
 *
 * What a rule says that a forward of ours does not know is never guessed at: the rule becomes a line of `notes`, with the reason. Pure functions over a text; called by the
 * command, without any right.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "addr.h"
#include "strbuf.h"

struct import_forward {
	__u8 proto;
	__u16 external_first, external_last, internal_first;
};

/* What is forwarded to one host for the same people. */
struct import_service {
	char *name; /* owned; as the configuration takes it */
	struct ip_addr host;
	struct ip_net *allow; /* n_allow, owned; none: everybody */
	size_t n_allow;
	struct import_forward *forwards; /* n_forwards, owned */
	size_t n_forwards;
	const char *hairpin_source; /* a word of that key, not owned; NULL: none is said */
};

struct import {
	struct strbuf stanzas; /* stands before the services: whole stanzas of YAML */
	struct strbuf
		said_services; /* items of `services` that were written as such, before those below */
	struct strbuf said_names; /* their names, a line each */
	struct import_service *services; /* n_services, owned; in order of their first rule */
	size_t n_services;
	struct strbuf notes; /* a line each */
};

struct import_source {
	const char *name; /* "iptables" */
	const char *what; /* is to be given to it, for people: one line */
	/* 0; -errno with lines in @why: this is no such text, or what it says cannot be done. */
	int (*read)(struct import *import, const char *text, struct strbuf *why);
};

/* Ended by a row without a name. */
extern const struct import_source import_sources[];

/* NULL: there is none. */
const struct import_source *import_find(const char *name);

/* The stanzas, `services` last, then the notes as comments. */
void import_print(const struct import *import, struct strbuf *out);

void import_fini(struct import *import);
#define _import_ _cleanup_(import_fini)
