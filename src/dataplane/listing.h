/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What our table looked like when we last wrote it, to see whether somebody changed it: the same for both backends, which write different tables of one name.
 *
 * Without sets that packets add to and elements that go by themselves: they say nothing of what somebody did. In the network namespace of the caller.
 */
#pragma once

#include <linux/types.h>

#include "strbuf.h"

/* All-zero: never written. Ended by listing_fini(). */
struct listing {
	__u32 generation; /* of the whole ruleset, then */
	struct strbuf text; /* as nft prints the table */
};

/* Notes the table as it is now. 0, or -errno and @listing is as it was. */
int listing_note(struct listing *listing);

/* Whether the table is as it was noted: 1, 0: somebody changed it, -ENOENT: it is gone, or -errno. One small question to the kernel while no ruleset changes. */
int listing_holds(struct listing *listing);

void listing_fini(struct listing *listing);
