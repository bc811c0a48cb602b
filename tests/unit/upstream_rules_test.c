// SPDX-License-Identifier: GPL-2.0-or-later
/* What the router upstream makes of a service: by single ports and ranges, and with another NAT in front. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "upstream_rules.h"

/* 443/tcp and 7000-7002/udp, with a state for each port of the report. */
static struct portmap_report *report_of(const enum portmap_state states[4])
{
	static const __u16 ports[] = {443, 7000, 7001, 7002};
	struct portmap_report *report = calloc(1, sizeof(*report));

	assert_non_null(report);
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		report->results[i] = (struct portmap_result){
			.proto = i ? IPPROTO_UDP : IPPROTO_TCP,
			.state = (__u8)states[i],
			.protocol = PORTMAP_NATPMP,
			.external_port = ports[i],
			.internal_port = ports[i],
			.words = "not authorized",
		};
	report->n_results = ARRAY_SIZE(ports);
	report->is_settled = 1;
	return report;
}

#define ALL(state)                                                                   \
	{                                                                            \
		PORTMAP_STATE_##state, PORTMAP_STATE_##state, PORTMAP_STATE_##state, \
			PORTMAP_STATE_##state                                        \
	}

static struct plan_forward web = {IPPROTO_TCP, 443, 443, 8443};
static struct plan_forward voice = {IPPROTO_UDP, 7000, 7002, 7000};

static const struct {
	enum portmap_state states[4];
	const char *web, *voice;
	const char *why; /* of voice */
} rows[] = {
	{ALL(MAPPED), "mapped", "mapped", ""},
	{ALL(ASKING), "asking", "asking", ""},
	{ALL(UNANSWERED), "by-hand", "by-hand", "neither PCP nor NAT-PMP nor UPnP answers there"},
	{{PORTMAP_STATE_MAPPED, PORTMAP_STATE_MAPPED, PORTMAP_STATE_ASKING, PORTMAP_STATE_MAPPED},
	 "mapped",
	 "asking",
	 ""},
	{{PORTMAP_STATE_MAPPED, PORTMAP_STATE_MAPPED, PORTMAP_STATE_ASKING, PORTMAP_STATE_REFUSED},
	 "mapped",
	 "refused",
	 "port 7002: not authorized"},
	{{PORTMAP_STATE_REFUSED, PORTMAP_STATE_CONFLICT, PORTMAP_STATE_MAPPED,
	  PORTMAP_STATE_MAPPED},
	 "refused",
	 "refused",
	 "port 7000: it is another's"},
	{{PORTMAP_STATE_MAPPED, PORTMAP_STATE_MAPPED, PORTMAP_STATE_OTHER_PORT,
	  PORTMAP_STATE_MAPPED},
	 "mapped",
	 "refused",
	 "port 7001: only as port 0"},
};

static void test_rules(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_free_ struct portmap_report *report = report_of(rows[i].states);
		const struct upstream_question question = {report, NULL, true};
		struct upstream_rule one = upstream_rule_judge(&question, &web);
		struct upstream_rule range = upstream_rule_judge(&question, &voice);

		if (strcmp(upstream_state_key(one.state), rows[i].web) ||
		    strcmp(upstream_state_key(range.state), rows[i].voice) ||
		    strcmp(range.why, rows[i].why))
			fail_msg("row %zu: %s, %s (%s)", i, upstream_state_key(one.state),
				 upstream_state_key(range.state), range.why);
	}
}

static void test_unasked(void **state _unused_)
{
	static const enum portmap_state silent[] = ALL(UNANSWERED);
	static const struct plan_forward more = {IPPROTO_TCP, 9000, 9100, 9000};
	_free_ struct portmap_report *report = report_of(silent);
	struct upstream_question question = {NULL, "wan.map-upstream: off", false};
	struct upstream_rule rule = upstream_rule_judge(&question, &web);

	assert_int_equal(rule.state, UPSTREAM_BY_HAND);
	assert_string_equal(rule.why, "wan.map-upstream: off");
	question.why_not = NULL;
	assert_int_equal(upstream_rule_judge(&question, &web).state, UPSTREAM_ASKING);
	question.report = report;
	/* Silence counts when there was time for an answer. */
	assert_int_equal(upstream_rule_judge(&question, &web).state, UPSTREAM_ASKING);
	rule = upstream_rule_judge(&question, &more);
	assert_int_equal(rule.state, UPSTREAM_BY_HAND);
	assert_string_equal(rule.why, "more ports than a router is asked for");
}

