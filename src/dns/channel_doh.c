// SPDX-License-Identifier: GPL-2.0-or-later
/* DNS over HTTPS: a question is a POST, an HTTP/2 stream each (RFC 8484). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel_internal.h"
#include "h2.h"
#include "padding.h"

#define TYPE "application/dns-message"
#define STATUS_OK 200

struct doh_exchange {
	__s32 stream;
	unsigned int status;
	bool is_dns; /* the type of what came */
	bool is_done, is_cut;
	bool is_refused; /* the server has not looked at it (RFC 9113 section 8.7): it may be asked anew, over another connection */
	__u32 age_s; /* in a cache on its way */
	size_t asked, at; /* octets of `question`, and of them sent */
	__u8 question[DNS_PADDED_QUERY_MAX];
};

static void fini(struct link *link)
{
	nghttp2_session_del(link->h2);
}

/* --- what nghttp2 tells -------------------------------------------------------------------------------------- */

/* lint: callback */
static ssize_t body_read(nghttp2_session *h2, int32_t stream, uint8_t *to, size_t room,
			 uint32_t *flags, nghttp2_data_source *source _unused_, void *data _unused_)
{
	struct try *attempt = nghttp2_session_get_stream_user_data(h2, stream);
	struct doh_exchange *exchange;
	size_t n;

	if (!attempt)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	exchange = attempt->exchange;
	n = exchange->asked - exchange->at;
	if (n > room)
		n = room;
	memcpy(to, exchange->question + exchange->at, n);
	exchange->at += n;
	if (exchange->at == exchange->asked)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static unsigned int number(const uint8_t *value, size_t length)
{
	unsigned int n = 0;

	for (size_t i = 0; i < length && value[i] >= '0' && value[i] <= '9' && n < 100000000; i++)
		n = 10 * n + (value[i] - '0');
	return n;
}

static bool is_name(const char *name, const uint8_t *octets, size_t length)
{
	return strlen(name) == length && !memcmp(name, octets, length);
}

/* lint: callback */
static int header_came(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name,
		       size_t name_length, const uint8_t *value, size_t length,
		       uint8_t flags _unused_, void *data _unused_)
{
	struct try *attempt = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);

	if (!attempt)
		return 0;
	if (is_name(":status", name, name_length))
		attempt->exchange->status = number(value, length);
	else if (is_name("content-type", name, name_length))
		attempt->exchange->is_dns = h2_is_type(value, length, TYPE);
	else if (is_name("age", name, name_length))
		attempt->exchange->age_s = number(value, length);
	return 0;
}

/* lint: callback */
static int body_came(nghttp2_session *h2, uint8_t flags _unused_, int32_t stream,
		     const uint8_t *octets, size_t n, void *data _unused_)
{
	struct try *attempt = nghttp2_session_get_stream_user_data(h2, stream);

	if (!attempt || attempt->exchange->is_cut)
		return 0;
	if (!attempt->buffer)
		attempt->buffer = malloc(DNS_MESSAGE_MAX);
	if (!attempt->buffer || attempt->done + n > DNS_MESSAGE_MAX) {
		attempt->exchange->is_cut = true;
		return 0;
	}
	memcpy(attempt->buffer + attempt->done, octets, n);
	attempt->done += n;
	return 0;
}

/* Handed on later: from in here the session must not be used. */
static int stream_gone(nghttp2_session *h2, int32_t stream, uint32_t error, void *data _unused_)
{
	struct try *attempt = nghttp2_session_get_stream_user_data(h2, stream);

	if (!attempt)
		return 0;
	attempt->exchange->is_done = true;
	attempt->exchange->is_cut |= error != NGHTTP2_NO_ERROR;
	attempt->exchange->is_refused = error == NGHTTP2_REFUSED_STREAM;
	return 0;
}

/* --- the session --------------------------------------------------------------------------------------------- */

static int begin(struct link *link)
{
	const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
	nghttp2_session_callbacks *callbacks;
	int ret;

	if (nghttp2_session_callbacks_new(&callbacks))
		return -ENOMEM;
	nghttp2_session_callbacks_set_on_header_callback(callbacks, header_came);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, body_came);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_gone);
	ret = nghttp2_session_client_new(&link->h2, callbacks, link);
	nghttp2_session_callbacks_del(callbacks);
	if (ret)
		return -ENOMEM;
	if (nghttp2_submit_settings(link->h2, NGHTTP2_FLAG_NONE, settings, 1))
		return -ENOMEM;
	return h2_send(link->h2, &link->stream);
}

/* The name of the server as its URL would have it. */
static void authority_format(const struct dns_upstream_conf *conf, char *text, size_t size)
{
	char addr[IP_TEXT_MAX];
	bool is_v6 = !*conf->name && !ip_addr_is_v4(&conf->addr);
	int n = snprintf(text, size, "%s%s%s", is_v6 ? "[" : "",
			 *conf->name ? conf->name : ip_addr_format(&conf->addr, addr),
			 is_v6 ? "]" : "");

	if (conf->port != 443)
		snprintf(text + n, size - (size_t)n, ":%u", conf->port);
}

