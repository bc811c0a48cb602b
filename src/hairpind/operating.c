// SPDX-License-Identifier: GPL-2.0-or-later
/* What the operator changes by command: checked, written to disk, in force, in this order. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "answers.h"
#include "duration.h"
#include "extra.h"
#include "file.h"
#include "json_text.h"
#include "log.h"

/* The words of one command. */
struct words {
	json_t *json; /* they are in it */
	const char *at[2 + LIMIT_ADDRS_PER_REWRITE];
	size_t n;
};

static void words_fini(struct words *words)
{
	json_decref(words->json);
}
#define _words_ _cleanup_(words_fini)

/* 0, and words->at[] are texts, one at least; or -EINVAL: not what `hairpin` sends. */
static int words_read(int fd, struct words *words)
{
	_free_ char *text = NULL;
	struct stat status;
	size_t length;

	/* A pipe would keep this process waiting. */
	if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode) || lseek(fd, 0, SEEK_SET) ||
	    file_read_fd(fd, LIMIT_OPERATOR_WORDS_BYTES, &text, &length))
		return -EINVAL;
	words->json = json_loadb(text, length, 0, NULL);
	if (!json_is_array(words->json) || json_array_size(words->json) < 1 ||
	    json_array_size(words->json) > ARRAY_SIZE(words->at))
		return -EINVAL;
	for (; words->n < json_array_size(words->json); words->n++) {
		words->at[words->n] = json_string_value(json_array_get(words->json, words->n));
		if (!words->at[words->n])
			return -EINVAL;
	}
	return 0;
}

/* Whether the first word is @text. */
static bool is_verb(const struct words *words, const char *text)
{
	return words->n > 0 && words->at[0] && !strcmp(words->at[0], text);
}

void operating_load(struct daemon *daemon)
{
	const char *folder = daemon->options->state;
	_strbuf_ struct strbuf why = {0};
	int ret = operator_read(folder, &daemon->changes, &why);

	operating_tick(daemon);
	if (!ret)
		return;
	ret = operator_set_aside(folder);
	log_error("%s; what was changed by command (rewrites, reservations, blocking) is lost to "
		  "this start, and the file %s %s",
		  strbuf_text(&why),
		  ret ? "cannot be put aside, so the next change replaces it:" : "is kept as",
		  ret ? strerror(-ret) : OPERATOR_DAMAGED);
	strbuf_add(&daemon->warnings, "%s\n", strbuf_text(&why));
}

static void refuse(struct outcome *outcome)
{
	outcome->exit_code = CONTROL_EXIT_FINDING;
	strbuf_add(&outcome->message, "refused: nothing changed");
}

static int write_state(const struct daemon *daemon, const struct operator_state *next,
		       struct outcome *outcome)
{
	int ret = operator_write(daemon->options->state, next, &daemon->changes);

	if (ret)
		strbuf_add(&outcome->errors, "%s/%s: cannot be written: %s\n",
			   daemon->options->state, OPERATOR_FILE, strerror(-ret));
	return ret;
}

/* @next, which is taken over, on disk and in force; or nothing changed and -errno. */
static int put_state(struct daemon *daemon, struct operator_state *next, struct outcome *outcome)
{
	/* Following: what keeps another plan from being made of the network of now is not what the operator asks about. */
	const struct candidate_source source = {.path = daemon->now.conf->path,
						.text = daemon->now.text,
						.length = daemon->now.length,
						.changes = next,
						.observed = &daemon->observed,
						.following = true};
	_candidate_ struct candidate candidate = {0};
	int ret = candidate_make(&source, &candidate, &outcome->errors);

	if (!ret)
		ret = write_state(daemon, next, outcome);
	if (ret)
		return ret;
	ret = daemon_put_in_force(daemon, &candidate, &outcome->errors);
	if (ret) {
		operator_write(daemon->options->state, &daemon->changes, next);
		return ret;
	}
	operator_fini(&daemon->changes);
	daemon->changes = *next;
	*next = (struct operator_state){0};
	return 0;
}

/* Whether a plan can be made with @next, where one can be made at all; what the network lacks now is not the fault of a change. */
static int check_plan(const struct daemon *daemon, const struct operator_state *next,
		      struct strbuf *errors)
{
	struct candidate_source source = {.path = daemon->now.conf->path,
					  .text = daemon->now.text,
					  .length = daemon->now.length,
					  .observed = &daemon->observed,
					  .is_strict = true};
	_candidate_ struct candidate without = {0}, with = {0};
	_strbuf_ struct strbuf faults = {0};

