// SPDX-License-Identifier: GPL-2.0-or-later
#include "invocation.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <string.h>

#include <hairpin/control.h>
#include <hairpin/limits.h>

#include "duration.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_DURATION, OPTION_COMMAND };

#define AT(member) offsetof(struct invocation, member)

static const struct option_row {
	const char *name; /* long; NULL: only the letter; of OPTION_COMMAND, that of the command */
	char letter; /* 0: only the name */
	enum option_kind kind;
	unsigned int takes; /* commands that have this bit take the option */
	size_t offset;
	const char *argument;
	const char *help;
} rows[] = {
	{NULL, 'j', OPTION_FLAG, TAKES_JSON, AT(json), "", "print JSON"},
	{NULL, 's', OPTION_TEXT, TAKES_ANYWHERE, AT(socket), "SOCKET",
	 "of the daemon (" CONTROL_SOCKET ")"},
	{NULL, 'b', OPTION_TEXT, TAKES_ANYWHERE, AT(pins), "PINDIR",
	 "BPF objects (" CONTROL_PINS ")"},
	{NULL, 'd', OPTION_TEXT, TAKES_ANYWHERE, AT(state), "STATEDIR",
	 "state (" CONTROL_STATE ")"},
	{NULL, 'f', OPTION_TEXT, TAKES_ANYWHERE, AT(conf), "FILE",
	 "configuration (" CONTROL_CONF ")"},
	{"confirm", 0, OPTION_DURATION, TAKES_CONFIRM, AT(confirm_s), "TIME",
	 "go back after TIME unless confirmed"},
	{"force", 0, OPTION_FLAG, TAKES_FORCE, AT(force), "", "also if it cuts this ssh session"},
	{"facts", 0, OPTION_TEXT, TAKES_FACTS, AT(facts), "FILE",
	 "judge by these facts, not by this machine"},
	{"hosts", 0, OPTION_TEXT, TAKES_HOSTS, AT(hosts), "FILE", "the hosts file (/etc/hosts)"},
	{"from", 0, OPTION_TEXT, TAKES_FROM, AT(from), "ADDRESS",
	 "ask the gateway there, and know it by its key from then on"},
	{"key", 0, OPTION_TEXT, TAKES_FROM, AT(key), "FINGERPRINT",
	 "which it has to have, as `hairpin status` there says it"},
	{"for", 0, OPTION_TEXT, TAKES_SYSTEM, AT(system), "SYSTEM",
	 "linux, macos or windows (linux)"},
	{"client", 0, OPTION_TEXT, TAKES_QUERIES, AT(client), "ADDRESS",
	 "of this client or network only"},
	{"name", 0, OPTION_TEXT, TAKES_QUERIES, AT(name), "NAME",
	 "for this name and all below it, or a pattern with * and ?"},
	{"blocked", 0, OPTION_FLAG, TAKES_QUERIES, AT(blocked), "", "those that were blocked only"},
	{"last", 0, OPTION_TEXT, TAKES_QUERIES, AT(last), "NUMBER",
	 "the last so many (100), or all"},
	{"follow", 0, OPTION_FLAG, TAKES_FOLLOW, AT(follow), "", "go on with those that come"},
	{"since", 0, OPTION_TEXT, TAKES_SINCE, AT(since), "TIME", "of so much time (24h)"},
	{"help", 'h', OPTION_COMMAND, TAKES_ANYWHERE, AT(instead), "", "the same as `help`"},
	{"version", 'V', OPTION_COMMAND, TAKES_ANYWHERE, AT(instead), "", "the same as `version`"},
};

#define N_ROWS ARRAY_SIZE(rows)

