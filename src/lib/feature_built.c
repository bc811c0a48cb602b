// SPDX-License-Identifier: GPL-2.0-or-later
#include "feature.h"

/* 0 or 1 each, from meson.build. */
static const bool built[FEATURE_MAX] = {
	[FEATURE_ALWAYS] = true,
	[FEATURE_DNS] = HAIRPIN_DNS,
	[FEATURE_NFTABLES] = HAIRPIN_NFTABLES,
	[FEATURE_PORTMAP] = HAIRPIN_PORTMAP,
};

bool feature_is_built(enum feature feature)
{
	return built[feature];
}
