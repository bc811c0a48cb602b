// SPDX-License-Identifier: GPL-2.0-or-later
/* DNS over TLS: messages with their length in front (RFC 7858 section 3.3). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel_internal.h"
#include "padding.h"

#define PREFIX 2

static int begin(struct link *link)
{
	link->in = malloc(PREFIX + DNS_MESSAGE_MAX);
	return link->in ? 0 : -ENOMEM;
}

static void fini(struct link *link)
{
	free(link->in);
}

static struct try *try_find(const struct link *link, const __u8 *id)
{
	for (struct try *attempt = link->channel->tries; attempt; attempt = attempt->behind) {
		if (attempt->is_sent && !memcmp(attempt->question.message, id, 2))
			return attempt;
	}
	return NULL;
}

/* No two on one connection have the same (RFC 7766 section 7); a random one is a good place to begin. */
static void id_choose(const struct link *link, struct try *attempt)
{
	__u8 id[2];

	memcpy(id, attempt->question.message, 2);
	attempt->is_sent = false;
	while (try_find(link, id))
		dns_put16(id, (__u16)(dns_get16(id) + 1));
	attempt->is_sent = true;
	memcpy(attempt->question.message, id, 2);
}

static int ask(struct link *link, struct try *attempt)
{
	__u8 message[PREFIX + DNS_PADDED_QUERY_MAX];
	size_t n;

	id_choose(link, attempt);
	memcpy(message + PREFIX, attempt->question.message, attempt->question.length);
	n = dns_pad(message + PREFIX, attempt->question.length, DNS_PADDED_QUERY_MAX,
		    DNS_PAD_QUERY);
	dns_put16(message, (__u16)n);
	return stream_write(&link->stream, message, PREFIX + n);
}

static size_t wanted(const struct link *link)
{
	return link->have < PREFIX ? PREFIX : PREFIX + (size_t)dns_get16(link->in);
}

static int came(struct link *link)
{
	/* An answer that is handed on may be the end of this connection. */
	while (link->channel) {
		ssize_t n = stream_read(&link->stream, link->in + link->have,
					wanted(link) - link->have);
		struct try *attempt;

		if (n == -EAGAIN)
			return 0;
		if (n <= 0)
			return n ? (int)n : -EPIPE;
		link->have += (size_t)n;
		if (link->have < wanted(link))
			continue;
		n = (ssize_t)(link->have - PREFIX);
		link->have = 0;
		if (n < DNS_HEADER)
			return -EBADMSG;
		attempt = try_find(link, link->in + PREFIX);
		if (attempt)
			channel_replied(link, attempt,
					(struct dns_reply){.message = link->in + PREFIX,
							   .length = (size_t)n});
	}
	return 0;
}

/* Its answer comes, and nobody knows its id any more. */
static void forget(struct link *link _unused_, struct try *attempt _unused_)
{
}

const struct link_kind link_kind_dot = {
	.alpn = "dot",
	.begin = begin,
	.ask = ask,
	.came = came,
	.forget = forget,
	.fini = fini,
};
