// SPDX-License-Identifier: GPL-2.0-or-later
#include "facts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char whole[] =
	"{\"links\": ["
	"  {\"name\": \"eth0\", \"ifindex\": 2, \"master\": 7, \"master_name\": \"bond0\","
	"   \"mac\": \"02:00:00:00:00:01\","
	"   \"mtu\": 1500, \"up\": true, \"running\": true, \"ethernet\": true, \"layer3\": false,"
	"   \"bridge\": false,"
	"   \"addrs\": [{\"addr\": \"203.0.113.1\", \"length\": 24, \"permanent\": true},"
	"             {\"addr\": \"2001:db8::1\", \"length\": 64, \"permanent\": false}]},"
	"  {\"name\": \"br-lan\", \"ifindex\": 0, \"master\": 0, \"master_name\": null,"
	"   \"mac\": \"00:00:00:00:00:00\","
	"   \"mtu\": 0, \"up\": false, \"running\": false, \"ethernet\": false, \"layer3\": true,"
	"   \"bridge\": true,"
	"   \"addrs\": []}],"
	" \"routes\": ["
	"  {\"net\": \"0.0.0.0/0\", \"gateway\": \"203.0.113.254\", \"ifindex\": 2,"
	"   \"metric\": 4294967295, \"table\": 254},"
	"  {\"net\": \"2001:db8::/64\", \"gateway\": null, \"ifindex\": 2, \"metric\": 256,"
	"   \"table\": 254}],"
	" \"neighs\": [{\"addr\": \"203.0.113.254\", \"ifindex\": 2, \"mac\": \"0a:0b:0c:0d:0e:0f\","
	"   \"reachable\": true}],"
	" \"others\": [\"127.0.0.1\", \"::1\"],"
	" \"publics\": [\"198.51.100.7\"], \"answering\": [\"192.168.11.20\"]}";

static json_t *load(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	if (!json)
		fail_msg("%d:%d: %s", error.line, error.column, error.text);
	return json;
}

static void values_arrive(void **state _unused_)
{
	const __u8 mac[6] = {0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f};
	struct facts *facts _facts_ = NULL;
	char why[128] = "", text[IP_TEXT_MAX];
	json_t *json = load(whole);
	const struct fact_link *link;

	assert_int_equal(facts_from_json(json, &facts, why, sizeof(why)), 0);
	json_decref(json);
	assert_int_equal(facts->n_links, 2);
	link = facts_link(facts, "eth0");
	assert_int_equal(link->ifindex, 2);
	assert_int_equal(link->master, 7);
	assert_string_equal(link->master_name, "bond0");
	assert_string_equal(facts_link(facts, "br-lan")->master_name, "");
	assert_int_equal(link->mtu, 1500);
	assert_true(link->up && link->running && link->ethernet && !link->layer3 && !link->bridge);
	assert_true(facts_link(facts, "br-lan")->layer3);
	assert_int_equal(link->n_addrs, 2);
	assert_string_equal(ip_addr_format(&link->addrs[0].addr, text), "203.0.113.1");
	assert_int_equal(link->addrs[1].length, 64);
	assert_true(link->addrs[0].permanent && !link->addrs[1].permanent);
	assert_int_equal(facts_link(facts, "br-lan")->ifindex, 0);

	assert_int_equal(facts->n_routes, 2);
	assert_int_equal(facts->routes[0].metric, 4294967295u);
	assert_string_equal(ip_net_format(&facts->routes[0].net, text), "0.0.0.0/0");
	assert_string_equal(ip_addr_format(&facts->routes[0].gateway, text), "203.0.113.254");
	assert_true(ip_addr_is_zero(&facts->routes[1].gateway));
	assert_memory_equal(facts->neighs[0].mac, mac, sizeof(mac));
	assert_int_equal(facts->n_others, 2);
}

/* What is printed is what was read, key for key. */
static void there_and_back(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;
	json_t *before = load(whole), *after;
	char why[128] = "";

	assert_int_equal(facts_from_json(before, &facts, why, sizeof(why)), 0);
	after = facts_to_json(facts);
	assert_true(json_equal(before, after));
	json_decref(after);
	json_decref(before);
}

static void nothing_at_all_is_valid(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;
	/* What was observed may be missing: files of versions before had none of it. */
	json_t *json = load("{\"links\": [], \"routes\": [], \"neighs\": [], \"others\": []}"),
	       *after;
	char why[128] = "";

	assert_int_equal(facts_from_json(json, &facts, why, sizeof(why)), 0);
	json_object_set_new(json, "publics", json_array());
	json_object_set_new(json, "answering", json_array());
	after = facts_to_json(facts);
	assert_true(json_equal(json, after));
	json_decref(after);
	json_decref(json);
}

