// SPDX-License-Identifier: GPL-2.0-or-later
/* Which machine a public address means by a name that nobody declared. */
#include "plan_fixture.h"

#define DNS "dns: { upstream: 192.0.2.53 }\n"
#define SERVICE(name, more) "  - { name: " name ", " more " }\n"
#define HOST_20 "host: 192.168.11.20, "
#define HOST_21 "host: 192.168.11.21, "
#define HOST6_20 "host6: \"2001:db8:11::20\", "
#define HOST6_21 "host6: \"2001:db8:11::21\", "
#define PASS(items)                                                                               \
	"wan: { interface: eth0, pass: [" items "] }\nlan: [{ interface: br-lan }, { interface: " \
	"br-guest }]\nservices:\n"
#define TWO                                                                                      \
	FACTS(LINK("eth0", 2, ADDR("203.0.113.5", 24) "," ADDR("2001:db8:ff::5", 64)) "," LAN    \
										      "," GUEST, \
	      "")

/* "203.0.113.5=192.168.11.20 2001:db8:ff::5=?": '?' for a machine without an address, '-' for no machine; then why. */
static void print_doctor(const struct plan_dns *dns, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < dns->n_doctor; i++) {
		const struct plan_doctor *rule = &dns->doctor[i];

		strbuf_add(out, "%s%s=", i ? " " : "", ip_addr_format(&rule->public, text));
		strbuf_add(out, "%s",
			   !rule->has_host     ? "-"
			   : !rule->has_inside ? "?"
					       : ip_addr_format(&rule->inside, text));
	}
	if (dns->doctor_why)
		strbuf_add(out, " (%s)", dns->doctor_why);
}

/* Behind another router, which has the public address. */
#define ARM LINK("eth0", 2, ADDR("192.168.11.3", 24))
#define ARM_FACTS(publics)                                                           \
	"{'links':[" ARM "],'routes':[],'neighs':[],'others':[],'publics':[" publics \
	"],'answering':[]}"
#define ON_ONE_ARM(more)                                           \
	"role: bypass\nwan: { interface: eth0" more " }\nlan: [{ " \
	"interface: eth0 }]\nservices:\n" SERVICE("web", HOST_20 "ports: [80/tcp]") DNS
#define TWO_ROUTERS                                                                        \
	"{'links':[" LINK("eth0", 2,                                                       \
			  ADDR("192.168.0.2", 24)) "," LAN "," GUEST                       \
						   "],'routes':[],'neighs':[],'others':[]" \
						   ",'publics':['25.11.0.1'],'answering':" \
						   "[]}"

