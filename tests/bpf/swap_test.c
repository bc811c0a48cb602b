// SPDX-License-Identifier: GPL-2.0-or-later
/* One write puts another plan in force; the audit after it ends what the plan no longer admits, and nothing else. */
#include <string.h>

#include "rig.h"

#define WEB "forward tcp 8443 192.168.11.20:443 service 1\n"
#define GAME "forward udp 6000 192.168.11.20:6000 service 2\n"

/* Sessions of every kind, and what the tables then hold. */
static const struct step opening[] = {
	{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 S", TO_LAN, HP_SENT_INCOMING,
	 "tcp 198.51.100.9:50000 > 192.168.11.20:443 S"},
	{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_LAN, HP_SENT_INCOMING,
	 "udp 198.51.100.9:50000 > 192.168.11.20:6000"},
	{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.6:6000", TO_LAN, HP_SENT_INCOMING,
	 "udp 192.0.2.9:50000 > 192.168.11.20:6000"},
	{FROM_LAN, "udp 192.168.11.20:6000 > 198.51.100.7:53", TO_WAN, HP_SENT_OUTGOING,
	 "udp 203.0.113.5:6000 > 198.51.100.7:53"},
	{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN, HP_SENT_OUTGOING,
	 "udp 203.0.113.5:40000 > 198.51.100.7:53"},
	{FROM_LAN, "tcp 192.168.11.30:41000 > 203.0.113.5:8443 S", TO_LAN, HP_SENT_HAIRPIN,
	 "tcp 203.0.113.5:41000 > 192.168.11.20:443 S"},
	{FROM_LAN1, "udp 192.168.12.30:42000 > 203.0.113.5:40000", TO_LAN, HP_SENT_HAIRPIN,
	 "udp 203.0.113.5:42000 > 192.168.11.30:40000"},
	{FROM_HOST, "udp 203.0.113.5:50000 > 198.51.100.7:53", PASS, HP_PASS_OWN_FLOW},
	{FROM_LAN, "tcp 192.168.11.30:43000 > 192.168.13.30:80 S", PASS, HP_PASS_LAN},
	{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=9", TO_WAN, HP_SENT_OUTGOING,
	 "icmp 203.0.113.5 > 198.51.100.7 request id=9"},
	{FROM_WAN, "tcp [2001:db8:77::7]:50000 > [2001:db8:11::20]:443 S", PASS, HP_PASS_PINHOLE6},
	{FROM_LAN, "udp [2001:db8:11::30]:40000 > [2001:db8:77::7]:53", PASS, HP_PASS_ROUTED6},
	{0},
};

#define S_WEB                                                  \
	"forward tcp wan 198.51.100.9:50000>203.0.113.5:8443 " \
	"lan 198.51.100.9:50000>192.168.11.20:443 syn service1\n"
#define S_GAME                                                 \
	"forward udp wan 198.51.100.9:50000>203.0.113.5:6000 " \
	"lan 198.51.100.9:50000>192.168.11.20:6000 service2\n"
#define S_GAME_OTHER                                        \
	"forward udp wan 192.0.2.9:50000>203.0.113.6:6000 " \
	"lan 192.0.2.9:50000>192.168.11.20:6000 service2\n"
#define S_GAME_OUT                                             \
	"outgoing udp lan 192.168.11.20:6000>198.51.100.7:53 " \
	"wan 203.0.113.5:6000>198.51.100.7:53\n"
#define S_OUT                                                   \
	"outgoing udp lan 192.168.11.30:40000>198.51.100.7:53 " \
	"wan 203.0.113.5:40000>198.51.100.7:53\n"
#define S_LOOP                                                  \
	"hairpin tcp lan 192.168.11.30:41000>203.0.113.5:8443 " \
	"lan 203.0.113.5:41000>192.168.11.20:443 syn service1\n"
#define S_LOOP_DYNAMIC                                           \
	"hairpin udp lan 192.168.12.30:42000>203.0.113.5:40000 " \
	"lan 203.0.113.5:42000>192.168.11.30:40000\n"
