// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any octets as a client of the control socket, at a server with its loop: whole or in pieces, with a descriptor or without, one that closes early or
 * takes its answer late.
 *
 * What must hold: the handler is asked once at most, and only by a request that is whole and right; whoever stays gets one answer, with a
 * header that a client takes and one JSON document; no descriptor is left open; and text from elsewhere makes JSON without control characters.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "fuzz.h"
#include "json_text.h"
#include "protocol.h"
#include "server.h"

/* Longer than a request, so that too much is among what is sent. */
#define OCTETS_MAX 192
/* More than a request needs in as many pieces as there are, with an answer. */
#define TURNS 32

enum way {
	WAY_ATTACH = 1, /* a descriptor goes along */
	WAY_SHUT = 2, /* its end is shut for writing after the last octet */
	WAY_LEAVE = 4, /* closed before the answer is read */
	WAY_SHORT = 8, /* what is sent ends with the input; else it is filled up to a request */
};

struct play {
	uv_loop_t loop;
	struct control_server *server;
	uint8_t ways;
	int file; /* that goes along */
	char octets[OCTETS_MAX];
	size_t length;
	unsigned int handled, done;
};

static void answer_done(void *data)
{
	((struct play *)data)->done++;
}

static void handle(void *data, const struct control_request *request, int fd,
		   struct control_reply *reply)
{
	struct play *play = data;
	_strbuf_ struct strbuf why = {0};

	assert_int_equal(++play->handled, 1);
	assert_int_equal(control_request_check(request, sizeof(*request), getuid(), &why), 0);
	assert_memory_equal(request, play->octets, sizeof(*request));
	assert_int_equal(fd >= 0, (play->ways & WAY_ATTACH) != 0);
	strbuf_add(&reply->body, "{\"verb\": \"%s\"}\n", control_verb_name(request->verb));
	reply->done = answer_done;
}

/* --- what is sent: a good request, changed by the input -------------------------------------------------- */

static void fill(struct play *play, struct fuzz_input *input)
{
	struct control_request request;

	control_request_init(&request, (enum control_verb)(fuzz_u8(input) % CONTROL_VERB_MAX));
	memcpy(play->octets, &request, sizeof(request));
	while (!fuzz_over(input) && play->length < OCTETS_MAX)
		play->octets[play->length++] ^= (char)fuzz_u8(input);
	if (!(play->ways & WAY_SHORT) && play->length < sizeof(request))
		play->length = sizeof(request);
}

static void send_piece(struct play *play, int fd, size_t from, size_t n)
{
	struct iovec part = {play->octets + from, n};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if ((play->ways & WAY_ATTACH) && from == 0) {
		struct cmsghdr *header;

		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &play->file, sizeof(play->file));
	}
	/* The server may have answered, or dropped us, before it has all. */
	if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
		assert_true(errno == EPIPE || errno == ECONNRESET);
}

static void turn(struct play *play)
{
	for (int i = 0; i < 4; i++)
		uv_run(&play->loop, UV_RUN_NOWAIT);
}

static void send_all(struct play *play, int fd, size_t piece)
{
	for (size_t at = 0; at < play->length; at += piece) {
		send_piece(play, fd, at, play->length - at < piece ? play->length - at : piece);
		turn(play);
	}
	if (play->ways & WAY_SHUT)
		shutdown(fd, SHUT_WR);
	turn(play);
}

/* --- what comes back -------------------------------------------------------------------------------------- */

static void check_answer(const struct play *play, const char *text, size_t n)
{
	_strbuf_ struct strbuf why = {0};
	struct control_response header;
	json_t *json;

	assert_true(n > sizeof(header));
	memcpy(&header, text, sizeof(header));
	assert_int_equal(control_response_check(&header, &why), 0);
	assert_int_equal(header.exit_code, play->handled ? CONTROL_EXIT_OK : CONTROL_EXIT_FINDING);
	json = json_loadb(text + sizeof(header), n - sizeof(header), 0, NULL);
	assert_non_null(json);
	json_decref(json);
}

static void read_answer(struct play *play, int fd)
{
	char text[4096];
	size_t length = 0;
	ssize_t n = -1;

	for (int i = 0; i < TURNS && n; i++) {
		turn(play);
		n = recv(fd, text + length, sizeof(text) - length, MSG_DONTWAIT);
		if (n < 0 && errno == ECONNRESET)
			n = 0;
		assert_true(n >= 0 || errno == EAGAIN);
		length += n > 0 ? (size_t)n : 0;
	}
	/* Half a request of one who stays may be completed yet. */
	if (n < 0)
		assert_true(play->length < sizeof(struct control_request) &&
			    !(play->ways & WAY_SHUT));
	else if (length)
		check_answer(play, text, length);
	else
		/* Nothing was asked, or the answer was lost with what was sent beyond it. */
		assert_true(play->length == 0 || play->length > sizeof(struct control_request));
}

/* --- all of it -------------------------------------------------------------------------------------------- */

static void play_client(struct play *play, size_t piece)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(control_server_adopt(play->server, ends[0]), 0);
	send_all(play, ends[1], piece);
	if (!(play->ways & WAY_LEAVE))
		read_answer(play, ends[1]);
	close(ends[1]);
	turn(play);
}

static int file_open(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void check_text(const struct play *play)
{
	json_t *json = json_text(play->octets, play->length);
	const char *text = json_string_value(json);

	assert_non_null(text);
	for (; *text; text++) {
		assert_true((unsigned char)*text >= 0x20 || *text == '\t');
		assert_int_not_equal(*text, 0x7f);
		assert_false((unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0);
	}
	json_decref(json);
}

static void check_request(const struct play *play)
{
	_strbuf_ struct strbuf why = {0};
	int ret = control_request_check(play->octets, play->length, 1000, &why);

	assert_int_equal(!ret, !why.length);
	assert_true(ret || play->length == sizeof(struct control_request));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct play play = {.ways = fuzz_u8(&input)};
	const struct control_server_options options = {
		.group = (gid_t)-1, .idle_ms = 60000, .handler = handle, .data = &play};
	size_t piece = fuzz_u8(&input);
	int next;

	/* The lowest free descriptor is the same at the end, if nothing was left open. */
	play.file = file_open();
	fill(&play, &input);
	check_text(&play);
	check_request(&play);
	assert_int_equal(uv_loop_init(&play.loop), 0);
	assert_int_equal(control_server_open(&play.loop, &options, &play.server), 0);
	play_client(&play, piece ? piece : OCTETS_MAX);
	control_server_close(play.server);
	uv_run(&play.loop, UV_RUN_DEFAULT);
	assert_int_equal(play.handled, play.done);
	assert_int_equal(uv_loop_close(&play.loop), 0);
	close(play.file);
	next = file_open();
	close(next);
	assert_int_equal(next, play.file);
	return 0;
}
