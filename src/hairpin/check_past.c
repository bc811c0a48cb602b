// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Role bypass: forwards of the main router that lead past us to a host whose gateway we are.
 *
 * Only packets can show them, so it is the daemon that is asked; and its list of what was asked of the main router by UPnP, where that was read.
 */
#include <netinet/in.h>
#include <string.h>

#include "fetch.h"
#include "findings.h"
#include "protocol.h"

#include <hairpin/control.h>

/* An endpoint inside whose answers go out untranslated. */
struct past {
	const char *proto;
	struct ip_addr host;
	unsigned int port;
};

static bool past_read(const json_t *item, struct past *ret_past)
{
	ret_past->proto = render_text(item, "protocol");
	ret_past->port = (unsigned int)json_integer_value(json_object_get(item, "port"));
	return !ip_addr_parse(render_text(item, "address"), &ret_past->host);
}

static bool is_proto(const char *name, __u8 proto)
{
	return !strcmp(name, proto == IPPROTO_TCP ? "tcp" : "udp");
}

/* The port of ours that leads there; with the index of its service. */
static const struct plan_forward *forward_find(const struct plan *plan, const struct past *past,
					       size_t *ret_service)
{
	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		if (!service->has_host || !ip_addr_equal(&service->host, &past->host))
			continue;
		for (size_t k = 0; k < service->n_forwards; k++) {
			const struct plan_forward *forward = &service->forwards[k];
			unsigned int last = forward->internal_first +
					    (unsigned int)forward->external_last -
					    forward->external_first;

			*ret_service = i;
			if (is_proto(past->proto, forward->proto) &&
			    forward->internal_first <= past->port && past->port <= last)
				return forward;
		}
	}
	return NULL;
}

/* The entry of the main router's own list that leads there; NULL: it has none, or its list was not read. */
static const json_t *entry_find(const json_t *status, const struct past *past)
{
	const json_t *entries = json_object_get(json_object_get(status, "upstream"), "entries");
	const json_t *entry;
	struct ip_addr client;
	size_t i;

	json_array_foreach (entries, i, entry) {
		if (!ip_addr_parse(render_text(entry, "client"), &client) &&
		    ip_addr_equal(&client, &past->host) &&
		    !strcmp(render_text(entry, "proto"), past->proto) &&
		    json_integer_value(json_object_get(entry, "internal_port")) == past->port)
			return entry;
	}
	return NULL;
}

/* A datagram may be the first of something that the host itself began. */
static void evidence_print(const struct past *past, const json_t *entry, struct strbuf *out)
{
	bool is_tcp = !strcmp(past->proto, "tcp");

	if (entry)
		strbuf_add(out,
			   "its UPnP list has %s port %lld for it, and its answers came by in the "
			   "last hour",
			   past->proto,
			   (long long)json_integer_value(json_object_get(entry, "external_port")));
	else if (is_tcp)
		strbuf_add(out,
			   "in the last hour it accepted a connection from outside that never came "
			   "by here");
	else
		strbuf_add(out,
			   "in the last hour it sent from that port to somebody outside who had "
			   "not asked by here");
}

static void fix_print(const struct check *check, const struct plan_forward *forward,
		      struct strbuf *out)
{
	const struct plan *plan = check->candidate->plan;
	struct ip_addr ours = ip_addr_from_v4(plan->settings.wan_addr);
	char text[IP_TEXT_MAX];

	if (!plan->settings.wan_addr)
		return;
	strbuf_add(out, "in the main router, forward it to %s", ip_addr_format(&ours, text));
	if (forward)
		strbuf_add(out, " port %u", forward->external_first);
	else
		strbuf_add(out, ", and declare it as a service here");
}

static void past_tell(struct check *check, const json_t *status, const struct past *past)
{
	const struct conf *conf = check->candidate->conf;
	const json_t *entry = entry_find(status, past);
	_strbuf_ struct strbuf text = {0}, fix = {0};
	char host[IP_TEXT_MAX];
	size_t service = 0;
	const struct plan_forward *forward = forward_find(check->candidate->plan, past, &service);

	ip_addr_format(&past->host, host);
	strbuf_add(&text, "%s: %s forwards %s port %u",
		   entry || !strcmp(past->proto, "tcp") ? "proved" : "likely",
		   entry ? "the main router" : "somebody else, the main router most likely,",
		   past->proto, past->port);
	if (forward)
		strbuf_add(&text, " (service %s)", conf->services[service].name);
	strbuf_add(&text, " directly to %s, whose answers come by this machine (", host);
	evidence_print(past, entry, &text);
	strbuf_add(&text, "): it works because they are sent on untranslated");
	fix_print(check, forward, &fix);
	/* What is declared is not in force for whoever comes past us. */
	if (forward && conf->services[service].n_allow)
		check_find(check, "direct-forward", strbuf_text(&fix),
			   "%s, but `allow` of that service is not asked", strbuf_text(&text));
	else
		check_note(check, "direct-forward", "%s; better: %s", strbuf_text(&text),
			   strbuf_text(&fix));
}

void check_past(struct check *check)
{
	struct question question = {
		.attach = -1, .may_be_absent = true, .is_silent = true, .timeout_ms = 2000};
	struct fetched fetched;
	const json_t *item;
	struct past past;
	size_t i;

	if (check->candidate->conf->role != CONF_ROLE_BYPASS)
		return;
	control_request_init(&question.request, CONTROL_STATUS);
	fetched = fetch_json(check->invocation, &question);
	json_array_foreach (json_object_get(fetched.json, "past"), i, item) {
		if (past_read(item, &past))
			past_tell(check, fetched.json, &past);
	}
	json_decref(fetched.json);
}
