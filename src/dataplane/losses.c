// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "backend.h"
#include "nft.h"

void backend_losses_add(struct backend_losses *losses, enum backend_loss loss, const char *format,
			...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	strbuf_add(&losses->what, "%s%s", losses->which ? ", " : "", text);
	losses->which |= loss;
}

int backend_losses_add_table(struct backend_losses *losses, int holds)
{
	if (holds == -ENOENT)
		backend_losses_add(losses, BACKEND_LOSS_TABLE_GONE,
				   "the table " NFT_TABLE " was removed");
	else if (!holds)
		backend_losses_add(losses, BACKEND_LOSS_TABLE_ALTERED,
				   "the table " NFT_TABLE " was changed");
	return holds < 0 && holds != -ENOENT ? holds : 0;
}

void backend_losses_fini(struct backend_losses *losses)
{
	strbuf_fini(&losses->what);
	losses->which = 0;
}
