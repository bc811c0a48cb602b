// SPDX-License-Identifier: GPL-2.0-or-later
/* hairpin: the command. It fetches JSON, from the daemon or by its own look, and a renderer prints it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <hairpin/control.h>

#include "invocation.h"

int main(int argc, char **argv)
{
	_strbuf_ struct strbuf why = {0};
	struct invocation invocation;
	int code;

	if (invocation_parse(argc, argv, &invocation, &why)) {
		fprintf(stderr, "hairpin: %s\n", strbuf_text(&why));
		return CONTROL_EXIT_USAGE;
	}
	code = invocation.command->run(&invocation);
	/* A full disk or a closed pipe is not success. */
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "hairpin: cannot write: %s\n", strerror(errno));
		return CONTROL_EXIT_FINDING;
	}
	return code;
}
