// SPDX-License-Identifier: GPL-2.0-or-later
/* Which servers are asked for their default gateway, and what counts as an answer of one: what somebody else on the segment makes up does not. */
#include "gateway_targets.h"

#include <arpa/inet.h>

#include <hairpin/limits.h>

#include "plan_fixture.h"

#define OWN 0xc0a80b03u
#define SRV 0xc0a80b14u /* .20, on the link */
#define FAR 0x0a090005u /* 10.9.0.5, behind 192.168.11.9 */
#define NETWORK(ifindex)                                                            \
	"{'links':[" LINK("eth0", ifindex,                                          \
			  ADDR("192.168.11.3", 24)) "],'routes':[" BY_NINE          \
						    "," ROUTE("192.168.11.0/24", 4, \
							      0) "],'neighs':[],'others':[]}"
#define BY_NINE "{'net':'10.9.0.0/16','gateway':'192.168.11.9','ifindex':4,'metric':0,'table':254}"
#define ARM(services) \
	"role: bypass\nwan: { interface: eth0 }\nlan: [{ interface: eth0 }]\nservices:\n" services
#define ONE(name, port, host, more) \
	"  - { name: " name ", host: " host ", ports: [" port "/tcp]" more " }\n"

static void set(struct gateway_targets *targets, const char *conf_text, const char *facts_text,
		struct gateway_place *ret_place)
{
	_conf_ struct conf *conf = conf_of(conf_text);
	_facts_ struct facts *facts = facts_of(facts_text);

	assert_int_equal(gateway_targets_set(targets, conf, facts, 1), 0);
	*ret_place = gateway_place_of(conf, facts);
}

static void asks_each_server_once(void **state)
{
	struct gateway_targets targets = {0};
	struct gateway_place place;
	const struct gateway_target *target;

	(void)state;
	set(&targets,
	    ARM(ONE("a", "80", "192.168.11.20", "") ONE("b", "81", "192.168.11.20",
							"") ONE("far", "82", "10.9.0.5", "")
			ONE("sure", "83", "192.168.11.21", ", outside-source: client") ONE(
				"ours", "84", "192.168.11.22",
				", outside-source: gateway, hairpin-source: gateway")
				ONE("loop", "85", "192.168.11.23", ", outside-source: gateway")),
	    NETWORK(4), &place);
	assert_int_equal(place.ifindex, 4);
	assert_true(place.running);
	assert_int_equal(targets.n, 3);
	target = gateway_targets_find(&targets, htonl(SRV));
	assert_non_null(target);
	assert_int_equal(target->via, htonl(SRV));
	assert_int_equal(target->own, htonl(OWN));
	target = gateway_targets_find(&targets, htonl(FAR));
	assert_non_null(target);
	assert_int_equal(target->via, htonl(0xc0a80b09));
	assert_int_equal(target->own, htonl(OWN));
	/* Loopback with the client's source depends on it, whatever is said of outside. */
	assert_non_null(gateway_targets_find(&targets, htonl(0xc0a80b17)));
	gateway_targets_fini(&targets);
}

static void asks_nobody_as_a_gateway(void **state)
{
	struct gateway_targets targets = {0};
	struct gateway_place place;

	(void)state;
	set(&targets, WEB, USUAL, &place);
	assert_int_equal(targets.n, 0);
	gateway_targets_fini(&targets);
}

/* What is known of a server stays through a reload, and not of one that has gone, or is behind another router now. */
static void keeps_what_is_known(void **state)
{
	struct gateway_targets targets = {0};
	struct gateway_place place;

	(void)state;
	set(&targets, ARM(ONE("a", "80", "192.168.11.20", "")), NETWORK(4), &place);
	gateway_step(&targets.list[0].gateway, GATEWAY_HEARD);
	set(&targets, ARM(ONE("n", "81", "192.168.11.30", "") ONE("a", "80", "192.168.11.20", "")),
	    NETWORK(4), &place);
	assert_true(gateway_is_proved(&gateway_targets_find(&targets, htonl(SRV))->gateway));
	assert_false(
		gateway_is_proved(&gateway_targets_find(&targets, htonl(0xc0a80b1e))->gateway));
	set(&targets, ARM(ONE("n", "81", "192.168.11.30", "")), NETWORK(4), &place);
	set(&targets, ARM(ONE("a", "80", "192.168.11.20", "")), NETWORK(4), &place);
	assert_false(gateway_is_proved(&targets.list[0].gateway));
	gateway_targets_fini(&targets);
}

/* --- answers -------------------------------------------------------------------------------------------- */

struct asked {
	struct gateway_targets targets;
	struct gateway_place place;
	struct echo echo; /* that the server would answer with */
};

