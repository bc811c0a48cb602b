// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include <hairpin/control.h>
#include <hairpin/limits.h>

#include "duration.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_DURATION };

#define AT(member) offsetof(struct options, member)

static const struct option_row {
	const char *name; /* long; NULL: only the letter */
	char letter; /* 0: only the name */
	enum option_kind kind;
	size_t offset;
	const char *argument;
	const char *help; /* NULL: hairpind's own use of itself */
} rows[] = {
	{NULL, 'n', OPTION_FLAG, AT(check), NULL,
	 "check the configuration and exit; with -v print it"},
	{NULL, 'v', OPTION_FLAG, AT(verbose), NULL, "log more"},
	{NULL, 'f', OPTION_TEXT, AT(conf), "FILE", "configuration (" CONTROL_CONF ")"},
	{NULL, 's', OPTION_TEXT, AT(socket), "SOCKET", "control socket (" CONTROL_SOCKET ")"},
	{NULL, 'b', OPTION_TEXT, AT(pins), "PINDIR",
	 "where BPF objects are pinned (" CONTROL_PINS ")"},
	{NULL, 'd', OPTION_TEXT, AT(state), "STATEDIR",
	 "what outlives a restart (" CONTROL_STATE ")"},
	{"force", 0, OPTION_FLAG, AT(force), NULL, "start also if that cuts the ssh session above"},
	{"from", 0, OPTION_TEXT, AT(from), "FILE", "start with this file's text instead of FILE's"},
	{"install", 0, OPTION_FLAG, AT(install), NULL,
	 "make the text of --from the text of -f's FILE"},
	{"confirm", 0, OPTION_DURATION, AT(confirm_s), "TIME",
	 "go back after TIME unless confirmed"},
	{"revert", 0, OPTION_FLAG, AT(revert), NULL, NULL},
	{"prepare", 0, OPTION_FLAG, AT(prepare), NULL, NULL},
	{"guardian", 0, OPTION_FLAG, AT(guardian), NULL, NULL},
	{"dns", 0, OPTION_FLAG, AT(dns), NULL, NULL},
	{"dhcp", 0, OPTION_FLAG, AT(dhcp), NULL, NULL},
	{"lists", 0, OPTION_FLAG, AT(lists), NULL, NULL},
	{"lists-fetch", 0, OPTION_FLAG, AT(lists_fetch), NULL, NULL},
	{"log", 0, OPTION_FLAG, AT(log), NULL, NULL},
	{"gateway", 0, OPTION_FLAG, AT(gateway), NULL, NULL},
	{"lookup", 0, OPTION_FLAG, AT(lookup), NULL, NULL},
	{"hosts", 0, OPTION_FLAG, AT(hosts), NULL, NULL},
	{"upstream", 0, OPTION_FLAG, AT(upstream), NULL, NULL},
	{"level-fd", 0, OPTION_TEXT, AT(level_fd), NULL, NULL},
	{"help", 'h', OPTION_FLAG, AT(help), NULL, "this list"},
	{"version", 'V', OPTION_FLAG, AT(version), NULL,
	 "the version, and which parts it was built with"},
};

#define N_ROWS ARRAY_SIZE(rows)

static int set_duration(unsigned int *value, const char *text, struct strbuf *why)
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

static int set_option(struct options *options, const struct option_row *row, const char *text,
		      struct strbuf *why)
{
	char *member = (char *)options + row->offset;

	switch (row->kind) {
	case OPTION_FLAG:
		memcpy(member, &(bool){true}, sizeof(bool));
		return 0;
	case OPTION_TEXT:
		memcpy(member, &text, sizeof(text));
		return 0;
	case OPTION_DURATION:
		return set_duration((unsigned int *)(void *)member, text, why);
	}
	return -EINVAL;
}

/* The forms that getopt_long() wants, from the one table. */
static void build_getopt(char *letters, struct option *names)
{
	*letters++ = ':';
	for (size_t i = 0; i < N_ROWS; i++) {
		bool has_argument = rows[i].kind != OPTION_FLAG;

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

static int check_together(const struct options *options, struct strbuf *why)
{
	if (options->install && !options->from) {
		strbuf_add(why, "--install: goes with --from FILE");
		return -EINVAL;
	}
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret_options, struct strbuf *why)
{
	struct options options = {
		.conf = CONTROL_CONF,
		.socket = CONTROL_SOCKET,
		.pins = CONTROL_PINS,
		.state = CONTROL_STATE,
	};
	char letters[2 * N_ROWS + 2];
	struct option names[N_ROWS + 1];
	int code, ret;

	build_getopt(letters, names);
	optind = 0; /* from the start, also when a test calls a second time */
	while ((code = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		const struct option_row *row = find_row(code);

		if (!row) {
			strbuf_add(why, "%s: %s; hairpind -h lists the options", argv[optind - 1],
				   code == ':' ? "needs an argument" : "unknown option");
			return -EINVAL;
		}
		ret = set_option(&options, row, optarg, why);
		if (ret)
			return ret;
	}
	if (optind < argc) {
		strbuf_add(why, "%s: hairpind takes options only; the configuration goes after -f",
			   argv[optind]);
		return -EINVAL;
	}
	ret = check_together(&options, why);
	if (!ret)
		*ret_options = options;
	return ret;
}

void options_help(struct strbuf *out)
{
	strbuf_add(out, "usage: hairpind [option ...]\n");
	for (size_t i = 0; i < N_ROWS; i++) {
		char left[40];
		const char *argument = rows[i].argument ? rows[i].argument : "";

		if (!rows[i].help)
			continue;
		if (rows[i].letter)
			snprintf(left, sizeof(left), "-%c %s", rows[i].letter, argument);
		else
			snprintf(left, sizeof(left), "--%s %s", rows[i].name, argument);
		strbuf_add(out, "  %-18s %s\n", left, rows[i].help);
	}
}
