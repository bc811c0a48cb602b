// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines on their way to stderr and to the journal, whose end a socket plays here. */
#include "log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <hairpin/limits.h>

#include "journal.h"

/* What log_error() and the others wrote since the last call. */
struct capture {
	int journal; /* -1: none */
	int stderr_before;
	FILE *file; /* in place of stderr */
};

static int catch_start(void **state)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	assert_non_null(capture);
	capture->file = tmpfile();
	assert_non_null(capture->file);
	fflush(stderr);
	capture->stderr_before = dup(STDERR_FILENO);
	assert_true(dup2(fileno(capture->file), STDERR_FILENO) >= 0);
	capture->journal = -1;
	log_level_set(LOG_INFO);
	*state = capture;
	return 0;
}

static int catch_end(void **state)
{
	struct capture *capture = *state;

	/* What one test has held back is not told in the next. */
	log_close();
	fflush(stderr);
	dup2(capture->stderr_before, STDERR_FILENO);
	close(capture->stderr_before);
	fclose(capture->file);
	if (capture->journal >= 0)
		close(capture->journal);
	log_use_journal(-1);
	free(capture);
	return 0;
}

static const char *caught(struct capture *capture)
{
	static char text[65536];
	size_t n;

	fflush(stderr);
	rewind(capture->file);
	n = fread(text, 1, sizeof(text) - 1, capture->file);
	text[n] = '\0';
	rewind(capture->file);
	assert_int_equal(ftruncate(fileno(capture->file), 0), 0);
	return text;
}

static void journal_start(struct capture *capture)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	capture->journal = ends[0];
	log_use_journal(ends[1]);
}

/* The next entry; 0 octets: none came. */
static size_t received(const struct capture *capture, char entry[JOURNAL_ENTRY_MAX + 1])
{
	ssize_t n = recv(capture->journal, entry, JOURNAL_ENTRY_MAX, 0);

	entry[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static unsigned int lines_of(const char *text)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* --- stderr ---------------------------------------------------------------------------------------- */

static void test_lines(void **state)
{
	log_error("one %d", 1);
	log_warning("two\nof it\n");
	log_info("three \x1b[2J");
	log_debug("four");
	assert_string_equal(caught(*state), "error: one 1\nwarning: two of it\ninfo: three  [2J\n");
	log_level_set(LOG_ERROR);
	log_warning("five");
	assert_string_equal(caught(*state), "");
	log_level_set(LOG_DEBUG);
	log_debug("six");
	assert_string_equal(caught(*state), "debug: six\n");
}

static void test_repeated(void **state)
{
	const char *text;

	for (unsigned int i = 0; i < LIMIT_LOG_SAME + 7; i++)
		log_warning("again");
	log_warning("another");
	text = caught(*state);
	assert_int_equal(lines_of(text), LIMIT_LOG_SAME + 1);
	assert_non_null(strstr(text, "warning: another\n"));
	log_tick();
	assert_string_equal(caught(*state), "");
	log_close();
	assert_non_null(strstr(caught(*state), "warning: again (repeated 7 times in "));
	log_close();
	assert_string_equal(caught(*state), "");
}

/* A text of another level is another line. */
static void test_repeated_levels(void **state)
{
	for (unsigned int i = 0; i < LIMIT_LOG_SAME; i++)
		log_warning("level");
	log_error("level");
	assert_int_equal(lines_of(caught(*state)), LIMIT_LOG_SAME + 1);
}

static void test_alike(void **state)
{
	char last[64];

	for (unsigned int i = 0; i < LIMIT_LOG_LIKE + 3; i++)
		log_info("lease %u", i);
	assert_int_equal(lines_of(caught(*state)), LIMIT_LOG_LIKE);
	log_close();
	snprintf(last, sizeof(last), "info: lease %u (the last of 3 such lines in ",
		 LIMIT_LOG_LIKE + 2);
	assert_non_null(strstr(caught(*state), last));
}

/* --- the journal ----------------------------------------------------------------------------------- */

static void test_journal(void **state)
{
	const struct log_field fields[] = {{"INTERFACE", "eth0"}, {"by", "refused"}, {0}};
	struct capture *capture = *state;
	char entry[JOURNAL_ENTRY_MAX + 1], expected[256];

	journal_start(capture);
	log_with(LOG_WARNING, fields, "device %s", "eth0");
	received(capture, entry);
	snprintf(expected, sizeof(expected),
		 "MESSAGE=device eth0\nPRIORITY=4\nSYSLOG_IDENTIFIER=%s\nHAIRPIN_INTERFACE=eth0\n",
		 program_invocation_short_name);
	assert_string_equal(entry, expected);
	log_error("e");
	received(capture, entry);
	assert_non_null(strstr(entry, "\nPRIORITY=3\n"));
	log_info("i");
	received(capture, entry);
	assert_non_null(strstr(entry, "\nPRIORITY=6\n"));
	log_level_set(LOG_DEBUG);
	log_debug("d");
	received(capture, entry);
	assert_non_null(strstr(entry, "\nPRIORITY=7\n"));
	assert_int_equal(received(capture, entry), 0);
	assert_string_equal(caught(capture), "");
}

/* What strangers have chosen cannot pass for a field. */
static void test_journal_lines(void **state)
{
	static const char length[8] = {12};
	const char *value = "a\nPRIORITY=0";
	struct capture *capture = *state;
	char entry[JOURNAL_ENTRY_MAX + 1];
	char expected[256];
	size_t n = 0, got;

	journal_start(capture);
	log_with(LOG_INFO, LOG_FIELD("BY", value), "t");
	got = received(capture, entry);
	n = (size_t)snprintf(expected, sizeof(expected),
			     "MESSAGE=t\nPRIORITY=6\nSYSLOG_IDENTIFIER=%s\nHAIRPIN_BY\n",
			     program_invocation_short_name);
	memcpy(expected + n, length, sizeof(length));
	n += sizeof(length);
	n += (size_t)sprintf(expected + n, "%s\n", value);
	assert_int_equal(got, n);
	assert_memory_equal(entry, expected, n);
}

static void test_journal_long(void **state)
{
	struct journal_entry entry = {0};
	char value[JOURNAL_ENTRY_MAX];
	size_t before;

	(void)state;
	memset(value, 'x', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	journal_add(&entry, "MESSAGE", "whole");
	before = entry.length;
	journal_add(&entry, "LONG", value);
	assert_int_equal(entry.length, before);
	journal_add(&entry, "SHORT", "y");
	assert_int_equal(entry.length, before + strlen("SHORT=y\n"));
	journal_add(&entry, "_TRUSTED", "z");
	journal_add(&entry, "", "z");
	journal_add(&entry, "A=B", "z");
	assert_int_equal(entry.length, before + strlen("SHORT=y\n"));
}

static void test_journal_gone(void **state)
{
	struct capture *capture = *state;

	journal_start(capture);
	close(capture->journal);
	capture->journal = -1;
	log_error("kept");
	assert_string_equal(caught(capture), "error: kept\n");
}

/* One that takes nothing is not waited for. */
static void test_journal_full(void **state)
{
	struct capture *capture = *state;
	char folder[] = "/tmp/log_test.XXXXXX";
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd, written = 0;

	assert_non_null(mkdtemp(folder));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", folder);
	assert_int_equal(journal_open(addr.sun_path), -ENOENT);
	capture->journal = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(capture->journal, (struct sockaddr *)&addr, sizeof(addr)), 0);
	fd = journal_open(addr.sun_path);
	assert_true(fd >= 0);
	while (write(fd, "x", 1) == 1)
		assert_true(++written < 1000000);
	assert_int_equal(errno, EAGAIN);
	log_use_journal(fd);
	log_error("lost");
	assert_string_equal(caught(capture), "");
	close(fd);
	unlink(addr.sun_path);
	rmdir(folder);
}

static void test_journal_stream(void **state)
{
	struct capture *capture = *state;
	int fd = fileno(capture->file);
	struct stat status;
	char text[64];

	unsetenv("JOURNAL_STREAM");
	assert_false(journal_is_stream(fd));
	assert_int_equal(fstat(fd, &status), 0);
	snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)status.st_dev,
		 (unsigned long long)status.st_ino);
	setenv("JOURNAL_STREAM", text, 1);
	assert_true(journal_is_stream(fd));
	assert_false(journal_is_stream(capture->stderr_before));
	setenv("JOURNAL_STREAM", "8", 1);
	assert_false(journal_is_stream(fd));
	unsetenv("JOURNAL_STREAM");
}

