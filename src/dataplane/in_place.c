// SPDX-License-Identifier: GPL-2.0-or-later
/* Which backend is in place, whoever put it there. */
#include <glob.h>
#include <limits.h>
#include <stdio.h>

#include "backend.h"
#include "netfilter/table.h"

static bool has_pins(const char *pins)
{
	char pattern[PATH_MAX];
	glob_t found = {0};
	bool has;

	/* Of any layout: one that is taken over is in force too. */
	snprintf(pattern, sizeof(pattern), "%s/v[0-9]*/hp_active", pins);
	has = !glob(pattern, GLOB_NOSORT, NULL, &found);
	globfree(&found);
	return has;
}

const struct backend_ops *backend_in_place(const struct backend_options *options)
{
	__u32 generation;

	if (has_pins(options->pins))
		return &backend_bpf;
	return table_find(&generation) > 0 ? &backend_nftables : NULL;
}

/* The table has one name and the settings one record, so what removes the one with programs removes the other too. */
int backends_detach(const struct backend_options *options, struct strbuf *why)
{
	return backend_bpf.detach(options, why);
}
