/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft in one call, by libnftables or, in a build without `nftables`, by the program of that name; and who else changes rules. In the network namespace of the
 * caller.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "strbuf.h"

/* Our table, of family inet, whichever backend has it. */
#define NFT_TABLE_NAME "hairpin"
#define NFT_TABLE "inet " NFT_TABLE_NAME

/* How it prints. */
enum nft_output {
	NFT_OUTPUT_STATELESS = 0x1,
	NFT_OUTPUT_TERSE = 0x2,
	NFT_OUTPUT_JSON = 0x4,
	NFT_OUTPUT_HANDLE = 0x8,
};

/*
 * Runs @commands as one transaction; @output_flags are enum nft_output, or-ed, @ret_output (may be NULL) is what nft prints. 0,
 * -ENOENT where a named thing does not exist, -EPERM, -EOPNOTSUPP: there is no nft, or -EIO; nft's first line of complaint is added to @why (may be NULL).
 */
int nft_run(const char *commands, unsigned int output_flags, struct strbuf *ret_output,
	    struct strbuf *why);

/* Whether the kernel would take @commands: it looks at all of them, and lets them go. As nft_run(). */
int nft_try(const char *commands, struct strbuf *why);

/* Who changed rules, as the kernel tells; the process by its number in the first namespace of processes. */
struct nft_author {
	__u32 pid; /* 0: not told */
	char program[16];
};

/* Listens to changes of the ruleset by anyone. */
struct nft_watch {
	int fd; /* becomes readable with each; -1: closed */
	__u32 self; /* our own number */
	bool touched; /* of the change that is being told: it has to do with our table */
	struct nft_author author; /* of the last one that did, and was not ours */
};

/* 0, and the caller closes it; or -errno. */
int nft_watch_open(struct nft_watch *ret_watch);
void nft_watch_close(struct nft_watch *watch);
/* Reads what was told. */
void nft_watch_drain(struct nft_watch *watch);
/* What watch->author says, which is forgotten with that. */
struct nft_author nft_watch_take(struct nft_watch *watch);

/* The number that changes with every change of the ruleset by anyone. */
int nft_generation(__u32 *ret_generation);
