// SPDX-License-Identifier: GPL-2.0-or-later
#include "fetch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "client.h"
#include "protocol.h"

/* A daemon that loads a large plan is busy for a moment; one that is silent for this long hangs. */
#define ANSWER_MS 20000

/* Asks; what there is to say about a failure is said. Returns 0 or -errno. */
static int fetch_open(const struct invocation *invocation, const struct question *question,
		      struct control_answer *ret_answer)
{
	const struct control_call call = {
		.path = invocation->socket,
		.request = question->request,
		.attach = question->attach,
		.timeout_ms = question->timeout_ms ? question->timeout_ms : ANSWER_MS,
	};
	_strbuf_ struct strbuf why = {0};
	int ret = control_ask(&call, ret_answer, &why);

	if (ret && !question->is_silent && !(question->may_be_absent && control_is_absent(ret)))
		fprintf(stderr, "hairpin: %s\n", strbuf_text(&why));
	return ret;
}

struct fetched fetch_json(const struct invocation *invocation, const struct question *question)
{
	struct fetched fetched = {.exit_code = CONTROL_EXIT_UNREACHABLE};
	struct control_answer answer;
	json_error_t error;
	int ret = fetch_open(invocation, question, &answer);

	if (ret) {
		fetched.absent = control_is_absent(ret);
		return fetched;
	}
	fetched.json = json_loadfd(answer.fd, 0, &error);
	close(answer.fd);
	if (fetched.json)
		fetched.exit_code = answer.header.exit_code;
	else if (!question->is_silent)
		fprintf(stderr, "hairpin: the answer broke off: %s\n", error.text);
	return fetched;
}

int fetch_print(const struct invocation *invocation, const json_t *json, render_fn render,
		int exit_code)
{
	_strbuf_ struct strbuf out = {0};
	_free_ char *text = NULL;

	if (invocation->json) {
		text = json_dumps(json, JSON_INDENT(2));
		puts(text ? text : "{}");
	} else {
		render(json, &out);
		fputs(strbuf_text(&out), stdout);
	}
	return exit_code;
}

/* What a refused question gets instead of its answer. */
static bool print_errors(const json_t *json)
{
	const json_t *errors = json_object_get(json, "errors"), *line;
	size_t index;

	json_array_foreach (errors, index, line)
		fprintf(stderr, "hairpin: %s\n", json_string_value(line));
	return json_array_size(errors) > 0;
}

int fetch_whole(const struct invocation *invocation, const struct question *question,
		render_fn render)
{
	struct fetched fetched = fetch_json(invocation, question);

	if (!fetched.json)
		return fetched.exit_code;
	if (fetched.exit_code != CONTROL_EXIT_OK && print_errors(fetched.json)) {
		json_decref(fetched.json);
		return fetched.exit_code;
	}
	fetch_print(invocation, fetched.json, render, fetched.exit_code);
	json_decref(fetched.json);
	return fetched.exit_code;
}

int fetch_and_print(const struct invocation *invocation, enum control_verb verb, render_fn render)
{
	struct question question = {.attach = -1};

	control_request_init(&question.request, verb);
	return fetch_whole(invocation, &question, render);
}

/* The line that ends a long answer: without it something is missing. */
static const char last_line[] = "]}\n";

/* A line of an answer that is plain ASCII, whoever wrote it: what a terminal would obey is not in it. */
static void line_clean(char *line)
{
	for (; *line; line++) {
		if (*line != '\n' && (*line < ' ' || *line > '~'))
			*line = '?';
	}
}

/* Where the answer goes on as long as somebody looks, he sees each row at once. 0 or -errno. */
static int line_out(const char *text, bool follows)
{
	if (fputs(text, stdout) < 0 || (follows && fflush(stdout)))
		return -errno;
	return 0;
}

/* As it comes, a line at a time. 0 or -errno. */
static int copy_rows(FILE *in, bool follows)
{
	_free_ char *line = NULL;
	size_t size = 0;
	bool whole = false;
	int ret = 0;

	while (!whole && !ret && getline(&line, &size, in) > 0) {
		whole = !strcmp(line, last_line);
		line_clean(line);
		ret = line_out(line, follows);
	}
	return whole ? 0 : ret ? ret : -ECONNRESET;
}

/*
 * The daemon writes one row a line between the line that opens the array and the one that closes it, so that neither side
 * holds a million of them.
 */
static int print_rows(FILE *in, const struct render_rows *render, bool follows)
{
	_strbuf_ struct strbuf out = {0};
	_free_ char *line = NULL;
	size_t size = 0;
	bool whole = false;
	int ret = 0;

	render->head(&out);
	while (!whole && !ret && getline(&line, &size, in) > 0) {
		json_t *row = NULL;

		whole = !strcmp(line, last_line);
		/* The first line opens the array and is no row; of one that was cut off nothing can be said. */
		if (line[0] == '{')
			row = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
		if (row)
			render->row(row, &out);
		json_decref(row);
		ret = line_out(strbuf_text(&out), follows);
		strbuf_reset(&out);
	}
	return whole ? 0 : ret ? ret : -ECONNRESET;
}

/* Who follows waits for as long as nothing happens. */
static void wait_for_ever(int fd)
{
	const struct timeval never = {0};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &never, sizeof(never));
}

int fetch_rows(const struct invocation *invocation, const struct question *question,
	       const struct render_rows *render, bool follows)
{
	struct control_answer answer;
	_fclose_ FILE *in = NULL;
	int ret;

	if (fetch_open(invocation, question, &answer))
		return CONTROL_EXIT_UNREACHABLE;
	if (follows)
		wait_for_ever(answer.fd);
	in = fdopen(answer.fd, "r");
	if (!in) {
		close(answer.fd);
		return CONTROL_EXIT_UNREACHABLE;
	}
	if (answer.header.exit_code != CONTROL_EXIT_OK) {
		json_t *json = json_loadf(in, 0, NULL);

		print_errors(json);
		json_decref(json);
		return answer.header.exit_code;
	}
	ret = invocation->json ? copy_rows(in, follows) : print_rows(in, render, follows);
	if (ret) {
		fprintf(stderr, "hairpin: the answer broke off: %s\n", strerror(-ret));
		return CONTROL_EXIT_UNREACHABLE;
	}
	return answer.header.exit_code;
}

int fetch_and_print_rows(const struct invocation *invocation, enum control_verb verb,
			 const struct render_rows *render)
{
	struct question question = {.attach = -1};

	control_request_init(&question.request, verb);
	return fetch_rows(invocation, &question, render, false);
}