/* Steps from one word to the other: letters changed, added or left out. */
static size_t word_distance(const char *a, const char *b)
{
	size_t width = strlen(b), row[64];

	if (width >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 1; *a; a++, i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			size_t best = corner + (*a != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[width];
}

static const char *nearest_command(const char *word)
{
	const struct command *best = &commands[0];

	for (const struct command *row = commands; row->name; row++) {
		if (word_distance(word, row->name) < word_distance(word, best->name))
			best = row;
	}
	return best->name;
}

/* How many of the @n words name @row; 0: it is not meant. */
static size_t words_matched(const struct command *row, char **words, size_t n)
{
	const char *space = strchr(row->name, ' ');
	size_t first = space ? (size_t)(space - row->name) : strlen(row->name);

	if (n == 0 || strlen(words[0]) != first || strncmp(words[0], row->name, first))
		return 0;
	if (!space)
		return 1;
	return n > 1 && !strcmp(words[1], space + 1) ? 2 : 0;
}

/* Words that @row needs behind its name. */
static size_t words_needed(const struct command *row)
{
	size_t n = 0;

	for (const char *at = row->args; *at; at += strspn(at, " ")) {
		n += *at != '[';
		at += strcspn(at, " ");
	}
	return n;
}

/* Whether @word alone is no command but begins some. */
static bool begins_two(const char *word)
{
	size_t length = strlen(word);

	for (const struct command *row = commands; row->name; row++) {
		if (!strncmp(row->name, word, length) && row->name[length] == ' ')
			return true;
	}
	return false;
}

static int find_command(char **words, size_t n, struct invocation *invocation, struct strbuf *why)
{
	_strbuf_ struct strbuf said = {0};

	for (const struct command *row = commands; row->name; row++) {
		size_t used = words_matched(row, words, n);

		if (used == 0)
			continue;
		if (n - used > row->max_args) {
			strbuf_add(why, "%s: too much: hairpin %s %s", words[used + row->max_args],
				   row->name, row->args);
			return -EINVAL;
		}
		if (n - used < words_needed(row)) {
			strbuf_add(why, "too little: hairpin %s %s", row->name, row->args);
			return -EINVAL;
		}
		invocation->command = row;
		invocation->n_args = n - used;
		for (size_t i = used; i < n; i++)
			invocation->args[i - used] = words[i];
		return 0;
	}
	if (n == 0) {
		strbuf_add(why, "a command is missing; `hairpin help` lists them");
		return -EINVAL;
	}
	/* Two words are compared where the first of them wants a second. */
	strbuf_add(&said, "%s", words[0]);
	if (n > 1 && begins_two(words[0]))
		strbuf_add(&said, " %s", words[1]);
	strbuf_add(why,
		   "%s: unknown command; nearest is `hairpin %s`, and `hairpin help` lists them",
		   strbuf_text(&said), nearest_command(strbuf_text(&said)));
	return -EINVAL;
}

static const struct command *command_named(const char *name)
{
	const struct command *row = commands;

	while (row->name && strcmp(row->name, name))
		row++;
	return row;
}

static int set_confirm(unsigned int *value, const char *text, struct strbuf *why)
{
	unsigned int seconds;

	if (duration_parse(text, &seconds)) {
		strbuf_add(why, "--confirm: %s: not a duration; write 60s or 5m", text);
		return -EINVAL;
	}
	if (seconds < CONFIRM_MIN_S || seconds > CONFIRM_MAX_S) {
		strbuf_add(why, "--confirm: %s: from %us to %us", text, CONFIRM_MIN_S,
			   CONFIRM_MAX_S);
		return -EINVAL;
	}
	*value = seconds;
	return 0;
}

static int set_option(struct invocation *invocation, const struct option_row *row, const char *text,
		      struct strbuf *why)
{
	char *member = (char *)invocation + row->offset;

	switch (row->kind) {
	case OPTION_FLAG:
		memcpy(member, &(bool){true}, sizeof(bool));
		return 0;
	case OPTION_TEXT:
		memcpy(member, &text, sizeof(text));
		return 0;
	case OPTION_DURATION:
		return set_confirm((unsigned int *)(void *)member, text, why);
	case OPTION_COMMAND:
		memcpy(member, &row->name, sizeof(row->name));
		return 0;
	}
	return -EINVAL;
}

/* The forms that getopt_long() wants, from the one table. */
static void build_getopt(char *letters, struct option *names)
{
	*letters++ = ':';
	for (size_t i = 0; i < N_ROWS; i++) {
		bool has_argument = *rows[i].argument;

		if (rows[i].letter) {
			*letters++ = rows[i].letter;
			if (has_argument)
				*letters++ = ':';
		}
		if (rows[i].name)
			*names++ =
				(struct option){rows[i].name, has_argument, NULL, (int)(256 + i)};
	}
	*letters = '\0';
	*names = (struct option){0};
}

static const struct option_row *find_row(int code)
{
	if (code >= 256)
		return &rows[code - 256];
	for (size_t i = 0; i < N_ROWS; i++) {
		if (rows[i].letter && rows[i].letter == code)
			return &rows[i];
	}
	return NULL;
}

bool invocation_option_at(size_t i, struct invocation_option *ret_option)
{
	if (i >= N_ROWS)
		return false;
	*ret_option = (struct invocation_option){
		.argument = rows[i].argument, .takes = rows[i].takes, .help = rows[i].help};
	if (rows[i].letter)
		snprintf(ret_option->name, sizeof(ret_option->name), "-%c", rows[i].letter);
	else
		snprintf(ret_option->name, sizeof(ret_option->name), "--%s", rows[i].name);
	return true;
}

/* @given: bit i is set if row i was. */
static int check_taken(const struct invocation *invocation, unsigned int given, struct strbuf *why)
{
	const struct command *command = invocation->command;
	struct invocation_option option;

	for (size_t i = 0; i < N_ROWS; i++) {
		if (!(given & (1u << i)) || (rows[i].takes & (command->takes | TAKES_ANYWHERE)))
			continue;
		invocation_option_at(i, &option);
		strbuf_add(why, "%s: not an option of `hairpin %s`", option.name, command->name);
		return -EINVAL;
	}
	return 0;
}

int invocation_parse(int argc, char **argv, struct invocation *ret_invocation, struct strbuf *why)
{
	struct invocation invocation = {
		.socket = CONTROL_SOCKET,
		.pins = CONTROL_PINS,
		.state = CONTROL_STATE,
		.conf = CONTROL_CONF,
	};
	char letters[2 * N_ROWS + 2];
	struct option names[N_ROWS + 1];
	unsigned int given = 0;
	int code, ret;

	build_getopt(letters, names);
	/* With it getopt_long() would take options before the command only. */
	unsetenv("POSIXLY_CORRECT");
	optind = 0; /* from the start, also when a test calls a second time */
	while ((code = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		const struct option_row *row = find_row(code);

		if (!row) {
			strbuf_add(why, "%s: %s; `hairpin help` lists the options",
				   argv[optind - 1],
				   code == ':' ? "needs an argument" : "unknown option");
			return -EINVAL;
		}
		ret = set_option(&invocation, row, optarg, why);
		if (ret)
			return ret;
		given |= 1u << (row - rows);
	}
	/* Whatever else is there: who asks for help has not got it right yet. */
	if (invocation.instead) {
		invocation.command = command_named(invocation.instead);
		*ret_invocation = invocation;
		return 0;
	}
	ret = find_command(argv + optind, (size_t)(argc - optind), &invocation, why);
	if (!ret)
		ret = check_taken(&invocation, given, why);
	if (!ret)
		*ret_invocation = invocation;
	return ret;
}

void invocation_help(struct strbuf *out)
{
	struct invocation_option option;

	strbuf_add(out, "usage: hairpin [option ...] COMMAND [argument ...]\n\ncommands:\n");
	for (const struct command *row = commands; row->name; row++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", row->name, row->args);
		strbuf_add(out, "  %-24s %s\n", left, row->help);
	}
	strbuf_add(out, "\noptions, before or after the command:\n");
	for (size_t i = 0; invocation_option_at(i, &option); i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", option.name, option.argument);
		strbuf_add(out, "  %-24s %s\n", left, option.help);
	}
	strbuf_add(out, "\nexit status: 0 fine, 1 a finding or a refusal, 2 usage, 3 no daemon\n");
}
