// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf_print FILE: the canonical form of FILE on stdout, or its faults on stderr and exit status 1.
 * What `hairpind -nv -f FILE` does, without the daemon.
 */

#include "conf.h"

int main(int argc, char **argv)
{
	_strbuf_ struct strbuf errors = {0}, out = {0};
	_conf_ struct conf *conf = NULL;

	if (argc != 2) {
		fprintf(stderr, "usage: conf_print FILE\n");
		return 2;
	}
	if (conf_load(argv[1], &conf, &errors)) {
		fputs(strbuf_text(&errors), stderr);
		return 1;
	}
	conf_print(conf, &out);
	fputs(strbuf_text(&out), stdout);
	return 0;
}
