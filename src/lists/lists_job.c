// SPDX-License-Identifier: GPL-2.0-or-later
#include "lists_job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "blocktable.h"
#include "cleanup.h"
#include "file.h"
#include "list_copy.h"
#include "list_text.h"
#include "tablemaker.h"

/* Why a list that should have been read is not in force as it is now. */
#define ERROR_MAX 200

struct job {
	struct tablemaker *maker;
	const int *fds;
	size_t n_fds;
};

/* One list on its way. */
struct work {
	struct job *job;
	struct tablemaker_of of;
	const char *url; /* NULL: a file */
	int source, copy_fd, fresh; /* descriptors; -1 */
	bool fetches, has_copy;
	struct list_copy copy; /* the last good one */
	struct fetched fetched;
	const char *state;
	char error[ERROR_MAX];
	bool is_written;
	struct list_text read; /* of what is in force */
};

static void error_set(struct work *work, const char *what, int ret)
{
	if (!*work->error)
		snprintf(work->error, sizeof(work->error), "%s%s%s", what, ret ? ": " : "",
			 ret ? strerror(-ret) : "");
}

/* --- what is read ------------------------------------------------------------------------------------------ */

/* True: its rules are in the table. False: none of them are, and work->error says why. */
static bool text_take(struct work *work, const char *text, size_t n)
{
	struct list_text read;
	const char *why;
	int ret = list_text_read(text, n, tablemaker_add, &work->of, &read);

	/* Words of a file are the operator's, who may well have begun with none. */
	why = ret == -ENOSPC ? "larger than all lists together may be"
	      : ret	     ? "no memory"
			     : list_text_judge(text, n, &read, !work->url);
	if (!why) {
		work->read = read;
		return true;
	}
	tablemaker_drop(work->of.maker, work->of.list);
	error_set(work, why, 0);
	return false;
}

/* What is good now is what will be the last good one. */
static void copy_write(struct work *work, const char *text, size_t n)
{
	struct list_copy fresh = {.body = text, .n = n, .mark = work->fetched.mark};
	int ret;

	if (work->has_copy && !work->url && !work->copy.url && work->copy.n == n &&
	    !memcmp(work->copy.body, text, n))
		return;
	if (work->url)
		fresh.url = strdup(work->url);
	ret = work->url && !fresh.url ? -ENOMEM : list_copy_write(work->fresh, &fresh);
	free(fresh.url);
	work->is_written = !ret;
	/* It is in force all the same, and after a restart the one before would be. */
	if (ret)
		error_set(work, "no copy can be kept", ret);
}

static bool copy_take(struct work *work)
{
	return work->has_copy && text_take(work, work->copy.body, work->copy.n);
}

static void file_work(struct work *work)
{
	_free_ char *text = NULL;
	size_t n = 0;
	int ret = work->source < 0 ? -ENOENT
				   : file_read_fd(work->source, LIMIT_LIST_BYTES, &text, &n);

	if (ret)
		error_set(work, "cannot be read", ret);
	if (!ret && text_take(work, text, n)) {
		work->state = "read";
		copy_write(work, text, n);
	} else if (copy_take(work)) {
		work->state = "kept";
	}
}

static void url_work(struct work *work)
{
	const struct fetch_mark *mark = work->has_copy ? &work->copy.mark : NULL;
	int ret = work->fetches ? fetch_url(work->url, mark, &work->fetched) : 0;

	if (ret)
		error_set(work, work->fetched.error, 0);
	if (!ret && work->fetched.text && !work->fetched.is_same &&
	    text_take(work, work->fetched.text, work->fetched.n)) {
		work->state = "fetched";
		copy_write(work, work->fetched.text, work->fetched.n);
		return;
	}
	if (!ret && work->fetches && !work->fetched.is_same)
		error_set(work, "empty", 0);
	if (copy_take(work))
		work->state = *work->error ? "kept" : "unchanged";
	else if (!work->fetches)
		work->state = "waits";
}

/* --- a job ------------------------------------------------------------------------------------------------- */

static int fd_of(const struct job *job, const json_t *item, const char *key)
{
	json_int_t at = json_integer_value(json_object_get(item, key));

	return at >= 0 && (size_t)at < job->n_fds ? job->fds[at] : -1;
}

static json_t *faults_tell(const struct list_text *read)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < read->n_faults; i++)
		json_array_append_new(list,
				      json_pack("{s:i, s:s}", "line", (int)read->faults[i].line,
						"text", read->faults[i].text));
	return list;
}

/* One for an example: a list that is made for browsers has thousands. */
static json_t *unsupported_tell(const struct list_text *read)
{
	return read->unsupported.line ? json_pack("{s:i, s:s}", "line", (int)read->unsupported.line,
						  "text", read->unsupported.text)
				      : json_null();
}

