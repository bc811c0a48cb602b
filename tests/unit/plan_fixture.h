/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configurations and facts for the tests of the plan, and plans made of them. Every plan that is
 * made is checked for order and uniqueness.
 *
 * The usual network: eth0 (2) 203.0.113.5/24, br-lan (3) 192.168.11.1/24, br-guest (4, isolated)
 * 192.168.12.1/24.
 */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan.h"

/*
 * --- facts: JSON with ' for ", and the usual values filled in -----------------------------------
 */

#define ADDR(addr, length) "{'addr':'" addr "','length':" #length ",'permanent':true}"
#define ADDR_OLD(addr, length) "{'addr':'" addr "','length':" #length ",'permanent':false}"
#define LINK_OF(name, ifindex, master, up, running, ethernet, addrs)           \
	"{'name':'" name "','ifindex':" ifindex "," master                     \
	",'mac':'02:00:00:00:00:01','mtu':1500,'up':" up ",'running':" running \
	",'ethernet':" ethernet ",'layer3':false,'bridge':false,'addrs':[" addrs "]}"
#define LINK_AS(name, ifindex, up, running, ethernet, addrs) \
	LINK_OF(name, #ifindex, "'master':0,'master_name':null", #up, #running, #ethernet, addrs)
/* A device that is no plain one: of another MTU, or without an Ethernet header. */
#define LINK_ODD(name, ifindex, mtu, ethernet, layer3, addrs)                     \
	"{'name':'" name "','ifindex':" #ifindex ",'master':0,'master_name':null" \
	",'mac':'02:00:00:00:00:01','mtu':" #mtu ",'up':true,'running':true"      \
	",'ethernet':" #ethernet ",'layer3':" #layer3 ",'bridge':false,'addrs':[" addrs "]}"
#define LINK_MTU(name, ifindex, mtu, addrs) LINK_ODD(name, ifindex, mtu, true, false, addrs)
/* A port of another interface, whose name is given as JSON. */
#define PORT(name, ifindex, master, master_name)                                                   \
	LINK_OF(name, #ifindex, "'master':" #master ",'master_name':" master_name, "true", "true", \
		"true", "")
#define LINK(name, ifindex, addrs) LINK_AS(name, ifindex, true, true, true, addrs)
#define MISSING(name) LINK_AS(name, 0, false, false, false, "")
#define ROUTE(net, ifindex, metric) \
	"{'net':'" net "','gateway':null,'ifindex':" #ifindex ",'metric':" #metric ",'table':254}"
#define FACTS_AS(links, routes, others) \
	"{'links':[" links "],'routes':[" routes "],'neighs':[],'others':[" others "]}"
#define FACTS(links, routes) FACTS_AS(links, routes, "")

#define WAN LINK("eth0", 2, ADDR("203.0.113.5", 24))
#define LAN LINK("br-lan", 3, ADDR("192.168.11.1", 24))
#define GUEST LINK("br-guest", 4, ADDR("192.168.12.1", 24))
#define USUAL FACTS(WAN "," LAN "," GUEST, "")

/*
 * --- configuration -------------------------------------------------------------------------------
 */

#define HEAD                                \
	"role: gateway\n"                   \
	"wan:\n"                            \
	"  interface: eth0\n"               \
	"lan:\n"                            \
	"  - interface: br-lan\n" /* 5 */   \
	"  - interface: br-guest\n" /* 6 */ \
	"    isolate: yes\n"
#define WEB                                       \
	HEAD "services:\n"                        \
	     "  - name: web\n" /* 9 */            \
	     "    host: 192.168.11.20\n" /* 10 */ \
	     "    ports: [\"8443:443/tcp\"]\n"
#define SERVICES(text) HEAD "services:\n" text
#define HOST(address)                               \
	SERVICES("  - name: web\n"                  \
		 "    host: " address "\n" /* 10 */ \
		 "    ports: [80/tcp]\n")

/*
 * --- making them
 * -----------------------------------------------------------------------------------
 */

static inline struct conf *conf_of(const char *text)
{
	_strbuf_ struct strbuf errors = {0};
	struct conf *conf = NULL;

	if (conf_parse("t.yaml", text, strlen(text), &conf, &errors))
		fail_msg("%s", strbuf_text(&errors));
	return conf;
}

static inline struct facts *facts_of(const char *text)
{
	_free_ char *json_text = strdup(text);
	struct facts *facts = NULL;
	json_error_t error;
	char why[200];
	json_t *json;

	assert_non_null(json_text);
	for (char *c = json_text; *c; c++)
		if (*c == '\'')
			*c = '"';
	json = json_loads(json_text, 0, &error);
	if (!json)
		fail_msg("%s at %d", error.text, error.position);
	if (facts_from_json(json, &facts, why, sizeof(why)))
		fail_msg("%s", why);
	json_decref(json);
	return facts;
}

static inline void check_order(const struct plan *plan)
{
	for (size_t i = 1; i < plan->n_rules; i++)
		assert_true(memcmp(&plan->rules[i - 1].key, &plan->rules[i].key,
				   sizeof(struct hp_rule_key)) < 0);
	for (size_t i = 1; i < plan->n_prefixes; i++)
		assert_true(memcmp(&plan->prefixes[i - 1].key, &plan->prefixes[i].key,
				   sizeof(struct hp_prefix_key)) < 0);
}

static const struct plan_options usual_options = {.memory_bytes = 1ULL << 30};

/* A plan that can be made, without a fault unless while following. */
static inline struct plan *plan_with(const char *conf_text, const char *facts_text,
				     const struct plan_options *options)
{
	_conf_ struct conf *conf = conf_of(conf_text);
	_facts_ struct facts *facts = facts_of(facts_text);
	_strbuf_ struct strbuf errors = {0};
	struct plan *plan = NULL;

	if (plan_make(conf, facts, options, &plan, &errors))
		fail_msg("%s", strbuf_text(&errors));
	assert_string_equal(strbuf_text(&errors), "");
	check_order(plan);
	return plan;
}

static inline struct plan *plan_of(const char *conf_text, const char *facts_text)
{
	return plan_with(conf_text, facts_text, &usual_options);
}