static const struct {
	const char *conf, *facts, *doctor;
} cases[] = {
	{SERVICES(SERVICE("web", HOST_20 "ports: [80/tcp]")), USUAL, ""},
	{HEAD DNS, USUAL, "203.0.113.5=-"},
	{SERVICES(SERVICE("web", HOST_20 "ports: [80/tcp]")) DNS, USUAL,
	 "203.0.113.5=192.168.11.20"},
	{SERVICES(SERVICE("web", HOST_20 "ports: [80/tcp]")) DNS,
	 FACTS(MISSING("eth0") "," LAN "," GUEST, ""), ""},
	{SERVICES(SERVICE("web", HOST_20 "ports: [80/tcp]")
			  SERVICE("ssh", HOST_20 "ports: [22/tcp]")) DNS,
	 USUAL, "203.0.113.5=192.168.11.20"},
	{SERVICES(SERVICE("web", HOST_20 "ports: [80/tcp]")
			  SERVICE("ssh", HOST_21 "ports: [22/tcp]")) DNS,
	 USUAL, "203.0.113.5=- (service ssh has another host than the first)"},
	{SERVICES(SERVICE("web", HOST_20 "ports: [80/tcp, \"8443:443/tcp\"]")) DNS, USUAL,
	 "203.0.113.5=- (service web has a port that is another one inside)"},
	{SERVICES(SERVICE("web", HOST_20 "ports: [80/tcp], rewrite: off")) DNS, USUAL,
	 "203.0.113.5=- (service web has `rewrite: off`)"},
	{PASS("22/tcp") SERVICE("web", HOST_20 "ports: [80/tcp]") DNS, USUAL,
	 "203.0.113.5=- (the gateway itself answers there (`wan.pass`))"},
	{PASS("icmp-echo") SERVICE("web", HOST_20 "ports: [80/tcp]") DNS, USUAL,
	 "203.0.113.5=192.168.11.20"},
	/* Over IPv6 nothing is forwarded, and what is opened there has its own address. */
	{SERVICES(SERVICE("web", HOST_20 "ports: [80/tcp]")
			  SERVICE("six", HOST6_21 "ports: [22/tcp]")) DNS,
	 TWO, "203.0.113.5=192.168.11.20 2001:db8:ff::5=?"},
	{SERVICES(SERVICE("six", HOST6_21 "ports: [22/tcp]")) DNS, TWO,
	 "203.0.113.5=- 2001:db8:ff::5=-"},
	{SERVICES(SERVICE("web", HOST_20 HOST6_20 "ports: [80/tcp]")
			  SERVICE("ssh", HOST_20 "ports: [22/tcp]")) DNS,
	 TWO, "203.0.113.5=192.168.11.20 2001:db8:ff::5=2001:db8:11::20"},
	{SERVICES(SERVICE("web", HOST_20 HOST6_20 "ports: [80/tcp]")
			  SERVICE("ssh", HOST_20 HOST6_21 "ports: [22/tcp]")) DNS,
	 TWO, "203.0.113.5=192.168.11.20 2001:db8:ff::5=?"},
	/* On one arm our own address is nobody's but ours. */
	{ON_ONE_ARM(""), ARM_FACTS(""), ""},
	{ON_ONE_ARM(""), ARM_FACTS("'25.11.0.1'"), "25.11.0.1=192.168.11.20"},
	{ON_ONE_ARM(", public-address: 25.11.0.9"), ARM_FACTS("'25.11.0.1'"),
	 "25.11.0.9=192.168.11.20"},
	{ON_ONE_ARM(", public-address: home.example.com"), ARM_FACTS("'25.11.0.1'"),
	 "25.11.0.1=192.168.11.20"},
	/* What strangers say is none of the networks that are somebody's own, and no address of this machine. */
	{ON_ONE_ARM(""), ARM_FACTS("'192.168.11.20'"), ""},
	{ON_ONE_ARM(""), ARM_FACTS("'100.64.0.1'"), ""},
	{ON_ONE_ARM(""), ARM_FACTS("'192.168.11.3'"), ""},
	{SERVICES(SERVICE("web", HOST_20 "ports: [80/tcp]")) DNS, TWO_ROUTERS,
	 "192.168.0.2=192.168.11.20 25.11.0.1=192.168.11.20"},
};

static void test_doctor(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_plan_ struct plan *plan = plan_of(cases[i].conf, cases[i].facts);
		_strbuf_ struct strbuf doctor = {0};

		print_doctor(&plan->dns, &doctor);
		if (strcmp(strbuf_text(&doctor), cases[i].doctor))
			fail_msg("case %zu: \"%s\", not \"%s\"", i, strbuf_text(&doctor),
				 cases[i].doctor);
	}
}

/* What the server is told is another thing with each of these. */
static void test_equal(void **state _unused_)
{
	static const char *const confs[] = {
		HEAD DNS,
		HEAD "dns: { upstream: 192.0.2.53, doctoring: off }\n",
		SERVICES(SERVICE("web", HOST_20 "ports: [80/tcp]")) DNS,
		SERVICES(SERVICE("web", HOST_21 "ports: [80/tcp]")) DNS,
		SERVICES(SERVICE("web", HOST_20 HOST6_20 "ports: [80/tcp]")) DNS,
	};

	for (size_t i = 0; i < ARRAY_SIZE(confs); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(confs); k++) {
			_plan_ struct plan *a = plan_of(confs[i], TWO);
			_plan_ struct plan *b = plan_of(confs[k], TWO);

			if (plan_dns_equal(&a->dns, &b->dns) != (i == k))
				fail_msg("%zu and %zu", i, k);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doctor),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
