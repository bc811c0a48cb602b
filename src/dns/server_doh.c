// SPDX-License-Identifier: GPL-2.0-or-later
/* Queries by HTTP/2 (RFC 8484): each is a request at DNS_HTTPS_PATH, by GET or POST. */
#include "doh_message.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "h2.h"
#include "padding.h"

#define TYPE "application/dns-message"

enum status {
	STATUS_OK = 200,
	STATUS_BAD = 400,
	STATUS_NOT_FOUND = 404,
	STATUS_METHOD = 405,
	STATUS_TOO_LARGE = 413,
	STATUS_TYPE = 415,
};

enum method { METHOD_OTHER, METHOD_GET, METHOD_POST };

/* A stream of the session. */
struct request {
	struct dns_waiting waiting; /* first */
	struct connection *connection;
	struct request *next; /* of the connection */
	__s32 stream;
	bool is_waiting; /* for upstream */
	bool is_gone; /* the session has forgotten it; it is here as long as it waits */
	enum method method;
	bool is_there; /* its path */
	bool is_dns; /* the type of its body */
	bool has_body;
	bool is_too_large, is_bad; /* its message, its "dns=" */
	size_t n; /* of message */
	size_t length, at; /* of answer, and of that given to the session */
	__u8 *answer; /* owned */
	__u8 message[LIMIT_DNS_QUERY_BYTES];
};

struct doh {
	nghttp2_session *session;
	struct request *requests; /* owned */
	size_t held; /* octets of answers that the client has not fetched */
	bool has_ended; /* nothing more comes of the client */
};

/* --- requests ------------------------------------------------------------------------------------------------ */

static void request_free(struct request *request)
{
	struct doh *doh = request->connection->doh;
	struct request **at = &doh->requests;

	while (*at != request)
		at = &(*at)->next;
	*at = request->next;
	doh->held -= request->length;
	free(request->answer);
	free(request);
}

/* lint: callback */
static ssize_t body_read(nghttp2_session *session, int32_t stream, uint8_t *to, size_t room,
			 uint32_t *flags, nghttp2_data_source *source _unused_, void *data _unused_)
{
	struct request *request = nghttp2_session_get_stream_user_data(session, stream);
	size_t n;

	if (!request)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	n = request->length - request->at;
	if (n > room)
		n = room;
	memcpy(to, request->answer + request->at, n);
	request->at += n;
	if (request->at == request->length)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

/* What is wrong with it, without a body. */
static void fault_send(struct request *request, enum status status)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", (unsigned int)status);
	{
		const nghttp2_nv headers[] = {h2_header(":status", text),
					      h2_header("allow", "GET, POST")};

		nghttp2_submit_response(request->connection->doh->session, request->stream, headers,
					status == STATUS_METHOD ? 2 : 1, NULL);
	}
}

static int answer_copy(struct request *request, const __u8 *message, size_t n)
{
	size_t room = n + DNS_PAD_ANSWER + 4;

	if (room > DNS_MESSAGE_MAX)
		room = DNS_MESSAGE_MAX;
	request->answer = malloc(room);
	if (!request->answer)
		return -ENOMEM;
	memcpy(request->answer, message, n);
	request->length = dns_pad(request->answer, n, room, DNS_PAD_ANSWER);
	request->connection->doh->held += request->length;
	return 0;
}

static void answer_send(struct request *request, const __u8 *message, size_t n)
{
	struct connection *connection = request->connection;
	const nghttp2_data_provider body = {.read_callback = body_read};
	char length[16], age[32];

	if (connection_is_over(connection))
		return;
	/* It asks and does not fetch. */
	if (answer_copy(request, message, n) ||
	    connection->doh->held > LIMIT_DNS_TCP_UNREAD_BYTES) {
		connection_end(connection);
		return;
	}
	snprintf(length, sizeof(length), "%zu", request->length);
	snprintf(age, sizeof(age), "max-age=%u", doh_max_age(message, n));
	{
		const nghttp2_nv headers[] = {
			h2_header(":status", "200"),
			h2_header("content-type", TYPE),
			h2_header("content-length", length),
			h2_header("cache-control", age),
		};

		nghttp2_submit_response(connection->doh->session, request->stream, headers,
					sizeof(headers) / sizeof(*headers), &body);
	}
}

