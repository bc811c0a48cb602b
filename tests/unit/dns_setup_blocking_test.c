// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocking as the daemon tells it is what the DNS process reads; anything else is refused. */
#include "setup_blocking.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "json_file.h"

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

static struct ip_net net_of(const char *text)
{
	struct ip_net net;

	assert_int_equal(ip_net_parse(text, &net), 0);
	return net;
}

static struct dns_blocking_conf carried(const struct plan_blocking *blocking)
{
	struct dns_blocking_conf conf;
	json_t *json = dns_setup_blocking_write(blocking);

	assert_int_equal(dns_setup_blocking_read(json, &conf), 0);
	json_decref(json);
	return conf;
}

static void test_everybody(void **state _unused_)
{
	struct dns_blocking_conf conf = carried(&(struct plan_blocking){.mode = CONF_BLOCK_NODATA});

	assert_int_equal(conf.mode, DNS_BLOCK_MODE_NODATA);
	assert_int_equal(conf.n_answers + conf.n_clients, 0);
	assert_int_equal(conf.n_groups, 1);
	assert_true(conf.groups[0].is_on);
	assert_true(conf.groups[0].blocklists.has_all);
	assert_true(conf.groups[0].allowlists.has_all);
	dns_blocking_conf_fini(&conf);
}

static void test_modes(void **state _unused_)
{
	for (int mode = 0; mode < DNS_BLOCK_MODE_MAX; mode++) {
		struct dns_blocking_conf conf =
			carried(&(struct plan_blocking){.mode = (enum conf_block_mode)mode});

		assert_int_equal(conf.mode, mode);
		dns_blocking_conf_fini(&conf);
	}
}

static void test_answers(void **state _unused_)
{
	struct plan_blocking blocking = {
		.mode = CONF_BLOCK_CUSTOM,
		.answers = {addr_of("192.168.11.9"), addr_of("2001:db8::9")},
		.n_answers = 2};
	struct dns_blocking_conf conf = carried(&blocking);

	assert_int_equal(conf.n_answers, 2);
	for (size_t i = 0; i < conf.n_answers; i++)
		assert_true(ip_addr_equal(&conf.answers[i], &blocking.answers[i]));
	dns_blocking_conf_fini(&conf);
}

/* Groups are counted from 1 on, behind everybody's; Ethernet addresses are told apart from this. */
static void test_groups(void **state _unused_)
{
	char ads[] = "ads", kids[] = "kids", *names[] = {ads, kids};
	struct conf_client first[] = {{.net = net_of("192.168.11.5/32")},
				      {.mac = {2, 0, 0, 0, 0, 4}, .is_mac = true}};
	struct conf_client second[] = {{.net = net_of("2001:db8:11::/64")},
				       {.net = net_of("192.168.12.0/24")}};
	struct conf_group groups[] = {
		{.name = "free", .clients = first, .n_clients = 2},
		{.name = "child",
		 .clients = second,
		 .n_clients = 2,
		 .blocklists = {.names = names, .n = 2, .is_given = true},
		 .allowlists = {.is_given = true},
		 .blocking = true},
	};
	struct dns_blocking_conf conf =
		carried(&(struct plan_blocking){.groups = groups, .n_groups = 2});

	assert_int_equal(conf.n_groups, 3);
	assert_false(conf.groups[1].is_on);
	assert_true(conf.groups[1].blocklists.has_all);
	assert_true(conf.groups[2].is_on);
	assert_false(conf.groups[2].blocklists.has_all);
	assert_int_equal(conf.groups[2].blocklists.n, 2);
	assert_string_equal(conf.groups[2].blocklists.names[0], "ads");
	assert_string_equal(conf.groups[2].blocklists.names[1], "kids");
	assert_false(conf.groups[2].allowlists.has_all);
	assert_int_equal(conf.groups[2].allowlists.n, 0);
	assert_int_equal(conf.n_clients, 3);
	assert_true(ip_net_equal(&conf.clients[0].net, &first[0].net));
	assert_int_equal(conf.clients[0].group, 1);
	assert_true(ip_net_equal(&conf.clients[1].net, &second[0].net));
	assert_int_equal(conf.clients[1].group, 2);
	assert_true(ip_net_equal(&conf.clients[2].net, &second[1].net));
	assert_int_equal(conf.clients[2].group, 2);
	dns_blocking_conf_fini(&conf);
}

/* A name longer than any list has would be written behind its room. */
#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ALL "{'on':true,'blocklists':null,'allowlists':null}"
#define WITH(mode, answers, groups, clients) \
	"{'mode':" mode ",'answers':[" answers "],'groups':[" groups "],'clients':[" clients "]}"

static json_t *json_of(const char *text)
{
	_free_ char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	json = json_loads(copy, 0, &error);
	if (!json)
		fail_msg("%s: %s", text, error.text);
	return json;
}

