// SPDX-License-Identifier: GPL-2.0-or-later
/* What the operator changes by command: checked, written to disk, in force, in this order. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "answers.h"
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

/* 0, and words->at[] are texts, two at least; or -EINVAL: not what `hairpin` sends. */
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
	if (!json_is_array(words->json) || json_array_size(words->json) < 2 ||
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
	int ret = operator_read(folder, &daemon->operator, & why);

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
	int ret = operator_write(daemon->options->state, next, &daemon->operator);

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
						.operator= next,
						.following = true};
	_candidate_ struct candidate candidate = {0};
	int ret = candidate_make(&source, &candidate, &outcome->errors);

	if (!ret)
		ret = write_state(daemon, next, outcome);
	if (ret)
		return ret;
	ret = daemon_put_in_force(daemon, &candidate, &outcome->errors);
	if (ret) {
		operator_write(daemon->options->state, &daemon->operator, next);
		return ret;
	}
	operator_fini(&daemon->operator);
	daemon->operator= * next;
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
	operator_copy(&daemon->operator, & next);
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

	operator_copy(&daemon->operator, & next);
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

	for (size_t i = 0; i < daemon->operator.n_rewrites; i++) {
		const struct operator_rewrite *rewrite = &daemon->operator.rewrites[i];
		json_t *answers = json_array();

		for (size_t k = 0; k < rewrite->n_answers; k++)
			json_array_append_new(answers, json_string(rewrite->answers[k]));
		json_array_append_new(list, json_pack("{s:s, s:o, s:b}", "domain", rewrite->domain,
						      "answers", answers, "in_force",
						      (int)is_in_force(daemon, rewrite->domain)));
	}
	return list;
}

json_t *answer_operator(struct daemon *daemon)
{
	return json_pack("{s:o, s:o}", "rewrites", rewrite_list(daemon), "conflicts",
			 json_lines(strbuf_text(&daemon->now.conflicts)));
}
