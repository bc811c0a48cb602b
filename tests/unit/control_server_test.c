// SPDX-License-Identifier: GPL-2.0-or-later
/* The server on a loop of its own: clients are the other ends of socket pairs, or come through a real socket. */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include <cmocka.h>

#include "client.h"
#include "protocol.h"

#include <hairpin/limits.h>

/* More than a socket buffers, so that the answer cannot be written at once. */
#define PIECES 64
#define PIECE_BYTES 65536

struct bench {
	uv_loop_t loop;
	struct control_server *server;
	unsigned int handled, done, freed;
	__u32 verb; /* of the last request */
	char attached[32]; /* what the descriptor that came with it said */
	unsigned int pieces; /* still to be given */
	unsigned int busy_ms; /* how long the next request takes */
	uv_timer_t deadline;
	bool late;
};

static int more_pieces(void *state, struct strbuf *out)
{
	struct bench *bench = state;
	static const char piece[PIECE_BYTES];

	strbuf_add_bytes(out, piece, sizeof(piece));
	return --bench->pieces > 0;
}

static void pieces_freed(void *state)
{
	((struct bench *)state)->freed++;
}

static void answer_done(void *data)
{
	((struct bench *)data)->done++;
}

static void handle(void *data, const struct control_request *request, int fd,
		   struct control_reply *reply)
{
	struct bench *bench = data;

	const struct timespec busy = {.tv_nsec = 1000000L * bench->busy_ms};

	nanosleep(&busy, NULL);
	bench->busy_ms = 0;
	bench->handled++;
	bench->verb = request->verb;
	reply->done = answer_done;
	reply->exit_code = CONTROL_EXIT_FINDING;
	if (fd >= 0 && read(fd, bench->attached, sizeof(bench->attached) - 1) < 0)
		fail_msg("%s", strerror(errno));
	if (request->verb != CONTROL_SHOW_SESSIONS) {
		strbuf_add(&reply->body, "{}\n");
		return;
	}
	bench->pieces = PIECES;
	reply->more = more_pieces;
	reply->more_free = pieces_freed;
	reply->more_state = bench;
}

static void bench_open(struct bench *bench, const char *path, unsigned int idle_ms)
{
	const struct control_server_options options = {.path = path,
						       .group = (gid_t)-1,
						       .idle_ms = idle_ms,
						       .handler = handle,
						       .data = bench};

	memset(bench, 0, sizeof(*bench));
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	assert_int_equal(uv_timer_init(&bench->loop, &bench->deadline), 0);
	assert_int_equal(control_server_open(&bench->loop, &options, &bench->server), 0);
}

static void bench_close(struct bench *bench)
{
	control_server_close(bench->server);
	uv_close((uv_handle_t *)&bench->deadline, NULL);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bench->loop), 0);
}

/* The other end of a client of the server. */
static int bench_client(struct bench *bench)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(control_server_adopt(bench->server, ends[0]), 0);
	return ends[1];
}