static json_t *work_tell(const struct work *work)
{
	const __u32 *counts = work->read.counts;

	return json_pack("{s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:i, s:o, s:o}", "state", work->state,
			 "error", work->error, "written", work->is_written, "lines",
			 (int)work->read.lines, "invalid", (int)counts[LIST_LINE_INVALID],
			 "unsupported", (int)counts[LIST_LINE_UNSUPPORTED], "rewrites",
			 (int)counts[LIST_LINE_REWRITE], "idn", (int)counts[LIST_LINE_IDN],
			 "faults", faults_tell(&work->read), "first_unsupported",
			 unsupported_tell(&work->read));
}

/* Whether the copy is of the list as it is configured now. */
static void copy_find(struct work *work)
{
	if (work->copy_fd < 0 || list_copy_read(work->copy_fd, &work->copy))
		return;
	work->has_copy =
		work->url ? work->copy.url && !strcmp(work->copy.url, work->url) : !work->copy.url;
}

/* NULL: no memory, or no room for another list. */
static json_t *list_do(struct job *job, const json_t *item)
{
	const char *name = json_string_value(json_object_get(item, "name"));
	bool is_allow = json_is_true(json_object_get(item, "allow"));
	struct work work = {.job = job,
			    .of = {.maker = job->maker},
			    .url = json_string_value(json_object_get(item, "url")),
			    .source = fd_of(job, item, "source"),
			    .copy_fd = fd_of(job, item, "copy"),
			    .fresh = fd_of(job, item, "fresh"),
			    .fetches = json_is_true(json_object_get(item, "fetch")),
			    .state = "failed"};
	json_t *told;

	if (!name || tablemaker_list(job->maker, is_allow ? DNS_BLOCK_ALLOWLIST : DNS_BLOCK_LIST,
				     name, &work.of.list))
		return NULL;
	copy_find(&work);
	if (work.url)
		url_work(&work);
	else
		file_work(&work);
	told = work_tell(&work);
	list_copy_fini(&work.copy);
	fetched_fini(&work.fetched);
	return told;
}

/* The operator's own words that allow, or those that block. */
static int words_do(struct job *job, const json_t *words, bool is_allow)
{
	struct tablemaker_of of = {.maker = job->maker};
	struct list_rule rule = {.is_addr = false};
	int ret = tablemaker_list(job->maker, is_allow ? DNS_BLOCK_OWN_ALLOW : DNS_BLOCK_OWN_BLOCK,
				  is_allow ? "allow" : "block", &of.list);

	for (size_t i = 0; i < json_array_size(words) && !ret; i++) {
		const json_t *item = json_array_get(words, i);
		const char *name = json_string_value(json_object_get(item, "name"));
		json_int_t match = json_integer_value(json_object_get(item, "match"));

		if (json_is_true(json_object_get(item, "allow")) != is_allow)
			continue;
		if (!name || dns_name_parse(name, &rule.name) || match < DNS_MATCH_EXACT ||
		    match > DNS_MATCH_TREE)
			return -EINVAL;
		rule.match = (enum dns_match)match;
		ret = tablemaker_add(&of, &rule);
	}
	return ret;
}

static int lists_do(struct job *job, const json_t *lists, json_t *told)
{
	for (size_t i = 0; i < json_array_size(lists); i++) {
		json_t *one = list_do(job, json_array_get(lists, i));

		if (!one || json_array_append_new(told, one))
			return -ENOMEM;
	}
	return 0;
}

/* Sizes, known only when all is merged. */
static int report_finish(const struct job *job, json_t *report, int table_fd)
{
	json_t *lists = json_object_get(report, "lists");
	struct dns_blocktable_size size;
	struct dns_blocktable *table;
	int ret = dns_blocktable_open(table_fd, &table);

	if (ret)
		return ret;
	size = dns_blocktable_size(table);
	dns_blocktable_close(table);
	for (size_t i = 0; i < json_array_size(lists); i++)
		json_object_set_new(json_array_get(lists, i), "names",
				    json_integer(tablemaker_count(job->maker, (unsigned int)i)));
	json_object_set_new(report, "names", json_integer(size.names));
	json_object_set_new(report, "addresses", json_integer(size.addrs));
	json_object_set_new(report, "octets", json_integer((json_int_t)size.octets));
	return 0;
}

json_t *lists_job_do(const json_t *json, const int *fds, size_t n, int *ret_table, int *ret)
{
	struct job job = {.maker = tablemaker_make(), .fds = fds, .n_fds = n};
	const json_t *words = json_object_get(json, "words");
	json_t *report = json_pack("{s:[]}", "lists");

	*ret_table = -1;
	*ret = job.maker && report ? 0 : -ENOMEM;
	if (!*ret)
		*ret = lists_do(&job, json_object_get(json, "lists"),
				json_object_get(report, "lists"));
	if (!*ret)
		*ret = words_do(&job, words, false);
	if (!*ret)
		*ret = words_do(&job, words, true);
	if (!*ret)
		*ret = tablemaker_finish(job.maker, ret_table);
	if (!*ret)
		*ret = report_finish(&job, report, *ret_table);
	if (*ret && *ret_table >= 0)
		close(*ret_table);
	if (*ret)
		*ret_table = -1;
	tablemaker_free(job.maker);
	return report;
}
