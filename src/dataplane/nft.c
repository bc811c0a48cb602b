// SPDX-License-Identifier: GPL-2.0-or-later
/* By libnftables; in builds without `nftables` nft_program.c is in its place. */
#include "nft.h"

#include <errno.h>
#include <nftables/libnftables.h>

#include "cleanup.h"
#include "nft_internal.h"

static void nft_freep(struct nft_ctx **nft)
{
	if (*nft)
		nft_ctx_free(*nft);
}

int nft_run_on(struct nft_ctx *nft, const char *commands, struct strbuf *ret_output,
	       struct strbuf *why)
{
	const char *complaint;

	if (nft_ctx_buffer_output(nft) || nft_ctx_buffer_error(nft))
		return -ENOMEM;
	if (!nft_run_cmd_from_buffer(nft, commands)) {
		if (ret_output)
			strbuf_add(ret_output, "%s", nft_ctx_get_output_buffer(nft));
		return 0;
	}
	complaint = nft_ctx_get_error_buffer(nft);
	return nft_complaint_take(complaint, why);
}

static unsigned int context_flags(unsigned int output_flags)
{
	static const unsigned int flags[] = {NFT_CTX_OUTPUT_STATELESS, NFT_CTX_OUTPUT_TERSE,
					     NFT_CTX_OUTPUT_JSON, NFT_CTX_OUTPUT_HANDLE};
	unsigned int all = 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		all |= output_flags & (1U << i) ? flags[i] : 0;
	return all;
}

int nft_run(const char *commands, unsigned int output_flags, struct strbuf *ret_output,
	    struct strbuf *why)
{
	_cleanup_(nft_freep) struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	if (!nft)
		return -ENOMEM;
	nft_ctx_output_set_flags(nft, context_flags(output_flags));
	return nft_run_on(nft, commands, ret_output, why);
}

int nft_try(const char *commands, struct strbuf *why)
{
	_cleanup_(nft_freep) struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	if (!nft)
		return -ENOMEM;
	nft_ctx_set_dry_run(nft, true);
	return nft_run_on(nft, commands, NULL, why);
}