#define S_HOST                                             \
	"host udp host 203.0.113.5:50000>198.51.100.7:53 " \
	"wan 203.0.113.5:50000>198.51.100.7:53\n"
#define S_ROUTED                                               \
	"routed tcp lan 192.168.11.30:43000>192.168.13.30:80 " \
	"lan 192.168.11.30:43000>192.168.13.30:80 syn\n"
#define S_ECHO                                              \
	"outgoing icmp lan 192.168.11.30:9>198.51.100.7:0 " \
	"wan 203.0.113.5:9>198.51.100.7:0\n"
#define S_PINHOLE "routed tcp wan [2001:db8:77::7]:50000>[2001:db8:11::20]:443 lan syn service0\n"
#define S_OUT6 "routed udp lan [2001:db8:11::30]:40000>[2001:db8:77::7]:53 wan\n"

#define M_ECHO "mapping icmp 192.168.11.30:9 = 203.0.113.5:9 x1\n"
#define M_GAME "mapping udp 192.168.11.20:6000 = 203.0.113.5:6000 x1 fixed\n"
#define M_OUT_ALONE "mapping udp 192.168.11.30:40000 = 203.0.113.5:40000 x1\n"
#define M_OUT "mapping udp 192.168.11.30:40000 = 203.0.113.5:40000 x2\n"
#define M_LOOP "mapping tcp 192.168.11.30:41000 = 203.0.113.5:41000 x1\n"
#define M_LOOP_DYNAMIC "mapping udp 192.168.12.30:42000 = 203.0.113.5:42000 x1\n"
#define M_HOST "mapping udp 203.0.113.5:50000 = 203.0.113.5:50000 x1 host\n"

#define PINHOLE "pinhole tcp 2001:db8:11::20 443\n"
#define PLAN RIG_PLAN WEB GAME PINHOLE

/* A change of the plan and the lines of the state that go with it. */
struct change {
	const char *name;
	const char *plan;
	const char *gone[16];
};

static const struct change changes[] = {
	{"nothing changed", PLAN, {NULL}},
	{"a service that does not matter came", PLAN "forward tcp 25 192.168.11.25:25\n", {NULL}},
	{"a forward removed", RIG_PLAN GAME PINHOLE, {S_WEB, S_LOOP, M_LOOP}},
	{
		"a forward removed whose host speaks from its port",
		RIG_PLAN WEB PINHOLE,
		{S_GAME, S_GAME_OTHER, S_GAME_OUT, M_GAME},
	},
	{
		"a forward narrowed",
		RIG_PLAN WEB PINHOLE "forward udp 6000 192.168.11.20:6000 service 2 allow 7\n"
				     "allow 7 198.51.100.0/24\n",
		{S_GAME_OTHER},
	},
	{
		"a forward to another host",
		RIG_PLAN GAME PINHOLE "forward tcp 8443 192.168.11.21:443 service 1\n",
		{S_WEB, S_LOOP, M_LOOP},
	},
	{
		"a forward to another port of the host",
		RIG_PLAN GAME PINHOLE "forward tcp 8443 192.168.11.20:8443 service 1\n",
		{S_WEB, S_LOOP, M_LOOP},
	},
	{
		"a forward to another port of a host that speaks from the one before",
		RIG_PLAN WEB PINHOLE "forward udp 6000 192.168.11.20:6001 service 2\n",
		{S_GAME, S_GAME_OTHER, S_GAME_OUT, M_GAME},
	},
	{
		"a forward turned into wan.pass",
		RIG_PLAN GAME PINHOLE "pass tcp 8443\n",
		{S_WEB, S_LOOP, M_LOOP},
	},
	{
		"a forward on the port of a dynamic mapping",
		PLAN "forward udp 40000 192.168.11.20:40000\n",
		{S_OUT, S_LOOP_DYNAMIC, M_OUT, M_LOOP_DYNAMIC},
	},
	{
		"a forward on the port of a flow of the gateway",
		PLAN "forward udp 50000 192.168.11.20:50000\n",
		{S_HOST, M_HOST},
	},
	{"a pinhole removed", RIG_PLAN WEB GAME, {S_PINHOLE}},
	{
		"a pinhole narrowed",
		RIG_PLAN WEB GAME "pinhole tcp 2001:db8:11::20 443 allow 7\n"
				  "allow 7 2001:db8:66::/48\n",
		{S_PINHOLE},
	},
};