static void waited(struct dns_waiting *waiting, const __u8 *message, size_t n)
{
	struct request *request = (struct request *)waiting;
	struct connection *connection = request->connection;

	request->is_waiting = false;
	if (request->is_gone)
		request_free(request);
	else if (n)
		answer_send(request, message, n);
	connection_waited(connection);
}

static void ask(struct request *request)
{
	struct connection *connection = request->connection;
	struct dns_asked asked = connection_asked(connection, request->message, request->n);
	__u8 answer[DNS_MESSAGE_MAX];
	struct dns_query query;
	int ret;

	/* More than may overlap at once, or begun and given up again and again: the client may ask that anew. */
	if (connection->n_waiting >= LIMIT_DNS_TCP_QUERIES) {
		nghttp2_submit_rst_stream(connection->doh->session, NGHTTP2_FLAG_NONE,
					  request->stream, NGHTTP2_REFUSED_STREAM);
		return;
	}
	ret = dns_resolver_ask(connection->place->server->resolver, &asked, answer, &query);
	if (ret > 0)
		answer_send(request, answer, (size_t)ret);
	else if (!ret)
		fault_send(request, STATUS_BAD);
	if (ret != -EINPROGRESS)
		return;
	request->waiting.send = waited;
	request->is_waiting = true;
	connection_wait(connection, &asked, &query, &request->waiting);
}

static enum status verdict(const struct request *request)
{
	bool is_post = request->method == METHOD_POST;

	if (!request->is_there)
		return STATUS_NOT_FOUND;
	if (request->method == METHOD_OTHER)
		return STATUS_METHOD;
	if (is_post && !request->is_dns)
		return STATUS_TYPE;
	if (request->is_too_large)
		return STATUS_TOO_LARGE;
	/* The one has its message in the body, the other in the path. */
	if (request->has_body != is_post || (!is_post && request->is_bad) ||
	    request->n < DNS_HEADER)
		return STATUS_BAD;
	return STATUS_OK;
}

static void request_end(struct request *request)
{
	enum status status = verdict(request);

	if (connection_is_over(request->connection))
		return;
	connection_is_alive(request->connection);
	if (status == STATUS_OK)
		ask(request);
	else
		fault_send(request, status);
}

/* --- what nghttp2 tells -------------------------------------------------------------------------------------- */

static int headers_begin(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	struct connection *connection = data;
	struct request *request;

	if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	request = calloc(1, sizeof(*request));
	if (!request)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	request->connection = connection;
	request->stream = frame->hd.stream_id;
	request->next = connection->doh->requests;
	connection->doh->requests = request;
	nghttp2_session_set_stream_user_data(session, request->stream, request);
	return 0;
}

static bool is_text(const char *text, const uint8_t *octets, size_t length)
{
	return strlen(text) == length && !memcmp(text, octets, length);
}

/* "/dns-query", and behind a "?" what GET asks. */
static void path_take(struct request *request, const uint8_t *path, size_t length)
{
	const char *text = (const char *)path;
	size_t n = strlen(DNS_HTTPS_PATH);
	ssize_t got;

	request->is_there =
		length >= n && !memcmp(text, DNS_HTTPS_PATH, n) && (length == n || text[n] == '?');
	if (!request->is_there || length == n)
		return;
	got = doh_query_read(text + n + 1, length - n - 1, request->message,
			     sizeof(request->message));
	request->is_bad = got < 0 && got != -EFBIG;
	request->is_too_large = got == -EFBIG;
	request->n = got > 0 ? (size_t)got : 0;
}

