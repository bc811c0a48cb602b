// SPDX-License-Identifier: GPL-2.0-or-later
/* Role bypass: which source a server sees, and why. */
#include <string.h>

#include "answers.h"
#include "duration.h"

/* Our address on the segment of the host, which it sees instead of others'. */
static json_t *own_address(const struct daemon *daemon, const struct plan_service *service)
{
	const struct plan *plan = daemon->now.plan;
	struct ip_addr own;

	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct hp_rule *rule = &plan->rules[i].rule;

		if (rule->host != ip_addr_v4(&service->host) || !rule->gateway)
			continue;
		own = ip_addr_from_v4(rule->gateway);
		return answer_addr(&own);
	}
	return json_null();
}

static void proof_text(const struct gateway_view *view, struct strbuf *out)
{
	char text[DURATION_TEXT_MAX];

	duration_format(view->heard_s, text);
	switch (view->state) {
	case GATEWAY_PROVED:
		strbuf_add(out, "its default gateway is this machine (proved %s ago)", text);
		break;
	case GATEWAY_DOUBTED:
		strbuf_add(
			out,
			"its default gateway is this machine (proved %s ago, asked again just now)",
			text);
		break;
	case GATEWAY_ELSEWHERE:
		strbuf_add(
			out,
			"its default gateway is another machine, or it answers no echo request from "
			"outside");
		break;
	case GATEWAY_SILENT:
		strbuf_add(out, "not proved: it does not answer echo requests");
		break;
	case GATEWAY_ASKING:
	case GATEWAY_STATE_MAX:
		strbuf_add(out, "not proved yet: it is being asked");
		break;
	}
}

static void why_text(const struct conf_service *conf, const struct gateway_view *view,
		     struct strbuf *out)
{
	if (conf->outside_source != CONF_OUTSIDE_AUTO)
		strbuf_add(out, "said by outside-source");
	else if (view)
		proof_text(view, out);
	else
		strbuf_add(out, "not proved: it cannot be asked now");
}

json_t *answer_outside_source(const struct daemon *daemon, size_t i)
{
	const struct plan_service *service = &daemon->now.plan->services[i];
	_strbuf_ struct strbuf why = {0};
	struct gateway_view view;
	bool is_known;

	if (daemon->now.plan->role != CONF_ROLE_BYPASS || !service->has_host)
		return json_null();
	is_known = gateway_probe_view(daemon->gateway_probe, &service->host, &view);
	why_text(&daemon->now.conf->services[i], is_known ? &view : NULL, &why);
	return json_pack("{s:s, s:o, s:s, s:s?, s:o, s:o}", "source",
			 service->outside_gateway ? "gateway" : "client", "address",
			 own_address(daemon, service), "why", strbuf_text(&why), "proof",
			 is_known ? gateway_state_name(view.state) : NULL, "since_s",
			 is_known ? json_integer(view.since_s) : json_null(), "heard_s",
			 is_known && view.has_heard ? json_integer(view.heard_s) : json_null());
}

json_t *answer_hairpin_source_why(const struct daemon *daemon, size_t i)
{
	const struct conf *conf = daemon->now.conf;
	const struct plan_service *service = &daemon->now.plan->services[i];
	const struct conf_service *said = &conf->services[i];
	enum hp_hairpin_source wanted =
		said->has_hairpin_source ? said->hairpin_source : conf->hairpin_source;

	if (service->is_self || service->hairpin_source == wanted)
		return json_null();
	return json_sprintf(
		"hairpin-source: %s applies where the default gateway of the host is proved to be this machine",
		wanted == HP_HAIRPIN_EXTERNAL ? "external" : "client");
}
