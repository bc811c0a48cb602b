// SPDX-License-Identifier: GPL-2.0-or-later
#include "feature.h"

#define FEATURE(name)                                                    \
	{                                                                \
		name, "this build has no " name " (-D" name "=disabled)" \
	}

static const struct {
	const char *name, *lacks;
} features[FEATURE_MAX] = {
	[FEATURE_ALWAYS] = {"", ""},
	[FEATURE_DNS] = FEATURE("dns"),
	[FEATURE_NFTABLES] = FEATURE("nftables"),
	[FEATURE_PORTMAP] = FEATURE("portmap"),
};

const char *feature_name(enum feature feature)
{
	return features[feature].name;
}

const char *feature_lacks(enum feature feature)
{
	return features[feature].lacks;
}

void features_print(struct strbuf *out)
{
	strbuf_add(out, "features:");
	for (enum feature feature = FEATURE_ALWAYS + 1; feature < FEATURE_MAX; feature++)
		strbuf_add(out, " %c%s", feature_is_built(feature) ? '+' : '-',
			   features[feature].name);
	strbuf_add(out, "\n");
}
