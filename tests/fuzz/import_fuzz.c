// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any text as the rules of another program, or as OpenWrt's configuration.
 *
 * Input: an octet that chooses the reader, then the text. What must hold: a refusal says why; what is printed is lines that a terminal can bear, and is YAML, whatever names, quotes and ends of
 * lines the text has, so that nothing in it writes a key of ours; behind the line "To know" there are only comments.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf.h"
#include "fuzz.h"
#include "import_source.h"

#define NOTES "\n# To know:\n"

static const struct import_source *source_of(uint8_t choice)
{
	size_t n = 0;

	while (import_sources[n].name)
		n++;
	return &import_sources[choice % n];
}

static void check_text(const struct strbuf *out)
{
	const char *notes = strstr(strbuf_text(out), NOTES);

	assert_true(out->length > 0 && out->text[out->length - 1] == '\n');
	for (size_t i = 0; i < out->length; i++)
		assert_true(out->text[i] == '\n' ||
			    ((unsigned char)out->text[i] >= ' ' && out->text[i] != 0x7f));
	for (const char *at = notes ? notes + 1 : ""; *at; at = strchr(at, '\n') + 1)
		assert_int_equal(*at, '#');
}

/* The configuration may be one that makes no sense, but it is read as what was written. */
static void check_yaml(const struct strbuf *out)
{
	_strbuf_ struct strbuf errors = {0};
	_conf_ struct conf *conf = NULL;

	if (!conf_parse("t.yaml", out->text, out->length, &conf, &errors))
		return;
	assert_null(strstr(strbuf_text(&errors), "not YAML"));
	assert_null(strstr(strbuf_text(&errors), "no such key"));
	assert_null(strstr(strbuf_text(&errors), "given twice"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_strbuf_ struct strbuf out = {0}, why = {0};
	_import_ struct import import = {0};
	_free_ char *text = NULL;
	int ret;

	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	assert_non_null(text);
	ret = source_of(data[0])->read(&import, text, &why);
	if (ret) {
		assert_true(ret < 0 && why.length > 0);
		return 0;
	}
	assert_int_equal(why.length, 0);
	import_print(&import, &out);
	check_text(&out);
	check_yaml(&out);
	return 0;
}