static void on_deadline(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

/* Runs the loop until @fd has something to read, or five seconds have gone. */
static void bench_turn(struct bench *bench, int fd)
{
	char octet;

	bench->deadline.data = &bench->late;
	uv_timer_start(&bench->deadline, on_deadline, 5000, 0);
	while (!bench->late && recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
		uv_run(&bench->loop, UV_RUN_ONCE);
	uv_timer_stop(&bench->deadline);
	assert_false(bench->late);
}

/* Everything until end of file; returns how much. */
static size_t bench_read(struct bench *bench, int fd, char *text, size_t size)
{
	size_t length = 0;

	for (;;) {
		char block[4096];
		ssize_t n;

		bench_turn(bench, fd);
		n = recv(fd, block, sizeof(block), 0);
		assert_true(n >= 0);
		if (n == 0)
			break;
		for (ssize_t i = 0; i < n && length + (size_t)i + 1 < size; i++)
			text[length + (size_t)i] = block[i];
		length += (size_t)n;
	}
	text[length < size ? length : size - 1] = '\0';
	return length;
}

/* Sends @length octets of @request and returns the exit code and the text of the answer. */
static int ask(struct bench *bench, const void *request, size_t length, char *text, size_t size)
{
	struct control_response header;
	_close_ int fd = bench_client(bench);
	char answer[4096];
	size_t n;

	assert_int_equal(send(fd, request, length, 0), (ssize_t)length);
	if (length < sizeof(struct control_request))
		shutdown(fd, SHUT_WR);
	n = bench_read(bench, fd, answer, sizeof(answer));
	assert_true(n >= sizeof(header));
	memcpy(&header, answer, sizeof(header));
	assert_int_equal(header.magic, CONTROL_MAGIC);
	snprintf(text, size, "%.*s", (int)size - 1, answer + sizeof(header));
	return header.exit_code;
}

static void test_answer(void **state _unused_)
{
	struct control_request request;
	struct bench bench;
	char text[256];

	bench_open(&bench, NULL, 5000);
	control_request_init(&request, CONTROL_STATUS);
	assert_int_equal(ask(&bench, &request, sizeof(request), text, sizeof(text)),
			 CONTROL_EXIT_FINDING);
	assert_string_equal(text, "{}\n");
	assert_int_equal(bench.handled, 1);
	assert_int_equal(bench.done, 1);
	bench_close(&bench);
}

/* In three parts with the loop in between. */
static void test_answer_parts(void **state _unused_)
{
	struct control_request request;
	struct bench bench;
	char text[256];
	int fd;

	bench_open(&bench, NULL, 5000);
	fd = bench_client(&bench);
	control_request_init(&request, CONTROL_SHOW_DROPS);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(bench.handled, 0);
		assert_int_equal(send(fd, (const char *)&request + 32 * i, 32, 0), 32);
		uv_run(&bench.loop, UV_RUN_ONCE);
	}
	bench_read(&bench, fd, text, sizeof(text));
	assert_int_equal(bench.verb, CONTROL_SHOW_DROPS);
	close(fd);
	bench_close(&bench);
}

static void test_refused(void **state _unused_)
{
	struct control_request requests[2] = {0};
	struct bench bench;
	char text[256];

	bench_open(&bench, NULL, 5000);
	control_request_init(&requests[0], CONTROL_STATUS);
	assert_int_equal(ask(&bench, requests, 40, text, sizeof(text)), CONTROL_EXIT_FINDING);
	assert_non_null(strstr(text, "not 40"));
	assert_int_equal(ask(&bench, requests, sizeof(requests[0]) + 1, text, sizeof(text)),
			 CONTROL_EXIT_FINDING);
	assert_non_null(strstr(text, "not 129"));
	requests[0].magic = 1;
	ask(&bench, requests, sizeof(requests[0]), text, sizeof(text));
	assert_non_null(strstr(text, "magic"));
	requests[0].magic = CONTROL_MAGIC;
	requests[0].version = 7;
	ask(&bench, requests, sizeof(requests[0]), text, sizeof(text));
	assert_non_null(strstr(text, "version 7"));
	assert_int_equal(bench.handled, 0);
	bench_close(&bench);
}

/* The credentials of a socket pair are those of its maker, at that moment. */
static void test_refused_user(void **state _unused_)
{
	struct control_request request;
	struct bench bench;
	char text[256];

	bench_open(&bench, NULL, 5000);
	control_request_init(&request, CONTROL_DETACH);
	if (geteuid() == 0) {
		ask(&bench, &request, sizeof(request), text, sizeof(text));
		assert_int_equal(bench.handled, 1);
		assert_int_equal(seteuid(65534), 0);
	}
	ask(&bench, &request, sizeof(request), text, sizeof(text));
	assert_non_null(strstr(text, "root"));
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(bench.handled, getuid() == 0);
	bench_close(&bench);
}

static unsigned int count_descriptors(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* One octet, and @n copies of @fd along with it. */
static void send_octet(int fd, char octet, size_t n)
{
	int copies[8] = {fd, fd, fd, fd, fd, fd, fd, fd};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(copies))] = {0};
	struct iovec part = {&octet, 1};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(n * sizeof(int)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(header), copies, n * sizeof(int));
	assert_int_equal(sendmsg(fd, &message, 0), 1);
}

/* Descriptors with each octet of a request that does not end: one of them is kept, as long as the client is there. */
static void test_descriptors(void **state _unused_)
{
	unsigned int before;
	struct bench bench;
	int fd;

	bench_open(&bench, NULL, 5000);
	fd = bench_client(&bench);
	before = count_descriptors();
	for (size_t i = 0; i < 40; i++) {
		send_octet(fd, 'x', 1 + i % 8);
		uv_run(&bench.loop, UV_RUN_ONCE);
		assert_int_equal(count_descriptors(), before + 1);
	}
	close(fd);
	bench_close(&bench);
}

