// SPDX-License-Identifier: GPL-2.0-or-later
/* dns.redirect on a kernel that has NAT in nftables, this one, and on one that has none: libnftables says then what it says there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <jansson.h>
#include <nftables/libnftables.h>

#include "findings.h"
#include "guard.h"
#include "netns.h"
#include "nft.h"

#define NFT_SAYS \
	"Error: Could not process rule: No such file or directory\nadd rule inet hairpin ...\n"

static struct {
	bool lacks_nat;
	bool is_said; /* the last commands were refused */
} kernel;

/* Both in place of the library's, for the product too. */
int nft_run_cmd_from_buffer(struct nft_ctx *nft, const char *text)
{
	static int (*real)(struct nft_ctx * nft, const char *text);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "nft_run_cmd_from_buffer");
	kernel.is_said =
		kernel.lacks_nat && (strstr(text, "type nat") || strstr(text, "dnat ip to"));
	return kernel.is_said ? -1 : real(nft, text);
}

const char *nft_ctx_get_error_buffer(struct nft_ctx *nft)
{
	static const char *(*real)(struct nft_ctx * nft);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "nft_ctx_get_error_buffer");
	return kernel.is_said ? NFT_SAYS : real(nft);
}

static struct plan_device devices[] = {
	{.name = "wan0", .ifindex = 2, .side = HP_SIDE_WAN},
	{.name = "br-lan", .ifindex = 3, .side = HP_SIDE_LAN},
};
static struct plan_lead lead = {.interface = "br-lan"};
static struct plan leading = {
	.devices = devices, .n_devices = ARRAY_SIZE(devices), .leads = &lead, .n_leads = 1};
static struct plan without = {.devices = devices, .n_devices = ARRAY_SIZE(devices)};

static int enter(void **state)
{
	(void)state;
	netns_enter();
	kernel.lacks_nat = false;
	return ip_addr_parse("192.168.11.1", &lead.server);
}

static bool ruleset_has(const char *text)
{
	_strbuf_ struct strbuf rules = {0};

	assert_int_equal(nft_run("list ruleset", 0, &rules, NULL), 0);
	return strstr(strbuf_text(&rules), text);
}

static void this_kernel_can_and_nothing_stays(void **state)
{
	_strbuf_ struct strbuf why = {0};

	(void)state;
	assert_int_equal(guard_probe_questions(&why), 0);
	assert_int_equal(guard_probe_apart(&why), 0);
	assert_int_equal(why.length, 0);
	assert_false(ruleset_has("table"));
}

/* Whole or not at all, and in words that lead somewhere. */
static void a_kernel_without_nat_is_named(void **state)
{
	_strbuf_ struct strbuf why = {0};
	struct guard guard = {0};

	(void)state;
	assert_int_equal(guard_apply(&guard, &without, &why), 0);
	kernel.lacks_nat = true;
	assert_true(guard_apply(&guard, &leading, &why) < 0);
	assert_string_equal(strbuf_text(&why),
			    "dns.redirect: this kernel lacks NAT in nftables (CONFIG_NFT_NAT and "
			    "CONFIG_NF_NAT, modules nft_chain_nat and nft_nat): nftables: Error: "
			    "Could not process rule: No such file or directory");
	assert_true(ruleset_has("table inet hairpin"));
	assert_false(ruleset_has("questions"));
	/* Without the key it makes no difference. */
	strbuf_reset(&why);
	assert_int_equal(guard_apply(&guard, &without, &why), 0);
	assert_int_equal(why.length, 0);
	kernel.lacks_nat = false;
	assert_int_equal(guard_apply(&guard, &leading, &why), 0);
	assert_true(ruleset_has("dnat ip to 192.168.11.1:53"));
	guard_fini(&guard);
}

/* What fails for another reason keeps nft's words. */
static void another_failure_is_not_blamed_on_it(void **state)
{
	struct plan_device odd = {.name = "br\"lan", .side = HP_SIDE_WAN};
	struct plan plan = leading;
	_strbuf_ struct strbuf why = {0};
	struct guard guard = {0};

	(void)state;
	plan.devices = &odd;
	plan.n_devices = 1;
	assert_true(guard_apply(&guard, &plan, &why) < 0);
	assert_non_null(strstr(strbuf_text(&why), "nftables: "));
	assert_null(strstr(strbuf_text(&why), "dns.redirect"));
	guard_fini(&guard);
}

static void check_says_so_before(void **state)
{
	static const struct {
		struct plan *plan;
		bool lacks_nat, found;
	} rows[] = {
		{&leading, false, false},
		{&leading, true, true},
		{&without, true, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct candidate candidate = {.plan = rows[i].plan};
		struct check check = {.candidate = &candidate, .findings = json_array()};

		kernel.lacks_nat = rows[i].lacks_nat;
		check_questions(&check);
		assert_int_equal(json_array_size(check.findings), rows[i].found);
		assert_int_equal(check.found, rows[i].found);
		json_decref(check.findings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(this_kernel_can_and_nothing_stays, enter),
		cmocka_unit_test_setup(a_kernel_without_nat_is_named, enter),
		cmocka_unit_test_setup(another_failure_is_not_blamed_on_it, enter),
		cmocka_unit_test_setup(check_says_so_before, enter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
