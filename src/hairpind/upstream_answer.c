// SPDX-License-Identifier: GPL-2.0-or-later
/* What the daemon knows of the router upstream, as JSON. */
#include <netinet/in.h>
#include <string.h>

#include "answers.h"
#include "clock.h"
#include "upstream_parent.h"

static json_t *addr_or_null(const struct ip_addr *addr)
{
	return ip_addr_is_zero(addr) ? json_null() : answer_addr(addr);
}

static json_t *endpoint(const struct ip_addr *addr, __u16 port)
{
	char text[IP_TEXT_MAX];

	return json_sprintf("%s:%u", ip_addr_format(addr, text), port);
}

static const char *proto_name(__u8 proto)
{
	return proto == IPPROTO_TCP ? "tcp" : "udp";
}

/* NULL where nobody does it. */
static const char *protocol_or_null(unsigned int protocol)
{
	return protocol < PORTMAP_PROTOCOLS ? portmap_protocol_key(protocol) : NULL;
}

static json_t *peer_rows(const struct portmap_report *report)
{
	json_t *rows = json_array();

	for (unsigned int i = 0; i < PORTMAP_PROTOCOLS; i++) {
		const struct portmap_peer *peer = &report->peers[i];

		json_array_append_new(rows, json_pack("{s:s, s:s, s:o, s:s, s:s, s:I}", "protocol",
						      portmap_protocol_key(i), "answer",
						      portmap_answer_key(peer->answer), "external",
						      addr_or_null(&peer->external), "name",
						      peer->name, "words", peer->words, "epoch",
						      (json_int_t)peer->epoch));
	}
	return rows;
}

static json_t *stun_rows(const struct portmap_report *report)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < report->n_servers; i++) {
		const struct portmap_stun *said = &report->servers[i];

		json_array_append_new(rows,
				      json_pack("{s:o, s:s, s:o}", "server",
						endpoint(&said->server.addr, said->server.port),
						"answer", portmap_answer_key(said->answer),
						"external", addr_or_null(&said->external)));
	}
	return rows;
}

/* NULL: it is mapped for good, or not at all. */
static json_t *left_of(const struct portmap_result *result)
{
	__u64 now_ms = clock_monotonic_ms();

	if (result->state != PORTMAP_STATE_MAPPED || !result->until_ms)
		return json_null();
	return json_integer(
		result->until_ms > now_ms ? (json_int_t)((result->until_ms - now_ms) / 1000) : 0);
}

static json_t *forward_row(const struct portmap_forward *forward,
			   const struct portmap_result *result)
{
	bool has_holder = !ip_addr_is_zero(&result->holder);
	json_t *holder = has_holder ? endpoint(&result->holder, result->holder_port) : json_null();
	json_t *other = result->other_port ? json_integer(result->other_port) : json_null();

	return json_pack("{s:s, s:s, s:i, s:i, s:s, s:s?, s:o, s:o, s:o, s:s}", "service",
			 forward->service, "proto", proto_name(forward->proto), "external_port",
			 (int)forward->external_port, "internal_port", (int)forward->internal_port,
			 "state", portmap_state_key(result->state), "protocol",
			 protocol_or_null(result->protocol), "left_s", left_of(result),
			 "other_port", other, "holder", holder, "words", result->words);
}

/* Before the first report all is being asked. */
static json_t *forward_rows(const struct portmap_wanted *wanted,
			    const struct portmap_report *report)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < wanted->n_forwards; i++) {
		const struct portmap_result asking = {.protocol = PORTMAP_PROTOCOLS};

		json_array_append_new(rows, forward_row(&wanted->forwards[i],
							report ? &report->results[i] : &asking));
	}
	return rows;
}

static json_t *entry_rows(const struct portmap_report *report)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < report->n_entries; i++) {
		const struct portmap_entry *entry = &report->entries[i];

		json_array_append_new(rows, json_pack("{s:s, s:i, s:o, s:i, s:I, s:s}", "proto",
						      proto_name(entry->proto), "external_port",
						      (int)entry->external_port, "client",
						      addr_or_null(&entry->client), "internal_port",
						      (int)entry->internal_port, "lease_s",
						      (json_int_t)entry->lease_s, "description",
						      entry->description));
	}
	return rows;
}

json_t *upstream_parent_answer(const struct upstream_parent *parent)
{
	const struct portmap_wanted *wanted = upstream_parent_wanted(parent);
	const struct portmap_report *report = upstream_parent_report(parent);
	json_t *answer = upstream_parent_process(parent);

	json_object_set_new(answer, "router", addr_or_null(&wanted->router));
	json_object_set_new(answer, "interface", json_string(wanted->interface));
	json_object_set_new(answer, "address", addr_or_null(&wanted->own));
	json_object_set_new(answer, "left_out",
			    json_integer((json_int_t)upstream_parent_left_out(parent)));
	json_object_set_new(answer, "settled", json_boolean(report && report->is_settled));
	json_object_set_new(answer, "protocol",
			    report && report->protocol < PORTMAP_PROTOCOLS
				    ? json_string(portmap_protocol_key(report->protocol))
				    : json_null());
	json_object_set_new(answer, "peers", report ? peer_rows(report) : json_array());
	json_object_set_new(answer, "stun", report ? stun_rows(report) : json_array());
	json_object_set_new(answer, "forwards", forward_rows(wanted, report));
	json_object_set_new(answer, "entries",
			    report && report->has_entries ? entry_rows(report) : json_null());
	json_object_set_new(answer, "entries_cut", json_boolean(report && report->is_cut));
	return answer;
}
