// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any text as a configuration, and what is made of it.
 *
 * What must hold: a refusal says why, in lines that a terminal and a log can bear; what is accepted prints as a text that is accepted, prints
 * as itself and makes the same plan; the rules and prefixes of a plan are in order and none is there twice; and what is in
 * force can always be planned, whatever becomes of the network.
 */
#include "plan_fixture.h"

#include "fuzz.h"

/* The network as it was, without the segment of the guests, and with addresses that all lie elsewhere. */
static const char *const networks[] = {
	USUAL,
	FACTS(WAN "," LAN "," MISSING("br-guest"), ""),
	FACTS(LINK("eth0", 2, ADDR("192.168.11.9", 24)) "," LINK(
		      "br-lan", 3, ADDR("192.168.12.1", 24)) "," LINK("br-guest", 4, ""),
	      ROUTE("192.168.64.0/20", 3, 0)),
};

/* Nothing but lines of text; UTF-8 is checked where the text comes in, and a terminal obeys what is below it. */
static void check_lines(const struct strbuf *lines, const char *begin)
{
	const char *text = strbuf_text(lines), *end;
	unsigned int n = 0;

	assert_true(lines->length > 0 && text[lines->length - 1] == '\n');
	for (; *text; text = end + 1, n++) {
		end = strchr(text, '\n');
		assert_int_equal(strncmp(text, begin, strlen(begin)), 0);
		for (const char *c = text; c < end; c++)
			assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
	}
	assert_true(n <= LIMIT_CONF_ERRORS);
}

static struct conf *parse(const char *text, size_t length)
{
	_strbuf_ struct strbuf errors = {0};
	struct conf *conf = NULL;

	if (!conf_parse("t.yaml", text, length, &conf, &errors)) {
		assert_int_equal(errors.length, 0);
		return conf;
	}
	assert_null(conf);
	check_lines(&errors, "t.yaml:");
	return NULL;
}

static struct conf *print_and_parse(const struct conf *conf)
{
	_strbuf_ struct strbuf once = {0}, twice = {0};
	struct conf *again;

	conf_print(conf, &once);
	again = parse(once.text, once.length);
	if (!again)
		fail_msg("not accepted: %s", strbuf_text(&once));
	conf_print(again, &twice);
	assert_string_equal(strbuf_text(&once), strbuf_text(&twice));
	return again;
}

/* NULL: it cannot be. */
static struct plan *plan_made(const struct conf *conf, const char *network, bool following)
{
	const struct plan_options options = {.memory_bytes = 1ULL << 30, .following = following};
	_facts_ struct facts *facts = facts_of(network);
	_strbuf_ struct strbuf errors = {0};
	struct plan *plan = NULL;
	int ret = plan_make(conf, facts, &options, &plan, &errors);

	if (ret) {
		assert_int_equal(ret, -EINVAL);
		assert_null(plan);
		assert_false(following);
		check_lines(&errors, "t.yaml:");
		return NULL;
	}
	assert_int_equal(errors.length, 0);
	check_order(plan);
	return plan;
}

static void check_plans(const struct conf *conf, const struct conf *again)
{
	for (size_t i = 0; i < ARRAY_SIZE(networks); i++) {
		_plan_ struct plan *first = plan_made(conf, networks[i], false);
		_plan_ struct plan *second = plan_made(again, networks[i], false);
		_plan_ struct plan *followed = plan_made(conf, networks[i], true);

		assert_non_null(followed);
		assert_int_equal(!first, !second);
		if (!first)
			continue;
		assert_true(plan_equal(first, second));
		/* Where there is no fault, to follow is to plan. */
		assert_true(plan_equal(first, followed));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_conf_ struct conf *conf = parse((const char *)data, size), *again = NULL;

	if (!conf)
		return 0;
	again = print_and_parse(conf);
	check_plans(conf, again);
	return 0;
}
