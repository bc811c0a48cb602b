// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <hairpin/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel_internal.h"
#include "cleanup.h"
#include "log.h"

static void link_end(struct link *link, const char *why);
static int link_start(struct dns_channel *channel);

/* --- faults --------------------------------------------------------------------------------------------- */

/* Without its path: with some who answer for money that is whose account it is, and a log is read by others. */
static const char *channel_format(const struct dns_channel *channel, char *text, size_t size)
{
	char addr[IP_TEXT_MAX];

	snprintf(text, size, "%s%s", channel->conf.kind == DNS_UPSTREAM_TLS ? "tls://" : "https://",
		 ip_addr_format(&channel->conf.addr, addr));
	return text;
}

/* Said when it begins, when it is another one, and when it is over; not each of many that come and go. */
static void fault_set(struct dns_channel *channel, const char *why)
{
	char text[IP_TEXT_MAX + 16];

	if (!strcmp(channel->fault, why))
		return;
	snprintf(channel->fault, sizeof(channel->fault), "%s", why);
	channel_format(channel, text, sizeof(text));
	if (!*why && channel->is_told)
		log_with(LOG_INFO, LOG_FIELD("UPSTREAM", text), "dns: upstream %s answers again",
			 text);
	else if (*why && uv_now(channel->loop) >= channel->tell_next_ms)
		log_with(LOG_WARNING, LOG_FIELD("UPSTREAM", text), "dns: upstream %s: %s", text,
			 channel->fault);
	else
		return;
	channel->is_told = *why;
	channel->tell_next_ms = uv_now(channel->loop) + LIMIT_DNS_CHANNEL_TOLD_MS;
}

const char *dns_channel_fault(const struct dns_channel *channel)
{
	return channel->fault;
}

/* --- tries ----------------------------------------------------------------------------------------------- */

static void try_detach(struct try *attempt)
{
	struct dns_channel *channel = attempt->channel;
	struct try **place = &channel->tries;

	if (channel->link && attempt->is_sent)
		channel->link->kind->forget(channel->link, attempt);
	while (*place != attempt)
		place = &(*place)->behind;
	*place = attempt->behind;
	channel->n_tries--;
	attempt->channel = NULL;
}

static void try_over(struct try *attempt)
{
	if (attempt->channel)
		try_detach(attempt);
	free(attempt->exchange);
	free(attempt->buffer);
	free(attempt);
}

static void try_fail(struct try *attempt)
{
	try_detach(attempt);
	attempt->cb(attempt, TRY_FAILED, (struct dns_reply){0});
}

void channel_replied(struct link *link, struct try *attempt, struct dns_reply reply)
{
	enum dns_match_verdict verdict = dns_question_match(&attempt->question, reply);

	/* An id that was used before by a question which nobody waits for any more. */
	if (verdict == DNS_REPLY_ALIEN && link->kind == &link_kind_dot)
		return;
	link->n_answered++;
	/* The certificate stands behind it: the case of letters protects nothing here, and there is no way for longer messages. */
	if (verdict != DNS_REPLY_MATCHES && verdict != DNS_REPLY_OTHER_CASE) {
		channel_refused(link, attempt, "its answers cannot be read");
		return;
	}
	fault_set(link->channel, "");
	try_detach(attempt);
	attempt->cb(attempt, TRY_ANSWERED, reply);
}

void channel_refused(struct link *link, struct try *attempt, const char *why)
{
	fault_set(link->channel, why);
	try_fail(attempt);
}

/* --- a connection ------------------------------------------------------------------------------------------ */

static void handle_gone(struct link *link)
{
	if (--link->n_handles)
		return;
	link->kind->fini(link);
	free(link);
}

static void timer_closed(uv_handle_t *timer)
{
	handle_gone(timer->data);
}

static void stream_closed(struct stream *stream)
{
	handle_gone((struct link *)stream);
}

static bool link_has_due(const struct link *link)
{
	for (const struct try *attempt = link->channel->tries; attempt; attempt = attempt->behind) {
		if (attempt->is_sent)
			return true;
	}
	return false;
}

static void timed_out(uv_timer_t *timer)
{
	struct link *link = timer->data;

	if (link->is_failing)
		link_end(link, *stream_fault(&link->stream) ? stream_fault(&link->stream)
							    : "it takes no more questions");
	else if (!stream_is_open(&link->stream))
		link_end(link, "no connection in time");
	else if (link_has_due(link))
		link_end(link, "no answer in time");
	else
		link_end(link, "");
}

/* From now on, as long as its state gives it. */
static void link_wait(struct link *link)
{
	__u64 ms = LIMIT_DNS_CHANNEL_SILENT_MS;

	if (link->is_failing)
		ms = 0;
	else if (stream_is_open(&link->stream) && !link_has_due(link))
		ms = LIMIT_DNS_CHANNEL_IDLE_MS;
	uv_timer_start(&link->timer, timed_out, ms, 0);
}

static void link_ask(struct link *link)
{
	bool was_due = link_has_due(link);

	for (struct try *attempt = link->channel->tries; attempt; attempt = attempt->behind) {
		if (attempt->is_sent || link->is_failing)
			continue;
		attempt->is_sent = true;
		if (link->kind->ask(link, attempt))
			link->is_failing = true;
	}
	if (!was_due || link->is_failing)
		link_wait(link);
}

static void ticket_keep(struct link *link, bool is_first)
{
	struct dns_channel *channel = link->channel;

	tls_ticket_get(link->stream.tls, &channel->ticket);
	/* From the last time that its certificate was seen. */
	if (is_first && !tls_is_resumed(link->stream.tls))
		channel->ticket_until_ms = uv_now(channel->loop) + LIMIT_DNS_TICKET_MS;
}

