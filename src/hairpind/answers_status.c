// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "clock.h"
#include "feature.h"
#include "guard.h"
#include "json_text.h"
#include "log.h"
#include "other_rules.h"
#include "pending.h"
#include "version.h"

#define TOP_DROPS 5

static json_t *addr_list(const struct fact_link *link)
{
	json_t *list = json_array();

	for (size_t i = 0; link && i < link->n_addrs; i++) {
		char text[IP_TEXT_MAX + 4];

		ip_addr_format(&link->addrs[i].addr, text);
		json_array_append_new(list, json_sprintf("%s/%u", text, link->addrs[i].length));
	}
	return list;
}

static json_t *link_state(const struct facts *facts, const char *name)
{
	const struct fact_link *link = facts_link(facts, name);
	bool present = link && link->ifindex != 0;

	return json_pack("{s:s, s:b, s:b, s:b, s:o}", "interface", name, "present", present, "up",
			 present && link->up, "running", present && link->running, "addresses",
			 addr_list(link));
}

static json_t *wan_state(const struct daemon *daemon, const struct facts *facts)
{
	const struct plan *plan = daemon->now.plan;
	const struct ip_addr *public = plan_public(plan);
	json_t *wan;

	if (plan->role == CONF_ROLE_RESOLVER)
		return json_null();
	wan = link_state(facts, daemon->now.conf->wan_interface);
	json_object_set_new(wan, "public_address", public ? answer_addr(public) : json_null());
	return wan;
}

static json_t *lan_list(const struct daemon *daemon, const struct facts *facts)
{
	const struct conf *conf = daemon->now.conf;
	json_t *list = json_array();

	for (size_t i = 0; i < conf->n_lan; i++) {
		json_t *lan = link_state(facts, conf->lan[i].interface);

		json_object_set_new(lan, "isolated", json_boolean(conf->lan[i].isolate));
		json_array_append_new(list, lan);
	}
	return list;
}

/* Interface by interface: whoever measures must not think otherwise. null: the backend has no such thing. */
static json_t *fast_path(const struct daemon *daemon)
{
	static const char *const paths[] = {
		[BACKEND_FAST_OFF] = "off", [BACKEND_FAST_TC] = "tc", [BACKEND_FAST_XDP] = "xdp"};
	_free_ struct backend_fast *items = NULL;
	json_t *list = json_array();
	size_t n = 0;

	if (!daemon->ops->fast || daemon->ops->fast(daemon->backend, &items, &n)) {
		json_decref(list);
		return json_null();
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list,
			json_pack("{s:s, s:b, s:s, s:o}", "interface", items[i].interface, "port",
				  (int)items[i].is_port, "path", paths[items[i].path], "reason",
				  items[i].why[0] ? json_string(items[i].why) : json_null()));
	return list;
}