/* lint: callback */
static int header_came(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
		       size_t name_length, const uint8_t *value, size_t length,
		       uint8_t flags _unused_, void *data _unused_)
{
	struct request *request =
		nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);

	if (!request)
		return 0;
	if (is_text(":method", name, name_length))
		request->method = is_text("POST", value, length)  ? METHOD_POST
				  : is_text("GET", value, length) ? METHOD_GET
								  : METHOD_OTHER;
	else if (is_text(":path", name, name_length))
		path_take(request, value, length);
	else if (is_text("content-type", name, name_length))
		request->is_dns = h2_is_type(value, length, TYPE);
	return 0;
}

/* lint: callback */
static int body_came(nghttp2_session *session, uint8_t flags _unused_, int32_t stream,
		     const uint8_t *octets, size_t n, void *data _unused_)
{
	struct request *request = nghttp2_session_get_stream_user_data(session, stream);

	if (!request || !n)
		return 0;
	/* What stands in the path is not what a body says. */
	if (!request->has_body) {
		request->n = 0;
		request->is_too_large = false;
	}
	request->has_body = true;
	request->is_too_large |= request->n + n > sizeof(request->message);
	if (request->is_too_large)
		return 0;
	memcpy(request->message + request->n, octets, n);
	request->n += n;
	return 0;
}

static int frame_came(nghttp2_session *session, const nghttp2_frame *frame, void *data _unused_)
{
	struct request *request;

	if ((frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) ||
	    !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return 0;
	request = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	if (request)
		request_end(request);
	return 0;
}

static int stream_gone(nghttp2_session *session, int32_t stream, uint32_t error _unused_,
		       void *data _unused_)
{
	struct request *request = nghttp2_session_get_stream_user_data(session, stream);

	if (!request)
		return 0;
	request->is_gone = true;
	if (!request->is_waiting)
		request_free(request);
	return 0;
}

/* --- the session --------------------------------------------------------------------------------------------- */

static int begin(struct connection *connection)
{
	const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, LIMIT_DNS_TCP_QUERIES}};
	nghttp2_session_callbacks *callbacks;
	struct doh *doh = calloc(1, sizeof(*doh));
	int ret;

	connection->doh = doh;
	if (!doh || nghttp2_session_callbacks_new(&callbacks))
		return -ENOMEM;
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, headers_begin);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, header_came);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, body_came);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_came);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_gone);
	ret = nghttp2_session_server_new(&doh->session, callbacks, connection);
	nghttp2_session_callbacks_del(callbacks);
	if (ret || nghttp2_submit_settings(doh->session, NGHTTP2_FLAG_NONE, settings, 1))
		return -ENOMEM;
	return h2_send(doh->session, &connection->stream);
}

static int came(struct connection *connection)
{
	nghttp2_session *session = connection->doh->session;
	int ret = h2_receive(session, &connection->stream);

	if (connection_is_over(connection))
		return 0;
	if (ret == -EPIPE)
		connection->is_last = connection->doh->has_ended = true;
	else if (ret)
		return ret;
	ret = h2_send(session, &connection->stream);
	if (!ret && stream_queued(&connection->stream) > LIMIT_DNS_TCP_UNREAD_BYTES)
		ret = -ENOBUFS;
	/* One of both has said that it is over. */
	if (!nghttp2_session_want_read(session) && !nghttp2_session_want_write(session))
		connection->is_last = true;
	return ret;
}

static void leave(struct connection *connection)
{
	nghttp2_session *session = connection->doh->session;

	nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
			      nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR,
			      NULL, 0);
	/* A fault of it shows where the answers are sent. */
	h2_send(session, &connection->stream);
}

/* Of one who says nothing more no request becomes whole, and no room for an answer: those would keep the connection until its time is over. */
static bool is_through(const struct connection *connection)
{
	return connection->doh->has_ended || !connection->doh->requests;
}

/* Nobody waits on it any more. */
static void fini(struct connection *connection)
{
	struct doh *doh = connection->doh;

	if (!doh)
		return;
	nghttp2_session_del(doh->session);
	while (doh->requests)
		request_free(doh->requests);
	free(doh);
}

const struct connection_kind connection_kind_doh = {
	.alpn = "h2",
	.is_alpn_due = true,
	.begin = begin,
	.came = came,
	.leave = leave,
	.is_through = is_through,
	.fini = fini,
};
