// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dns_garbage [-q] [-n COUNT] [-s SEED] SERVER NAME ADDRESS [FOLDER]: malformed queries at a DNS server, and real ones between them.
 *
 * -q: nothing is wrong with them, but each asks for another name, which nobody knows.
 *
 * Messages are made of seeds: those that are built in, and the files of FOLDER without their first octet (corpus of the fuzz target dns_query). 63 of them go
 * out with one real query behind, NAME's address, which has to be ADDRESS. Where answers are missing when that one's is there, a second real query follows: a server may turn
 * the order of what it read at one time, and not more. Each is judged (dns_garbage_judge.c). COUNT are wrong, and what happens to be right comes on top. Prints what came of them; the first faults in full on stderr. Exit status 1: there were some.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns_garbage.h"
#include "helper.h"

#define BATCH 63
#define WAIT_MS 10000
#define FAULTS_SHOWN 5
#define ANSWER_MAX 65536
#define SEED_FILE_MAX 65536

struct flood {
	int fd, aside; /* the second for questions, whose answers may be late */
	void (*make)(struct garbage *ret_garbage);
	uint16_t first_id; /* of the batch; the real query has the id behind it */
	struct garbage garbage[BATCH];
	int verdicts[BATCH];
	bool was_answered[BATCH];
	uint8_t real[300];
	size_t real_length;
	struct in_addr address;
	uint64_t packets, faults, silent, questions, real_asked, real_answered;
	uint64_t by_rcode[32];
};

static void hex_print(const char *what, const uint8_t *octets, size_t length)
{
	fprintf(stderr, "  %s:", what);
	for (size_t i = 0; i < length && i < 600; i++)
		fprintf(stderr, "%s%02x", i % 4 ? "" : " ", octets[i]);
	fputc('\n', stderr);
}

static void fault(struct flood *flood, const struct garbage *garbage, const char *what,
		  const uint8_t *answer, size_t length)
{
	if (flood->faults++ >= FAULTS_SHOWN)
		return;
	fprintf(stderr, "dns_garbage: %s (verdict %d)\n", what, garbage_judge(garbage));
	hex_print("asked", garbage->octets, garbage->length);
	hex_print("answer", answer, length);
}

static void real_make(struct flood *flood, const char *name)
{
	uint8_t *p = flood->real;

	/* Wants recursion, has one question. */
	p[2] = 1;
	p[5] = 1;
	p += 12;
	while (*name) {
		size_t n = strcspn(name, ".");

		if (!n || n > 63 || p + n - flood->real > 250)
			die("'%s' is no name", name);
		*p++ = (uint8_t)n;
		memcpy(p, name, n);
		p += n;
		name += n + (name[n] == '.');
	}
	/* The root, A, IN; the rest is 0 as it is. */
	p[2] = 1;
	p[4] = 1;
	flood->real_length = (size_t)(p + 5 - flood->real);
}

static void id_put(uint8_t *octets, uint16_t id)
{
	octets[0] = (uint8_t)(id >> 8);
	octets[1] = (uint8_t)id;
}

static void batch_make(struct flood *flood)
{
	flood->first_id = (uint16_t)(flood->first_id + BATCH + 1);
	for (uint16_t i = 0; i < BATCH; i++) {
		struct garbage *garbage = &flood->garbage[i];

		flood->make(garbage);
		if (garbage->length >= 2)
			id_put(garbage->octets, (uint16_t)(flood->first_id + i));
		flood->verdicts[i] = garbage_judge(garbage);
		flood->was_answered[i] = false;
	}
	id_put(flood->real, (uint16_t)(flood->first_id + BATCH));
}

static void messages_send(int fd, struct mmsghdr *out, unsigned int n)
{
	while (n) {
		int sent = sendmmsg(fd, out, n, 0);

		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			die("sendmmsg: %s", strerror(errno));
		out += sent > 0 ? sent : 0;
		n -= sent > 0 ? (unsigned int)sent : 0;
	}
}

static void batch_send(struct flood *flood)
{
	struct iovec at[BATCH + 1];
	struct mmsghdr out[BATCH + 1] = {0}, aside[BATCH] = {0};
	unsigned int n = 0, n_aside = 0;

	for (int i = 0; i <= BATCH; i++) {
		bool is_aside = i < BATCH && flood->verdicts[i] == VERDICT_QUESTION;
		struct mmsghdr *message = is_aside ? &aside[n_aside++] : &out[n++];

		at[i] = i < BATCH
				? (struct iovec){flood->garbage[i].octets, flood->garbage[i].length}
				: (struct iovec){flood->real, flood->real_length};
		message->msg_hdr = (struct msghdr){.msg_iov = &at[i], .msg_iovlen = 1};
	}
	messages_send(flood->aside, aside, n_aside);
	messages_send(flood->fd, out, n);
	flood->packets += BATCH;
	flood->real_asked++;
}

static bool is_real_answer(const struct flood *flood, const uint8_t *answer, size_t length)
{
	return length > flood->real_length + 4 && answer[2] == 0x81 && answer[3] == 0x80 &&
	       answer[7] == 1 &&
	       !memcmp(answer + length - 4, &flood->address, sizeof(flood->address));
}

static void answer_take(struct flood *flood, unsigned int i, const uint8_t *answer, size_t length)
{
	const struct garbage *asked = &flood->garbage[i];
	const char *wrong = garbage_answer_fault(asked, flood->verdicts[i], answer, length);

	if (flood->was_answered[i])
		wrong = "a second answer";
	flood->was_answered[i] = true;
	if (wrong)
		fault(flood, asked, wrong, answer, length);
}

