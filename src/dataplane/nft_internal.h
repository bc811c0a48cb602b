/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nft.c, or nft_program.c in its place, shares with others here; private to this folder. */
#pragma once

#include "nft.h"

/* The errno that nft's words mean, as nft_run() has it; their first line is added to @why (may be NULL). */
int nft_complaint_take(const char *complaint, struct strbuf *why);

struct nft_ctx;

/* nft_run() over a context of the caller's: tables that it makes with `flags owner` are its own, and end with it. Of libnftables alone. */
int nft_run_on(struct nft_ctx *nft, const char *commands, struct strbuf *ret_output,
	       struct strbuf *why);
