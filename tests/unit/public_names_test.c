// SPDX-License-Identifier: GPL-2.0-or-later
/* The names that are asked for outside: which, when again, and of whom. */
#include "plan_fixture.h"
#include "public_names.h"

#define ONE_ARM(wan, more) \
	"role: bypass\nwan: { interface: eth0, " wan " }\nlan: [{ interface: eth0 }]\n" more
#define WEB2 \
	"services: [{ name: web, domain: [www.example.com, \"*.example.com\"], host: 192.168.11.20, ports: [80/tcp] }]\n"

static void assert_due(struct public_names *names, bool wants_services, __u64 now_ms,
		       const char *want)
{
	_strbuf_ struct strbuf got = {0};
	struct lookup_job job = {0};
	bool due = public_names_due(names, wants_services, now_ms, &job);

	assert_int_equal(due, job.n_names > 0);
	for (size_t i = 0; i < job.n_names; i++)
		strbuf_add(&got, "%s%s", i ? " " : "", job.names[i]);
	assert_string_equal(strbuf_text(&got), want);
}

static void take(struct public_names *names, const char *name, struct lookup_result result,
		 __u64 now_ms)
{
	struct lookup_job job = {.n_names = 1};
	struct lookup_report report = {.n_names = 1, .results = {result}};

	strcpy(job.names[0], name);
	public_names_take(names, &job, &report, now_ms);
}

static struct lookup_result found(const char *text, __u32 ttl_s)
{
	struct lookup_result result = {.answer = LOOKUP_FOUND, .ttl_s = ttl_s};

	assert_int_equal(ip_addr_parse(text, &result.addr), 0);
	return result;
}

static void test_which(void **state _unused_)
{
	_conf_ struct conf *by_name = conf_of(ONE_ARM(
		"public-address: home.example.com, stun: [stun.example.net, 192.0.2.7]", WEB2));
	_conf_ struct conf *off = conf_of(ONE_ARM("stun: off", WEB2));
	_conf_ struct conf *usual = conf_of(ONE_ARM("pass: []", ""));
	struct public_names names = {0};

	assert_true(public_names_set(&names, by_name));
	assert_false(public_names_set(&names, by_name));
	assert_due(&names, false, 1000, "stun.example.net home.example.com");
	assert_due(&names, false, 1000, "");
	assert_due(&names, true, 1000, "www.example.com");
	/* What is taken away says something else of the address, servers of STUN do not. */
	assert_true(public_names_set(&names, off));
	assert_false(public_names_set(&names, off));
	assert_true(public_names_set(&names, usual));
	assert_due(&names, true, 1000000, "stun.cloudflare.com stun.l.google.com");
}

static void test_when(void **state _unused_)
{
	static const struct {
		__u32 ttl_s, wait_s;
	} rows[] = {{1, LOOKUP_MIN_S}, {300, 300}, {86400, LOOKUP_MAX_S}};
	_conf_ struct conf *conf =
		conf_of(ONE_ARM("public-address: home.example.com, stun: off", ""));
	struct public_names names = {0};
	__u64 now_ms = 5000;
	bool was_asked;

	public_names_set(&names, conf);
	assert_null(public_names_addr(&names, PUBLIC_NAME, &was_asked));
	assert_false(was_asked);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		take(&names, "home.example.com", found("25.11.0.1", rows[i].ttl_s), now_ms);
		now_ms += 1000ull * rows[i].wait_s;
		assert_due(&names, true, now_ms - 1, "");
		assert_due(&names, true, now_ms, "home.example.com");
	}
	assert_non_null(public_names_addr(&names, PUBLIC_NAME, &was_asked));
	take(&names, "home.example.com", (struct lookup_result){.answer = LOOKUP_FAILED}, now_ms);
	assert_null(public_names_addr(&names, PUBLIC_NAME, &was_asked));
	assert_true(was_asked);
	assert_due(&names, true, now_ms + 1000ull * LOOKUP_RETRY_S, "home.example.com");
}

static void test_stun(void **state _unused_)
{
	_conf_ struct conf *conf =
		conf_of(ONE_ARM("stun: [stun.example.net, \"192.0.2.7:3479\"]", ""));
	struct portmap_server servers[LIMIT_STUN_SERVERS];
	struct public_names names = {0};
	struct ip_addr addr;

	public_names_set(&names, conf);
	assert_int_equal(public_names_stun(&names, servers), 1);
	assert_int_equal(servers[0].port, 3479);
	take(&names, "stun.example.net", found("192.0.2.8", 60), 0);
	/* One that is not found any more is asked where it was. */
	take(&names, "stun.example.net", (struct lookup_result){.answer = LOOKUP_FAILED}, 1000);
	assert_int_equal(public_names_stun(&names, servers), 2);
	assert_int_equal(ip_addr_parse("192.0.2.8", &addr), 0);
	assert_true(ip_addr_equal(&servers[0].addr, &addr));
	assert_int_equal(servers[0].port, 3478);
}

/* A host inside, as a server that is ours after all would say, is no word about us while another name has one. */
static void test_services(void **state _unused_)
{
	_conf_ struct conf *conf = conf_of(ONE_ARM(
		"stun: off",
		"services: [{ name: web, domain: [a.example, b.example], host: 192.168.11.20, ports: [80/tcp] }]\n"));
	struct public_names names = {0};
	const struct ip_addr *addr;
	char text[IP_TEXT_MAX];
	bool was_asked;

	public_names_set(&names, conf);
	take(&names, "a.example", found("192.168.11.20", 60), 0);
	take(&names, "b.example", found("25.11.0.1", 60), 0);
	addr = public_names_addr(&names, PUBLIC_SERVICES, &was_asked);
	assert_non_null(addr);
	assert_string_equal(ip_addr_format(addr, text), "25.11.0.1");
}

/* Plain servers of the file; none that leads back to ours. */
static void test_servers(void **state _unused_)
{
	static const struct {
		const char *dns, *want;
	} rows[] = {
		{"dns: { upstream: [192.0.2.53, \"192.0.2.54:5353\"] }\n",
		 "192.0.2.53:53 192.0.2.54:5353"},
		{"dns: { upstream: [127.0.0.1, 192.0.2.53] }\n", "192.0.2.53:53"},
		{"dns: { upstream: [\"[/x.example/]192.0.2.9\", 192.0.2.53] }\n", "192.0.2.53:53"},
		{"dns: { upstream: [\"tls://dns.example.net\"], bootstrap: 192.0.2.55 }\n",
		 "192.0.2.55:53"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_strbuf_ struct strbuf text = {0}, got = {0};
		_facts_ struct facts *facts =
			facts_of(FACTS(LINK("eth0", 2, ADDR("192.168.11.3", 24)), ""));
		struct lookup_server servers[LIMIT_LOOKUP_SERVERS];
		struct ip_addr router = {0};
		char addr[IP_TEXT_MAX];
		_conf_ struct conf *conf = NULL;
		struct candidate now = {.facts = facts};
		size_t n;

		strbuf_add(&text, ONE_ARM("stun: off", "") "%s", rows[i].dns);
		now.conf = conf = conf_of(strbuf_text(&text));
		n = public_names_servers(&now, &router, servers);
		for (size_t k = 0; k < n; k++)
			strbuf_add(&got, "%s%s:%u", k ? " " : "",
				   ip_addr_format(&servers[k].addr, addr), servers[k].port);
		assert_string_equal(strbuf_text(&got), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which),	cmocka_unit_test(test_when),
		cmocka_unit_test(test_stun),	cmocka_unit_test(test_services),
		cmocka_unit_test(test_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
