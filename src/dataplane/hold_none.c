// SPDX-License-Identifier: GPL-2.0-or-later
/* In a build without `nftables`: the program nft ends with each call, and a table that it owned would end with it. */
#include <errno.h>

#include "hold.h"

void hold_put(struct hold *hold, const struct strbuf *commands _unused_)
{
	strbuf_reset(&hold->why);
	strbuf_add(&hold->why,
		   "it takes libnftables, and this build has none (-Dnftables=disabled)");
}

void hold_release(struct hold *hold)
{
	strbuf_fini(&hold->commands);
	strbuf_fini(&hold->why);
}

const char *hold_why(const struct hold *hold)
{
	return hold->why.length ? hold->why.text : NULL;
}
