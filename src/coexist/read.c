// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "coexist.h"
#include "file.h"
#include "nft_others.h"

#include <hairpin/limits.h>

/* --- another program's output --------------------------------------------------------------------------- */

static void child_run(const char *program, int out)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execlp(program, program, (char *)NULL);
	_exit(127);
}

/* Until its end, or for as long as anybody may wait. */
static int output_read(int fd, struct strbuf *ret_text)
{
	char bytes[4096];
	ssize_t n;

	for (;;) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};

		if (poll(&wait, 1, LIMIT_IPTABLES_SAVE_MS) <= 0)
			return -ETIMEDOUT;
		n = read(fd, bytes, sizeof(bytes));
		if (n <= 0)
			return n ? -errno : 0;
		strbuf_add_bytes(ret_text, bytes, (size_t)n);
	}
}

/* Text on its standard output; -ENOENT where it is not installed. */
static int program_read(const char *program, struct strbuf *ret_text)
{
	int ends[2], status = 0, ret;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0)
		child_run(program, ends[1]);
	close(ends[1]);
	ret = pid < 0 ? -errno : output_read(ends[0], ret_text);
	close(ends[0]);
	if (pid < 0)
		return ret;
	if (ret)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (ret)
		return ret;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOENT;
}

/* --- iptables in both its forms --------------------------------------------------------------------------- */

static const struct {
	const char *family, *program, *save;
	const char
		*names; /* tables in use, of the old kind; NULL: of the new one, which nft lists */
} savers[] = {
	{"ip", "iptables", "iptables-nft-save", NULL},
	{"ip6", "ip6tables", "ip6tables-nft-save", NULL},
	{"ip", "iptables-legacy", "iptables-legacy-save", "/proc/net/ip_tables_names"},
	{"ip6", "ip6tables-legacy", "ip6tables-legacy-save", "/proc/net/ip6_tables_names"},
};

static bool is_of_iptables(const struct ruletable *table)
{
	static const char *const names[] = {"filter", "nat", "mangle", "raw", "security"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(table->name, names[i]))
			return true;
	}
	return false;
}

static bool is_in_use(const struct rules *rules, size_t saver)
{
	_free_ char *names = NULL;
	size_t length = 0;

	if (savers[saver].names)
		return !file_read(savers[saver].names, 4096, &names, &length) && length > 0;
	for (size_t i = 0; i < rules->n_tables; i++) {
		if (!strcmp(rules->tables[i].family, savers[saver].family) &&
		    is_of_iptables(&rules->tables[i]))
			return true;
	}
	return false;
}

static int iptables_read(struct rules *rules, struct strbuf *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(savers); i++) {
		_strbuf_ struct strbuf text = {0};
		int ret;

		if (!is_in_use(rules, i))
			continue;
		ret = program_read(savers[i].save, &text);
		if (!ret)
			rules_read_iptables(rules, savers[i].family, savers[i].program,
					    strbuf_text(&text));
		/* What nft lists is then all there is; of the old kind there is nothing. */
		if (ret && savers[i].names) {
			strbuf_add(why, "%s: %s", savers[i].save, strerror(-ret));
			return ret;
		}
	}
	return 0;
}

int coexist_read(struct rules *ret_rules, struct strbuf *why)
{
	_strbuf_ struct strbuf text = {0};
	json_t *root = NULL;
	int ret = nft_others_list(&root, &text, why);

	if (ret)
		return ret;
	ret = rules_read_nft(ret_rules, root, strbuf_text(&text));
	json_decref(root);
	if (ret) {
		strbuf_add(why, "nftables: the ruleset is not listed as JSON");
		return ret;
	}
	return iptables_read(ret_rules, why);
}
