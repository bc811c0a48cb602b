// SPDX-License-Identifier: GPL-2.0-or-later
/* hairpin import SOURCE [FILE]: what this machine forwards already, as a stanza of ours. */
#include "import_source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hairpin/control.h>
#include <hairpin/limits.h>

#include "commands.h"
#include "file.h"

static int refuse(const char *name)
{
	_strbuf_ struct strbuf names = {0};

	for (const struct import_source *source = import_sources; source->name; source++)
		strbuf_add(&names, "\n  %-12s %s", source->name, source->what);
	fprintf(stderr, "hairpin: %s: nothing is imported from that; there are:%s\n", name,
		strbuf_text(&names));
	return CONTROL_EXIT_USAGE;
}

int command_import(const struct invocation *invocation)
{
	const struct import_source *source = import_find(invocation->args[0]);
	const char *path = invocation->n_args > 1 ? invocation->args[1] : NULL;
	_import_ struct import import = {0};
	_strbuf_ struct strbuf why = {0}, out = {0};
	_free_ char *text = NULL;
	size_t length;
	int ret;

	if (!source)
		return refuse(invocation->args[0]);
	ret = path ? file_read(path, LIMIT_IMPORT_BYTES, &text, &length)
		   : file_read_fd(STDIN_FILENO, LIMIT_IMPORT_BYTES, &text, &length);
	if (ret)
		strbuf_add(&why, "%s", strerror(-ret));
	else if (strlen(text) != length)
		strbuf_add(&why, "not plain text: it has a NUL character");
	else
		ret = source->read(&import, text, &why);
	if (ret || why.length) {
		fprintf(stderr, "hairpin: %s: %s\n", path ? path : "standard input",
			strbuf_text(&why));
		return CONTROL_EXIT_FINDING;
	}
	import_print(&import, &out);
	fputs(strbuf_text(&out), stdout);
	return CONTROL_EXIT_OK;
}
