/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of hairpin: options stand before or after the command, and each is checked against it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "strbuf.h"

/* What is left of the words after the options and the command's own name. */
#define INVOCATION_ARGS_MAX 20

struct command;

struct invocation {
	const struct command *command;
	const char *args[INVOCATION_ARGS_MAX];
	size_t n_args;

	const char *instead; /* -h, -V: the command that they stand for; NULL: not given */
	bool json; /* -j */
	const char *socket; /* -s */
	const char *pins, *state, *conf; /* -b -d -f: for what is done without the daemon */
	bool force; /* --force */
	unsigned int confirm_s; /* --confirm; 0: for good */
	const char *hosts; /* --hosts; NULL: the machine's */
	const char *system; /* --for; NULL: linux */
	const char *from, *key; /* --from, --key; NULL: not given */
	const char *facts; /* --facts; NULL: the machine's */
	/* show queries, show top; NULL: not given */
	const char *client, *name, *last, *since;
	bool blocked;
	bool follow; /* --follow */
};

/* Which options a command takes beside those that all take. */
enum {
	TAKES_JSON = 1 << 0,
	TAKES_CONFIRM = 1 << 1,
	TAKES_FORCE = 1 << 2,
	TAKES_FACTS = 1 << 3,
	TAKES_QUERIES = 1 << 5, /* which queries */
	TAKES_SINCE = 1 << 6,
	TAKES_FOLLOW = 1 << 7,
	TAKES_HOSTS = 1 << 8,
	TAKES_SYSTEM = 1 << 9,
	TAKES_FROM = 1 << 10,
	TAKES_ANYWHERE = 1 << 4, /* marks an option that every command takes */
};

struct command {
	const char *name; /* one word or two */
	const char *args; /* as help prints them; those without brackets have to be there */
	const char *help;
	unsigned int takes; /* TAKES_* */
	size_t max_args;
	/* Returns what the command exits with, enum control_exit. */
	int (*run)(const struct invocation *invocation);
};

/* The table of commands, ended by a row without a name (commands.c). */
extern const struct command commands[];

/* 0; -EINVAL with one line in @why. The strings of @ret_invocation are those of @argv. */
int invocation_parse(int argc, char **argv, struct invocation *ret_invocation, struct strbuf *why);

/* An option as it is typed. */
struct invocation_option {
	char name[16]; /* "-j", "--confirm" */
	const char *argument; /* as help prints it; "": it takes none */
	unsigned int
		takes; /* of a command that may have it, one of these bits at least is in `takes` */
	const char *help;
};

/* The @i-th; false: no more. */
bool invocation_option_at(size_t i, struct invocation_option *ret_option);

/* The commands and options, for people. */
void invocation_help(struct strbuf *out);
