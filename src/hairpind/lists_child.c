// SPDX-License-Identifier: GPL-2.0-or-later
/* One run of the list loader: what it is given, and what becomes of what it gives back. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "fd_message.h"
#include "file.h"
#include "json_file.h"
#include "lists_internal.h"
#include "log.h"

#define FOLDER "lists"
/* A report of LIMIT_BLOCKLISTS lists is a tenth of it. */
#define REPORT_MAX (1024 * 1024)

const char *list_copy_path(const struct lists_parent *parent, const struct list *list, bool is_new,
			   char path[LIST_PATH_MAX])
{
	/* No list can be called so that its copy is the new one of another. */
	snprintf(path, LIST_PATH_MAX, "%s/" FOLDER "/%s%s-%s", parent->state, is_new ? "new." : "",
		 list->is_allow ? "allow" : "block", list->name);
	return path;
}

static bool is_copy_of(const struct lists_parent *parent, const char *name)
{
	for (size_t i = 0; i < parent->n_lists; i++) {
		const struct list *list = &parent->lists[i];

		if (!strncmp(name, list->is_allow ? "allow-" : "block-", 6) &&
		    !strcmp(name + 6, list->name))
			return true;
	}
	return false;
}

void lists_copies_clean(const struct lists_parent *parent)
{
	char path[LIST_PATH_MAX];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/" FOLDER, parent->state);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] != '.' && !is_copy_of(parent, entry->d_name))
			unlinkat(dirfd(folder), entry->d_name, 0);
	}
	if (folder)
		closedir(folder);
}

/* --- the job ------------------------------------------------------------------------------------------------- */

struct job {
	json_t *lists;
	int fds[LISTS_FDS_MAX];
	size_t n; /* fds[0] is the job itself */
};

static void job_fini(struct job *job)
{
	fds_close(job->fds, job->n);
	json_decref(job->lists);
}

/* The number that the loader knows @fd by; -1: there is none. */
static int job_fd(struct job *job, int fd)
{
	if (fd < 0)
		return -1;
	job->fds[job->n] = fd;
	return (int)job->n++ - 1;
}

/* A device or a pipe would keep the loader waiting, and this process too if it waited for one to open. */
static int file_open(const char *path)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		return -errno;
	return S_ISREG(status.st_mode) ? TAKE_FD(fd) : -EINVAL;
}

static void list_add(struct lists_parent *parent, struct job *job, struct list *list, bool fetches)
{
	char path[LIST_PATH_MAX];
	int source = -1, copy, fresh;

	list->fetches = fetches && list->fetches;
	if (list->path) {
		list->read = list->seen = list_look(list->path);
		source = file_open(list->path);
		list->open_error = source < 0 ? source : 0;
	}
	copy = file_open(list_copy_path(parent, list, false, path));
	fresh = open(list_copy_path(parent, list, true, path),
		     O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	json_array_append_new(job->lists,
			      json_pack("{s:s, s:b, s:s?, s:b, s:i, s:i, s:i}", "name", list->name,
					"allow", (int)list->is_allow, "url", list->url, "fetch",
					(int)list->fetches, "source", job_fd(job, source), "copy",
					job_fd(job, copy), "fresh", job_fd(job, fresh)));
}

static json_t *words_tell(const struct lists_parent *parent)
{
	json_t *words = json_array();

	for (size_t i = 0; i < parent->n_words; i++)
		json_array_append_new(words,
				      json_pack("{s:s, s:i, s:b}", "name", parent->words[i].domain,
						"match", (int)parent->words[i].match, "allow",
						(int)parent->words[i].is_allow));
	return words;
}

static int job_make(struct lists_parent *parent, struct job *job, bool fetches)
{
	json_t *text;

	job->lists = json_array();
	job->fds[job->n++] = -1;
	for (size_t i = 0; i < parent->n_lists; i++)
		list_add(parent, job, &parent->lists[i], fetches);
	text = json_pack("{s:O, s:o}", "lists", job->lists, "words", words_tell(parent));
	job->fds[0] = dns_json_seal("lists-job", text);
	json_decref(text);
	return job->fds[0] < 0 ? job->fds[0] : 0;
}

/* --- its end ----------------------------------------------------------------------------------------------- */

/* The loader has written a copy: it takes the place of the one before, also if the machine loses power now. */
static void copy_install(const struct lists_parent *parent, const struct list *list)
{
	char path[LIST_PATH_MAX], fresh[LIST_PATH_MAX];
	_close_ int folder = -1;

	list_copy_path(parent, list, false, path);
	if (rename(list_copy_path(parent, list, true, fresh), path)) {
		log_warning("%s: %s", path, strerror(errno));
		return;
	}
	snprintf(path, sizeof(path), "%s/" FOLDER, parent->state);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder >= 0)
		fsync(folder);
}

/* Between a tenth less and nothing: a thousand houses that were installed by one script do not ask all at once. */
static __u64 next_refresh(const struct lists_parent *parent)
{
	unsigned int share = parent->refresh_s / 10;

	__u32 number = 0;

	/* Without one it is the whole time. */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = 0;
	return parent->refresh_s - (share ? number % share : 0);
}