/* The state after opening, without the lines that are @gone. */
static void expect_without(struct rig *rig, const char *const *gone)
{
	static const char *const lines[] = {
		S_WEB,		S_GAME, S_GAME_OTHER, S_GAME_OUT, S_OUT,	  S_LOOP,
		S_LOOP_DYNAMIC, S_HOST, S_ROUTED,     S_ECHO,	  S_PINHOLE,	  S_OUT6,
		M_GAME,		M_ECHO, M_OUT,	      M_LOOP,	  M_LOOP_DYNAMIC, M_HOST,
	};
	_strbuf_ struct strbuf expected = {0};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const char *const *g = gone;

		while (*g && *g != lines[i] && strcmp(*g, lines[i]))
			g++;
		if (!*g)
			strbuf_add(&expected, "%s", lines[i]);
	}
	rig_expect_state(rig, strbuf_text(&expected));
}

static void test_changes(void **state)
{
	static const char *const none[] = {NULL};
	struct rig *rig = *state;

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const struct change *change = &changes[i];

		print_message("# %s\n", change->name);
		rig_reset(rig, PLAN);
		rig_steps(rig, opening);
		expect_without(rig, none);
		rig_plan_write(rig, 1, change->plan);
		/* What is written is not yet in force: an audit finds nothing to end. */
		assert_int_equal(rig_sweep(rig, true), 0);
		rig_plan_activate(rig, 1);
		/* Nor does a sweep without an audit end anything. */
		assert_int_equal(rig_sweep(rig, false), 0);
		expect_without(rig, none);
		rig_sweep(rig, true);
		expect_without(rig, change->gone);
		assert_int_equal(rig_sweep(rig, true), 0);
	}
}

/* The primary address goes and the second one stays: what hangs on the first one ends, forwards follow at once. */
static void test_address_gone(void **state)
{
	static const char nets[] = "link wan0 203.0.113.6\n"
				   "link lan0 192.168.11.1\n"
				   "link lan1 192.168.12.1\n"
				   "link iso0 192.168.13.1 isolated\n"
				   "net 192.168.11.0/24 lan lan0\n"
				   "net 192.168.12.0/24 lan lan1\n"
				   "net 192.168.13.0/24 lan iso0 isolated\n"
				   "net 2001:db8:11::/64 lan lan0\n"
				   "net 203.0.113.6 wan wan0\n"
				   "wan 203.0.113.6\n" WEB GAME PINHOLE;
	struct rig *rig = *state;

	rig_reset(rig, PLAN);
	rig_steps(rig, opening);
	rig_plan_write(rig, 1, nets);
	rig_plan_activate(rig, 1);
	rig_sweep(rig, true);
	rig_expect_state(rig, S_GAME_OTHER S_ROUTED S_PINHOLE S_OUT6);
	rig_steps(rig, (const struct step[]){
			       {FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.6:8443 S", TO_LAN,
				HP_SENT_INCOMING, "tcp 198.51.100.9:50000 > 192.168.11.20:443 S"},
			       {FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
				HP_SENT_OUTGOING, "udp 203.0.113.6:40000 > 198.51.100.7:53"},
			       {FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 S", DROP,
				HP_DROP_NOT_OURS},
			       {0},
		       });
}