/* Two questions have been sent. */
static void ask(struct asked *asked)
{
	static const __u8 mac[6] = {2, 0, 0, 0, 0, 0x20};
	struct gateway_target *target;

	*asked = (struct asked){0};
	set(&asked->targets,
	    ARM(ONE("a", "80", "192.168.11.20", "") ONE("far", "82", "10.9.0.5", "")), NETWORK(4),
	    &asked->place);
	target = gateway_targets_find(&asked->targets, htonl(SRV));
	target->has_mac = true;
	memcpy(target->mac, mac, 6);
	memset(target->tokens[0], 0xa1, ECHO_TOKEN_BYTES);
	memset(target->tokens[1], 0xa0, ECHO_TOKEN_BYTES);
	asked->echo.from = htonl(SRV);
	asked->echo.to = htonl(GATEWAY_OUTSIDE);
	memcpy(asked->echo.from_mac, mac, 6);
	memcpy(asked->echo.to_mac, asked->place.mac, 6);
	memset(asked->echo.token, 0xa1, ECHO_TOKEN_BYTES);
}

static const struct gateway_target *answer(struct asked *asked)
{
	return gateway_targets_answer(&asked->targets, &asked->place, &asked->echo);
}

static void believes_the_server(void **state)
{
	struct asked asked;

	(void)state;
	ask(&asked);
	assert_ptr_equal(answer(&asked), gateway_targets_find(&asked.targets, htonl(SRV)));
	memset(asked.echo.token, 0xa0, ECHO_TOKEN_BYTES);
	assert_non_null(answer(&asked));
	asked.echo.to = htonl(OWN);
	assert_non_null(answer(&asked));
	gateway_targets_fini(&asked.targets);
}

/* Each of them is an answer but for one thing. */
static void believes_nobody_else(void **state)
{
	static const struct {
		const char *what;
		size_t at; /* of struct echo: this octet is another one */
	} forged[] = {
		{"by the main router", offsetof(struct echo, from_mac) + 5},
		{"to somebody else's Ethernet address", offsetof(struct echo, to_mac) + 5},
		{"of a host that was not asked", offsetof(struct echo, from) + 3},
		{"to an address of nobody", offsetof(struct echo, to) + 3},
		{"another number, first octet", offsetof(struct echo, token)},
		{"another number, last octet", offsetof(struct echo, token) + ECHO_TOKEN_BYTES - 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forged); i++) {
		struct asked asked;

		ask(&asked);
		((__u8 *)&asked.echo)[forged[i].at] ^= 0x40;
		if (answer(&asked))
			fail_msg("%s", forged[i].what);
		gateway_targets_fini(&asked.targets);
	}
}

/* One that has not been asked yet has no number that could be guessed: nothing of it is believed. */
static void believes_nothing_unasked(void **state)
{
	struct asked asked;

	(void)state;
	ask(&asked);
	asked.echo.from = htonl(FAR);
	memset(asked.echo.from_mac, 0, 6);
	memset(asked.echo.token, 0, ECHO_TOKEN_BYTES);
	assert_null(answer(&asked));
	gateway_targets_fini(&asked.targets);
}

/* Another machine under the address, also after it was away for a while. */
static void notices_another_machine(void **state)
{
	struct asked asked;
	struct neigh neighs[] = {
		{.addr = ip_addr_from_v4(htonl(SRV)), .ifindex = 5, .mac = {2, 0, 0, 0, 0, 0x77}},
		{.addr = ip_addr_from_v4(htonl(SRV)), .ifindex = 4, .mac = {2, 0, 0, 0, 0, 0x20}},
	};
	struct gateway_target *target;

	(void)state;
	ask(&asked);
	target = gateway_targets_find(&asked.targets, htonl(SRV));
	gateway_targets_resolve(&asked.targets, 4, neighs, 2);
	assert_true(target->has_mac);
	assert_false(target->is_moved);
	gateway_targets_resolve(&asked.targets, 4, NULL, 0);
	assert_false(target->has_mac);
	assert_null(answer(&asked));
	neighs[0].ifindex = 4;
	neighs[0].mac[5] = 0x21;
	gateway_targets_resolve(&asked.targets, 4, neighs, 1);
	assert_true(target->is_moved);
	gateway_targets_fini(&asked.targets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_each_server_once),
		cmocka_unit_test(asks_nobody_as_a_gateway),
		cmocka_unit_test(keeps_what_is_known),
		cmocka_unit_test(believes_the_server),
		cmocka_unit_test(believes_nobody_else),
		cmocka_unit_test(believes_nothing_unasked),
		cmocka_unit_test(notices_another_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
