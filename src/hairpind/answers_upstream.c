// SPDX-License-Identifier: GPL-2.0-or-later
/* What the router upstream does for us, and what of it has to be entered there by hand. */
#include <netinet/in.h>

#include "answers.h"
#include "feature.h"
#include "upstream_rules.h"

static const char *why_not_asked(const struct daemon *daemon)
{
	if (daemon->now.conf->map_upstream == CONF_MAP_OFF)
		return "wan.map-upstream: off";
	if (!feature_is_built(FEATURE_PORTMAP))
		return feature_lacks(FEATURE_PORTMAP);
	return upstream_parent_wanted(daemon->upstream)->asks
		       ? NULL
		       : "no default route says which router to ask";
}

static struct upstream_question question_of(const struct daemon *daemon)
{
	const struct portmap_report *report = upstream_parent_report(daemon->upstream);

	return (struct upstream_question){
		.report = report,
		.why_not = why_not_asked(daemon),
		.is_settled = report && report->is_settled,
	};
}

/* Our address that the router upstream forwards to. */
static json_t *own_addr(const struct daemon *daemon)
{
	const struct ip_addr *own = plan_wan_primary(daemon->now.plan);

	return own ? answer_addr(own) : json_null();
}

/* As a person enters it: the same ports here as outside, since what they become is our business. */
static json_t *rule_answer(const struct daemon *daemon, const struct upstream_question *question,
			   const struct plan_service *service, const struct plan_forward *forward)
{
	struct upstream_rule rule = upstream_rule_judge(question, forward);
	const char *by =
		rule.protocol < PORTMAP_PROTOCOLS ? portmap_protocol_key(rule.protocol) : NULL;

	return json_pack("{s:s, s:s, s:i, s:i, s:o, s:i, s:i, s:s, s:s?, s:s}", "service",
			 service->name, "protocol", forward->proto == IPPROTO_TCP ? "tcp" : "udp",
			 "external_first", forward->external_first, "external_last",
			 forward->external_last, "address", own_addr(daemon), "port_first",
			 forward->external_first, "port_last", forward->external_last, "state",
			 upstream_state_key(rule.state), "by", by, "why", rule.why);
}

static json_t *rule_list(const struct daemon *daemon)
{
	struct upstream_question question = question_of(daemon);
	const struct plan *plan = daemon->now.plan;
	json_t *list = json_array();

	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t k = 0;
		     (service->has_host || service->is_self) && k < service->n_forwards; k++)
			json_array_append_new(list, rule_answer(daemon, &question, service,
								&service->forwards[k]));
	}
	return list;
}

json_t *answer_upstream(const struct daemon *daemon)
{
	const struct conf *conf = daemon->now.conf;
	json_t *answer = upstream_parent_answer(daemon->upstream);

	if (!public_watch_is_on(daemon->public_watch))
		return answer;
	json_object_set_new(answer, "public", public_watch_answer(daemon->public_watch));
	json_object_set_new(answer, "rules", rule_list(daemon));
	json_object_set_new(
		answer, "outgoing",
		json_string(conf->outgoing == CONF_OUTGOING_ROUTE ? "route" : "masquerade"));
	return answer;
}

const char *answer_upstream_verdict(const struct daemon *daemon, const struct plan_service *service,
				    struct strbuf *reason)
{
	static const char *const words[] = {
		[UPSTREAM_SERVES] = "serving",
		[UPSTREAM_WAITS] = "waiting",
		[UPSTREAM_UNKNOWN] = "unknown",
		[UPSTREAM_INSIDE] = "inside-only",
	};
	struct upstream_question question;

	if (daemon->now.plan->role == CONF_ROLE_RESOLVER ||
	    !public_watch_is_behind(daemon->public_watch))
		return words[UPSTREAM_SERVES];
	question = question_of(daemon);
	return words[upstream_service_judge(&question, service,
					    public_watch_verdict(daemon->public_watch), reason)];
}
