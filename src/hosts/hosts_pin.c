// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_pin.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <hairpin/limits.h>

#include "file.h"

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool gateway_take(const char *value, struct hosts_pin *pin)
{
	return !ip_addr_parse(value, &pin->gateway);
}

static bool key_take(const char *value, struct hosts_pin *pin)
{
	if (strlen(value) != 2 * (size_t)HOSTS_KEY_BYTES)
		return false;
	for (size_t i = 0; i < HOSTS_KEY_BYTES; i++) {
		int high = digit_of(value[2 * i]), low = digit_of(value[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		pin->key[i] = (__u8)(high << 4 | low);
	}
	return true;
}

static const struct {
	const char *word;
	bool (*take)(const char *value, struct hosts_pin *pin);
} words[] = {{"gateway ", gateway_take}, {"key ", key_take}};

#define ALL ((1u << ARRAY_SIZE(words)) - 1)

/* Each word once. */
static bool line_take(const char *line, struct hosts_pin *pin, unsigned int *seen)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t length = strlen(words[i].word);

		if (strncmp(line, words[i].word, length) != 0)
			continue;
		if (*seen & 1u << i)
			return false;
		*seen |= 1u << i;
		return words[i].take(line + length, pin);
	}
	return !*line || *line == '#';
}

int hosts_pin_parse(const char *text, struct hosts_pin *ret_pin, unsigned int *ret_line)
{
	struct hosts_pin pin = {0};
	unsigned int seen = 0;

	*ret_line = 0;
	for (const char *at = text; *at;) {
		size_t length = strcspn(at, "\n");
		_free_ char *line = strndup(at, length);

		++*ret_line;
		if (!line || !line_take(line, &pin, &seen))
			return -EINVAL;
		at += length + (at[length] == '\n');
	}
	if (seen != ALL) {
		*ret_line = 0;
		return -EINVAL;
	}
	*ret_pin = pin;
	return 0;
}

void hosts_pin_print(const struct hosts_pin *pin, struct strbuf *out)
{
	char text[IP_TEXT_MAX], fingerprint[HOSTS_FINGERPRINT_MAX];

	strbuf_add(
		out,
		"# Written by `hairpin hosts apply --from`; `hairpin hosts remove` takes it away.\n");
	strbuf_add(out, "# %s\n", hosts_fingerprint(pin->key, fingerprint));
	strbuf_add(out, "gateway %s\nkey ", ip_addr_format(&pin->gateway, text));
	for (size_t i = 0; i < HOSTS_KEY_BYTES; i++)
		strbuf_add(out, "%02x", pin->key[i]);
	strbuf_add(out, "\n");
}

int hosts_pin_read(const char *path, struct hosts_pin *ret_pin, struct strbuf *why)
{
	_free_ char *text = NULL;
	size_t length = 0;
	unsigned int line;
	int ret = file_read(path, LIMIT_HOSTS_KEY_BYTES, &text, &length);

	if (ret == -ENOENT)
		return ret;
	if (ret) {
		strbuf_add(why, "%s: %s", path, strerror(-ret));
		return ret;
	}
	ret = strlen(text) == length ? hosts_pin_parse(text, ret_pin, &line) : -EINVAL;
	if (ret)
		strbuf_add(why, "%s: not what `hairpin hosts apply --from` writes; run that again",
			   path);
	return ret;
}

int hosts_pin_write(const char *path, const struct hosts_pin *pin, struct strbuf *why)
{
	_strbuf_ struct strbuf text = {0};
	char folder[PATH_MAX];
	int ret = -ENAMETOOLONG;

	hosts_pin_print(pin, &text);
	if (snprintf(folder, sizeof(folder), "%s", path) < (int)sizeof(folder))
		ret = dir_make(dirname(folder), 0750);
	if (!ret)
		ret = file_write_durable(path, strbuf_text(&text), text.length, 0644);
	if (ret)
		strbuf_add(why, "%s: %s", path, strerror(-ret));
	return ret;
}