static void stream_ready(struct stream *stream)
{
	struct link *link = (struct link *)stream;
	bool is_first = !link->in && !link->h2;
	int ret = is_first ? link->kind->begin(link) : 0;

	if (!ret)
		ret = link->kind->came(link);
	if (!link->channel)
		return;
	ticket_keep(link, is_first);
	if (ret) {
		link_end(link,
			 *stream_fault(stream) ? stream_fault(stream) : "the connection ended");
		return;
	}
	link_ask(link);
	link_wait(link);
}

static void stream_broken(struct stream *stream)
{
	struct link *link = (struct link *)stream;

	if (tls_is_untrusted(stream->tls))
		link->channel->refused_until_ms =
			uv_now(link->channel->loop) + LIMIT_DNS_CHANNEL_REFUSED_MS;
	link_end(link, stream_fault(stream));
}

static const struct stream_events events = {
	.ready = stream_ready,
	.broken = stream_broken,
	.closed = stream_closed,
};

static void link_let_go(struct link *link)
{
	link->channel->link = NULL;
	link->channel = NULL;
	stream_close(&link->stream);
	uv_close((uv_handle_t *)&link->timer, timer_closed);
}

/* Those that no connection will be made for. Each may begin others when it is told. */
static void tries_fail(struct dns_channel *channel)
{
	for (struct try *attempt = channel->tries; attempt; attempt = attempt->behind)
		attempt->is_over = true;
	for (;;) {
		struct try *attempt = channel->tries;

		while (attempt && !attempt->is_over)
			attempt = attempt->behind;
		if (!attempt)
			return;
		try_fail(attempt);
	}
}

static void link_end(struct link *link, const char *why)
{
	struct dns_channel *channel = link->channel;
	bool may_again = link->n_answered > 0;

	if (channel->tries && !may_again)
		fault_set(channel, why);
	for (struct try *attempt = channel->tries; attempt; attempt = attempt->behind) {
		if (attempt->is_sent)
			link->kind->forget(link, attempt);
		attempt->is_sent = false;
	}
	link_let_go(link);
	if (channel->tries && (!may_again || link_start(channel)))
		tries_fail(channel);
}

static struct tls *session_make(struct dns_channel *channel, const struct link_kind *kind)
{
	char addr[IP_TEXT_MAX];
	struct tls_peer peer = {.name = channel->conf.name, .alpn = kind->alpn};

	if (uv_now(channel->loop) < channel->ticket_until_ms)
		peer.ticket = &channel->ticket;
	if (!*peer.name) {
		peer.is_address = true;
		peer.name = ip_addr_format(&channel->conf.addr, addr);
	}
	return tls_client_make(channel->trust, &peer);
}

static int link_start(struct dns_channel *channel)
{
	struct link *link = calloc(1, sizeof(*link));
	struct tls *tls;
	int ret;

	if (!link)
		return -ENOMEM;
	link->kind = channel->conf.kind == DNS_UPSTREAM_TLS ? &link_kind_dot : &link_kind_doh;
	tls = session_make(channel, link->kind);
	if (!tls) {
		free(link);
		return -ENOMEM;
	}
	stream_init(&link->stream, channel->loop, &events);
	uv_timer_init(channel->loop, &link->timer);
	link->timer.data = link;
	link->n_handles = 2;
	link->channel = channel;
	channel->link = link;
	ret = stream_connect(&link->stream, &channel->conf.addr, channel->conf.port, tls);
	if (ret)
		link_let_go(link);
	else
		link_wait(link);
	return ret;
}

/* --- the channel --------------------------------------------------------------------------------------------- */

struct dns_channel *dns_channel_make(uv_loop_t *loop, const struct dns_upstream_conf *conf)
{
	struct dns_channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		return NULL;
	channel->loop = loop;
	channel->conf = *conf;
	return channel;
}

void dns_channel_set_trust(struct dns_channel *channel, struct tls_credentials *trust)
{
	struct tls_credentials *old = channel->trust;

	channel->trust = trust ? tls_credentials_ref(trust) : NULL;
	tls_credentials_unref(old);
	/* What those before vouched for does not count any more. */
	tls_ticket_fini(&channel->ticket);
	channel->refused_until_ms = 0;
	if (!channel->link)
		return;
	link_let_go(channel->link);
	tries_fail(channel);
}

void dns_channel_set_addr(struct dns_channel *channel, const struct ip_addr *addr)
{
	channel->conf.addr = *addr;
}

void dns_channel_free(struct dns_channel *channel)
{
	if (!channel)
		return;
	if (channel->link)
		link_let_go(channel->link);
	tls_ticket_fini(&channel->ticket);
	tls_credentials_unref(channel->trust);
	free(channel);
}

int try_channel_start(struct try *attempt, struct dns_channel *channel)
{
	struct try **place = &channel->tries;
	int ret;

	if (!channel->trust || uv_now(channel->loop) < channel->refused_until_ms)
		return -EKEYREJECTED;
	if (channel->n_tries >= LIMIT_DNS_CHANNEL_TRIES)
		return -ENOBUFS;
	ret = channel->link ? 0 : link_start(channel);
	if (ret)
		return ret;
	attempt->end = try_over;
	attempt->channel = channel;
	while (*place)
		place = &(*place)->behind;
	*place = attempt;
	channel->n_tries++;
	if (stream_is_open(&channel->link->stream) && (channel->link->in || channel->link->h2))
		link_ask(channel->link);
	return 0;
}
