// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages with descriptors: whole or not at all, and none of them is left open. */
#include "fd_message.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"

#define TEXT "fifteen octets!"
#define GUARD 0x5a5a5a5a

struct ends {
	int ours, theirs;
};

static struct ends ends_open(int type)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	return (struct ends){ends[0], ends[1]};
}

static void ends_close(const struct ends *ends)
{
	close(ends->ours);
	close(ends->theirs);
}

static unsigned int descriptors_open(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* @n copies of the socket itself, which serve as well as anything. */
static int message_send(const struct ends *ends, const char *text, size_t n)
{
	int fds[FD_MESSAGE_MAX + 1];

	for (size_t i = 0; i < n; i++)
		fds[i] = ends->ours;
	return fd_message_send(ends->ours, text, strlen(text) + 1, fds, n);
}

/* @n are sent, and there is room for @room. */
static const struct {
	size_t n, room;
	int ret;
} amounts[] = {
	/* clang-format off */
	{0, 0, 0},
	{0, 4, 0},
	{1, 1, 0},
	{1, 4, 0},
	{4, 4, 0},
	{FD_MESSAGE_MAX, FD_MESSAGE_MAX, 0},
	{1, 0, -EPIPE},
	/* An odd room: what pads it holds one more, and must not. */
	{2, 1, -EPIPE},
	{4, 3, -EPIPE},
	{188, 187, -EPIPE},
	{5, 4, -EPIPE},
	{FD_MESSAGE_MAX, 3, -EPIPE},
	/* clang-format on */
};

static void amount_check(size_t n, size_t room, int ret)
{
	struct ends ends = ends_open(SOCK_SEQPACKET);
	unsigned int before = descriptors_open();
	char text[sizeof(TEXT)] = "";
	int fds[FD_MESSAGE_MAX + 2];
	size_t came = room;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = GUARD;
	assert_int_equal(message_send(&ends, TEXT, n), 0);
	assert_int_equal(fd_message_receive(ends.theirs, text, sizeof(text), fds, &came), ret);
	assert_int_equal(came, ret ? 0 : n);
	for (size_t i = room; i < ARRAY_SIZE(fds); i++)
		assert_int_equal(fds[i], GUARD);
	assert_int_equal(descriptors_open(), before + came);
	for (size_t i = 0; i < came; i++)
		assert_true(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
	if (!ret)
		assert_string_equal(text, TEXT);
	fds_close(fds, came);
	assert_int_equal(descriptors_open(), before);
	ends_close(&ends);
}

static void test_amounts(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(amounts); i++)
		amount_check(amounts[i].n, amounts[i].room, amounts[i].ret);
}

static void test_too_many(void **state _unused_)
{
	struct ends ends = ends_open(SOCK_SEQPACKET);

	assert_int_equal(message_send(&ends, TEXT, FD_MESSAGE_MAX + 1), -EINVAL);
	ends_close(&ends);
}

/* Shorter or longer than what is expected, with a descriptor that goes with it. */
static void test_sizes(void **state _unused_)
{
	static const char *const texts[] = {"short", TEXT " and more", ""};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ends ends = ends_open(SOCK_SEQPACKET);
		unsigned int before = descriptors_open();
		char text[sizeof(TEXT)];
		size_t n = 1;
		int fd;

		assert_int_equal(message_send(&ends, texts[i], 1), 0);
		assert_int_equal(fd_message_receive(ends.theirs, text, sizeof(text), &fd, &n),
				 -EPIPE);
		assert_int_equal(n, 0);
		assert_int_equal(descriptors_open(), before);
		ends_close(&ends);
	}
}

static void test_ends(void **state _unused_)
{
	struct ends ends = ends_open(SOCK_SEQPACKET);
	char text[sizeof(TEXT)];
	size_t n = 1;
	int fd;

	assert_int_equal(fd_message_receive(ends.theirs, text, sizeof(text), &fd, &n), -EAGAIN);
	assert_int_equal(n, 0);
	close(ends.ours);
	n = 1;
	assert_int_equal(fd_message_receive(ends.theirs, text, sizeof(text), &fd, &n), -EPIPE);
	assert_int_equal(n, 0);
	/* And no SIGPIPE. */
	assert_int_equal(fd_message_send(ends.theirs, text, sizeof(text), NULL, 0), -EPIPE);
	close(ends.theirs);
}

/* A socket that takes no more is the caller's to judge. */
static void test_full(void **state _unused_)
{
	struct ends ends = ends_open(SOCK_SEQPACKET);
	int ret = 0;

	for (unsigned int i = 0; i < 100000 && !ret; i++)
		ret = message_send(&ends, TEXT, 0);
	assert_int_equal(ret, -EAGAIN);
	ends_close(&ends);
}

/* Piece by piece, with more than is wanted at each. */
static void test_stream(void **state _unused_)
{
	struct ends ends = ends_open(SOCK_STREAM);
	unsigned int before = descriptors_open();
	char text[sizeof(TEXT)];
	int fd = -1, first;

	assert_int_equal(message_send(&ends, TEXT, 3), 0);
	assert_int_equal(fd_stream_receive(ends.theirs, text, 4, &fd), 4);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(descriptors_open(), before + 1);
	assert_int_equal(fd_stream_receive(ends.theirs, text + 4, sizeof(text) - 4, &fd),
			 sizeof(text) - 4);
	assert_string_equal(text, TEXT);
	first = fd;
	assert_int_equal(message_send(&ends, TEXT, 2), 0);
	assert_int_equal(fd_stream_receive(ends.theirs, text, sizeof(text), &fd), sizeof(text));
	assert_int_equal(fd, first);
	assert_int_equal(descriptors_open(), before + 1);
	assert_int_equal(fd_stream_receive(ends.theirs, text, sizeof(text), &fd), -EAGAIN);
	/* The one that came is that end too. */
	close(fd);
	close(ends.ours);
	fd = -1;
	assert_int_equal(fd_stream_receive(ends.theirs, text, sizeof(text), &fd), 0);
	assert_int_equal(fd, -1);
	close(ends.theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amounts), cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_sizes),	cmocka_unit_test(test_ends),
		cmocka_unit_test(test_full),	cmocka_unit_test(test_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
