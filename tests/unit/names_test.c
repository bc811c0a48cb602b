// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend.h"
#include "schema.h"

static void each_reason_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < HP_REASON_MAX; i++) {
		const char *name = hp_reason_name((enum hp_reason)i);

		assert_true(strlen(hp_reason_text((enum hp_reason)i)) > 10);
		/* The name says on which side of HP_DROP_FIRST it stands. */
		assert_int_equal(!strncmp(name, "drop-", 5), i >= HP_DROP_FIRST);
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(name, hp_reason_name((enum hp_reason)j));
	}
}

static void kinds_and_states_have_names(void **state)
{
	(void)state;
	assert_string_equal(hp_kind_name(HP_KIND_HAIRPIN), "hairpin");
	assert_string_equal(hp_kind_name(HP_KIND_OUTGOING), "outgoing");
	assert_string_equal(hp_tcp_state_name(HP_TCP_ESTABLISHED), "established");
	for (unsigned int i = 0; i < HP_TCP_STATE_MAX; i++)
		assert_string_not_equal(hp_tcp_state_name((enum hp_tcp_state)i), "unknown");
	for (unsigned int i = 1; i < HP_KIND_MAX; i++)
		assert_string_not_equal(hp_kind_name((enum hp_kind)i), "unknown");
}

static void filtering_has_the_words_of_the_configuration(void **state)
{
	const struct schema_row *row = schema_find("nat.filtering", "udp");

	(void)state;
	for (const struct schema_value *value = row->values; value->word; value++)
		assert_string_equal(hp_filtering_name((enum hp_filtering)value->value),
				    value->word);
}

/* Values come out of tables that a newer version may have written. */
static void a_value_out_of_range_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(hp_reason_name(HP_REASON_MAX), "unknown");
	assert_string_equal(hp_reason_text((enum hp_reason)200), "unknown");
	assert_string_equal(hp_kind_name((enum hp_kind)0), "unknown");
	assert_string_equal(hp_kind_name(HP_KIND_MAX), "unknown");
	assert_string_equal(hp_tcp_state_name(HP_TCP_STATE_MAX), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reason_has_a_name_of_its_own),
		cmocka_unit_test(kinds_and_states_have_names),
		cmocka_unit_test(filtering_has_the_words_of_the_configuration),
		cmocka_unit_test(a_value_out_of_range_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
