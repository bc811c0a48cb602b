// SPDX-License-Identifier: GPL-2.0-or-later
#include "record.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "file.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define LIMIT_RECORD_BYTES (4 * 1024 * 1024)

static int record_path(const char *state, const char *name, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", state, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int boot_id(char **ret_id)
{
	size_t length;
	int ret = file_read(BOOT_ID, 64, ret_id, &length);

	if (!ret)
		(*ret_id)[strcspn(*ret_id, "\n")] = '\0';
	return ret;
}

/* The entries of a whole record, or NULL if it does not speak of this boot. */
static json_t *record_entries(const json_t *record, const char *boot)
{
	const char *of = json_string_value(json_object_get(record, "boot"));
	json_t *entries = json_object_get(record, "entries");

	return of && !strcmp(of, boot) && json_is_array(entries) ? json_incref(entries) : NULL;
}

int record_load(const char *state, const char *name, json_t **ret_entries)
{
	_free_ char *text = NULL, *boot = NULL;
	_json_ json_t *record = NULL;
	char path[PATH_MAX];
	json_t *entries;
	size_t length;
	int ret = record_path(state, name, path);

	if (!ret)
		ret = boot_id(&boot);
	if (!ret)
		ret = file_read(path, LIMIT_RECORD_BYTES, &text, &length);
	if (ret && ret != -ENOENT)
		return ret;
	record = text ? json_loadb(text, length, 0, NULL) : NULL;
	entries = boot ? record_entries(record, boot) : NULL;
	if (!entries)
		entries = json_array();
	if (!entries)
		return -ENOMEM;
	*ret_entries = entries;
	return 0;
}

int record_save(const char *state, const char *name, const json_t *entries)
{
	_free_ char *text = NULL, *boot = NULL;
	_json_ json_t *record = NULL;
	char path[PATH_MAX];
	int ret = record_path(state, name, path);

	if (ret)
		return ret;
	if (json_array_size(entries) == 0)
		return unlink(path) && errno != ENOENT ? -errno : 0;
	ret = boot_id(&boot);
	if (!ret)
		ret = dir_make(state, 0755);
	if (ret)
		return ret;
	record = json_pack("{s:s, s:o}", "boot", boot, "entries", json_deep_copy(entries));
	text = record ? json_dumps(record, JSON_INDENT(1)) : NULL;
	if (!text)
		return -ENOMEM;
	return file_write_atomic(path, text, strlen(text), 0600);
}