	if (candidate_make(&source, &without, &faults))
		return 0;
	source.changes = next;
	return candidate_make(&source, &with, errors);
}

/* The configuration in force without what was changed by command, to try a change on. */
static struct conf *conf_alone(const struct daemon *daemon, struct strbuf *errors)
{
	const struct candidate *now = &daemon->now;
	struct conf *conf = NULL;

	conf_parse(now->conf->path, now->text, now->length, &conf, errors);
	return conf;
}

/*
 * @ret: of conf_add_*(). What the file has of the same is a warning and no fault: the file may change.
 */
static int judge(int ret, const struct strbuf *why, struct strbuf *errors)
{
	if (!ret || ret == -EEXIST)
		return 0;
	strbuf_add(errors, "%s\n", strbuf_text(why));
	return ret;
}

static int refuse_full(unsigned int limit, struct strbuf *errors)
{
	strbuf_add(errors, "more than %u by command; the configuration file takes more\n", limit);
	return -ENOSPC;
}

static int refuse_absent(const char *word, struct strbuf *errors)
{
	strbuf_add(errors, "%s: was not added by command\n", word);
	return -ENOENT;
}

/* --- rewrites -------------------------------------------------------------------------------- */

static int rewrite_add(struct daemon *daemon, const struct words *words, struct outcome *outcome)
{
	const struct operator_rewrite_words rewrite = {words->at[1], words->at + 2, words->n - 2};
	const struct conf_extra_rewrite extra = {words->at[1], words->at + 2, words->n - 2};
	_conf_ struct conf *conf = conf_alone(daemon, &outcome->errors);
	_operator_ struct operator_state next = {0};
	_strbuf_ struct strbuf why = {0};
	bool replaced;
	int ret = conf ? judge(conf_add_rewrite(conf, &extra, &why), &why, &outcome->errors)
		       : -EINVAL;

	if (ret)
		return ret;
	operator_copy(&daemon->changes, &next);
	if (operator_rewrite_put(&next, &rewrite, &replaced))
		return refuse_full(LIMIT_OPERATOR_REWRITES, &outcome->errors);
	ret = check_plan(daemon, &next, &outcome->errors);
	if (!ret)
		ret = put_state(daemon, &next, outcome);
	if (!ret)
		strbuf_add(&outcome->message, "%s: %s", rewrite.domain,
			   replaced ? "rewritten, instead of what was there" : "rewritten");
	return ret;
}

static int rewrite_remove(struct daemon *daemon, const struct words *words, struct outcome *outcome)
{
	_operator_ struct operator_state next = {0};
	int ret;

	operator_copy(&daemon->changes, &next);
	if (operator_rewrite_remove(&next, words->at[1]))
		return refuse_absent(words->at[1], &outcome->errors);
	ret = put_state(daemon, &next, outcome);
	if (!ret)
		strbuf_add(&outcome->message, "%s: removed", words->at[1]);
	return ret;
}

/* What was refused without a word was not said by `hairpin`. */
static void finish(int ret, struct outcome *outcome)
{
	if (!ret)
		return;
	if (outcome->errors.length == 0)
		strbuf_add(&outcome->errors, "not the words of a change\n");
	refuse(outcome);
}

void operating_rewrite(struct daemon *daemon, const struct control_request *request, int fd,
		       struct outcome *outcome)
{
	_words_ struct words words = {0};
	int ret = words_read(fd, &words);

	(void)request;
	if (!ret && is_verb(&words, "add") && words.n > 2)
		ret = rewrite_add(daemon, &words, outcome);
	else if (!ret && is_verb(&words, "remove") && words.n == 2)
		ret = rewrite_remove(daemon, &words, outcome);
	else
		ret = -EINVAL;
	finish(ret, outcome);
}

/* --- reservations ---------------------------------------------------------------------------- */

