/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libnftables in one call, in the network namespace of the caller. */
#pragma once

#include <linux/types.h>
#include <nftables/libnftables.h>

#include "strbuf.h"

/*
 * Runs @commands as one transaction; @output_flags are NFT_CTX_OUTPUT_*, @ret_output (may be NULL) is what nft prints. 0,
 * -ENOENT where a named thing does not exist, -EPERM, or -EIO; nft's first line of complaint is added to @why (may be NULL).
 */
int nft_run(const char *commands, unsigned int output_flags, struct strbuf *ret_output,
	    struct strbuf *why);

/* Whether the kernel would take @commands: it looks at all of them, and lets them go. As nft_run(). */
int nft_try(const char *commands, struct strbuf *why);

/*
 * A socket that becomes readable when anybody has changed the ruleset, and what was said on it thrown away. The first gives a descriptor that
 * the caller closes, or -errno.
 */
int nft_watch_open(void);
void nft_watch_drain(int fd);

/* The number that changes with every change of the ruleset by anyone. */
int nft_generation(__u32 *ret_generation);