/* A segment that becomes isolated keeps what it may still begin: the internet and declared services. */
static void test_becomes_isolated(void **state)
{
	static const char plan[] = "wan 203.0.113.5 echo\n"
				   "link wan0 203.0.113.5\n"
				   "link lan0 192.168.11.1 isolated\n"
				   "link lan1 192.168.12.1 isolated\n"
				   "link iso0 192.168.13.1 isolated\n"
				   "net 192.168.11.0/24 lan lan0 isolated\n"
				   "net 192.168.12.0/24 lan lan1 isolated\n"
				   "net 192.168.13.0/24 lan iso0 isolated\n"
				   "net 2001:db8:11::/64 lan lan0 isolated\n"
				   "net 203.0.113.5 wan wan0\n"
				   "net 203.0.113.6 wan wan0\n" WEB GAME PINHOLE;
	struct rig *rig = *state;

	rig_reset(rig, PLAN);
	rig_steps(rig, opening);
	rig_plan_write(rig, 1, plan);
	rig_plan_activate(rig, 1);
	assert_int_equal(rig_sweep(rig, true), 2);
	rig_expect_state(rig, S_WEB S_GAME S_GAME_OTHER S_GAME_OUT S_OUT S_LOOP S_HOST S_ECHO
				      S_PINHOLE S_OUT6 M_GAME M_ECHO M_OUT_ALONE M_LOOP M_HOST);
}

/* A swap loses no packet: what a session knows does not hang on the slot. */
static void test_swap_under_traffic(void **state)
{
	static const struct step packets[] = {
		{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_LAN, HP_SENT_INCOMING,
		 "udp 198.51.100.9:50000 > 192.168.11.20:6000"},
		{FROM_LAN, "udp 192.168.11.20:6000 > 198.51.100.9:50000", TO_WAN, HP_SENT_OUTGOING,
		 "udp 203.0.113.5:6000 > 198.51.100.9:50000"},
		{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN, HP_SENT_OUTGOING,
		 "udp 203.0.113.5:40000 > 198.51.100.7:53"},
		{0},
	};
	struct rig *rig = *state;
	char plan[4096];

	rig_reset(rig, PLAN);
	for (unsigned int i = 0; i < 20; i++) {
		snprintf(plan, sizeof(plan), PLAN "forward tcp %u 192.168.11.%u:80\n", 9000 + i,
			 100 + i);
		rig_plan_write(rig, i % 2, plan);
		rig_plan_activate(rig, i % 2);
		rig_steps(rig, packets);
		assert_int_equal(rig_sweep(rig, true), 0);
	}
}

/* In force at once, also without an audit: new flows are judged by the new plan. */
static void test_new_flows(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN WEB);
	rig_plan_write(rig, 1, RIG_PLAN GAME);
	rig_steps(rig, (const struct step[]){
			       {FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", DROP,
				HP_DROP_CLOSED},
			       {0},
		       });
	rig_plan_activate(rig, 1);
	rig_steps(rig, (const struct step[]){
			       {FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_LAN,
				HP_SENT_INCOMING, "udp 198.51.100.9:50000 > 192.168.11.20:6000"},
			       {FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 S", DROP,
				HP_DROP_CLOSED},
			       {0},
		       });
}

/* The address that a mapping has stays good while it is ours, also when it is no longer the first (RFC 4787 REQ-1). */
static void test_address_order(void **state)
{
	struct rig *rig = *state;
	static const struct step first[] = {{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53",
					     TO_WAN, HP_SENT_OUTGOING,
					     "udp 203.0.113.5:40000 > 198.51.100.7:53"},
					    {0}};
	static const struct step second[] = {{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.8:53",
					      TO_WAN, HP_SENT_OUTGOING,
					      "udp 203.0.113.5:40000 > 198.51.100.8:53"},
					     {0}};
	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, first);
	rig_plan_write(rig, 1, "wan 203.0.113.6 echo\n" RIG_NETS);
	rig_plan_activate(rig, 1);
	rig_sweep(rig, true);
	rig_steps(rig, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),		 cmocka_unit_test(test_address_gone),
		cmocka_unit_test(test_becomes_isolated), cmocka_unit_test(test_swap_under_traffic),
		cmocka_unit_test(test_new_flows),	 cmocka_unit_test(test_address_order),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("swap", tests, rig_setup, rig_teardown);
}
