// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "nft_internal.h"

int nft_complaint_take(const char *complaint, struct strbuf *why)
{
	if (why)
		strbuf_add(why, "nftables: %.*s", (int)strcspn(complaint, "\n"), complaint);
	if (strstr(complaint, strerror(ENOENT)))
		return -ENOENT;
	return strstr(complaint, strerror(EPERM)) ? -EPERM : -EIO;
}
