// SPDX-License-Identifier: GPL-2.0-or-later
/* What the operator changes by command: checked, written to disk, in force, in this order. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

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

/* --- rewrites -------------------------------------------------------------------------------- */

/* Whether the file would take it too. What the file has under that name is a warning and no fault: the file may change. */
static int check_rewrite(const struct daemon *daemon, const struct operator_rewrite_words *rewrite,
			 struct strbuf *errors)
{
	const struct conf_extra_rewrite extra = {rewrite->domain, rewrite->answers,
						 rewrite->n_answers};
	const struct candidate *now = &daemon->now;
	_strbuf_ struct strbuf why = {0};
	_conf_ struct conf *conf = NULL;
	int ret = conf_parse(now->conf->path, now->text, now->length, &conf, errors);

	if (ret)
		return ret;
	ret = conf_add_rewrite(conf, &extra, &why);
	if (!ret || ret == -EEXIST)
		return 0;
	strbuf_add(errors, "%s\n", strbuf_text(&why));
	return ret;
}

static int rewrite_add(struct daemon *daemon, const struct words *words, struct outcome *outcome)
{
	_operator_ struct operator_state next = {0};
	const struct operator_rewrite_words rewrite = {words->at[1], words->at + 2, words->n - 2};
	bool replaced;
	int ret;

	ret = check_rewrite(daemon, &rewrite, &outcome->errors);
	if (ret)
		return ret;
	operator_copy(&daemon->changes, &next);
	ret = operator_rewrite_put(&next, &rewrite, &replaced);
	if (ret) {
		strbuf_add(&outcome->errors,
			   "more than %u rewrites by command; the configuration file takes more\n",
			   LIMIT_OPERATOR_REWRITES);
		return ret;
	}
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
	ret = operator_rewrite_remove(&next, words->at[1]);
	if (ret) {
		strbuf_add(&outcome->errors,
			   "%s: was not added by command; `hairpin rewrite list` says what was\n",
			   words->at[1]);
		return ret;
	}
	ret = put_state(daemon, &next, outcome);
	if (!ret)
		strbuf_add(&outcome->message, "%s: removed", words->at[1]);
	return ret;
}

void operating_rewrite(struct daemon *daemon, const struct control_request *request, int fd,
		       struct outcome *outcome)
{
	_words_ struct words words = {0};
	int ret = words_read(fd, &words);

	(void)request;
	if (!ret && !strcmp(words.at[0], "add") && words.n > 2)
		ret = rewrite_add(daemon, &words, outcome);
	else if (!ret && !strcmp(words.at[0], "remove") && words.n == 2)
		ret = rewrite_remove(daemon, &words, outcome);
	else
		ret = -EINVAL;
	if (!ret)
		return;
	if (outcome->errors.length == 0)
		strbuf_add(&outcome->errors, "not the words of a change\n");
	refuse(outcome);
}

/* --- blocking -------------------------------------------------------------------------------- */

/* Until when, on the clock of whoever reads it. */
static const char *end_text(const struct pause *pause, char text[32])
{
	const time_t end = (time_t)pause->until_s;
	struct tm broken;

	strftime(text, 32, "%Y-%m-%d %H:%M:%S", localtime_r(&end, &broken));
	return text;
}

static void say_blocking(const struct daemon *daemon, struct strbuf *out)
{
	const struct pause *pause = &daemon->changes.pause;
	char text[32];

	if (!pause->is_off)
		strbuf_add(out, "blocking is on");
	else if (!pause->total_s)
		strbuf_add(out, "blocking is off until it is switched on");
	else
		strbuf_add(out, "blocking is off until %s", end_text(pause, text));
}

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
	say_blocking(daemon, &outcome->message);
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
	if (!ret && !strcmp(words.at[0], "off") && words.n <= 2)
		ret = blocking_off(daemon, words.n == 2 ? words.at[1] : NULL, outcome);
	else if (!ret && !strcmp(words.at[0], "on") && words.n == 1)
		ret = put_pause(daemon, &on, outcome);
	else
		ret = -EINVAL;
	if (ret)
		refuse(outcome);
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

/* --- telling --------------------------------------------------------------------------------- */

static bool is_in_force(const struct daemon *daemon, const char *domain)
{
	for (size_t i = 0; i < daemon->now.conf->n_rewrites; i++) {
		const struct conf_rewrite *rewrite = &daemon->now.conf->rewrites[i];

		/* What the file has stands on a line. */
		if (!rewrite->line && !strcasecmp(rewrite->domain, domain))
			return true;
	}
	return false;
}

static json_t *rewrite_list(const struct daemon *daemon)
{
	json_t *list = json_array();

	for (size_t i = 0; i < daemon->changes.n_rewrites; i++) {
		const struct operator_rewrite *rewrite = &daemon->changes.rewrites[i];
		json_t *answers = json_array();

		for (size_t k = 0; k < rewrite->n_answers; k++)
			json_array_append_new(answers, json_string(rewrite->answers[k]));
		json_array_append_new(list, json_pack("{s:s, s:o, s:b}", "domain", rewrite->domain,
						      "answers", answers, "in_force",
						      (int)is_in_force(daemon, rewrite->domain)));
	}
	return list;
}

json_t *answer_blocking(const struct daemon *daemon)
{
	const struct pause *pause = &daemon->changes.pause;
	_strbuf_ struct strbuf text = {0};
	bool has_end = pause->is_off && pause->total_s;
	struct pause_now now;

	pause_clocks(&now);
	say_blocking(daemon, &text);
	return json_pack("{s:b, s:o, s:o, s:s}", "on", (int)!pause->is_off, "left_s",
			 has_end ? json_integer(pause_left_s(pause, &now)) : json_null(), "until_s",
			 has_end ? json_integer((json_int_t)pause->until_s) : json_null(), "text",
			 strbuf_text(&text));
}

json_t *answer_operator(struct daemon *daemon)
{
	return json_pack("{s:o, s:o, s:o}", "blocking", answer_blocking(daemon), "rewrites",
			 rewrite_list(daemon), "conflicts",
			 json_lines(strbuf_text(&daemon->now.conflicts)));
}
