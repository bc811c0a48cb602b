// SPDX-License-Identifier: GPL-2.0-or-later
/* replay DIRECTORY...: runs a fuzz target on every file there, in TAP, without libFuzzer. */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "fuzz.h"

/* Far above what the corpus holds. */
#define INPUT_OCTETS_MAX (1024 * 1024)

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay(const char *directory, const char *name)
{
	static uint8_t octets[INPUT_OCTETS_MAX];
	char path[4096];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "rbe");
	if (!file)
		err(1, "%s", path);
	size = fread(octets, 1, sizeof(octets), file);
	if (!feof(file) || ferror(file))
		errx(1, "%s: not read to its end", path);
	fclose(file);
	LLVMFuzzerTestOneInput(octets, size);
}

/* Numbered from @before on. How many there are. */
static int replay_all(const char *directory, int before)
{
	struct dirent **names;
	int n = scandir(directory, &names, is_input, alphasort);

	if (n <= 0)
		errx(1, "%s: no inputs", directory);
	for (int i = 0; i < n; i++) {
		replay(directory, names[i]->d_name);
		printf("ok %d - %s\n", before + i + 1, names[i]->d_name);
		fflush(stdout);
		free(names[i]);
	}
	free(names);
	return n;
}

int main(int argc, char **argv)
{
	int n = 0;

	if (argc < 2)
		errx(2, "usage: replay DIRECTORY...");
	/* What ends a test of cmocka has to end this program, which is none. */
	setenv("CMOCKA_TEST_ABORT", "1", 1);
	for (int i = 1; i < argc; i++)
		n += replay_all(argv[i], n);
	printf("1..%d\n", n);
	return 0;
}
