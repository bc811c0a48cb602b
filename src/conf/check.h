/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What no single key can know: whether the keys of a configuration fit together. */
#pragma once

#include "conf.h"
#include "report.h"

/* Adds a line to @report for each fault. */
void conf_check(const struct conf *conf, struct report *report);

/* The part of it that looks for ports with two owners (overlap.c). */
void conf_check_overlap(const struct conf *conf, struct report *report);

/* The part that looks for names with two answers (rewriting.c). */
void conf_check_rewriting(const struct conf *conf, struct report *report);

/* The part that looks for upstreams whose address nobody knows (upstreams.c). */
void conf_check_upstreams(const struct conf *conf, struct report *report);

/* The part that looks at lists: where each is read, and how many (blocklists.c). */
void conf_check_lists(const struct conf *conf, struct report *report);
/* Frees what @conf has of them. */
void conf_lists_fini(struct conf *conf);
/* The part that looks for groups that have one client, and answers that nobody gets (groups.c). */
void conf_check_groups(const struct conf *conf, struct report *report);

/* The part that looks for filtering which two give one host, or that no host has (filtering.c). */
void conf_check_filtering(const struct conf *conf, struct report *report);

/* The part that looks for a public address that is inside (public.c). */
void conf_check_public(const struct conf *conf, struct report *report);

/* The part that looks at `dhcp`: ranges, reservations (dhcp_check.c). */
void conf_check_dhcp(const struct conf *conf, struct report *report);
/* The first or the last address of @net, which is no host's (check.c). */
bool conf_is_edge(const struct ip_net *net, const struct ip_addr *host);