/* Until the real answer. */
static void batch_take(struct flood *flood)
{
	static uint8_t answer[ANSWER_MAX];
	struct pollfd wait = {.fd = flood->fd, .events = POLLIN};

	for (;;) {
		ssize_t n = recv(flood->fd, answer, sizeof(answer), 0);
		uint16_t i;

		if (n < 0 && errno == EAGAIN && poll(&wait, 1, WAIT_MS) > 0)
			continue;
		if (n < 0) {
			fprintf(stderr, "dns_garbage: a real query was not answered\n");
			flood->faults++;
			return;
		}
		i = n < 2 ? UINT16_MAX : (uint16_t)((answer[0] << 8 | answer[1]) - flood->first_id);
		if (i < BATCH)
			answer_take(flood, i, answer, (size_t)n);
		if (i != BATCH)
			continue;
		if (is_real_answer(flood, answer, (size_t)n))
			flood->real_answered++;
		else
			fault(flood, &flood->garbage[0], "a real query was answered wrongly",
			      answer, (size_t)n);
		return;
	}
}

static bool is_missing(const struct flood *flood, int i)
{
	return flood->verdicts[i] >= 0 && !flood->was_answered[i];
}

static void batch_wait(struct flood *flood)
{
	struct iovec at = {flood->real, flood->real_length};
	struct mmsghdr again = {.msg_hdr = {.msg_iov = &at, .msg_iovlen = 1}};
	int i = 0;

	batch_take(flood);
	while (i < BATCH && !is_missing(flood, i))
		i++;
	if (i == BATCH)
		return;
	messages_send(flood->fd, &again, 1);
	flood->real_asked++;
	batch_take(flood);
}

/* Those to questions come when they come, or not at all: which is whose cannot be known for long, as ids are soon used again. */
static void aside_take(struct flood *flood)
{
	static uint8_t answer[ANSWER_MAX];
	ssize_t n;

	while ((n = recv(flood->aside, answer, sizeof(answer), 0)) > 0) {
		if (n < 12 || !(answer[2] & 0x80) || (answer[3] & 15) > 5)
			fault(flood, &flood->garbage[0], "no right answer to some question", answer,
			      (size_t)n);
	}
}

static void batch_count(struct flood *flood)
{
	for (int i = 0; i < BATCH; i++) {
		int verdict = flood->verdicts[i];

		if (verdict == VERDICT_SILENCE)
			flood->silent++;
		else if (verdict == VERDICT_QUESTION)
			flood->questions++;
		else
			flood->by_rcode[verdict]++;
		if (is_missing(flood, i))
			fault(flood, &flood->garbage[i], "no answer", NULL, 0);
	}
}

static void file_read(const char *path)
{
	static uint8_t octets[SEED_FILE_MAX];
	FILE *file = fopen(path, "re");
	size_t n;

	if (!file)
		return;
	n = fread(octets, 1, sizeof(octets), file);
	fclose(file);
	if (n > 1)
		garbage_seed_add(octets + 1, n - 1);
}

/* In the order of names, so that the same number makes the same packets everywhere. */
static void folder_read(const char *path)
{
	struct dirent **files;
	int n = scandir(path, &files, NULL, alphasort);

	if (n < 0)
		die("%s: %s", path, strerror(errno));
	for (int i = 0; i < n; i++) {
		char name[PATH_MAX];

		snprintf(name, sizeof(name), "%s/%s", path, files[i]->d_name);
		file_read(name);
		free(files[i]);
	}
	free(files);
}

static int socket_to(const union endpoint *server)
{
	int fd = socket_new(server->any.sa_family, SOCK_DGRAM);

	if (connect(fd, &server->any, endpoint_size(server)) < 0)
		die("connect: %s", strerror(errno));
	return fd;
}

int main(int argc, char **argv)
{
	static struct flood flood = {.make = garbage_make};
	union endpoint server;
	long count = 1000000, seed = 1;
	int option;

	while ((option = getopt(argc, argv, "n:qs:")) != -1) {
		if (option == 'n')
			count = number_parse(optarg, 1, 1000000000, "count");
		else if (option == 'q')
			flood.make = garbage_ask;
		else if (option == 's')
			seed = number_parse(optarg, 0, 1000000000, "seed");
		else
			die("usage: dns_garbage [-q] [-n COUNT] [-s SEED] SERVER NAME ADDRESS [FOLDER]");
	}
	if (argc - optind < 3 || !inet_aton(argv[optind + 2], &flood.address))
		die("usage: dns_garbage [-q] [-n COUNT] [-s SEED] SERVER NAME ADDRESS [FOLDER]");
	server = endpoint_parse(argv[optind], 53);
	real_make(&flood, argv[optind + 1]);
	garbage_begin((uint64_t)seed);
	if (argc - optind > 3)
		folder_read(argv[optind + 3]);
	flood.fd = socket_to(&server);
	flood.aside = socket_to(&server);
	while (flood.packets - (flood.make == garbage_make ? flood.questions : 0) <
	       (uint64_t)count) {
		batch_make(&flood);
		batch_send(&flood);
		batch_wait(&flood);
		aside_take(&flood);
		batch_count(&flood);
	}
	printf("%" PRIu64 " packets: %" PRIu64 " FORMERR, %" PRIu64 " NOTIMP, %" PRIu64
	       " REFUSED, %" PRIu64 " BADVERS, %" PRIu64 " to be silent about, %" PRIu64
	       " questions after all; %" PRIu64 " of %" PRIu64 " real queries answered, %" PRIu64
	       " faults\n",
	       flood.packets, flood.by_rcode[1], flood.by_rcode[4], flood.by_rcode[5],
	       flood.by_rcode[16], flood.silent, flood.questions, flood.real_answered,
	       flood.real_asked, flood.faults);
	return flood.faults != 0;
}
