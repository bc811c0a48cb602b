/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which parts this build has (meson_options.txt). Each is whole files; what asks here refuses what would not act, or says that it does not.
 */
#pragma once

#include <stdbool.h>

#include "strbuf.h"

enum feature {
	FEATURE_ALWAYS = 0, /* of no option */
	FEATURE_DNS,
	FEATURE_NFTABLES,
	FEATURE_PORTMAP,
	FEATURE_MAX,
};

/* feature_built.c. Tests have one of their own (tests/unit/feature_all.c), so that what is tested without a part's libraries is all tested in every build. */
bool feature_is_built(enum feature feature);

/* "dns", as the option is called. */
const char *feature_name(enum feature feature);

/* "this build has no dns (-Ddns=disabled)", for people. */
const char *feature_lacks(enum feature feature);

/* Adds "features: +dns -nftables +portmap\n". */
void features_print(struct strbuf *out);
