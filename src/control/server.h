/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's end of the control socket, on its event loop: non-blocking, a bounded number of clients, one request and
 * one answer for each connection.
 *
 * The server judges a request (protocol.h) before the handler sees it. A client that sends no request, or takes
 * nothing of its answer, for the idle time is dropped; of the places for clients some are kept for root
 * (LIMIT_CONTROL_ROOT). Used from the loop's thread only.
 */
#pragma once

#include <uv.h>

#include <hairpin/control.h>

#include "strbuf.h"

/* What a handler fills in. All-zero is an empty answer with exit code 0. */
struct control_reply {
	enum control_exit exit_code;
	struct strbuf body; /* one JSON document, or its beginning */

	/*
	 * For an answer that is too long to be built at once; NULL: body is all. Called each time the reader has taken
	 * what there was; adds the next piece to @out. 1 while there is more, 0 at the end, -errno cuts the
	 * connection. more_free() ends it, also early.
	 */
	int (*more)(void *state, struct strbuf *out);
	void (*more_free)(void *state);
	void *more_state;

	/*
	 * Instead of the body: another process answers on the connection @fd, which was handed to it. 0, and the server lets go of it; -errno, and @reply
	 * says why. NULL: we answer.
	 */
	int (*hand_over)(void *data, const struct control_request *request, int fd,
			 struct control_reply *reply);

	/* Called once the answer has been taken, or its reader is lost. NULL: nobody wants to know. */
	void (*done)(void *data);
};

/* @fd is the descriptor that came with the request, or -1; it is closed after the call. */
typedef void (*control_handler)(void *data, const struct control_request *request, int fd,
				struct control_reply *reply);

struct control_server_options {
	const char *
		path; /* of the socket; NULL: no listener, clients come by control_server_adopt() */
	gid_t group; /* that may use it (mode 0660); (gid_t)-1: the one that it has by birth */
	unsigned int idle_ms;
	control_handler handler;
	void *data; /* for handler and reply.done */
};

struct control_server;

/*
 * Listens. -EADDRINUSE: somebody answers on that socket; a socket without anybody behind it is replaced. A group that may not be
 * given is left. Ended by control_server_close(); @options is copied.
 */
int control_server_open(uv_loop_t *loop, const struct control_server_options *options,
			struct control_server **ret_server);

/* Takes over @fd, a connected stream socket, as a client; closes it when it is done, also on -errno. */
int control_server_adopt(struct control_server *server, int fd);

/*
 * Drops the clients, removes the socket file and lets go of the server, which frees itself as soon as the
 * loop has run once more. NULL is fine.
 */
void control_server_close(struct control_server *server);
