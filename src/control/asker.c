// SPDX-License-Identifier: GPL-2.0-or-later
#include "asker.h"

#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "file.h"
#include "strbuf.h"

/* A process tree is this deep only by mistake. */
#define ANCESTORS_MAX 64
#define ENVIRONMENT_BYTES (512 * 1024)

static const char name[] = "SSH_CONNECTION=";

/* The value in the environment block of @pid, in *@block's memory; NULL: not there, or not readable. */
static const char *ssh_in_environment(pid_t pid, char **block)
{
	char path[64];
	size_t length;

	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	if (file_read(path, ENVIRONMENT_BYTES, block, &length))
		return NULL;
	for (const char *at = *block; at < *block + length; at += strlen(at) + 1) {
		if (!strncmp(at, name, sizeof(name) - 1))
			return at + sizeof(name) - 1;
	}
	return NULL;
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

void asker_ssh_connection(char *text, size_t size)
{
	const char *own = getenv("SSH_CONNECTION");
	pid_t pid = getpid();

	if (own) {
		snprintf(text, size, "%s", own);
		return;
	}
	text[0] = '\0';
	for (unsigned int i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		_free_ char *block = NULL;
		const char *value;

		pid = parent_of(pid);
		value = pid > 1 ? ssh_in_environment(pid, &block) : NULL;
		if (value) {
			snprintf(text, size, "%s", value);
			return;
		}
	}
}
