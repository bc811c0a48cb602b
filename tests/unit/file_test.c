// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole files, on a disk of their own: a tmpfs of 64 KiB in a mount namespace of
 * this process, so that the disk can be filled.
 */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "cleanup.h"

#define DISK "/tmp"
#define DISK_BYTES 65536

/* /tmp is there on every machine, and what is mounted over it here no other process sees. */
static int disk_mount(void **state _unused_)
{
	if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS)) {
		print_error("no mount namespace: %s\n", strerror(errno));
		return -1;
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", DISK, "tmpfs", 0, "size=64k,mode=0755")) {
		print_error("no file system: %s\n", strerror(errno));
		return -1;
	}
	umask(022);
	return 0;
}

static void put(const char *path, const char *text, size_t length)
{
	_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), length);
}

static void assert_text(const char *path, const char *expected)
{
	_free_ char *text = NULL;
	size_t length;

	assert_int_equal(file_read(path, DISK_BYTES, &text, &length), 0);
	assert_int_equal(length, strlen(expected));
	assert_string_equal(text, expected);
}

static unsigned int count_files(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void test_read(void **state _unused_)
{
	_free_ char *text = NULL;
	size_t length = 42;

	put(DISK "/read",
	    "12345\0"
	    "89",
	    8);
	assert_int_equal(file_read(DISK "/read", 8, &text, &length), 0);
	assert_int_equal(length, 8);
	assert_memory_equal(text,
			    "12345\0"
			    "89",
			    9);
	unlink(DISK "/read");
}

/* The limit is the length that is still read, and a failure touches nothing. */
static void test_read_limit(void **state _unused_)
{
	char *text = NULL;
	size_t length = 42;

	put(DISK "/read", "12345", 5);
	assert_int_equal(file_read(DISK "/read", 4, &text, &length), -EFBIG);
	assert_int_equal(file_read(DISK "/read", 0, &text, &length), -EFBIG);
	assert_int_equal(file_read("/dev/zero", 1000, &text, &length), -EFBIG);
	assert_int_equal(file_read(DISK "/none", 4, &text, &length), -ENOENT);
	assert_int_equal(file_read(DISK, 4, &text, &length), -EISDIR);
	assert_int_equal(file_read_fd(-1, 4, &text, &length), -EBADF);
	assert_null(text);
	assert_int_equal(length, 42);
	unlink(DISK "/read");
}

/* What comes in pieces is read to its end. */
static void test_read_pipe(void **state _unused_)
{
	_free_ char *text = NULL;
	_close_ int out = -1;
	size_t length;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	out = fds[0];
	assert_int_equal(write(fds[1], "one ", 4), 4);
	assert_int_equal(write(fds[1], "two", 3), 3);
	close(fds[1]);
	assert_int_equal(file_read_fd(out, 7, &text, &length), 0);
	assert_string_equal(text, "one two");
}

static void test_write(void **state _unused_)
{
	struct stat before, after;

	assert_int_equal(file_write_atomic(DISK "/state", "old", 3, 0600), 0);
	assert_text(DISK "/state", "old");
	assert_int_equal(stat(DISK "/state", &before), 0);
	assert_int_equal(before.st_mode & 07777, 0600);
	assert_int_equal(file_write_atomic(DISK "/state", "newer", 5, 0644), 0);
	assert_text(DISK "/state", "newer");
	/* Another file under the name: who has the old one open reads it to its end. */
	assert_int_equal(stat(DISK "/state", &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(after.st_mode & 07777, 0644);
	assert_int_equal(file_write_atomic(DISK "/state", "", 0, 0644), 0);
	assert_text(DISK "/state", "");
	assert_int_equal(count_files(DISK), 1);
	unlink(DISK "/state");
}

static void test_write_old_reader(void **state _unused_)
{
	_free_ char *text = NULL;
	_close_ int fd = -1;
	size_t length;

	assert_int_equal(file_write_atomic(DISK "/state", "old", 3, 0600), 0);
	fd = open(DISK "/state", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(file_write_atomic(DISK "/state", "new", 3, 0600), 0);
	assert_int_equal(file_read_fd(fd, 10, &text, &length), 0);
	assert_string_equal(text, "old");
	unlink(DISK "/state");
}

/* A disk that fills up in the middle of the new text leaves the old one, and nothing of the new. */
static void test_write_full_disk(void **state _unused_)
{
	_free_ char *large = malloc(2 * DISK_BYTES);

	assert_non_null(large);
	memset(large, 'x', 2 * DISK_BYTES);
	assert_int_equal(file_write_atomic(DISK "/state", "old", 3, 0600), 0);
	assert_int_equal(file_write_atomic(DISK "/state", large, 2 * DISK_BYTES, 0600), -ENOSPC);
	assert_text(DISK "/state", "old");
	assert_int_equal(count_files(DISK), 1);
	/* And there is room again for what fits. */
	assert_int_equal(file_write_atomic(DISK "/state", large, DISK_BYTES / 4, 0600), 0);
	unlink(DISK "/state");
}

static void test_write_leftover(void **state _unused_)
{
	/* What a crash left behind is written over; a link put there is not followed. */
	put(DISK "/state.new", "half of something longer", 24);
	assert_int_equal(file_write_atomic(DISK "/state", "new", 3, 0600), 0);
	assert_text(DISK "/state", "new");
	put(DISK "/other", "other", 5);
	assert_int_equal(symlink("other", DISK "/state.new"), 0);
	assert_int_equal(file_write_atomic(DISK "/state", "newer", 5, 0600), -ELOOP);
	assert_text(DISK "/state", "new");
	assert_text(DISK "/other", "other");
	unlink(DISK "/state.new");
	unlink(DISK "/state");
	unlink(DISK "/other");
}

static void test_write_nowhere(void **state _unused_)
{
	char path[PATH_MAX + 1];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(file_write_atomic(DISK "/none/state", "new", 3, 0600), -ENOENT);
	assert_int_equal(file_write_atomic(path, "new", 3, 0600), -ENAMETOOLONG);
	assert_int_equal(mkdir(DISK "/dir", 0755), 0);
	assert_int_equal(file_write_atomic(DISK "/dir", "new", 3, 0600), -EISDIR);
	assert_int_equal(count_files(DISK), 1);
	rmdir(DISK "/dir");
}

static void test_dir(void **state _unused_)
{
	struct stat st;

	assert_int_equal(dir_make(DISK "/a/b/c", 0700), 0);
	assert_int_equal(stat(DISK "/a/b", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(DISK "/a/b/c", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	/* There already, and left as it is. */
	assert_int_equal(dir_make(DISK "/a/b/c", 0755), 0);
	assert_int_equal(stat(DISK "/a/b/c", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	put(DISK "/a/file", "", 0);
	assert_int_equal(dir_make(DISK "/a/file/d", 0755), -ENOTDIR);
	unlink(DISK "/a/file");
	rmdir(DISK "/a/b/c");
	rmdir(DISK "/a/b");
	rmdir(DISK "/a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_limit),
		cmocka_unit_test(test_read_pipe),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_old_reader),
		cmocka_unit_test(test_write_full_disk),
		cmocka_unit_test(test_write_leftover),
		cmocka_unit_test(test_write_nowhere),
		cmocka_unit_test(test_dir),
	};

	return cmocka_run_group_tests(tests, disk_mount, NULL);
}
