/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done in another network namespace than the process is in. */
#pragma once

#include "strbuf.h"

/*
 * Runs @act on a thread of its own in the namespace @netns, or in a new one (-1) that is gone afterwards unless @act keeps it. Returns what @act does, or -errno with the
 * reason in @why; -EPERM: the caller may neither make nor enter one.
 */
int apart_run(int netns, int (*act)(void *data, struct strbuf *why), void *data,
	      struct strbuf *why);
