// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <string.h>

#include "internal.h"

/* Of a verifier's log the end is what counts. */
#define KEEP_BYTES 4096

/* libbpf's callback takes no context, so that this is the one place of the backend that is process-wide. */
static char kept[KEEP_BYTES];

static int keep(enum libbpf_print_level level, const char *format, va_list args)
{
	char text[KEEP_BYTES];
	size_t old = strlen(kept), length, cut;

	if (level != LIBBPF_WARN)
		return 0;
	length = (size_t)vsnprintf(text, sizeof(text), format, args);
	if (length >=
	    sizeof(text)) /* the end of a long log was cut: the rest of the text is its beginning */
		length = sizeof(text) - 1;
	cut = old + length >= sizeof(kept) ? old + length + 1 - sizeof(kept) : 0;
	memmove(kept, kept + cut, old - cut + 1);
	memcpy(kept + old - cut, text, length + 1);
	return 0;
}

void text_start(void)
{
	kept[0] = '\0';
	libbpf_set_print(keep);
}

void text_add(struct strbuf *why)
{
	if (kept[0])
		strbuf_add(why, "\n%s", kept);
}
