// SPDX-License-Identifier: GPL-2.0-or-later
/* How much memory a process may have, by folders that look like machines; and how much it has. */
#include "memory.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file.h"
#include "strbuf.h"

#define FILES_MAX 10
#define MIB (1024ULL * 1024)

/* 8 GiB. */
#define MEMINFO                                                                               \
	{                                                                                     \
		"/proc/meminfo", "MemTotal:        8388608 kB\nMemFree:          123456 kB\n" \
	}
#define MOUNTS_V2                               \
	"22 1 0:20 / / rw - ext4 /dev/vda rw\n" \
	"30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
/* Both versions, as systemd calls hybrid; the memory controller is version 1's. */
#define MOUNTS_V1                                                             \
	"30 22 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"       \
	"31 22 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n" \
	"32 22 0:28 / /sys/fs/cgroup/memory rw shared:3 master:4 - cgroup cgroup rw,memory\n"
#define GROUPS_V1 "5:cpu,cpuacct:/a\n4:memory:/system/hairpin\n0::/\n"
#define NO_LIMIT_V1 "9223372036854771712\n"

struct pretended {
	const char *path, *text;
};

static const struct machine {
	const char *name;
	__u64 bytes;
	struct pretended files[FILES_MAX];
} machines[] = {
	{"nothing to be read", 0, {{"/etc/hostname", "nobody\n"}}},
	{"no cgroups", 8192 * MIB, {MEMINFO}},
	{"version 2, no limit anywhere",
	 8192 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", MOUNTS_V2},
	  {"/proc/self/cgroup", "0::/system.slice/hairpind.service\n"},
	  {"/sys/fs/cgroup/system.slice/hairpind.service/memory.max", "max\n"},
	  {"/sys/fs/cgroup/system.slice/memory.max", "max\n"}}},
	{"version 2, its own limit",
	 256 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", MOUNTS_V2},
	  {"/proc/self/cgroup", "0::/system.slice/hairpind.service\n"},
	  {"/sys/fs/cgroup/system.slice/hairpind.service/memory.max", "268435456\n"},
	  {"/sys/fs/cgroup/system.slice/memory.max", "max\n"}}},
	{"version 2, the limit of a group above",
	 128 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", MOUNTS_V2},
	  {"/proc/self/cgroup", "0::/system.slice/hairpind.service\n"},
	  {"/sys/fs/cgroup/system.slice/hairpind.service/memory.max", "268435456\n"},
	  {"/sys/fs/cgroup/system.slice/memory.max", "134217728\n"}}},
	{"version 2, a limit above what the machine has",
	 8192 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", MOUNTS_V2},
	  {"/proc/self/cgroup", "0::/a\n"},
	  {"/sys/fs/cgroup/a/memory.max", "17179869184\n"}}},
	{"version 2, a container that sees its own group as the root",
	 64 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", MOUNTS_V2},
	  {"/proc/self/cgroup", "0::/\n"},
	  {"/sys/fs/cgroup/memory.max", "67108864\n"}}},
	{"version 2, a container whose mount begins at its group",
	 32 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo",
	   "30 22 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
	  {"/proc/self/cgroup", "0::/docker/abc/inner\n"},
	  {"/sys/fs/cgroup/memory.max", "67108864\n"},
	  {"/sys/fs/cgroup/inner/memory.max", "33554432\n"},
	  {"/sys/fs/cgroup/docker/abc/inner/memory.max", "1048576\n"}}},
	{"version 2, a group outside of what is mounted",
	 64 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", MOUNTS_V2},
	  {"/proc/self/cgroup", "0::/../other\n"},
	  {"/sys/fs/cgroup/memory.max", "67108864\n"},
	  {"/sys/fs/other/memory.max", "1048576\n"}}},
	{"a name that only begins like the mounted group",
	 64 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", "30 22 0:26 /abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
	  {"/proc/self/cgroup", "0::/abcdef\n"},
	  {"/sys/fs/cgroup/memory.max", "67108864\n"},
	  {"/sys/fs/cgroupdef/memory.max", "1048576\n"},
	  {"/sys/fs/cgroup/def/memory.max", "1048576\n"}}},
	{"version 1, its own limit",
	 256 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", MOUNTS_V1},
	  {"/proc/self/cgroup", GROUPS_V1},
	  {"/sys/fs/cgroup/memory/system/hairpin/memory.limit_in_bytes", "268435456\n"},
	  {"/sys/fs/cgroup/memory/system/memory.limit_in_bytes", NO_LIMIT_V1},
	  {"/sys/fs/cgroup/cpu/a/memory.limit_in_bytes", "1048576\n"}}},
	{"version 1, no limit",
	 8192 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", MOUNTS_V1},
	  {"/proc/self/cgroup", GROUPS_V1},
	  {"/sys/fs/cgroup/memory/system/hairpin/memory.limit_in_bytes", NO_LIMIT_V1}}},
	{"version 1, the limit of a group above",
	 96 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", MOUNTS_V1},
	  {"/proc/self/cgroup", GROUPS_V1},
	  {"/sys/fs/cgroup/memory/system/hairpin/memory.limit_in_bytes", "268435456\n"},
	  {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "100663296\n"}}},
	{"two mounts, of which one shows more",
	 16 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", MOUNTS_V2 "40 22 0:26 / /mnt/groups rw - cgroup2 cgroup2 rw\n"},
	  {"/proc/self/cgroup", "0::/a\n"},
	  {"/sys/fs/cgroup/memory.max", "max\n"},
	  {"/mnt/groups/a/memory.max", "16777216\n"}}},
	{"lines that are cut short",
	 8192 * MIB,
	 {MEMINFO,
	  {"/proc/self/mountinfo", "\n30 22 0:26 - cgroup2 x y\n - \n30 - cgroup2\nno dash\n"},
	  {"/proc/self/cgroup", "\n0\n0:\n0::/a\n"},
	  {"/a/memory.max", "1048576\n"}}},
};

