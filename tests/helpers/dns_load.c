// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dns_load [-n COUNT] [-c SOCKETS] [-w WINDOW] SERVER FILE: asks a DNS server COUNT questions as fast as it answers, WINDOW of them on their way at a time.
 *
 * FILE has a name and A or AAAA a line, and is asked in turn. Queries go out and answers come in by many to a system call, so that this takes less than any server
 * does, and the server is what is measured. SIGINT ends it early. Prints "answered N, NOERROR M, lost L in T us". Lost is what was not there when nothing had come for a second.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

#define SOCKETS_MAX 64
#define BATCH 32
#define QUERY_MAX 280
#define ANSWER_MAX 4096
#define WAIT_MS 1000

struct query {
	uint8_t octets[QUERY_MAX];
	size_t length;
};

struct load {
	struct query *queries;
	size_t n_queries, next;
	struct pollfd sockets[SOCKETS_MAX];
	unsigned int outstanding[SOCKETS_MAX];
	unsigned int n_sockets, window; /* of each socket */
	uint64_t count, sent, answered, good, lost;
};

static void query_make(struct query *query, const char *name, const char *type)
{
	uint8_t *p = query->octets + 12;

	query->octets[2] = 1;
	query->octets[5] = 1;
	while (*name) {
		size_t n = strcspn(name, ".");

		if (!n || n > 63 || p + n > query->octets + QUERY_MAX - 8)
			die("'%s' is no name", name);
		*p++ = (uint8_t)n;
		memcpy(p, name, n);
		p += n;
		name += n + (name[n] == '.');
	}
	p[2] = strcmp(type, "AAAA") == 0 ? 28 : 1;
	p[4] = 1;
	query->length = (size_t)(p + 5 - query->octets);
}

static void file_read(struct load *load, const char *path)
{
	FILE *file = fopen(path, "re");
	char name[256], type[16];
	size_t room = 0;

	if (!file)
		die("%s: %s", path, strerror(errno));
	while (fscanf(file, "%255s %15s", name, type) == 2) {
		if (load->n_queries == room) {
			room = room ? 2 * room : 256;
			load->queries = realloc(load->queries, room * sizeof(struct query));
			if (!load->queries)
				die("no memory");
		}
		load->queries[load->n_queries] = (struct query){.length = 0};
		query_make(&load->queries[load->n_queries++], name, type);
	}
	fclose(file);
	if (!load->n_queries)
		die("%s: there is nothing to ask", path);
}

static void ask(struct load *load, unsigned int i)
{
	struct mmsghdr out[BATCH] = {0};
	struct iovec at[BATCH];
	unsigned int n = 0;
	int sent;

	while (n < BATCH && load->outstanding[i] + n < load->window &&
	       load->sent + n < load->count) {
		struct query *query = &load->queries[(load->next + n) % load->n_queries];

		at[n] = (struct iovec){query->octets, query->length};
		out[n].msg_hdr.msg_iov = &at[n];
		out[n++].msg_hdr.msg_iovlen = 1;
	}
	sent = n ? sendmmsg(load->sockets[i].fd, out, n, 0) : 0;
	if (sent < 0 && errno != EAGAIN)
		die("sendmmsg: %s", strerror(errno));
	if (sent <= 0)
		return;
	load->next = (load->next + (unsigned int)sent) % load->n_queries;
	load->sent += (unsigned int)sent;
	load->outstanding[i] += (unsigned int)sent;
}

static unsigned int hear(struct load *load, unsigned int i)
{
	static uint8_t answers[BATCH][ANSWER_MAX];
	struct mmsghdr in[BATCH] = {0};
	struct iovec at[BATCH];
	int n;

	for (int k = 0; k < BATCH; k++) {
		at[k] = (struct iovec){answers[k], ANSWER_MAX};
		in[k].msg_hdr.msg_iov = &at[k];
		in[k].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(load->sockets[i].fd, in, BATCH, 0, NULL);
	if (n < 0 && errno != EAGAIN)
		die("recvmmsg: %s", strerror(errno));
	for (int k = 0; k < n; k++) {
		load->answered++;
		load->good += in[k].msg_len > 12 && !(answers[k][3] & 15);
		load->outstanding[i] -= load->outstanding[i] > 0;
	}
	return n > 0 ? (unsigned int)n : 0;
}

static volatile sig_atomic_t is_over;

static void end(int signal)
{
	(void)signal;
	is_over = 1;
}

static void run(struct load *load)
{
	while (load->answered + load->lost < load->count) {
		unsigned int heard = 0;

		/* What is on its way is waited for. */
		if (is_over)
			load->count = load->sent;
		for (unsigned int i = 0; i < load->n_sockets; i++) {
			ask(load, i);
			heard += hear(load, i);
		}
		if (heard || poll(load->sockets, load->n_sockets, WAIT_MS) > 0)
			continue;
		for (unsigned int i = 0; i < load->n_sockets; i++) {
			load->lost += load->outstanding[i];
			load->outstanding[i] = 0;
		}
	}
}

int main(int argc, char **argv)
{
	struct load load = {.count = 100000, .n_sockets = 8, .window = 128};
	union endpoint server;
	uint64_t began;
	int option;

	while ((option = getopt(argc, argv, "c:n:w:")) != -1) {
		if (option == 'c')
			load.n_sockets =
				(unsigned int)number_parse(optarg, 1, SOCKETS_MAX, "sockets");
		else if (option == 'n')
			load.count = (uint64_t)number_parse(optarg, 1, 1000000000, "count");
		else if (option == 'w')
			load.window = (unsigned int)number_parse(optarg, 1, 100000, "window");
		else
			die("usage: dns_load [-n COUNT] [-c SOCKETS] [-w WINDOW] SERVER FILE");
	}
	if (argc - optind != 2)
		die("usage: dns_load [-n COUNT] [-c SOCKETS] [-w WINDOW] SERVER FILE");
	server = endpoint_parse(argv[optind], 53);
	file_read(&load, argv[optind + 1]);
	load.window = load.window > load.n_sockets ? load.window / load.n_sockets : 1;
	for (unsigned int i = 0; i < load.n_sockets; i++) {
		load.sockets[i].fd = socket_new(server.any.sa_family, SOCK_DGRAM);
		load.sockets[i].events = POLLIN;
		if (connect(load.sockets[i].fd, &server.any, endpoint_size(&server)) < 0)
			die("connect: %s", strerror(errno));
	}
	signal(SIGINT, end);
	began = now_ns();
	run(&load);
	printf("answered %" PRIu64 ", NOERROR %" PRIu64 ", lost %" PRIu64 " in %" PRIu64 " us\n",
	       load.answered, load.good, load.lost, (now_ns() - began) / 1000);
	free(load.queries);
	return 0;
}
