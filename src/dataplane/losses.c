// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "backend.h"

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

void backend_losses_fini(struct backend_losses *losses)
{
	strbuf_fini(&losses->what);
	losses->which = 0;
}