/* --- the level ------------------------------------------------------------------------------------- */

static void test_level_words(void **state _unused_)
{
	enum log_level level = LOG_DEBUG;

	assert_int_equal(log_level_parse("warning", &level), 0);
	assert_int_equal(level, LOG_WARNING);
	assert_string_equal(log_level_name(level), "warning");
	assert_int_equal(log_level_parse("Warning", &level), -EINVAL);
	assert_int_equal(log_level_parse("", &level), -EINVAL);
	assert_int_equal(level, LOG_WARNING);
}

/* By another process, as a process in a sandbox has it. @go: an octet each time when it shall look. */
static int follower(int fd, int go)
{
	_Atomic int *page = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char octet;

	if (page != MAP_FAILED || write(fd, "x", 1) >= 0)
		return 10;
	if (log_level_follow(fd))
		return 11;
	while (recv(go, &octet, 1, 0) == 1) {
		octet = (char)log_level();
		send(go, &octet, 1, 0);
	}
	return 0;
}

static void test_level_shared(void **state _unused_)
{
	int ends[2], status, fd;
	pid_t pid;

	assert_int_equal(log_level_fd(), -1);
	log_level_set(LOG_WARNING);
	assert_int_equal(log_level_share(), 0);
	assert_int_equal(log_level(), LOG_WARNING);
	fd = log_level_fd();
	assert_true(fd > 9);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	pid = fork();
	if (!pid) {
		close(ends[0]);
		_exit(follower(fd, ends[1]));
	}
	close(ends[1]);
	for (int level = LOG_ERROR; level <= LOG_DEBUG; level++) {
		char octet = 'g';

		log_level_set((enum log_level)level);
		send(ends[0], &octet, 1, MSG_NOSIGNAL);
		assert_int_equal(recv(ends[0], &octet, 1, 0), 1);
		assert_int_equal(octet, level);
	}
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines, catch_start, catch_end),
		cmocka_unit_test_setup_teardown(test_repeated, catch_start, catch_end),
		cmocka_unit_test_setup_teardown(test_repeated_levels, catch_start, catch_end),
		cmocka_unit_test_setup_teardown(test_alike, catch_start, catch_end),
		cmocka_unit_test_setup_teardown(test_journal, catch_start, catch_end),
		cmocka_unit_test_setup_teardown(test_journal_lines, catch_start, catch_end),
		cmocka_unit_test_setup_teardown(test_journal_long, catch_start, catch_end),
		cmocka_unit_test_setup_teardown(test_journal_gone, catch_start, catch_end),
		cmocka_unit_test_setup_teardown(test_journal_full, catch_start, catch_end),
		cmocka_unit_test_setup_teardown(test_journal_stream, catch_start, catch_end),
		cmocka_unit_test(test_level_words),
		cmocka_unit_test(test_level_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