static void test_refused(void **state _unused_)
{
	static const struct {
		int ret;
		const char *text;
	} cases[] = {
		{0, WITH("0", "", ALL, "")},
		{0, WITH("4", "'192.0.2.1'", ALL "," ALL, "['192.0.2.0/24',1]")},
		{-EINVAL, "{}"},
		{-EINVAL, "[]"},
		{-EINVAL, WITH("-1", "", ALL, "")},
		{-EINVAL, WITH("5", "", ALL, "")},
		{-EINVAL, WITH("'null'", "", ALL, "")},
		{-EINVAL, WITH("0", "", "", "")},
		{-EINVAL, WITH("0", "'192.0.2'", ALL, "")},
		{-EINVAL, WITH("0", "7", ALL, "")},
		{-EINVAL, WITH("0", "", "1", "")},
		{-EINVAL, WITH("0", "", "{'blocklists':null,'allowlists':null}", "")},
		{-EINVAL, WITH("0", "", "{'on':true,'allowlists':null}", "")},
		{-EINVAL, WITH("0", "", "{'on':true,'blocklists':null,'allowlists':'a'}", "")},
		{-EINVAL, WITH("0", "", "{'on':true,'blocklists':[1],'allowlists':null}", "")},
		{-EINVAL,
		 WITH("0", "", "{'on':true,'blocklists':['a','" LONG "'],'allowlists':null}", "")},
		{-EINVAL, WITH("0", "", ALL, "'192.0.2.0/24'")},
		{-EINVAL, WITH("0", "", ALL, "['192.0.2.1/24',0]")},
		{-EINVAL, WITH("0", "", ALL, "['192.0.2.0/24']")},
		{-EINVAL, WITH("0", "", ALL, "['192.0.2.0/24','0']")},
		{-EINVAL, WITH("0", "", ALL, "['192.0.2.0/24',-1]")},
		/* There is no such group: nothing of it may be looked at. */
		{-EINVAL, WITH("0", "", ALL, "['192.0.2.0/24',1]")},
		{-EINVAL, WITH("0", "", ALL, "['192.0.2.0/24',4294967296]")},
		{-EINVAL, "{'mode':0,'answers':{},'groups':[" ALL "],'clients':[]}"},
		{-EINVAL, "{'mode':0,'answers':[],'groups':[" ALL "],'clients':{}}"},
		{-EINVAL, "{'mode':0,'answers':[],'groups':[" ALL "]}"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *json = json_of(cases[i].text);
		struct dns_blocking_conf conf;

		if (dns_setup_blocking_read(json, &conf) != cases[i].ret)
			fail_msg("%s", cases[i].text);
		dns_blocking_conf_fini(&conf);
		json_decref(json);
	}
}

/* --- addresses of machines ---------------------------------------------------------------------- */

static void test_clients(void **state _unused_)
{
	const struct dns_block_client clients[] = {{net_of("192.168.11.5/32"), 1},
						   {net_of("2001:db8::5/128"), 7}};
	struct dns_block_client *got = NULL;
	_close_ int fd = dns_clients_write(clients, ARRAY_SIZE(clients));
	size_t n = 0;

	assert_true(fd >= 0);
	assert_int_equal(dns_clients_read(fd, &got, &n), 0);
	assert_int_equal(n, ARRAY_SIZE(clients));
	for (size_t i = 0; i < n; i++) {
		assert_true(ip_net_equal(&got[i].net, &clients[i].net));
		assert_int_equal(got[i].group, clients[i].group);
	}
	free(got);
}

static void test_no_clients(void **state _unused_)
{
	struct dns_block_client *got = NULL;
	_close_ int fd = dns_clients_write(NULL, 0);
	size_t n = 7;

	assert_int_equal(dns_clients_read(fd, &got, &n), 0);
	assert_int_equal(n, 0);
	free(got);
}

static void test_clients_refused(void **state _unused_)
{
	static const char *const texts[] = {
		"{}",
		"['192.0.2.1']",
		"[['192.0.2.256/32',1]]",
		"[['192.0.2.1/32',true]]",
		"[['192.0.2.1/32',-1]]",
		"[['192.0.2.1/32',4294967296]]",
		"[['192.0.2.1/32',1],['192.0.2.0/24']]",
		/* Each is one address: whoever reads it does not look at lengths. */
		"[['192.0.2.0/24',1]]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		json_t *json = json_of(texts[i]);
		_close_ int fd = dns_json_seal("text", json);
		struct dns_block_client *got = NULL;
		size_t n = 7;

		json_decref(json);
		if (dns_clients_read(fd, &got, &n) != -EINVAL || got || n != 7)
			fail_msg("%s", texts[i]);
	}
	assert_int_equal(dns_clients_read(-1, &(struct dns_block_client *){NULL}, &(size_t){0}),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everybody),  cmocka_unit_test(test_modes),
		cmocka_unit_test(test_answers),	   cmocka_unit_test(test_groups),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_clients),
		cmocka_unit_test(test_no_clients), cmocka_unit_test(test_clients_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
