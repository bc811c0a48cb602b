// SPDX-License-Identifier: GPL-2.0-or-later
#include "lists_parent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "lists_internal.h"
#include "log.h"

struct list_look list_look(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return (struct list_look){.error = errno};
	return (struct list_look){.device = status.st_dev,
				  .number = status.st_ino,
				  .octets = status.st_size,
				  .changed = status.st_mtim};
}

static bool looks_same(const struct list_look *a, const struct list_look *b)
{
	return a->device == b->device && a->number == b->number && a->octets == b->octets &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
	       a->error == b->error;
}

struct lists_parent *lists_parent_make(struct children *children, struct dns_parent *dns,
				       const char *state)
{
	struct lists_parent *parent = calloc(1, sizeof(*parent));

	if (!parent)
		return NULL;
	parent->dns = dns;
	parent->state = state;
	child_init(&parent->child, children, &lists_child, parent);
	return parent;
}

static void lists_free(struct list *lists, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(lists[i].path);
		free(lists[i].url);
		json_decref(lists[i].told);
	}
	free(lists);
}

static void words_free(struct plan_word *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(words[i].domain);
	free(words);
}

void lists_parent_free(struct lists_parent *parent)
{
	if (!parent)
		return;
	child_fini(&parent->child);
	lists_free(parent->lists, parent->n_lists);
	words_free(parent->words, parent->n_words);
	json_decref(parent->report);
	free(parent);
}

/* --- what is in force ---------------------------------------------------------------------------------------- */

static bool texts_equal(const char *a, const char *b)
{
	return !a == !b && (!a || !strcmp(a, b));
}

/* How old the copy is decides when it is asked for; without one, now. */
static void due_set(struct lists_parent *parent, struct list *list)
{
	time_t now = time(NULL);
	char path[LIST_PATH_MAX];
	struct stat status;

	list->due_s = clock_boottime_s();
	if (stat(list_copy_path(parent, list, false, path), &status))
		return;
	list->fetched = status.st_mtime;
	/* A clock that was set back makes it no younger. */
	if (status.st_mtime <= now && now - status.st_mtime < (time_t)parent->refresh_s)
		list->due_s += parent->refresh_s - (__u64)(now - status.st_mtime);
}

/* What is known of @list from before, if it is read from the same place. */
static bool known_take(struct lists_parent *parent, struct list *list)
{
	for (size_t i = 0; i < parent->n_lists; i++) {
		struct list *old = &parent->lists[i];

		if (strcmp(old->name, list->name) || old->is_allow != list->is_allow ||
		    !texts_equal(old->path, list->path) || !texts_equal(old->url, list->url))
			continue;
		list->due_s = old->due_s;
		list->fetched = old->fetched;
		list->failures = old->failures;
		list->told = old->told;
		old->told = NULL;
		return true;
	}
	return false;
}

static int list_take(struct lists_parent *parent, struct list *list, const struct plan_list *from)
{
	strcpy(list->name, from->name);
	list->is_allow = from->is_allow;
	list->path = from->path ? strdup(from->path) : NULL;
	list->url = from->url ? strdup(from->url) : NULL;
	if (!list->path && !list->url)
		return -ENOMEM;
	if (!known_take(parent, list) && list->url)
		due_set(parent, list);
	return 0;
}

static struct plan_word *words_copy(const struct plan_lists *lists)
{
	struct plan_word *words = calloc(lists->n_words + 1, sizeof(*words));

	for (size_t i = 0; i < lists->n_words && words; i++) {
		words[i] = lists->words[i];
		words[i].domain = strdup(lists->words[i].domain);
		if (!words[i].domain) {
			words_free(words, i);
			words = NULL;
		}
	}
	return words;
}

static void nothing_apply(struct lists_parent *parent)
{
	if (parent->has_table)
		dns_parent_lists(parent->dns, -1);
	parent->has_table = parent->is_dirty = false;
	parent->table_error = 0;
	json_decref(parent->report);
	parent->report = NULL;
}

static int job_start(struct lists_parent *parent, bool fetches)
{
	parent->fetches = fetches;
	return child_start(&parent->child);
}