static void put(const char *root, const struct pretended *file)
{
	_strbuf_ struct strbuf path = {0};
	char *slash;

	strbuf_add(&path, "%s%s", root, file->path);
	slash = strrchr(path.text, '/');
	*slash = '\0';
	assert_int_equal(dir_make(path.text, 0755), 0);
	*slash = '/';
	assert_int_equal(file_write_atomic(path.text, file->text, strlen(file->text), 0644), 0);
}

static int remove_one(const char *path, const struct stat *stat _unused_, int flag _unused_,
		      struct FTW *ftw _unused_)
{
	return remove(path);
}

static void test_machines(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		const struct machine *machine = &machines[i];
		char root[] = "/tmp/hairpin-memory-XXXXXX";
		__u64 bytes;

		assert_non_null(mkdtemp(root));
		for (size_t j = 0; j < FILES_MAX && machine->files[j].path; j++)
			put(root, &machine->files[j]);
		bytes = memory_usable_bytes(root);
		nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
		if (bytes != machine->bytes)
			fail_msg("%s: %llu, not %llu", machine->name, (unsigned long long)bytes,
				 (unsigned long long)machine->bytes);
	}
}

/* This one has some, and never more than the kernel counts. */
static void test_this_machine(void **state _unused_)
{
	__u64 bytes = memory_usable_bytes("");

	assert_true(bytes > 0);
	assert_true(bytes <= (__u64)sysconf(_SC_PHYS_PAGES) * (__u64)sysconf(_SC_PAGESIZE));
}

/* There where its malloc() is not libc's. */
extern void __asan_init(void) __attribute__((weak));

/* Many small ones, and one that is a mapping of its own; a page touched late is none. */
static void test_allocated(void **state _unused_)
{
	enum { N = 1000, OCTETS = 100, LARGE = 16 * 1024 * 1024 };
	__u64 before, few, more;
	void *volatile large;
	void *small[N];

	/* The other build of the same suite looks at it. */
	if (__asan_init)
		return;
	before = memory_allocated_bytes();
	for (size_t i = 0; i < N; i++)
		assert_non_null(small[i] = malloc(OCTETS));
	few = memory_allocated_bytes() - before;
	assert_in_range(few, N * OCTETS, N * (OCTETS + 32));
	assert_non_null(large = malloc(LARGE));
	more = memory_allocated_bytes() - before;
	assert_in_range(more, few + LARGE, few + LARGE + 2 * (__u64)sysconf(_SC_PAGESIZE));
	free(large);
	for (size_t i = 0; i < N; i++)
		free(small[i]);
	/* malloc() itself keeps a handful of each size for the next one (tcache). */
	assert_in_range(memory_allocated_bytes(), before, before + 16 * (OCTETS + 32));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_this_machine),
		cmocka_unit_test(test_allocated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
