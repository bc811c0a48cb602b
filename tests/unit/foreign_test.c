// SPDX-License-Identifier: GPL-2.0-or-later
/* Which rules of a listed ruleset count as bypassed. The rules are written short here and made into nft's JSON. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "foreign.h"

static struct plan_device devices[] = {
	{.name = "wan", .side = HP_SIDE_WAN},
	{.name = "br-lan", .side = HP_SIDE_LAN},
};
static const struct plan plan = {.devices = devices, .n_devices = ARRAY_SIZE(devices)};

#define TABLE "'family': 'ip', 'table': 't'"
#define BASE(hook) "{'chain': {" TABLE ", 'name': 'c', 'hook': '" hook "', 'policy': 'accept'}}"
#define CHAIN(name) "{'chain': {" TABLE ", 'name': '" name "'}}"
#define RULE(chain, handle, expr) \
	"{'rule': {" TABLE ", 'chain': '" chain "', 'handle': " #handle ", 'expr': [" expr "]}}"
#define META(key, op, right) \
	"{'match': {'op': '" op "', 'left': {'meta': {'key': '" key "'}}, 'right': " right "}}"
#define DROP "{'drop': null}"
#define JUMP(to) "{'jump': {'target': '" to "'}}"

static const char text[] =
	"table ip t { # handle 1\n"
	"\tchain c { # handle 2\n"
	"\t\ttype filter hook ingress device \"wan\" priority filter; policy accept;\n"
	"\t\twords of two # handle 2\n"
	"\t\twords of twelve # handle 12\n"
	"\t}\n"
	"}\n"
	"table ip6 t { # handle 2\n"
	"\tchain c { # handle 3\n"
	"\t\tof another family # handle 3\n"
	"\t}\n"
	"}\n";

#define TWO "table ip t, chain c: words of two\n"
#define D1 "table ip t, chain d: rule 5\n"

static const struct {
	const char *what, *objects, *want;
} cases[] = {
	{"nothing", "", ""},
	{"a drop in forward", BASE("forward") "," RULE("c", 2, DROP), TWO},
	{"in prerouting", BASE("prerouting") "," RULE("c", 2, DROP), TWO},
	{"in postrouting", BASE("postrouting") "," RULE("c", 2, DROP), TWO},
	{"in input it sees what it always saw", BASE("input") "," RULE("c", 2, DROP), ""},
	{"in output too", BASE("output") "," RULE("c", 2, DROP), ""},
	{"a chain without a hook", CHAIN("c") "," RULE("c", 2, DROP), ""},
	{"accept", BASE("forward") "," RULE("c", 2, "{'accept': null}"), ""},
	{"two rules", BASE("forward") "," RULE("c", 2, DROP) "," RULE("c", 12, DROP),
	 TWO "table ip t, chain c: words of twelve\n"},
	{"a rule that the text does not have", BASE("forward") "," RULE("c", 3, DROP),
	 "table ip t, chain c: rule 3\n"},
	{"reject", BASE("forward") "," RULE("c", 2, "{'reject': {'type': 'tcp reset'}}"), TWO},
	{"queue", BASE("forward") "," RULE("c", 2, "{'queue': {'num': 1}}"), TWO},
	{"masquerade", BASE("postrouting") "," RULE("c", 2, "{'masquerade': null}"), TWO},
	{"snat", BASE("postrouting") "," RULE("c", 2, "{'snat': {'addr': '192.0.2.1'}}"), TWO},
	{"dnat", BASE("prerouting") "," RULE("c", 2, "{'dnat': {'addr': '192.0.2.1'}}"), TWO},
	{"redirect", BASE("prerouting") "," RULE("c", 2, "{'redirect': {'port': 81}}"), TWO},
	{"into a flowtable", BASE("forward") "," RULE("c", 2, "{'flow': {'op': 'add'}}"), TWO},
	{"a target of iptables",
	 BASE("forward") "," RULE("c", 2, "{'xt': {'type': 'target', 'name': 'MASQUERADE'}}"), TWO},
	{"a harmless one",
	 BASE("forward") "," RULE("c", 2, "{'xt': {'type': 'target', 'name': 'LOG'}}"), ""},
	{"a match of iptables",
	 BASE("forward") "," RULE("c", 2, "{'xt': {'type': 'match', 'name': 'conntrack'}}"), ""},
	{"on our device", BASE("forward") "," RULE("c", 2, META("oifname", "==", "'wan'") "," DROP),
	 TWO},
	{"on another", BASE("forward") "," RULE("c", 2, META("oifname", "==", "'tun0'") "," DROP),
	 ""},
	{"on all but another",
	 BASE("forward") "," RULE("c", 2, META("iifname", "!=", "'tun0'") "," DROP), TWO},
	{"on one of several, ours among them",
	 BASE("forward") "," RULE("c", 2,
				  META("iif", "==", "{'set': ['tun0', 'br-lan']}") "," DROP),
	 TWO},
	{"none of ours among them",
	 BASE("forward") "," RULE("c", 2, META("iif", "==", "{'set': ['tun0', 'tun1']}") "," DROP),
	 ""},
	{"in a set with a name, which could hold ours",
	 BASE("forward") "," RULE("c", 2, META("iifname", "==", "'@devices'") "," DROP), TWO},
	{"wildcard that fits",
	 BASE("forward") "," RULE("c", 2, META("iifname", "==", "'br*'") "," DROP), TWO},
	{"wildcard that does not",
	 BASE("forward") "," RULE("c", 2, META("iifname", "==", "'veth*'") "," DROP), ""},
	{"a match on something else",
	 BASE("forward") "," RULE("c", 2, META("l4proto", "==", "'tcp'") "," DROP), TWO},
	{"through a jump",
	 BASE("forward") "," CHAIN("d") "," RULE("c", 2, JUMP("d")) "," RULE("d", 5, DROP), D1},
	{"through a goto",
	 BASE("forward") "," CHAIN("d") "," RULE("c", 2, "{'goto': {'target': 'd'}}") "," RULE(
		 "d", 5, DROP),
	 D1},
	{"through two jumps, reported once",
	 BASE("forward") "," CHAIN("d") "," CHAIN("e") "," RULE("c", 2, JUMP("d")) "," RULE(
		 "c", 12, JUMP("e")) "," RULE("e", 6, JUMP("d")) "," RULE("d", 5, DROP),
	 D1},
	{"through a jump on another device",
	 BASE("forward") "," CHAIN("d") "," RULE(
		 "c", 2, META("iifname", "==", "'tun0'") "," JUMP("d")) "," RULE("d", 5, DROP),
	 ""},
	{"a chain that nothing leads to", BASE("forward") "," CHAIN("d") "," RULE("d", 5, DROP),
	 ""},
	{"a jump to a chain that is not there", BASE("forward") "," RULE("c", 2, JUMP("x")), ""},
	{"in a verdict map",
	 BASE("forward") "," RULE("c", 2,
				  "{'vmap': {'key': {}, 'data': {'set': [['a', " DROP "]]}}}"),
	 TWO},
	{"a verdict map that accepts",
	 BASE("forward") "," RULE(
		 "c", 2, "{'vmap': {'key': {}, 'data': {'set': [['a', {'accept': null}]]}}}"),
	 ""},
	{"in a verdict map with a name",
	 BASE("forward") ",{'map': {" TABLE
			 ", 'name': 'm', 'elem': [['a', " JUMP("d") "]]}}," CHAIN("d") "," RULE(
				 "d", 5, DROP) "," RULE("c", 2,
							"{'vmap': {'key': {}, 'data': '@m'}}"),
	 D1},
	{"policy", "{'chain': {" TABLE ", 'name': 'c', 'hook': 'forward', 'policy': 'drop'}}",
	 "table ip t, chain c: policy drop\n"},
	{"ingress of our device", BASE("ingress") "," RULE("c", 2, DROP), TWO},
	{"ingress of another",
	 "{'chain': {'family': 'ip6', 'table': 't', 'name': 'c', 'hook': 'ingress', 'policy': 'drop'}}",
	 ""},
	{"the bridge family is not on our way",
	 "{'chain': {'family': 'bridge', 'table': 't', 'name': 'c', 'hook': 'forward', 'policy': 'drop'}}",
	 ""},
	{"our own table",
	 "{'chain': {'family': 'inet', 'table': 'hairpin', 'name': 'c', 'hook': 'forward', 'policy': "
	 "'drop'}}",
	 ""},
	{"one of that name in another family",
	 "{'chain': {'family': 'ip', 'table': 'hairpin', 'name': 'c', 'hook': 'forward', 'policy': 'drop'}}",
	 "table ip hairpin, chain c: policy drop\n"},
	{"a flowtable", "{'flowtable': {" TABLE ", 'name': 'f', 'dev': 'wan'}}",
	 "table ip t: flowtable f\n"},
};

/* JSON with the quotes that C does not need to escape. */
static json_t *ruleset(const char *objects)
{
	_strbuf_ struct strbuf json = {0};
	json_error_t error;
	json_t *root;

	strbuf_add(&json, "{'nftables': [%s]}", objects);
	for (size_t i = 0; i < json.length; i++) {
		if (json.text[i] == '\'')
			json.text[i] = '"';
	}
	root = json_loads(json.text, 0, &error);
	if (!root)
		fail_msg("%s in %s", error.text, json.text);
	return root;
}

static void each_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_strbuf_ struct strbuf lines = {0};
		json_t *root = ruleset(cases[i].objects);

		print_message("# %s\n", cases[i].what);
		assert_int_equal(foreign_judge(&plan, root, text, &lines), 0);
		assert_string_equal(strbuf_text(&lines), cases[i].want);
		json_decref(root);
	}
}

static void what_is_no_ruleset_is_refused(void **state)
{
	_strbuf_ struct strbuf lines = {0};
	json_t *root = json_object();

	(void)state;
	assert_int_equal(foreign_judge(&plan, root, text, &lines), -EINVAL);
	assert_int_equal(foreign_judge(&plan, NULL, text, &lines), -EINVAL);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(what_is_no_ruleset_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