/* nat.fast-path: on asks for XDP everywhere but on a bridge, whose ports have it. */
static void fast_path_warnings(const struct daemon *daemon, struct strbuf *out)
{
	_free_ struct backend_fast *items = NULL;
	size_t n = 0;

	if (daemon->now.conf->fast_path != CONF_FAST_PATH_ON || !daemon->ops->fast ||
	    daemon->ops->fast(daemon->backend, &items, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		bool has_ports = i + 1 < n && items[i + 1].is_port && !items[i].is_port;

		if (items[i].path != BACKEND_FAST_XDP && !has_ports)
			strbuf_add(out, "nat.fast-path: on: no XDP on %s: %s\n", items[i].interface,
				   items[i].why);
	}
}

static json_t *backend_state(const struct daemon *daemon)
{
	const struct conf *conf = daemon->now.conf;
	_strbuf_ struct strbuf lines = {0};
	const char *why = "nat.backend: bpf";
	json_t *layout;

	if (!daemon_routes(daemon))
		return json_pack("{s:s, s:s}", "name", daemon->ops->name, "why", "role: resolver");
	/* Rules of others are looked for at the start; one that came later is not known here. */
	if (daemon->warnings.length > 0)
		why = conf->ignore_netfilter ? "nat.ignore-netfilter: yes"
					     : "it was attached before the netfilter rules below";
	else if (daemon->choice.length)
		why = strbuf_text(&daemon->choice);
	else if (conf->backend == CONF_BACKEND_AUTO)
		why = "auto: this kernel runs it and no netfilter rule was in the way at the start";
	if (daemon->ops->lacks)
		daemon->ops->lacks(daemon->now.plan, &lines);
	layout = daemon->ops == &backend_bpf ? json_integer(HP_LAYOUT_VERSION) : json_null();
	return json_pack("{s:s, s:s, s:o, s:b, s:o, s:o, s:o}", "name", daemon->ops->name, "why",
			 why, "layout", layout, "adopted", daemon->adopted, "fast_path",
			 fast_path(daemon), "unavailable", json_lines(strbuf_text(&lines)),
			 "other_rules", other_rules_answer(daemon));
}

/* What was accepted with a reservation, and what of the plan is not in force. */
static json_t *warning_list(const struct daemon *daemon)
{
	_strbuf_ struct strbuf lines = {0};
	struct backend_status status = {0};

	strbuf_add(&lines, "%s", strbuf_text(&daemon->warnings));
	strbuf_add(&lines, "%s", strbuf_text(&daemon->now.conflicts));
	daemon->ops->status(daemon->backend, &status);
	if (status.own_why)
		strbuf_add(
			&lines,
			"processes of the gateway itself do not reach forwarded services by the public "
			"address: %s\n",
			status.own_why);
	if (status.sorter_why)
		strbuf_add(
			&lines,
			"fragments that have to be translated are dropped, there is no sorter: %s\n",
			status.sorter_why);
	if (status.hold_why)
		strbuf_add(
			&lines,
			"when somebody flushes all rules, connections may end until ours are back: there "
			"is no table that stays (flags owner, Linux 5.12): %s\n",
			status.hold_why);
	if (daemon->mending)
		strbuf_add(&lines, "the network changed, and the plan before stays: %s\n",
			   daemon->mending);
	fast_path_warnings(daemon, &lines);
	watching_warnings(daemon, &lines);
	dhcp_parent_warnings(daemon->dhcp, &lines);
	return json_lines(strbuf_text(&lines));
}

static json_t *session_state(const struct daemon *daemon)
{
	struct backend_status status = {0};

	if (!daemon_routes(daemon))
		return json_null();
	daemon->ops->status(daemon->backend, &status);
	return json_pack("{s:I, s:I, s:I}", "active", (json_int_t)status.sessions_active, "size",
			 (json_int_t)status.sessions_size, "bytes", (json_int_t)status.table_bytes);
}

/* Null for what has no limit. */
static json_t *limit(__u32 number)
{
	return number ? json_integer(number) : json_null();
}

static json_t *limit_state(const struct hp_settings *settings)
{
	return json_pack("{s:o, s:o, s:o}", "mappings_per_host", limit(settings->mappings_per_host),
			 "sessions_per_host", limit(settings->sessions_per_host), "new_per_host",
			 limit(settings->new_per_host));
}

static json_t *timeout_state(const struct hp_settings *settings)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "udp_s", (json_int_t)settings->udp_s,
			 "tcp_established_s", (json_int_t)settings->tcp_established_s,
			 "tcp_transitory_s", (json_int_t)settings->tcp_transitory_s, "icmp_s",
			 (json_int_t)settings->icmp_s, "other_s", (json_int_t)settings->other_s);
}

/* How it translates: what the configuration says, with the numbers that were worked out. */
static json_t *nat_state(const struct daemon *daemon)
{
	const struct hp_settings *settings = &daemon->now.plan->settings;

	if (!daemon_routes(daemon))
		return json_null();
	return json_pack("{s:{s:s, s:s}, s:o, s:o, s:o}", "filtering", "udp",
			 hp_filtering_name((enum hp_filtering)settings->filtering_udp), "tcp",
			 hp_filtering_name((enum hp_filtering)settings->filtering_tcp), "limits",
			 limit_state(settings), "timeouts", timeout_state(settings), "mss",
			 limit(settings->mss_wan));
}