/* An asker that gave up, because nobody answered, does not get it after all. */
static void test_gone(void **state _unused_)
{
	struct control_request request;
	struct bench bench;
	int fd;

	bench_open(&bench, NULL, 5000);
	control_request_init(&request, CONTROL_APPLY);
	fd = bench_client(&bench);
	assert_int_equal(send(fd, &request, sizeof(request), 0), sizeof(request));
	close(fd);
	uv_run(&bench.loop, UV_RUN_ONCE);
	assert_int_equal(bench.handled, 0);

	/* One that only has no more to say is there still. */
	fd = bench_client(&bench);
	assert_int_equal(send(fd, &request, sizeof(request), 0), sizeof(request));
	shutdown(fd, SHUT_WR);
	uv_run(&bench.loop, UV_RUN_ONCE);
	assert_int_equal(bench.handled, 1);
	close(fd);
	bench_close(&bench);
}

static void test_long_answer(void **state _unused_)
{
	struct control_request request;
	struct bench bench;
	char text[16];
	int fd;

	bench_open(&bench, NULL, 5000);
	fd = bench_client(&bench);
	control_request_init(&request, CONTROL_SHOW_SESSIONS);
	assert_int_equal(send(fd, &request, sizeof(request), 0), sizeof(request));
	assert_int_equal(bench_read(&bench, fd, text, sizeof(text)),
			 sizeof(struct control_response) + (size_t)PIECES * PIECE_BYTES);
	assert_int_equal(bench.freed, 1);
	assert_int_equal(bench.done, 1);
	close(fd);
	bench_close(&bench);
}

/* A reader that takes nothing is dropped, and the others are not held up meanwhile. */
static void test_slow_reader(void **state _unused_)
{
	struct control_request request;
	struct bench bench;
	char text[256];
	int slow;

	bench_open(&bench, NULL, 100);
	slow = bench_client(&bench);
	control_request_init(&request, CONTROL_SHOW_SESSIONS);
	assert_int_equal(send(slow, &request, sizeof(request), 0), sizeof(request));
	while (bench.handled == 0)
		uv_run(&bench.loop, UV_RUN_ONCE);
	control_request_init(&request, CONTROL_STATUS);
	assert_int_equal(ask(&bench, &request, sizeof(request), text, sizeof(text)),
			 CONTROL_EXIT_FINDING);
	assert_int_equal(bench.freed, 0);
	while (bench.freed == 0)
		uv_run(&bench.loop, UV_RUN_ONCE);
	assert_true(bench.pieces > 0);
	assert_int_equal(bench.done, 2);
	close(slow);
	bench_close(&bench);
}

/* One that asks nothing, likewise. */
/* Nobody was idle but the server: neither who asked, nor who waited for their turn. */
static void test_busy_server(void **state _unused_)
{
	struct control_request request;
	int asks, waits;
	struct bench bench;
	char text[64];

	control_request_init(&request, CONTROL_STATUS);
	bench_open(&bench, NULL, 100);
	bench.busy_ms = 300;
	asks = bench_client(&bench);
	waits = bench_client(&bench);
	assert_int_equal(send(asks, &request, sizeof(request), 0), sizeof(request));
	assert_int_equal(send(waits, &request, sizeof(request), 0), sizeof(request));
	assert_true(bench_read(&bench, asks, text, sizeof(text)) > 0);
	assert_true(bench_read(&bench, waits, text, sizeof(text)) > 0);
	assert_int_equal(bench.handled, 2);
	close(asks);
	close(waits);
	bench_close(&bench);
}

static void test_silent_client(void **state _unused_)
{
	struct bench bench;
	char text[16];
	int fd;

	bench_open(&bench, NULL, 50);
	fd = bench_client(&bench);
	assert_int_equal(bench_read(&bench, fd, text, sizeof(text)), 0);
	assert_int_equal(bench.handled, 0);
	close(fd);
	bench_close(&bench);
}

static void assert_no_room(struct bench *bench)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(control_server_adopt(bench->server, ends[0]), -EBUSY);
	close(ends[1]);
}

static void test_too_many(void **state _unused_)
{
	const size_t room = LIMIT_CONTROL_CLIENTS - (geteuid() ? LIMIT_CONTROL_ROOT : 0);
	int fds[LIMIT_CONTROL_CLIENTS];
	struct bench bench;

	bench_open(&bench, NULL, 5000);
	for (size_t i = 0; i < room; i++)
		fds[i] = bench_client(&bench);
	assert_no_room(&bench);
	/* One that leaves makes room. */
	close(fds[0]);
	uv_run(&bench.loop, UV_RUN_ONCE);
	uv_run(&bench.loop, UV_RUN_NOWAIT);
	fds[0] = bench_client(&bench);
	for (size_t i = 0; i < room; i++)
		close(fds[i]);
	bench_close(&bench);
}