/* In the valid text, @from is replaced by @to; @why is what must be said. */
static const struct {
	const char *from, *to, *why;
} faults[] = {
	{"\"others\"", "\"unknown\"", "others: missing; expected a list"},
	{"\"mtu\": 1500", "\"mtv\": 1500", "links[0].mtu: missing; expected a number"},
	{"\"mtu\": 1500", "\"mtu\": -1", "links[0].mtu: wrong value; expected a number"},
	{"\"mtu\": 1500", "\"mtu\": 4294967296", "links[0].mtu: wrong value"},
	{"\"mtu\": 1500", "\"mtu\": 1.5", "links[0].mtu: wrong value"},
	{"\"mtu\": 1500", "\"mtu\": \"1500\"", "links[0].mtu: wrong value"},
	{"\"br-lan\"", "\"\"", "links[1].name: wrong value; expected the name of an interface"},
	{"\"br-lan\"", "\"sixteen-letters-\"", "links[1].name: wrong value"},
	{"\"bond0\"", "\"\"",
	 "links[0].master_name: wrong value; expected the name of an interface, or"},
	{"\"bond0\"", "0", "links[0].master_name: wrong value"},
	{"\"up\": true", "\"up\": 1", "links[0].up: wrong value; expected true or false"},
	{"02:00:00:00:00:01", "02:00:00:00:00", "links[0].mac: wrong value; expected an Ethernet"},
	{"02:00:00:00:00:01", "02:00:00:00:00:0g", "links[0].mac: wrong value"},
	{"02:00:00:00:00:01", "02:00:00:00:00:01:", "links[0].mac: wrong value"},
	{"\"length\": 64", "\"length\": 129", "links[0].addrs[1].length: wrong value"},
	{"\"length\": 24", "\"length\": 33",
	 "links[0].addrs[0].length: wrong value; expected at most"},
	{"2001:db8::1\"", "2001:db8::g\"", "links[0].addrs[1].addr: wrong value; expected an addr"},
	{"\"addrs\": []", "\"addrs\": null", "links[1].addrs: wrong value; expected a list"},
	{"\"gateway\": null", "\"gateway\": 0", "routes[1].gateway: wrong value"},
	{"\"gateway\": null,", "", "routes[1].gateway: missing; expected an address, or null"},
	{"2001:db8::/64", "2001:db8::/129", "routes[1].net: wrong value; expected a network"},
	{"2001:db8::/64", "2001:db8::1/64", "routes[1].net: wrong value"},
	{"\"::1\"", "{}", "others[1]: wrong value; expected an address"},
	{"\"::1\"", "\"localhost\"", "others[1]: wrong value"},
	{"{\"addr\": \"203.0.113.1\", \"length\": 24, \"permanent\": true}", "7",
	 "links[0].addrs[0]: wrong value; expected an object"},
};

static void replace_once(char *text, size_t size, const char *from, const char *to)
{
	const char *at = strstr(whole, from);

	assert_non_null(at);
	snprintf(text, size, "%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
}

static void faults_are_named(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		char text[sizeof(whole) + 64], why[160] = "";
		struct facts *facts = NULL;
		json_t *json;

		replace_once(text, sizeof(text), faults[i].from, faults[i].to);
		json = load(text);
		assert_int_equal(facts_from_json(json, &facts, why, sizeof(why)), -EINVAL);
		assert_null(facts);
		json_decref(json);
		if (strncmp(why, faults[i].why, strlen(faults[i].why)))
			fail_msg("\"%s\" for \"%s\" says \"%s\"", faults[i].to, faults[i].from,
				 why);
	}
}

static void not_an_object(void **state _unused_)
{
	struct facts *facts = NULL;
	json_t *json = load("[]");
	char why[128] = "";

	assert_int_equal(facts_from_json(json, &facts, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "wrong value; expected an object");
	assert_int_equal(facts_from_json(NULL, &facts, why, sizeof(why)), -EINVAL);
	json_decref(json);
}

static void why_is_cut_to_its_size(void **state _unused_)
{
	struct facts *facts = NULL;
	json_t *json = load("{}");
	char why[9] = "";

	assert_int_equal(facts_from_json(json, &facts, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "links: m");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_arrive),	   cmocka_unit_test(there_and_back),
		cmocka_unit_test(nothing_at_all_is_valid), cmocka_unit_test(faults_are_named),
		cmocka_unit_test(not_an_object),	   cmocka_unit_test(why_is_cut_to_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