/* What it answers, from the plan, and how it is, from the process. */
static json_t *dns_state(const struct daemon *daemon)
{
	const struct plan_dns *dns = &daemon->now.plan->dns;
	json_t *state = dns_parent_answer(daemon->dns);
	json_t *listeners = json_array();

	for (size_t i = 0; i < dns->n_listeners; i++)
		json_array_append_new(listeners, answer_addr(&dns->listeners[i].addr));
	json_object_set_new(state, "addresses", listeners);
	json_object_set_new(state, "blocking", answer_blocking(daemon));
	json_object_set_new(state, "log", log_parent_answer(daemon->log));
	json_object_set_new(state, "names", json_integer((json_int_t)dns->n_names));
	json_object_set_new(state, "lists", lists_parent_answer(daemon->lists));
	json_object_set_new(state, "upstreams", dns_parent_upstreams(daemon->dns, dns));
	return state;
}

/* Which segments get leases, and how the server is. */
static json_t *dhcp_state(const struct daemon *daemon)
{
	const struct plan_dhcp *dhcp = &daemon->now.plan->dhcp;
	json_t *state = dhcp_parent_answer(daemon->dhcp), *segments = json_array();

	for (size_t i = 0; i < dhcp->n_segments; i++)
		json_array_append_new(segments, json_string(dhcp->segments[i].interface));
	json_object_set_new(state, "segments", segments);
	return state;
}

json_t *answer_lists(struct daemon *daemon)
{
	return lists_parent_answer(daemon->lists);
}

static json_t *pending_state(const struct daemon *daemon)
{
	struct pending pending;

	if (pending_read(daemon->options->state, &pending))
		return json_null();
	return json_pack("{s:i, s:i, s:b}", "confirm_s", pending.confirm_s, "left_s",
			 pending_left_s(&pending), "reverting", pending.reverting);
}

static int compare_packets(const void *a, const void *b)
{
	json_int_t left = json_integer_value(json_object_get(*(json_t *const *)a, "packets"));
	json_int_t right = json_integer_value(json_object_get(*(json_t *const *)b, "packets"));

	return (left < right) - (left > right);
}

/* The reasons that dropped most, most first. */
static json_t *top_drops(struct daemon *daemon)
{
	json_t *all = answer_reasons(daemon, 1), *top = json_array(), *row;
	json_t *drops[HP_REASON_MAX];
	size_t n = 0, index;

	json_array_foreach (all, index, row) {
		if (json_is_true(json_object_get(row, "drop")))
			drops[n++] = row;
	}
	qsort(drops, n, sizeof(drops[0]), compare_packets);
	for (size_t i = 0; i < n && i < TOP_DROPS; i++)
		json_array_append(top, drops[i]);
	json_decref(all);
	return top;
}

static json_int_t uptime_s(const struct daemon *daemon)
{
	return (json_int_t)(clock_boottime_s() - daemon->started_s);
}

static const char *role_name(enum conf_role role)
{
	static const char *const names[] = {
		[CONF_ROLE_GATEWAY] = "gateway",
		[CONF_ROLE_BYPASS] = "bypass",
		[CONF_ROLE_RESOLVER] = "resolver",
	};

	return names[role];
}

/* The parts that this build has. */
static json_t *feature_list(void)
{
	json_t *list = json_array();

	for (enum feature feature = FEATURE_ALWAYS + 1; feature < FEATURE_MAX; feature++) {
		if (feature_is_built(feature))
			json_array_append_new(list, json_string(feature_name(feature)));
	}
	return list;
}