void lists_parent_apply(struct lists_parent *parent, const struct plan_lists *lists)
{
	struct list *made = calloc(lists->n_lists + 1, sizeof(*made));
	struct plan_word *words = words_copy(lists);
	int ret = made && words ? 0 : -ENOMEM;

	child_end(&parent->child);
	parent->refresh_s = lists->refresh_s;
	for (size_t i = 0; i < lists->n_lists && !ret; i++)
		ret = list_take(parent, &made[i], &lists->lists[i]);
	if (ret) {
		log_error("lists: %s", strerror(-ret));
		lists_free(made, made ? lists->n_lists : 0);
		words_free(words, words ? lists->n_words : 0);
		return;
	}
	lists_free(parent->lists, parent->n_lists);
	words_free(parent->words, parent->n_words);
	parent->lists = made;
	parent->n_lists = lists->n_lists;
	parent->words = words;
	parent->n_words = lists->n_words;
	lists_copies_clean(parent);
	if (!parent->n_lists && !parent->n_words)
		nothing_apply(parent);
	else
		parent->is_dirty = job_start(parent, false) != 0;
}

void lists_parent_refresh(struct lists_parent *parent)
{
	for (size_t i = 0; i < parent->n_lists; i++) {
		parent->lists[i].due_s = 0;
		parent->lists[i].failures = 0;
		if (parent->lists[i].path)
			parent->is_dirty = true;
	}
}

/* --- when ---------------------------------------------------------------------------------------------------- */

/* A file that is another one than was read, and the same as at the last look. */
static bool files_changed(struct lists_parent *parent)
{
	bool is_changed = false;

	for (size_t i = 0; i < parent->n_lists; i++) {
		struct list *list = &parent->lists[i];
		struct list_look now;

		if (!list->path)
			continue;
		now = list_look(list->path);
		is_changed |= looks_same(&now, &list->seen) && !looks_same(&now, &list->read);
		list->seen = now;
	}
	return is_changed;
}

/* Marks those that are to be fetched. */
static bool fetches_due(struct lists_parent *parent)
{
	__u64 now = clock_boottime_s();
	bool is_due = false;

	for (size_t i = 0; i < parent->n_lists; i++) {
		struct list *list = &parent->lists[i];

		list->fetches = list->url && list->due_s <= now;
		is_due |= list->fetches;
	}
	return is_due;
}

void lists_parent_tick(struct lists_parent *parent)
{
	if (child_runs(&parent->child)) {
		child_tick(&parent->child);
		return;
	}
	if (parent->looks) {
		parent->looks--;
	} else {
		parent->looks = LISTS_LOOK_S - 1;
		parent->is_dirty |= files_changed(parent);
	}
	if (parent->is_dirty)
		parent->is_dirty = job_start(parent, false) != 0;
	else if (fetches_due(parent))
		job_start(parent, true);
}

/* --- told ---------------------------------------------------------------------------------------------------- */

/* A clock that was set back makes nothing younger than now. */
static json_int_t age_s(const struct list *list)
{
	time_t now = time(NULL);

	return now > list->fetched ? now - list->fetched : 0;
}

static json_t *list_answer(const struct list *list)
{
	json_t *answer = list->told ? json_copy(list->told) : json_pack("{s:s}", "state", "waits");

	json_object_del(answer, "written");
	json_object_set_new(answer, "name", json_string(list->name));
	json_object_set_new(answer, "kind", json_string(list->is_allow ? "allow" : "block"));
	json_object_set_new(answer, "from", json_string(list->path ? list->path : list->url));
	if (list->url && list->fetched)
		json_object_set_new(answer, "age_s", json_integer(age_s(list)));
	return answer;
}

static json_int_t total(const struct lists_parent *parent, const char *key)
{
	return json_integer_value(json_object_get(parent->report, key));
}

json_t *lists_parent_answer(const struct lists_parent *parent)
{
	json_t *lists = json_array();

	for (size_t i = 0; i < parent->n_lists; i++)
		json_array_append_new(lists, list_answer(&parent->lists[i]));
	return json_pack("{s:o, s:i, s:I, s:I, s:I, s:b, s:s}", "lists", lists, "own_words",
			 (int)parent->n_words, "names", total(parent, "names"), "addresses",
			 total(parent, "addresses"), "bytes", total(parent, "octets"), "loading",
			 (int)child_runs(&parent->child), "error",
			 parent->table_error ? strerror(-parent->table_error) : "");
}
