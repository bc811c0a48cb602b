// SPDX-License-Identifier: GPL-2.0-or-later
#include "strbuf.h"

#include <stdarg.h>
#include <string.h>

static void strbuf_reserve(struct strbuf *buf, size_t more)
{
	size_t need = buf->length + more + 1, size = buf->size ? buf->size : 256;
	char *text;

	if (need <= buf->size)
		return;
	while (size < need)
		size *= 2;
	text = realloc(buf->text, size);
	if (!text)
		abort();
	buf->text = text;
	buf->size = size;
}

void strbuf_add(struct strbuf *buf, const char *format, ...)
{
	va_list args, again;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		abort();
	strbuf_reserve(buf, (size_t)length);
	vsnprintf(buf->text + buf->length, (size_t)length + 1, format, again);
	va_end(again);
	buf->length += (size_t)length;
}

void strbuf_add_bytes(struct strbuf *buf, const void *bytes, size_t length)
{
	strbuf_reserve(buf, length);
	memcpy(buf->text + buf->length, bytes, length);
	buf->length += length;
	buf->text[buf->length] = '\0';
}

const char *strbuf_text(const struct strbuf *buf)
{
	return buf->text ? buf->text : "";
}

void strbuf_reset(struct strbuf *buf)
{
	buf->length = 0;
	if (buf->text)
		buf->text[0] = '\0';
}

void strbuf_fini(struct strbuf *buf)
{
	free(buf->text);
	*buf = (struct strbuf){0};
}
