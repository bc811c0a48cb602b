// SPDX-License-Identifier: GPL-2.0-or-later
#include "ask.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "protocol.h"

/* Enough for some hundred rows in one write. */
#define CHUNK_BYTES (32 * 1024)

struct ask {
	struct asks *asks;
	struct ask *next;
	int fd;
	uv_poll_t poll;
	uv_timer_t idle;
	int n_handles;
	struct strbuf out;
	size_t sent;
	bool has_rows, follows; /* what the answer goes on with when `out` is written */
	bool is_last; /* all of it stands in `out` */
	struct ask_rows rows;
};

struct asks {
	uv_loop_t *loop;
	struct store *const *store;
	const bool *is_anonymised;
	struct ask *list;
	unsigned int n;
};

struct asks *asks_make(uv_loop_t *loop, struct store *const *store, const bool *is_anonymised)
{
	struct asks *asks = calloc(1, sizeof(*asks));

	if (asks)
		*asks = (struct asks){.loop = loop, .store = store, .is_anonymised = is_anonymised};
	return asks;
}

/* --- one of them ---------------------------------------------------------------------------------------- */

static void closed(uv_handle_t *handle)
{
	struct ask *ask = handle->data;

	if (--ask->n_handles)
		return;
	close(ask->fd);
	strbuf_fini(&ask->out);
	free(ask);
}

static void ask_drop(struct ask *ask)
{
	struct ask **at = &ask->asks->list;

	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
	ask->asks->n--;
	ask_rows_end(&ask->rows);
	uv_close((uv_handle_t *)&ask->poll, closed);
	uv_close((uv_handle_t *)&ask->idle, closed);
}

static void idle(uv_timer_t *timer)
{
	ask_drop(timer->data);
}

static void event(uv_poll_t *poll, int status, int events);

/* What comes next, at least CHUNK_BYTES of it or all there is. -EAGAIN: later. */
static int refill(struct ask *ask)
{
	int ret = 1;

	strbuf_reset(&ask->out);
	ask->sent = 0;
	/* It is we who take the time, and not the reader. */
	uv_timer_again(&ask->idle);
	if (ask->is_last)
		return 0;
	/* One window at a time: between two of them queries are written, and others get their answers. */
	if (*ask->asks->store && ask->has_rows)
		ret = ask_rows_more(*ask->asks->store, &ask->rows, &ask->out);
	if (ret < 0)
		return ret;
	if (!ret && ask->follows)
		return -EAGAIN;
	if (!ret) {
		strbuf_add(&ask->out, "\n]}\n");
		ask->is_last = true;
	}
	return 1;
}

/* Nothing to tell now: only whether it is still there is looked at. */
static void wait(struct ask *ask)
{
	uv_timer_stop(&ask->idle);
	uv_poll_start(&ask->poll, UV_READABLE | UV_DISCONNECT, event);
}

static void ask_write(struct ask *ask)
{
	ssize_t n = 0;
	int ret = 1;

	if (ask->sent < ask->out.length) {
		n = send(ask->fd, ask->out.text + ask->sent, ask->out.length - ask->sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			ask_drop(ask);
			return;
		}
		uv_timer_again(&ask->idle);
		ask->sent += (size_t)n;
	}
	if (ask->sent == ask->out.length)
		ret = refill(ask);
	if (ret == -EAGAIN)
		wait(ask);
	else if (ret <= 0)
		ask_drop(ask);
}

static void event(uv_poll_t *poll, int status, int events)
{
	struct ask *ask = poll->data;
	char none[64];

	if (status < 0) {
		ask_drop(ask);
		return;
	}
	if (events & UV_WRITABLE) {
		ask_write(ask);
		return;
	}
	/* It has asked all that it may: what is read now is its end. */
	if (recv(ask->fd, none, sizeof(none), MSG_DONTWAIT) <= 0 || (events & UV_DISCONNECT))
		ask_drop(ask);
}

static void go_on(struct ask *ask)
{
	uv_timer_start(&ask->idle, idle, CONTROL_IDLE_MS, CONTROL_IDLE_MS);
	uv_poll_start(&ask->poll, UV_WRITABLE, event);
}

/* --- the answer ----------------------------------------------------------------------------------------- */

static void add_header(struct ask *ask, enum control_exit exit_code)
{
	const struct control_response header = {
		.magic = CONTROL_MAGIC, .version = CONTROL_VERSION, .exit_code = exit_code};

	strbuf_add_bytes(&ask->out, &header, sizeof(header));
}

/* @why: nothing in it that JSON would have to escape. */
static void refuse(struct ask *ask, const char *why)
{
	strbuf_reset(&ask->out);
	add_header(ask, CONTROL_EXIT_FINDING);
	strbuf_add(&ask->out, "{\"errors\": [\"%s\"]}\n", why);
	ask->is_last = true;
}

static void begin_top(struct ask *ask, const struct control_request *request)
{
	_strbuf_ struct strbuf body = {0};
	int ret = ask_top(*ask->asks->store, request, clock_realtime_ms(), &body);

	if (ret) {
		refuse(ask, strerror(-ret));
		return;
	}
	add_header(ask, CONTROL_EXIT_OK);
	strbuf_add_bytes(&ask->out, strbuf_text(&body), body.length);
	ask->is_last = true;
}

static void begin_rows(struct ask *ask, const struct control_request *request)
{
	_strbuf_ struct strbuf why = {0};
	struct ask_filter filter;
	int ret;

	if (!ask_filter_make(request, *ask->asks->is_anonymised, &filter, &why)) {
		refuse(ask, strbuf_text(&why));
		return;
	}
	ret = ask_rows_begin(*ask->asks->store, &filter, request->queries.last, &ask->rows);
	if (ret) {
		refuse(ask, strerror(-ret));
		return;
	}
	add_header(ask, CONTROL_EXIT_OK);
	ask->has_rows = true;
	ask->follows = ask->rows.is_endless = request->flags & CONTROL_FLAG_FOLLOW;
	if (!ask->follows)
		strbuf_add(&ask->out, "{\"queries\": [");
}

static int ask_make(struct asks *asks, int fd, struct ask **ret_ask)
{
	struct ask *ask = calloc(1, sizeof(*ask));
	int ret;

	if (!ask)
		return -ENOMEM;
	ask->asks = asks;
	ask->fd = fd;
	ret = uv_poll_init(asks->loop, &ask->poll, fd);
	if (ret) {
		free(ask);
		return ret;
	}
	uv_timer_init(asks->loop, &ask->idle);
	ask->n_handles = 2;
	ask->poll.data = ask->idle.data = ask;
	ask->next = asks->list;
	asks->list = ask;
	asks->n++;
	*ret_ask = ask;
	return 0;
}

void asks_take(struct asks *asks, int fd, const struct control_request *request)
{
	struct ask *ask;

	if (ask_make(asks, fd, &ask)) {
		close(fd);
		return;
	}
	if (asks->n > LIMIT_LOG_ASKERS)
		refuse(ask, "too many ask the query log at once");
	else if (!*asks->store)
		refuse(ask, "the query log cannot be read at present: see the log of hairpind");
	else if (request->verb == CONTROL_SHOW_TOP)
		begin_top(ask, request);
	else
		begin_rows(ask, request);
	go_on(ask);
}

void asks_wake(struct asks *asks)
{
	for (struct ask *ask = asks->list; ask; ask = ask->next) {
		if (ask->follows && !uv_is_active((uv_handle_t *)&ask->idle))
			go_on(ask);
	}
}

void asks_end(struct asks *asks)
{
	while (asks->list)
		ask_drop(asks->list);
}
