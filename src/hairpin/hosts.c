// SPDX-License-Identifier: GPL-2.0-or-later
/* hairpin hosts apply|remove|print (--from and watch have files of their own): the names in a hosts file, for a machine whose name server is not ours to change. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hairpin/control.h>

#include "commands.h"
#include "export.h"
#include "hosts_command.h"
#include "hosts_file.h"
#include "judged.h"

#define HOSTS "/etc/hosts"

/* Lines of names, and lines of what a hosts file cannot say. 0 or -errno, and then the reason is said. */
static int names_make(const struct invocation *invocation, struct strbuf *lines,
		      struct strbuf *cannot)
{
	const struct judged_question question = {.path = invocation->n_args ? invocation->args[0]
									    : invocation->conf,
						 .facts = invocation->facts,
						 .names = true};
	_candidate_ struct candidate candidate = {0};
	_strbuf_ struct strbuf errors = {0};
	int ret = judged_load(&question, &candidate, &errors);

	if (ret)
		fputs(strbuf_text(&errors), stderr);
	else
		export_make(export_find("hosts"), candidate.conf, candidate.plan, lines, cannot);
	return ret;
}

const char *hosts_path(const struct invocation *invocation)
{
	return invocation->hosts ? invocation->hosts : HOSTS;
}

unsigned int hosts_lines_count(const char *lines)
{
	unsigned int n = 0;

	for (const char *at = lines; *at; at++)
		n += *at == '\n';
	return n;
}

static void lines_print(FILE *out, const char *before, const struct strbuf *lines)
{
	for (const char *at = strbuf_text(lines); *at;) {
		size_t length = strcspn(at, "\n");

		fprintf(out, "%s%.*s\n", before, (int)length, at);
		at += length + (at[length] == '\n');
	}
}

static int file_put(const char *path, const char *lines, bool *ret_changed)
{
	_strbuf_ struct strbuf why = {0};
	int ret = hosts_file_put(path, lines, ret_changed, &why);

	if (ret)
		fprintf(stderr, "hairpin: %s\n", strbuf_text(&why));
	return ret;
}

int hosts_lines_put(const struct invocation *invocation, const struct strbuf *lines)
{
	const char *path = hosts_path(invocation);
	bool changed;
	int ret = file_put(path, strbuf_text(lines), &changed);

	if (!ret)
		printf("%s: %u lines of ours%s\n", path, hosts_lines_count(strbuf_text(lines)),
		       changed ? "" : ", as before");
	return ret;
}

int command_hosts_apply(const struct invocation *invocation)
{
	_strbuf_ struct strbuf lines = {0}, cannot = {0};

	if (invocation->from && invocation->n_args) {
		fprintf(stderr, "hairpin: --from: the gateway's names, or those of %s: not both\n",
			invocation->args[0]);
		return CONTROL_EXIT_USAGE;
	}
	if (invocation->key && !invocation->from) {
		fprintf(stderr, "hairpin: --key: goes with --from ADDRESS\n");
		return CONTROL_EXIT_USAGE;
	}
	if (invocation->from)
		return hosts_apply_from(invocation);
	if (names_make(invocation, &lines, &cannot))
		return CONTROL_EXIT_FINDING;
	lines_print(stderr, "note: ", &cannot);
	return hosts_lines_put(invocation, &lines) ? CONTROL_EXIT_FINDING : CONTROL_EXIT_OK;
}

/* A watch that runs ends with it. 0 or -errno, and then the reason is said. */
static int gateway_forget(const struct invocation *invocation)
{
	char path[PATH_MAX];

	hosts_pin_path(invocation, path);
	if (!unlink(path)) {
		printf("%s: the gateway is forgotten\n", path);
		return 0;
	}
	if (errno == ENOENT)
		return 0;
	fprintf(stderr, "hairpin: %s: %s\n", path, strerror(errno));
	return -errno;
}

int command_hosts_remove(const struct invocation *invocation)
{
	const char *path = hosts_path(invocation);
	bool changed;

	if (file_put(path, NULL, &changed))
		return CONTROL_EXIT_FINDING;
	printf("%s: %s\n", path,
	       changed ? "nothing of ours any more" : "nothing of ours was there");
	return gateway_forget(invocation) ? CONTROL_EXIT_FINDING : CONTROL_EXIT_OK;
}

/* --- for machines without hairpin --------------------------------------------------------- */

static const struct system {
	const char *name, *path, *how, *then;
} systems[] = {
	{"linux", "/etc/hosts", "as root, with any editor", NULL},
	{"macos", "/etc/hosts", "sudo nano /etc/hosts",
	 "sudo dscacheutil -flushcache; sudo killall -HUP mDNSResponder"},
	{"windows", "C:\\Windows\\System32\\drivers\\etc\\hosts",
	 "Notepad, started as administrator", "ipconfig /flushdns"},
};

void hosts_pin_path(const struct invocation *invocation, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/" HOSTS_PIN_FILE, invocation->state);
}

const char *hosts_system_name(size_t i)
{
	return i < ARRAY_SIZE(systems) ? systems[i].name : NULL;
}

static const struct system *system_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++) {
		if (!strcmp(systems[i].name, name))
			return &systems[i];
	}
	return NULL;
}

int command_hosts_print(const struct invocation *invocation)
{
	const char *name = invocation->system ? invocation->system : "linux";
	const struct system *system = system_find(name);
	_strbuf_ struct strbuf lines = {0}, cannot = {0};

	if (!system) {
		fprintf(stderr,
			"hairpin: --for: %s: not a system that is known here; linux, macos or windows\n",
			name);
		return CONTROL_EXIT_USAGE;
	}
	if (names_make(invocation, &lines, &cannot))
		return CONTROL_EXIT_FINDING;
	printf("# Add these lines at the end of %s (%s).\n", system->path, system->how);
	printf("# Not on a laptop: away from here these addresses are other machines, and the names would lead there.\n");
	printf("# To end it, take out all from \"hairpin: begin\" to \"hairpin: end\".\n");
	if (system->then)
		printf("# After each change: %s\n", system->then);
	lines_print(stdout, "# It cannot say: ", &cannot);
	printf("# hairpin: begin\n");
	fputs(strbuf_text(&lines), stdout);
	printf("# hairpin: end\n");
	return CONTROL_EXIT_OK;
}
