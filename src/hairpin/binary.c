// SPDX-License-Identifier: GPL-2.0-or-later
#include "binary.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

const char *binary_hairpind(char *path)
{
	static const char *const beside[] = {"hairpind", "../hairpind/hairpind",
					     "../sbin/hairpind"};
	const char *chosen = getenv("HAIRPIND");
	char own[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash;

	own[n < 0 ? 0 : n] = '\0';
	slash = strrchr(own, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; !chosen && i < ARRAY_SIZE(beside); i++) {
		int length = snprintf(path, PATH_MAX, "%s/%s", own, beside[i]);

		if (length < PATH_MAX && !access(path, X_OK))
			return path;
	}
	snprintf(path, PATH_MAX, "%s", chosen ? chosen : HAIRPIN_SBINDIR "/hairpind");
	return path;
}
