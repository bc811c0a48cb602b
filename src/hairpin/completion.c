// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What dist/completion asks for: rows of words between tabs, "-" for none.
 *
 *     command NAME OPTIONS ARGUMENTS HELP
 *     option NAME ARGUMENT HELP
 *     words ARGUMENT WORDS                what may stand for it
 *     asked ARGUMENT COMMAND KEY          the same: the texts of KEY in what COMMAND -j prints
 *
 * The shells ask this program each time and have no table of their own, which would be made at build time: that program cannot be run where it is built for
 * another machine, and a table from another version names commands that are not there.
 */
#include <stdio.h>
#include <string.h>

#include <hairpin/control.h>

#include "commands.h"
#include "export.h"
#include "hosts_command.h"
#include "import_source.h"

static const char *or_none(const char *text)
{
	return *text ? text : "-";
}

static void add_options(const struct command *command, struct strbuf *out)
{
	struct invocation_option option;
	const char *between = "";

	for (size_t i = 0; invocation_option_at(i, &option); i++) {
		if (!(option.takes & (command->takes | TAKES_ANYWHERE)))
			continue;
		strbuf_add(out, "%s%s", between, option.name);
		between = " ";
	}
}

/* "TARGET [FILE]" without the brackets: what may be left out can be completed as well. */
static void add_arguments(const char *args, struct strbuf *out)
{
	for (; *args; args++) {
		if (!strchr("[]", *args))
			strbuf_add_bytes(out, args, 1);
	}
}

static void add_command(const struct command *command, struct strbuf *out)
{
	_strbuf_ struct strbuf arguments = {0};

	add_arguments(command->args, &arguments);
	strbuf_add(out, "command\t%s\t", command->name);
	add_options(command, out);
	strbuf_add(out, "\t%s\t%s\n", or_none(strbuf_text(&arguments)), command->help);
}

static void add_words(struct strbuf *out)
{
	strbuf_add(out, "words\tTARGET\t");
	for (const struct export_target *target = export_targets; target->name; target++)
		strbuf_add(out, "%s%s", target == export_targets ? "" : " ", target->name);
	strbuf_add(out, "\nwords\tSOURCE\t");
	for (const struct import_source *source = import_sources; source->name; source++)
		strbuf_add(out, "%s%s", source == import_sources ? "" : " ", source->name);
	strbuf_add(out, "\nwords\tSYSTEM\t");
	for (size_t i = 0; hosts_system_name(i); i++)
		strbuf_add(out, "%s%s", i ? " " : "", hosts_system_name(i));
	/* Scripts of dist/demo. */
	strbuf_add(out, "\nwords\tACT\tgateway bypass\n");
	strbuf_add(out, "asked\tDOMAIN\trewrite list domain\n");
	strbuf_add(out, "asked\tMAC\treservation list mac\n");
}

static void write_all(struct strbuf *out)
{
	struct invocation_option option;

	for (const struct command *command = commands; command->name; command++)
		add_command(command, out);
	for (size_t i = 0; invocation_option_at(i, &option); i++)
		strbuf_add(out, "option\t%s\t%s\t%s\n", option.name, or_none(option.argument),
			   option.help);
	add_words(out);
}

int command_completion(const struct invocation *invocation)
{
	_strbuf_ struct strbuf out = {0};

	(void)invocation;
	write_all(&out);
	fputs(strbuf_text(&out), stdout);
	return CONTROL_EXIT_OK;
}