/* Users who take all that they get leave places to root. */
static void test_room_for_root(void **state _unused_)
{
	int fds[LIMIT_CONTROL_CLIENTS];
	struct bench bench;

	if (geteuid() != 0)
		skip();
	bench_open(&bench, NULL, 5000);
	assert_int_equal(seteuid(65534), 0);
	for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS - LIMIT_CONTROL_ROOT; i++)
		fds[i] = bench_client(&bench);
	assert_no_room(&bench);
	assert_int_equal(seteuid(0), 0);
	for (size_t i = LIMIT_CONTROL_CLIENTS - LIMIT_CONTROL_ROOT; i < LIMIT_CONTROL_CLIENTS; i++)
		fds[i] = bench_client(&bench);
	assert_no_room(&bench);
	/* The place that a user leaves is a user's again. */
	close(fds[0]);
	uv_run(&bench.loop, UV_RUN_ONCE);
	uv_run(&bench.loop, UV_RUN_NOWAIT);
	assert_int_equal(seteuid(65534), 0);
	fds[0] = bench_client(&bench);
	assert_no_room(&bench);
	assert_int_equal(seteuid(0), 0);
	for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS; i++)
		close(fds[i]);
	bench_close(&bench);
}

/* --- through a socket, with the client's code ------------------------------------------------ */

struct question {
	struct control_call call;
	struct control_answer answer;
	_Alignas(8) char why[256];
	int ret;
};

static void ask_in_thread(void *data)
{
	struct question *question = data;
	_strbuf_ struct strbuf why = {0};

	question->ret = control_ask(&question->call, &question->answer, &why);
	snprintf(question->why, sizeof(question->why), "%s", strbuf_text(&why));
}

static void make_path(char *path, size_t size, char *directory)
{
	strcpy(directory, "/tmp/hairpin-test-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, size, "%s/control.sock", directory);
}

static void test_socket(void **state _unused_)
{
	char directory[32], path[64];
	struct question question = {.call = {.path = path, .timeout_ms = 5000}};
	struct bench bench;
	struct stat status;
	uv_thread_t thread;
	int ends[2];

	make_path(path, sizeof(path), directory);
	bench_open(&bench, path, 5000);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0660);

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "sent along", 10), 10);
	question.call.attach = ends[0];
	control_request_init(&question.call.request, CONTROL_STATUS);
	assert_int_equal(uv_thread_create(&thread, ask_in_thread, &question), 0);
	while (bench.done == 0)
		uv_run(&bench.loop, UV_RUN_ONCE);
	uv_thread_join(&thread);
	assert_string_equal(question.why, "");
	assert_int_equal(question.ret, 0);
	assert_int_equal(question.answer.header.exit_code, CONTROL_EXIT_FINDING);
	assert_string_equal(bench.attached, "sent along");
	close(question.answer.fd);
	close(ends[0]);
	close(ends[1]);

	bench_close(&bench);
	assert_int_equal(access(path, F_OK), -1);
	ask_in_thread(&question);
	assert_true(control_is_absent(question.ret));
	assert_non_null(strstr(question.why, "not running"));
	rmdir(directory);
}

/* A socket file with nobody behind it is replaced, one with somebody is not. */
static void test_stale_socket(void **state _unused_)
{
	char directory[32], path[64];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct control_server_options options = {
		.path = path, .group = (gid_t)-1, .idle_ms = 50, .handler = handle};
	struct control_server *second = NULL;
	struct bench bench;
	int fd;

	make_path(path, sizeof(path), directory);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);

	bench_open(&bench, path, 5000);
	assert_int_equal(control_server_open(&bench.loop, &options, &second), -EADDRINUSE);
	assert_null(second);
	assert_int_equal(access(path, F_OK), 0);
	bench_close(&bench);
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),	      cmocka_unit_test(test_answer_parts),
		cmocka_unit_test(test_refused),	      cmocka_unit_test(test_refused_user),
		cmocka_unit_test(test_gone),	      cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_long_answer),   cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_silent_client), cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_room_for_root), cmocka_unit_test(test_socket),
		cmocka_unit_test(test_stale_socket),  cmocka_unit_test(test_busy_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
