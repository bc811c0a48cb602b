// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * numbered serve PORT, numbered ask RATE DESTINATION: numbered datagrams both ways and a numbered TCP stream through
 * whatever is between, and an account of what was sent and what arrived.
 *
 * The client sends RATE datagrams a second to the server, which sends as many back to the address that it saw, and a TCP stream
 * runs beside. On SIGTERM the client stops, both wait until nothing more arrives, and the client
 * prints one JSON object. Its exit status is 0 if everything that was sent arrived, once and in TCP's case in order.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "helper.h"

#define TICK_MS 2
/* After a stall this many ticks are made good at once and the rest later, so that no burst overruns a queue of the kernel's. */
#define CATCH_UP_TICKS 20
#define NUMBERS_MAX (1u << 24)
/* Words of 64 bits in the stream for each datagram that is sent: 5 MB/s at 10,000 a second. */
#define WORDS_PER_DATAGRAM 64
#define SETTLE_MS 1000
/* Ends the stream; the number after it is how many datagrams were sent. */
#define STREAM_END UINT64_MAX

struct stream {
	int fd;
	uint64_t sent, received; /* words */
	uint64_t peer_total; /* datagrams that the other side says it sent */
	bool wrong, ended;
	uint8_t in[8]; /* a word that has not arrived whole */
	size_t in_fill;
	uint8_t out[65536];
	size_t out_fill, out_done;
};

struct datagrams {
	int fd;
	union endpoint peer; /* family 0: not known yet */
	uint64_t sent, received, duplicates;
	uint64_t last_ns; /* when the last one arrived */
	uint64_t gap_ns; /* the longest time between two */
	uint8_t seen[NUMBERS_MAX / 8];
};

struct account {
	uint64_t sent, received, duplicates, words;
};

static void datagrams_send(struct datagrams *datagrams, unsigned int count)
{
	while (count-- > 0 && datagrams->sent < NUMBERS_MAX) {
		uint64_t number = datagrams->sent;

		if (sendto(datagrams->fd, &number, sizeof(number), 0, &datagrams->peer.any,
			   endpoint_size(&datagrams->peer)) < 0) {
			if (errno == EAGAIN)
				return;
			die("datagram %" PRIu64 ": %s", number, strerror(errno));
		}
		datagrams->sent++;
	}
}

static void note_gap(struct datagrams *datagrams, uint64_t arrived_ns)
{
	uint64_t gap_ns = datagrams->last_ns ? arrived_ns - datagrams->last_ns : 0;

	if (gap_ns > datagrams->gap_ns)
		datagrams->gap_ns = gap_ns;
	datagrams->last_ns = arrived_ns;
}

static void datagrams_take(struct datagrams *datagrams)
{
	for (;;) {
		uint64_t number;
		union endpoint from;
		socklen_t size = sizeof(from);
		ssize_t got = recvfrom(datagrams->fd, &number, sizeof(number), 0, &from.any, &size);

		if (got < 0)
			return;
		if (got != sizeof(number) || number >= NUMBERS_MAX)
			die("a datagram of %zd octets that nobody numbered", got);
		datagrams->peer = from;
		note_gap(datagrams, now_ns());
		if (datagrams->seen[number / 8] & 1u << number % 8) {
			datagrams->duplicates++;
			continue;
		}
		datagrams->seen[number / 8] |= (uint8_t)(1u << number % 8);
		datagrams->received++;
	}
}

static void word_take(struct stream *stream, uint64_t word)
{
	if (stream->ended)
		stream->peer_total = word;
	else if (word == STREAM_END)
		stream->ended = true;
	else if (word == stream->received)
		stream->received++;
	else
		stream->wrong = true;
}

/* False at the end of the stream. */
static bool stream_take(struct stream *stream)
{
	uint8_t data[65536];
	ssize_t got = read(stream->fd, data, sizeof(data));

	if (got < 0 && errno != EAGAIN)
		die("stream: %s", strerror(errno));
	for (ssize_t i = 0; i < got; i++) {
		uint64_t word;

		stream->in[stream->in_fill++] = data[i];
		if (stream->in_fill < sizeof(stream->in))
			continue;
		memcpy(&word, stream->in, sizeof(word));
		stream->in_fill = 0;
		word_take(stream, word);
	}
	return got != 0;
}