static int exchange_make(struct try *attempt)
{
	struct doh_exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return -ENOMEM;
	free(attempt->exchange);
	attempt->exchange = exchange;
	attempt->done = 0;
	/* RFC 8484 section 4.1: with 0, caches on the way see one question where two ask the same. */
	memset(attempt->question.message, 0, 2);
	memcpy(exchange->question, attempt->question.message, attempt->question.length);
	exchange->asked = dns_pad(exchange->question, attempt->question.length,
				  sizeof(exchange->question), DNS_PAD_QUERY);
	return 0;
}

static int ask(struct link *link, struct try *attempt)
{
	const struct dns_upstream_conf *conf = &link->channel->conf;
	const nghttp2_data_provider body = {.read_callback = body_read};
	char authority[LIMIT_DOMAIN_NAME + 16], length[16];
	int ret = exchange_make(attempt);

	if (ret)
		return ret;
	authority_format(conf, authority, sizeof(authority));
	snprintf(length, sizeof(length), "%zu", attempt->exchange->asked);
	{
		const nghttp2_nv headers[] = {
			h2_header(":method", "POST"),	     h2_header(":scheme", "https"),
			h2_header(":authority", authority),  h2_header(":path", conf->path),
			h2_header("accept", TYPE),	     h2_header("content-type", TYPE),
			h2_header("content-length", length),
		};

		attempt->exchange->stream =
			nghttp2_submit_request(link->h2, NULL, headers,
					       sizeof(headers) / sizeof(*headers), &body, attempt);
	}
	/* The server has said that it takes no more, or 2^30 questions were asked: a new connection. */
	if (attempt->exchange->stream < 0)
		return -EPIPE;
	return h2_send(link->h2, &link->stream);
}

static void forget(struct link *link, struct try *attempt)
{
	if (!attempt->exchange || attempt->exchange->is_done)
		return;
	nghttp2_session_set_stream_user_data(link->h2, attempt->exchange->stream, NULL);
	nghttp2_submit_rst_stream(link->h2, NGHTTP2_FLAG_NONE, attempt->exchange->stream,
				  NGHTTP2_CANCEL);
}

/* --- answers ------------------------------------------------------------------------------------------------- */

/* RFC 8484 section 5.1: what was in a cache on its way has lived for as long already. */
static void age_take(__u8 *message, size_t length, __u32 age_s)
{
	struct dns_cursor cursor;
	struct dns_record record;

	if (!age_s || dns_cursor_begin(message, length, &cursor))
		return;
	while (dns_cursor_next(&cursor, &record) > 0) {
		if (record.type != DNS_OPT)
			dns_put32(message + record.ttl_at,
				  record.ttl_s > age_s ? record.ttl_s - age_s : 0);
	}
}

static void exchange_end(struct link *link, struct try *attempt)
{
	const struct doh_exchange *exchange = attempt->exchange;
	char why[64];

	if (exchange->status && exchange->status != STATUS_OK) {
		snprintf(why, sizeof(why), "HTTP status %u", exchange->status);
		channel_refused(link, attempt, why);
	} else if (exchange->is_cut || !exchange->status) {
		channel_refused(link, attempt, "its answer was cut short");
	} else if (!exchange->is_dns) {
		channel_refused(link, attempt, "what it answers is not " TYPE);
	} else if (attempt->done < DNS_HEADER) {
		channel_refused(link, attempt, "its answers cannot be read");
	} else {
		age_take(attempt->buffer, attempt->done, exchange->age_s);
		channel_replied(
			link, attempt,
			(struct dns_reply){.message = attempt->buffer, .length = attempt->done});
	}
}

static bool is_over(const struct try *attempt)
{
	return attempt->is_sent && attempt->exchange && attempt->exchange->is_done &&
	       !attempt->exchange->is_refused;
}

/* Each may begin others when it is handed on. */
static void exchanges_end(struct link *link)
{
	struct try *attempt;

	do {
		attempt = link->channel->tries;
		while (attempt && !is_over(attempt))
			attempt = attempt->behind;
		if (attempt)
			exchange_end(link, attempt);
	} while (attempt && link->channel);
}

/*
 * A server that is started anew or has had enough refuses what came behind its farewell: those are asked over the next connection, as soon as what it still answers
 * here is through. To fail them would cost an answer at each restart of an upstream (test_going).
 */
static bool is_to_be_left(const struct link *link)
{
	bool has_refused = false;

	for (const struct try *attempt = link->channel->tries; attempt; attempt = attempt->behind) {
		bool is_refused =
			attempt->is_sent && attempt->exchange && attempt->exchange->is_refused;

		if (attempt->is_sent && !is_refused)
			return false;
		has_refused = has_refused || is_refused;
	}
	return has_refused;
}

static int came(struct link *link)
{
	int ret = h2_receive(link->h2, &link->stream);

	exchanges_end(link);
	if (!link->channel)
		return 0;
	if (!ret)
		ret = h2_send(link->h2, &link->stream);
	if (!ret && is_to_be_left(link))
		ret = -EPIPE;
	if (!ret && !nghttp2_session_want_read(link->h2) && !nghttp2_session_want_write(link->h2))
		ret = -EPIPE;
	return ret;
}

const struct link_kind link_kind_doh = {
	.alpn = "h2",
	.begin = begin,
	.ask = ask,
	.came = came,
	.forget = forget,
	.fini = fini,
};
