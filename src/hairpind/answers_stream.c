// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions and mappings: as many as a million rows, so they are written a piece at a time as the reader takes them, one
 * row a line. A row holds nothing that JSON would have to escape: addresses, numbers, names of ours, and the
 * service's name, which the configuration allows only plain characters in.
 */
#include <netinet/in.h>
#include <stdlib.h>

#include "answers.h"

/* Entries looked at for one piece: a call into the kernel that does not hold up the loop. */
#define ROWS 1024

struct stream {
	struct daemon *daemon;
	__u64 cursor;
	bool begun; /* a row was written, so the next one needs a comma */
	struct strbuf *out; /* of the piece being built */
};

const char *answer_protocol(__u8 proto, char *text)
{
	static const struct {
		__u8 number;
		const char *name;
	} names[] = {{IPPROTO_TCP, "tcp"},
		     {IPPROTO_UDP, "udp"},
		     {IPPROTO_ICMP, "icmp"},
		     {IPPROTO_ICMPV6, "icmpv6"}};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].number == proto)
			return names[i].name;
	}
	sprintf(text, "%u", proto);
	return text;
}

static void stream_comma(struct stream *stream)
{
	strbuf_add(stream->out, stream->begun ? ",\n" : "\n");
	stream->begun = true;
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

struct endpoint {
	const struct ip_addr *addr;
	__u16 port;
};

static void add_pair(struct strbuf *out, const char *name, struct endpoint from, struct endpoint to)
{
	char source[IP_TEXT_MAX], destination[IP_TEXT_MAX];

	strbuf_add(out,
		   "\"%s\": {\"source\": \"%s\", \"source_port\": %u, \"destination\": \"%s\", "
		   "\"destination_port\": %u}, ",
		   name, ip_addr_format(from.addr, source), from.port,
		   ip_addr_format(to.addr, destination), to.port);
}

static void add_service(const struct stream *stream, __u32 service)
{
	const struct plan *plan = stream->daemon->now.plan;

	if (service < plan->n_services)
		strbuf_add(stream->out, "\"service\": \"%s\"", plan->services[service].name);
	else
		strbuf_add(stream->out, "\"service\": null");
}

static void add_session(const struct backend_session *session, void *data)
{
	struct stream *stream = data;
	char number[8];

	stream_comma(stream);
	strbuf_add(
		stream->out,
		"{\"protocol\": \"%s\", \"kind\": \"%s\", \"state\": \"%s\", \"replied\": %s, ",
		answer_protocol(session->proto, number), hp_kind_name((enum hp_kind)session->kind),
		hp_tcp_state_name((enum hp_tcp_state)session->tcp_state), truth(session->replied));
	add_pair(stream->out, "original",
		 (struct endpoint){&session->orig_src, session->orig_sport},
		 (struct endpoint){&session->orig_dst, session->orig_dport});
	add_pair(stream->out, "translated",
		 (struct endpoint){&session->xlat_src, session->xlat_sport},
		 (struct endpoint){&session->xlat_dst, session->xlat_dport});
	strbuf_add(stream->out, "\"idle_s\": %u, \"age_s\": %u, \"expires_s\": %u, ",
		   session->idle_s, session->age_s, session->expires_s);
	add_service(stream, session->service);
	strbuf_add(stream->out, "}");
}

static void add_mapping(const struct backend_mapping *mapping, void *data)
{
	struct stream *stream = data;
	char internal[IP_TEXT_MAX], external[IP_TEXT_MAX], number[8];

	stream_comma(stream);
	strbuf_add(stream->out,
		   "{\"protocol\": \"%s\", \"internal\": \"%s\", \"internal_port\": %u, "
		   "\"external\": \"%s\", \"external_port\": %u, \"pool\": \"%s\", \"host\": %s, "
		   "\"fixed\": %s, \"sessions\": %u, \"age_s\": %u}",
		   answer_protocol(mapping->proto, number),
		   ip_addr_format(&mapping->internal, internal), mapping->internal_port,
		   ip_addr_format(&mapping->external, external), mapping->external_port,
		   mapping->pool == HP_POOL_GATEWAY ? "gateway" : "wan", truth(mapping->host),
		   truth(mapping->fixed), mapping->sessions, mapping->age_s);
}

static int more_sessions(void *state, struct strbuf *out)
{
	struct stream *stream = state;
	struct daemon *daemon = stream->daemon;
	int ret;

	stream->out = out;
	ret = daemon->ops->sessions(daemon->backend, &stream->cursor, ROWS, add_session, stream);
	if (ret == 0)
		strbuf_add(out, "\n]}\n");
	return ret;
}

static int more_mappings(void *state, struct strbuf *out)
{
	struct stream *stream = state;
	struct daemon *daemon = stream->daemon;
	int ret;

	stream->out = out;
	ret = daemon->ops->mappings(daemon->backend, &stream->cursor, ROWS, add_mapping, stream);
	if (ret == 0)
		strbuf_add(out, "\n]}\n");
	return ret;
}

static void stream_begin(struct daemon *daemon, struct control_reply *reply, const char *name)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		abort();
	stream->daemon = daemon;
	strbuf_add(&reply->body, "{\"%s\": [", name);
	reply->more_state = stream;
	reply->more_free = free;
}

void answer_sessions(struct daemon *daemon, struct control_reply *reply)
{
	stream_begin(daemon, reply, "sessions");
	reply->more = more_sessions;
}

void answer_mappings(struct daemon *daemon, struct control_reply *reply)
{
	stream_begin(daemon, reply, "mappings");
	reply->more = more_mappings;
}