static void stream_flush(struct stream *stream)
{
	while (stream->out_done < stream->out_fill) {
		ssize_t put = write(stream->fd, stream->out + stream->out_done,
				    stream->out_fill - stream->out_done);

		if (put < 0 && errno == EAGAIN)
			return;
		if (put < 0)
			die("stream: %s", strerror(errno));
		stream->out_done += (size_t)put;
	}
	stream->out_fill = stream->out_done = 0;
}

static void stream_put(struct stream *stream, uint64_t word)
{
	memcpy(stream->out + stream->out_fill, &word, sizeof(word));
	stream->out_fill += sizeof(word);
}

static void stream_send(struct stream *stream, unsigned int words)
{
	stream_flush(stream);
	while (words-- > 0 && stream->out_fill + 2 * sizeof(uint64_t) < sizeof(stream->out))
		stream_put(stream, stream->sent++);
	stream_flush(stream);
}

/* Blocks until all is out: end mark and total. */
static void stream_finish(struct stream *stream, uint64_t total)
{
	struct pollfd poll_fd = {.fd = stream->fd, .events = POLLOUT};

	stream_flush(stream);
	while (stream->out_fill > 0) {
		poll(&poll_fd, 1, -1);
		stream_flush(stream);
	}
	stream_put(stream, STREAM_END);
	stream_put(stream, total);
	while (stream->out_fill > 0) {
		stream_flush(stream);
		poll(&poll_fd, 1, -1);
	}
}

struct pace {
	int fd;
	uint64_t owed; /* ticks that have passed and are not made good yet */
};

static struct pace pace_new(void)
{
	struct itimerspec spec = {.it_value.tv_nsec = TICK_MS * 1000000,
				  .it_interval.tv_nsec = TICK_MS * 1000000};
	struct pace pace = {.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};

	if (pace.fd < 0 || timerfd_settime(pace.fd, 0, &spec, NULL) < 0)
		die("timer: %s", strerror(errno));
	return pace;
}

/* How many ticks to make good at once. */
static unsigned int pace_ticks(struct pace *pace)
{
	uint64_t passed = 0;
	unsigned int now;

	if (read(pace->fd, &passed, sizeof(passed)) != sizeof(passed))
		return 0;
	pace->owed += passed;
	now = pace->owed > CATCH_UP_TICKS ? CATCH_UP_TICKS : (unsigned int)pace->owed;
	pace->owed -= now;
	return now;
}

/* Until all @total have arrived, or none has for SETTLE_MS. */
static void datagrams_settle(struct datagrams *datagrams, uint64_t total)
{
	struct pollfd poll_fd = {.fd = datagrams->fd, .events = POLLIN};

	while (datagrams->received < total && poll(&poll_fd, 1, SETTLE_MS) > 0)
		datagrams_take(datagrams);
}

/* --- server ----------------------------------------------------------------------------------- */

static int accept_one(const union endpoint *local)
{
	int listener = socket_bound(local, SOCK_STREAM);
	struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
	int fd;

	if (listen(listener, 1) < 0)
		die("listen: %s", strerror(errno));
	poll(&poll_fd, 1, -1);
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		die("accept: %s", strerror(errno));
	return fd;
}

static void serve(uint16_t port)
{
	static struct datagrams datagrams;
	static struct stream stream;
	union endpoint local = {.v6 = {.sin6_family = AF_INET6,
				       .sin6_addr = in6addr_any,
				       .sin6_port = htons(port)}};
	struct account account;
	struct pace pace = pace_new();
	uint64_t per_tick = 0;
	struct pollfd fds[3];

	datagrams.fd = socket_bound(&local, SOCK_DGRAM);
	stream.fd = accept_one(&local);
	fds[0] = (struct pollfd){.fd = datagrams.fd, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = stream.fd, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = pace.fd, .events = POLLIN};
	/* The first word of the stream is the number of datagrams in a tick. */
	poll(&fds[1], 1, -1);
	if (read(stream.fd, &per_tick, sizeof(per_tick)) != sizeof(per_tick))
		die("no rate");
	while (!stream.ended || stream.in_fill > 0 || stream.peer_total == 0) {
		poll(fds, 3, -1);
		datagrams_take(&datagrams);
		if (fds[1].revents && !stream_take(&stream))
			die("the stream ended early");
		if (fds[2].revents) {
			unsigned int ticks = pace_ticks(&pace);

			if (datagrams.peer.any.sa_family)
				datagrams_send(&datagrams, ticks * (unsigned int)per_tick);
		}
	}
	datagrams_settle(&datagrams, stream.peer_total);
	account = (struct account){datagrams.sent, datagrams.received, datagrams.duplicates,
				   stream.wrong ? 0 : stream.received};
	if (write(stream.fd, &account, sizeof(account)) != sizeof(account))
		die("the account was not taken: %s", strerror(errno));
}

