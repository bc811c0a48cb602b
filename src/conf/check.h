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

/* The part that looks for filtering which two give one host, or that no host has (filtering.c). */
void conf_check_filtering(const struct conf *conf, struct report *report);
