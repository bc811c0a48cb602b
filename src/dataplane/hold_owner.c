// SPDX-License-Identifier: GPL-2.0-or-later
/* By libnftables, which can keep the socket open that owns the table; in builds without `nftables` hold_none.c is in its place. */
#include "hold.h"

#include <errno.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "nft_internal.h"

/* Nobody who is started may have it. The library does not say which one its socket is: the lowest that was free. */
static struct nft_ctx *context_make(void)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	struct nft_ctx *nft;

	if (fd < 0)
		return NULL;
	close(fd);
	nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (nft)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return nft;
}

void hold_put(struct hold *hold, const struct strbuf *commands)
{
	int ret = -ENOMEM;

	if (hold->nft && !strcmp(strbuf_text(&hold->commands), strbuf_text(commands)))
		return;
	strbuf_reset(&hold->commands);
	strbuf_reset(&hold->why);
	/* With a context of its own a second time: what the first one remembers of the rules may be of yesterday. */
	for (int try = 0; try < 2 && ret; try++) {
		strbuf_reset(&hold->why);
		if (!hold->nft)
			hold->nft = context_make();
		if (hold->nft)
			ret = nft_run_on(hold->nft, strbuf_text(commands), NULL, &hold->why);
		if (ret && hold->nft)
			nft_ctx_free(TAKE_PTR(hold->nft));
	}
	if (!ret)
		strbuf_add(&hold->commands, "%s", strbuf_text(commands));
	else if (!hold->why.length)
		strbuf_add(&hold->why, "%s", strerror(-ret));
}

void hold_release(struct hold *hold)
{
	if (hold->nft)
		nft_ctx_free(TAKE_PTR(hold->nft));
	strbuf_fini(&hold->commands);
	strbuf_fini(&hold->why);
}

const char *hold_why(const struct hold *hold)
{
	return hold->why.length ? hold->why.text : NULL;
}