/* --- client ----------------------------------------------------------------------------------- */

static int terminations(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int connect_to(const union endpoint *to)
{
	int fd = socket_new(to->any.sa_family, SOCK_STREAM);
	struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t size = sizeof(error);

	if (connect(fd, &to->any, endpoint_size(to)) < 0 && errno != EINPROGRESS)
		die("connect: %s", strerror(errno));
	if (poll(&poll_fd, 1, 10000) <= 0)
		die("connect: no answer");
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error)
		die("connect: %s", strerror(error));
	return fd;
}

static struct account account_read(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	struct account account;
	size_t fill = 0;

	while (fill < sizeof(account)) {
		ssize_t got;

		if (poll(&poll_fd, 1, 30000) <= 0)
			die("no account from the server");
		got = read(fd, (uint8_t *)&account + fill, sizeof(account) - fill);
		if (got <= 0)
			die("the stream ended before the account");
		fill += (size_t)got;
	}
	return account;
}

static int report(const struct datagrams *own, const struct stream *stream,
		  const struct account *server, uint64_t elapsed_ns)
{
	printf("{\"seconds\":%.1f,\"per_second\":%.0f,\"longest_gap_ms\":%.1f,"
	       "\"up\":{\"sent\":%" PRIu64 ",\"received\":%" PRIu64 ",\"duplicates\":%" PRIu64 "},"
	       "\"down\":{\"sent\":%" PRIu64 ",\"received\":%" PRIu64 ",\"duplicates\":%" PRIu64
	       "},"
	       "\"stream\":{\"sent\":%" PRIu64 ",\"received\":%" PRIu64 "}}\n",
	       (double)elapsed_ns / 1e9, (double)own->sent / ((double)elapsed_ns / 1e9),
	       (double)own->gap_ns / 1e6, own->sent, server->received, server->duplicates,
	       server->sent, own->received, own->duplicates, stream->sent * 8, server->words * 8);
	return own->sent == server->received && server->sent == own->received &&
			       server->words == stream->sent && !own->duplicates &&
			       !server->duplicates
		       ? 0
		       : 1;
}

static int ask(uint64_t per_tick, const union endpoint *to)
{
	static struct datagrams datagrams;
	static struct stream stream;
	struct account account;
	struct pace pace = pace_new();
	struct pollfd fds[3];
	uint64_t start, elapsed;

	fds[0] = (struct pollfd){.fd = terminations(), .events = POLLIN};
	datagrams.fd = socket_new(to->any.sa_family, SOCK_DGRAM);
	datagrams.peer = *to;
	stream.fd = connect_to(to);
	if (write(stream.fd, &per_tick, sizeof(per_tick)) != sizeof(per_tick))
		die("stream: %s", strerror(errno));
	fds[1] = (struct pollfd){.fd = datagrams.fd, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = pace.fd, .events = POLLIN};
	start = now_ns();
	while (!fds[0].revents) {
		poll(fds, 3, -1);
		datagrams_take(&datagrams);
		datagrams.peer = *to;
		if (fds[2].revents) {
			unsigned int count = pace_ticks(&pace) * (unsigned int)per_tick;

			datagrams_send(&datagrams, count);
			stream_send(&stream, count * WORDS_PER_DATAGRAM);
		}
	}
	elapsed = now_ns() - start;
	stream_finish(&stream, datagrams.sent);
	/* The server still sends until the end mark reaches it: the account says how many they were. */
	datagrams_settle(&datagrams, UINT64_MAX);
	account = account_read(stream.fd);
	datagrams_settle(&datagrams, account.sent);
	return report(&datagrams, &stream, &account, elapsed);
}

int main(int argc, char **argv)
{
	union endpoint to;
	long rate;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "serve") == 0) {
		serve((uint16_t)number_parse(argv[2], 1, 65535, "port"));
		return 0;
	}
	if (argc != 4 || strcmp(argv[1], "ask") != 0)
		die("usage: numbered serve PORT | numbered ask RATE DESTINATION");
	rate = number_parse(argv[2], 1000 / TICK_MS, 1000000, "rate");
	to = endpoint_parse(argv[3], 0);
	return ask((uint64_t)rate * TICK_MS / 1000, &to);
}