static int reservation_add(struct daemon *daemon, const struct words *words,
			   struct outcome *outcome)
{
	const char *name = words->n > 3 ? words->at[3] : NULL;
	const struct operator_reservation_words own = {words->at[1], words->at[2], name};
	const struct conf_extra_reservation extra = {words->at[1], words->at[2], name};
	_conf_ struct conf *conf = conf_alone(daemon, &outcome->errors);
	_operator_ struct operator_state next = {0};
	_strbuf_ struct strbuf why = {0};
	bool replaced;
	int ret = conf ? judge(conf_add_reservation(conf, &extra, &why), &why, &outcome->errors)
		       : -EINVAL;

	if (ret)
		return ret;
	operator_copy(&daemon->changes, &next);
	if (operator_reservation_put(&next, &own, &replaced))
		return refuse_full(LIMIT_OPERATOR_RESERVATIONS, &outcome->errors);
	ret = check_plan(daemon, &next, &outcome->errors);
	if (!ret)
		ret = put_state(daemon, &next, outcome);
	if (!ret)
		strbuf_add(&outcome->message, "%s: %s is reserved%s", own.mac, own.address,
			   replaced ? ", instead of what was" : "");
	return ret;
}

static int reservation_remove(struct daemon *daemon, const struct words *words,
			      struct outcome *outcome)
{
	_operator_ struct operator_state next = {0};
	int ret;

	operator_copy(&daemon->changes, &next);
	if (operator_reservation_remove(&next, words->at[1]))
		return refuse_absent(words->at[1], &outcome->errors);
	ret = put_state(daemon, &next, outcome);
	if (!ret)
		strbuf_add(&outcome->message, "%s: removed", words->at[1]);
	return ret;
}

void operating_reservation(struct daemon *daemon, const struct control_request *request, int fd,
			   struct outcome *outcome)
{
	_words_ struct words words = {0};
	int ret = words_read(fd, &words);

	(void)request;
	if (!ret && is_verb(&words, "add") && (words.n == 3 || words.n == 4))
		ret = reservation_add(daemon, &words, outcome);
	else if (!ret && is_verb(&words, "remove") && words.n == 2)
		ret = reservation_remove(daemon, &words, outcome);
	else
		ret = -EINVAL;
	finish(ret, outcome);
}

/* --- blocking -------------------------------------------------------------------------------- */

static int put_pause(struct daemon *daemon, const struct pause *pause, struct outcome *outcome)
{
	_operator_ struct operator_state next = {0};
	int ret;

	operator_copy(&daemon->changes, &next);
	next.pause = *pause;
	ret = write_state(daemon, &next, outcome);
	if (ret)
		return ret;
	daemon->changes.pause = *pause;
	dns_parent_set_blocking(daemon->dns, pause->is_off);
	answer_blocking_text(daemon, &outcome->message);
	return 0;
}

static int blocking_off(struct daemon *daemon, const char *duration, struct outcome *outcome)
{
	unsigned int seconds = 0;
	struct pause_now now;
	struct pause pause;

	if (duration && (duration_parse(duration, &seconds) || !seconds)) {
		strbuf_add(&outcome->errors,
			   "blocking off: %s: not a duration; write 30s, 10m or 1h30m\n", duration);
		return -EINVAL;
	}
	pause_clocks(&now);
	pause_begin(&pause, seconds, &now);
	return put_pause(daemon, &pause, outcome);
}

void operating_blocking(struct daemon *daemon, const struct control_request *request, int fd,
			struct outcome *outcome)
{
	const struct pause on = {0};
	_words_ struct words words = {0};
	int ret = words_read(fd, &words);

	(void)request;
	if (!ret && is_verb(&words, "off") && words.n <= 2)
		ret = blocking_off(daemon, words.n == 2 ? words.at[1] : NULL, outcome);
	else if (!ret && is_verb(&words, "on") && words.n == 1)
		ret = put_pause(daemon, &on, outcome);
	else
		ret = -EINVAL;
	finish(ret, outcome);
}

void operating_tick(struct daemon *daemon)
{
	struct operator_state old = daemon->changes;
	struct pause *pause = &daemon->changes.pause;
	struct pause_now now;

	pause_clocks(&now);
	if (pause_follow(pause, &now)) {
		/* If it cannot be written, the file says what was, and a start judges that by the same clocks. */
		operator_write(daemon->options->state, &daemon->changes, &old);
		if (!pause->is_off)
			log_info("the pause of blocking is over");
	}
	dns_parent_set_blocking(daemon->dns, pause->is_off);
}