json_t *answer_status(struct daemon *daemon)
{
	_facts_ struct facts *fresh = NULL;
	const struct facts *facts = daemon->now.facts;
	json_t *status;

	if (!candidate_read_facts(daemon->now.conf, &daemon->observed, &fresh))
		facts = fresh;
	status = json_pack(
		"{s:s, s:s, s:o, s:i, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"version", HAIRPIN_VERSION, "role", role_name(daemon->now.conf->role),
		"configuration", json_text(daemon->options->conf, strlen(daemon->options->conf)),
		"pid", (int)getpid(), "generation", (json_int_t)daemon->generation, "uptime_s",
		uptime_s(daemon), "wan", wan_state(daemon, facts), "lans", lan_list(daemon, facts),
		"backend", backend_state(daemon), "sessions", session_state(daemon), "nat",
		nat_state(daemon), "dns", dns_state(daemon), "router",
		answer_router(daemon->now.plan), "services", answer_service_list(daemon, facts),
		"waits", json_lines(strbuf_text(&daemon->now.plan->waits)), "warnings",
		warning_list(daemon), "pending", pending_state(daemon), "drops", top_drops(daemon));
	json_object_set_new(status, "features", feature_list());
	json_object_set_new(status, "dhcp", dhcp_state(daemon));
	json_object_set_new(status, "past", answer_past(daemon));
	json_object_set_new(status, "hosts_service", hosts_parent_answer(daemon->hosts));
	json_object_set_new(status, "gateway_probe", gateway_probe_answer(daemon->gateway_probe));
	json_object_set_new(status, "upstream", answer_upstream(daemon));
	json_object_set_new(status, "log_level", json_string(log_level_name(log_level())));
	json_object_set_new(status, "watchdog",
			    daemon_routes(daemon) ? watching_answer(daemon) : json_null());
	return status;
}

json_t *answer_reasons(struct daemon *daemon, __u64 min)
{
	__u64 packets[HP_REASON_MAX] = {0};
	json_t *list = json_array();

	if (daemon->ops->counters(daemon->backend, packets))
		return list;
	for (unsigned int i = 0; i < HP_REASON_MAX; i++) {
		if (packets[i] < min)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:b, s:I, s:s}", "reason",
						      hp_reason_name((enum hp_reason)i), "drop",
						      i >= HP_DROP_FIRST, "packets",
						      (json_int_t)packets[i], "text",
						      hp_reason_text((enum hp_reason)i)));
	}
	return list;
}

/* What happened that is not the end of a packet. How ports were found is told with the ports. */
static json_t *statistics(struct daemon *daemon)
{
	__u64 stats[HP_STAT_MAX];
	json_t *list = json_array();

	if (daemon->ops->stats(daemon->backend, stats))
		return list;
	for (unsigned int i = HP_STAT_PORT_NONE + 1; i < HP_STAT_MAX; i++)
		json_array_append_new(list, json_pack("{s:s, s:I, s:s}", "name",
						      hp_stat_name((enum hp_stat)i), "count",
						      (json_int_t)stats[i], "text",
						      hp_stat_text((enum hp_stat)i)));
	return list;
}

json_t *answer_drops(struct daemon *daemon)
{
	__u64 guard = 0;

	guard_dropped(&guard);
	return json_pack("{s:o, s:I, s:o}", "reasons", answer_reasons(daemon, 0), "guard_dropped",
			 (json_int_t)guard, "statistics", statistics(daemon));
}

json_t *answer_facts(struct daemon *daemon)
{
	_facts_ struct facts *facts = NULL;

	if (candidate_read_facts(daemon->now.conf, &daemon->observed, &facts))
		return facts_to_json(daemon->now.facts);
	return facts_to_json(facts);
}

json_t *answer_outcome(const struct daemon *daemon, const struct outcome *outcome)
{
	const struct strbuf *message = &outcome->message;

	return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:i, s:s?, s:o, s:o}", "message",
			 json_text(strbuf_text(message), message->length), "errors",
			 json_lines(strbuf_text(&outcome->errors)), "generation",
			 (json_int_t)daemon->generation, "added", (json_int_t)outcome->diff.added,
			 "removed", (json_int_t)outcome->diff.removed, "changed",
			 (json_int_t)outcome->diff.changed, "confirm_s", outcome->confirm_s,
			 "left_mounted", outcome->left_mounted, "waits",
			 json_lines(strbuf_text(&daemon->now.plan->waits)), "conflicts",
			 json_lines(strbuf_text(&daemon->now.conflicts)));
}