static enum upstream_verdict judge(const enum portmap_state states[4], enum public_nat nat,
				   const char *nat_addr, struct strbuf *out)
{
	_free_ struct portmap_report *report = report_of(states);
	const struct upstream_question question = {report, NULL, true};
	struct plan_forward forwards[] = {web, voice};
	const struct plan_service service = {
		.has_host = true, .forwards = forwards, .n_forwards = ARRAY_SIZE(forwards)};
	struct public_verdict seen = {.nat = nat};

	assert_int_equal(ip_addr_parse(nat_addr, &seen.nat_addr), 0);
	strbuf_reset(out);
	return upstream_service_judge(&question, &service, &seen, out);
}

/* Behind another NAT no answer of the router makes it "serves". */
static void test_services(void **state _unused_)
{
	static const enum portmap_state mapped[] = ALL(MAPPED), silent[] = ALL(UNANSWERED),
					refused[] = ALL(REFUSED), asking[] = ALL(ASKING);
	static const char *const carriers[] = {"100.64.0.2", "100.127.9.9", "192.168.0.7",
					       "10.1.1.1", "172.20.0.1"};
	_strbuf_ struct strbuf out = {0};

	assert_int_equal(judge(mapped, PUBLIC_NAT_NONE, "25.11.0.1", &out), UPSTREAM_SERVES);
	assert_int_equal(out.length, 0);
	assert_int_equal(judge(mapped, PUBLIC_NAT_UNKNOWN, "192.168.1.2", &out), UPSTREAM_SERVES);
	assert_int_equal(judge(asking, PUBLIC_NAT_NONE, "25.11.0.1", &out), UPSTREAM_WAITS);
	assert_int_equal(judge(silent, PUBLIC_NAT_NONE, "25.11.0.1", &out), UPSTREAM_UNKNOWN);
	assert_non_null(strstr(strbuf_text(&out), "443/tcp is not known"));
	assert_int_equal(judge(refused, PUBLIC_NAT_NONE, "25.11.0.1", &out), UPSTREAM_INSIDE);
	assert_non_null(strstr(strbuf_text(&out), "NAT-PMP: port 443: not authorized"));
	assert_int_equal(judge(mapped, PUBLIC_NAT_LIKELY, "25.11.0.2", &out), UPSTREAM_UNKNOWN);
	assert_int_equal(judge(refused, PUBLIC_NAT_LIKELY, "25.11.0.2", &out), UPSTREAM_INSIDE);
	for (size_t i = 0; i < ARRAY_SIZE(carriers); i++) {
		assert_int_equal(judge(mapped, PUBLIC_NAT_PROVED, carriers[i], &out),
				 UPSTREAM_INSIDE);
		assert_non_null(strstr(strbuf_text(&out), carriers[i]));
		assert_non_null(strstr(strbuf_text(&out), "ask the provider"));
		assert_int_equal(judge(silent, PUBLIC_NAT_PROVED, carriers[i], &out),
				 UPSTREAM_INSIDE);
	}
}

/* A pinhole needs no router that translates. */
static void test_pinhole(void **state _unused_)
{
	const struct plan_service service = {.has_host6 = true, .forwards = &web, .n_forwards = 1};
	const struct upstream_question question = {NULL, NULL, false};
	const struct public_verdict seen = {.nat = PUBLIC_NAT_PROVED};
	_strbuf_ struct strbuf out = {0};

	assert_int_equal(upstream_service_judge(&question, &service, &seen, &out), UPSTREAM_SERVES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_unasked),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_pinhole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
