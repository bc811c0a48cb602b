// SPDX-License-Identifier: GPL-2.0-or-later
/* In a build without `nftables`: of the backend of that name only how what another build left of it is taken away. Nobody opens it: choice.c. */
#include <errno.h>

#include "backend.h"
#include "feature.h"
#include "guard.h"
#include "sysctl.h"

static int probe_nothing(struct strbuf *why)
{
	strbuf_add(why, "%s\n", feature_lacks(FEATURE_NFTABLES));
	return -EOPNOTSUPP;
}

static void lacks_all(const struct plan *plan _unused_, struct strbuf *ret_lines)
{
	strbuf_add(ret_lines, "%s\n", feature_lacks(FEATURE_NFTABLES));
}

static int detach_left(const struct backend_options *options, struct strbuf *why)
{
	int settings = sysctl_restore(options->state, why), table = guard_remove(why);

	return settings ? settings : table;
}

const struct backend_ops backend_nftables = {
	.name = "nftables",
	.probe = probe_nothing,
	.lacks = lacks_all,
	.detach = detach_left,
};