static void fetch_note(struct lists_parent *parent, struct list *list, const char *state)
{
	__u64 wait_s = next_refresh(parent);

	if (!strcmp(state, "fetched") || !strcmp(state, "unchanged")) {
		char path[LIST_PATH_MAX];

		list->failures = 0;
		list->fetched = time(NULL);
		/* How old it is, after a restart. */
		if (!strcmp(state, "unchanged"))
			utimensat(AT_FDCWD, list_copy_path(parent, list, false, path), NULL, 0);
	} else {
		__u64 retry_s = (__u64)LISTS_RETRY_S << (list->failures < 16 ? list->failures : 16);

		list->failures++;
		if (retry_s < wait_s)
			wait_s = retry_s;
	}
	list->due_s = clock_boottime_s() + wait_s;
}

/* Once for each thing that it says, not at each try. */
static void error_log(const struct list *list, const json_t *told)
{
	const char *error = json_string_value(json_object_get(told, "error"));
	const char *before = json_string_value(json_object_get(list->told, "error"));

	if (error && *error && (!before || strcmp(error, before)))
		log_with(LOG_WARNING, LOG_FIELD("LIST", list->name), "list %s: %s%s", list->name,
			 error,
			 strcmp(json_string_value(json_object_get(told, "state")), "kept")
				 ? ""
				 : "; the last good one stays");
}

/* Nothing was asked of its server: what that said last is as true as before. */
static void known_keep(json_t *told, const json_t *before)
{
	json_object_set(told, "error", json_object_get(before, "error"));
	json_object_set(told, "state", json_object_get(before, "state"));
}

static void list_note(struct lists_parent *parent, struct list *list, json_t *told)
{
	const char *state = json_string_value(json_object_get(told, "state"));
	char path[LIST_PATH_MAX];

	if (!state)
		return;
	if (list->open_error)
		json_object_set_new(told, "error", json_string(strerror(-list->open_error)));
	if (json_is_true(json_object_get(told, "written")))
		copy_install(parent, list);
	else
		unlink(list_copy_path(parent, list, true, path));
	if (list->fetches)
		fetch_note(parent, list, state);
	else if (list->url && list->failures && list->told)
		known_keep(told, list->told);
	error_log(list, told);
	json_decref(list->told);
	list->told = json_incref(told);
}

static void job_done(struct lists_parent *parent, const struct lists_message *message, int *fds,
		     size_t n)
{
	struct stat status;
	json_t *report = NULL, *lists;

	if (message->type == LISTS_DONE && n && !fstat(fds[0], &status) &&
	    status.st_size <= REPORT_MAX)
		report = dns_json_load(fds[0]);
	lists = json_object_get(report, "lists");
	parent->table_error = report ? message->ret : -EPROTO;
	for (size_t i = 0; i < parent->n_lists && i < json_array_size(lists); i++)
		list_note(parent, &parent->lists[i], json_array_get(lists, i));
	if (report && !message->ret && n == 2) {
		dns_parent_lists(parent->dns, TAKE_FD(fds[1]));
		parent->has_table = true;
		json_decref(parent->report);
		parent->report = json_incref(report);
		log_info("lists: %lld names",
			 (long long)json_integer_value(json_object_get(report, "names")));
	} else {
		log_error("lists: no table was made of them: %s; the one before stays",
			  strerror(parent->table_error ? -parent->table_error : EPROTO));
	}
	json_decref(report);
	fds_close(fds, n);
}

/* It ended without a word: out of memory, or by what a list made it do. Not again at once, or that would be all that this machine does. */
static void job_failed(struct lists_parent *parent)
{
	parent->table_error = -ECHILD;
	log_error("lists: the loader ended before it was done; the lists before stay");
	for (size_t i = 0; i < parent->n_lists; i++) {
		if (parent->lists[i].fetches)
			fetch_note(parent, &parent->lists[i], "failed");
	}
}

/* What hangs at an address would hang again at once. */
static void job_lost(void *owner, bool is_hung)
{
	struct lists_parent *parent = owner;

	if (!is_hung) {
		job_failed(parent);
		return;
	}
	log_error("lists: the loader hangs and is ended");
	for (size_t i = 0; i < parent->n_lists; i++)
		parent->lists[i].due_s = clock_boottime_s() + LISTS_JOB_S;
}

static int message_take(void *owner, int fd)
{
	struct lists_parent *parent = owner;
	struct lists_message message;
	int fds[LISTS_DONE_FDS];
	size_t n = LISTS_DONE_FDS;
	int ret = fd_message_receive(fd, &message, sizeof(message), fds, &n);

	if (ret)
		return ret;
	job_done(parent, &message, fds, n);
	child_end(&parent->child);
	return 0;
}

/* --- its start --------------------------------------------------------------------------------------------- */

static int job_start(void *owner)
{
	const struct lists_message message = {.type = LISTS_JOB};
	struct lists_parent *parent = owner;
	_cleanup_(job_fini) struct job job = {0};
	char path[LIST_PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), "%s/" FOLDER, parent->state);
	ret = dir_make(path, 0750);
	if (ret)
		log_warning("%s: %s; no copies of lists are kept", path, strerror(-ret));
	ret = job_make(parent, &job, parent->fetches);
	if (!ret)
		ret = child_spawn(&parent->child, parent->fetches ? "--lists-fetch" : "--lists",
				  NULL, NULL);
	if (!ret)
		ret = child_send(&parent->child, &message, sizeof(message), job.fds, job.n);
	return ret;
}

const struct child_kind lists_child = {
	.name = "the list loader",
	.place = LISTS_PROCESS_FD,
	.silent_ticks = LISTS_JOB_S,
	.start = job_start,
	.take = message_take,
	.lost = job_lost,
};
