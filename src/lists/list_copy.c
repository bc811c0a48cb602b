// SPDX-License-Identifier: GPL-2.0-or-later
#include "list_copy.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hairpin/limits.h>

#include "cleanup.h"
#include "file.h"

/* Of the first line: a URL, an ETag and a date, escaped. */
#define HEAD_MAX (2 * (LIMIT_URL + FETCH_ETAG_MAX + FETCH_DATE_MAX) + 256)

static void word_take(const json_t *head, const char *key, char *to, size_t room)
{
	const char *word = json_string_value(json_object_get(head, key));

	if (word && strlen(word) < room)
		strcpy(to, word);
}

static int head_read(const char *line, size_t n, struct list_copy *copy)
{
	json_t *head = json_loadb(line, n, 0, NULL);
	const char *url = json_string_value(json_object_get(head, "url"));
	int ret = json_is_object(head) ? 0 : -EBADMSG;

	word_take(head, "etag", copy->mark.etag, sizeof(copy->mark.etag));
	word_take(head, "date", copy->mark.date, sizeof(copy->mark.date));
	if (!ret && url && !(copy->url = strdup(url)))
		ret = -ENOMEM;
	json_decref(head);
	return ret;
}

int list_copy_read(int fd, struct list_copy *ret_copy)
{
	struct list_copy copy = {0};
	size_t n = 0;
	char *end;
	int ret = lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;

	if (!ret)
		ret = file_read_fd(fd, LIMIT_LIST_BYTES + HEAD_MAX, &copy.text, &n);
	if (ret)
		return ret;
	end = memchr(copy.text, '\n', n);
	ret = end ? head_read(copy.text, (size_t)(end - copy.text), &copy) : -EBADMSG;
	if (ret) {
		list_copy_fini(&copy);
		return ret;
	}
	copy.body = end + 1;
	copy.n = n - (size_t)(copy.body - copy.text);
	*ret_copy = copy;
	return 0;
}

void list_copy_fini(struct list_copy *copy)
{
	free(copy->text);
	free(copy->url);
	*copy = (struct list_copy){0};
}

static int write_all(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		text += done;
		n -= (size_t)done;
	}
	return 0;
}

int list_copy_write(int fd, const struct list_copy *copy)
{
	json_t *head = json_pack("{s:s?, s:s, s:s}", "url", copy->url, "etag", copy->mark.etag,
				 "date", copy->mark.date);
	_free_ char *line = head ? json_dumps(head, JSON_COMPACT) : NULL;
	int ret = line ? write_all(fd, line, strlen(line)) : -ENOMEM;

	json_decref(head);
	if (!ret)
		ret = write_all(fd, "\n", 1);
	if (!ret)
		ret = write_all(fd, copy->body, copy->n);
	return !ret && fsync(fd) ? -errno : ret;
}
