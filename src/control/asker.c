// SPDX-License-Identifier: GPL-2.0-or-later
#include "asker.h"

#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "file.h"
#include "strbuf.h"

/* A process tree is this deep only by mistake. */
#define ANCESTORS_MAX 64
#define ENVIRONMENT_BYTES (512 * 1024)

/* Returns whether it is that of an ssh session; the first that is seen counts. */
static bool see_variable(const char *variable, struct asker *asker)
{
	static const char ssh[] = "SSH_CONNECTION=";

	if (!strncmp(variable, "TMUX=", 5) || !strncmp(variable, "STY=", 4))
		asker->shared = true;
	if (strncmp(variable, ssh, sizeof(ssh) - 1))
		return false;
	if (!asker->ssh[0])
		snprintf(asker->ssh, sizeof(asker->ssh), "%s", variable + sizeof(ssh) - 1);
	return true;
}

/* The same of all that @pid has. What is not readable says nothing. */
static bool see_environment(pid_t pid, struct asker *asker)
{
	_free_ char *block = NULL;
	bool of_session = false;
	char path[64];
	size_t length;

	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	if (file_read(path, ENVIRONMENT_BYTES, &block, &length))
		return false;
	for (const char *at = block; at < block + length; at += strlen(at) + 1)
		of_session |= see_variable(at, asker);
	return of_session;
}

/* The parent of @pid; 0: unknown. */
static pid_t parent_of(pid_t pid)
{
	_free_ char *text = NULL;
	char path[64];
	const char *end;
	size_t length;
	int parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (file_read(path, 4096, &text, &length))
		return 0;
	/* The name in parentheses may hold anything, parentheses too: what follows the last one counts. */
	end = strrchr(text, ')');
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

void asker_find(struct asker *ret_asker)
{
	struct asker asker = {0};
	pid_t pid = getpid();

	/* Not by /proc, which shows what it was when the program began. */
	for (char **at = environ; *at; at++)
		see_variable(*at, &asker);
	/* Up to the server of the session, whose own environment does not have the variable. */
	for (unsigned int i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		pid = parent_of(pid);
		if (pid > 1 && !see_environment(pid, &asker) && asker.ssh[0])
			break;
	}
	*ret_asker = asker;
}
