// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "log.h"

static struct control_request good(enum control_verb verb)
{
	struct control_request request;

	control_request_init(&request, verb);
	return request;
}

static int judge(const struct control_request *request, size_t length, uid_t uid, const char *says)
{
	_strbuf_ struct strbuf why = {0};
	int ret = control_request_check(request, length, uid, &why);

	if (says && !strstr(strbuf_text(&why), says))
		fail_msg("\"%s\" does not say \"%s\"", strbuf_text(&why), says);
	if (!says)
		assert_string_equal(strbuf_text(&why), "");
	return ret;
}

static void test_good(void **state _unused_)
{
	for (unsigned int verb = 0; verb < CONTROL_VERB_MAX; verb++) {
		struct control_request request = good((enum control_verb)verb);

		assert_int_equal(judge(&request, sizeof(request), 0, NULL), 0);
	}
}

static void test_size(void **state _unused_)
{
	struct control_request request[2] = {good(CONTROL_STATUS)};

	assert_int_equal(judge(request, sizeof(request[0]) - 1, 0, "127"), -EMSGSIZE);
	assert_int_equal(judge(request, sizeof(request[0]) + 1, 0, "129"), -EMSGSIZE);
	assert_int_equal(judge(request, 4, 0, "4"), -EMSGSIZE);
	assert_int_equal(judge(request, 0, 0, "0"), -EMSGSIZE);
}

static void test_magic(void **state _unused_)
{
	struct control_request request = good(CONTROL_STATUS);

	request.magic ^= 1;
	assert_int_equal(judge(&request, sizeof(request), 0, "not a request"), -EPROTO);
}

/* Another version may have another size, and the version is the better answer. */
static void test_version(void **state _unused_)
{
	struct control_request request = good(CONTROL_STATUS);

	request.version++;
	assert_int_equal(judge(&request, sizeof(request), 0, "version 2"), -EPROTO);
	assert_int_equal(judge(&request, 16, 0, "version 2"), -EPROTO);
}

static void test_verb(void **state _unused_)
{
	struct control_request request = good(CONTROL_VERB_MAX);

	assert_int_equal(judge(&request, sizeof(request), 0, "unknown"), -EOPNOTSUPP);
	assert_string_equal(control_verb_name(CONTROL_VERB_MAX), "?");
	assert_string_equal(control_verb_name(CONTROL_APPLY), "apply");
}

static void test_text_without_end(void **state _unused_)
{
	struct control_request request = good(CONTROL_APPLY);

	memset(request.ssh, 'x', sizeof(request.ssh));
	assert_int_equal(judge(&request, sizeof(request), 0, "no end"), -EINVAL);
}

static void test_user(void **state _unused_)
{
	static const struct {
		enum control_verb verb;
		bool changes;
	} rows[] = {
		{CONTROL_STATUS, false},	{CONTROL_SHOW_SERVICES, false},
		{CONTROL_SHOW_MAPPINGS, false}, {CONTROL_SHOW_SESSIONS, false},
		{CONTROL_SHOW_DROPS, false},	{CONTROL_SHOW_FACTS, false},
		{CONTROL_SHOW_LEASES, false},	{CONTROL_RELOAD, true},
		{CONTROL_APPLY, true},		{CONTROL_CONFIRM, true},
		{CONTROL_REVERT, true},		{CONTROL_DETACH, true},
		{CONTROL_SHOW_PORTS, false},	{CONTROL_OPERATOR, false},
		{CONTROL_REWRITE, true},	{CONTROL_BLOCKING, true},
		{CONTROL_RESERVATION, true},	{CONTROL_SHOW_LISTS, false},
		{CONTROL_SHOW_QUERIES, false},	{CONTROL_SHOW_TOP, false},
		{CONTROL_PAUSE, true},		{CONTROL_RESUME, true},
		{CONTROL_LOG_LEVEL, true},
	};

	assert_int_equal(ARRAY_SIZE(rows), CONTROL_VERB_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct control_request request = good(rows[i].verb);

		assert_int_equal(
			judge(&request, sizeof(request), 1000, rows[i].changes ? "root" : NULL),
			rows[i].changes ? -EPERM : 0);
	}
}

static void test_log_level(void **state _unused_)
{
	struct control_request request = good(CONTROL_LOG_LEVEL);

	request.log_level = LOG_DEBUG;
	assert_int_equal(judge(&request, sizeof(request), 0, NULL), 0);
	request.log_level++;
	assert_int_equal(judge(&request, sizeof(request), 0, "no level"), -EINVAL);
}

static void test_queries(void **state _unused_)
{
	struct control_request request = good(CONTROL_SHOW_QUERIES);

	memset(request.queries.name, 'a', sizeof(request.queries.name));
	assert_int_equal(judge(&request, sizeof(request), 1000, "name"), -EINVAL);
	request.queries.name[sizeof(request.queries.name) - 1] = '\0';
	assert_int_equal(judge(&request, sizeof(request), 1000, NULL), 0);
}

static void test_response(void **state _unused_)
{
	struct control_response response = {.magic = CONTROL_MAGIC, .version = CONTROL_VERSION};
	_strbuf_ struct strbuf why = {0};

	assert_int_equal(control_response_check(&response, &why), 0);
	response.version = 9;
	assert_int_equal(control_response_check(&response, &why), -EPROTO);
	assert_non_null(strstr(strbuf_text(&why), "version 9"));
	response.magic = 0;
	assert_int_equal(control_response_check(&response, &why), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	cmocka_unit_test(test_size),
		cmocka_unit_test(test_magic),	cmocka_unit_test(test_version),
		cmocka_unit_test(test_verb),	cmocka_unit_test(test_text_without_end),
		cmocka_unit_test(test_user),	cmocka_unit_test(test_log_level),
		cmocka_unit_test(test_queries), cmocka_unit_test(test_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
