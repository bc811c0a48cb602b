// SPDX-License-Identifier: GPL-2.0-or-later
/* Machines of the house: their names, the names of their addresses, and that nobody else's are asked for outside. ldns reads the answers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ldns/ldns.h>
#include <sys/mman.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "hosts.h"
#include "reverse.h"

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	if (ip_addr_parse(text, &addr))
		fail_msg("\"%s\" is no address", text);
	return addr;
}

static struct ip_net net_of(const char *text)
{
	struct ip_net net;

	if (ip_net_parse(text, &net))
		fail_msg("\"%s\" is no network", text);
	return net;
}

static struct dns_host host_of(const char *name, const char *addr)
{
	return (struct dns_host){.name = name_of(name), .addr = addr_of(addr)};
}

static struct dns_hosts *hosts_of(void)
{
	const struct dns_host own[] = {
		host_of("gateway.home.arpa", "192.168.11.1"),
		host_of("gateway.home.arpa", "192.168.12.1"),
		{name_of("app.example.com"), addr_of("192.168.11.20"), true},
		{name_of("gateway.home.arpa"), addr_of("2001:db8:11::1"), true},
	};
	const struct dns_host live[] = {
		host_of("nas.home.arpa", "192.168.11.30"),
		host_of("nas.home.arpa", "2001:db8:11::30"),
		/* The machine that the service is on: its name is its own, that of its address the service's. */
		host_of("box.home.arpa", "192.168.11.20"),
		/* Somebody who would like to be the gateway. */
		host_of("gateway.home.arpa", "192.168.11.66"),
		host_of("app.example.com", "192.168.11.67"),
		host_of("tv.home.arpa", "198.18.0.9"),
	};
	const struct dns_name domains[] = {name_of("home.arpa")};
	const struct ip_net networks[] = {net_of("192.168.11.0/24"), net_of("192.168.12.0/24"),
					  net_of("198.18.0.0/25"), net_of("2001:db8:11::/64")};
	struct dns_hosts *hosts = dns_hosts_make(
		&(struct dns_hosts_source){own, ARRAY_SIZE(own), live, ARRAY_SIZE(live), domains,
					   ARRAY_SIZE(domains), networks, ARRAY_SIZE(networks)});

	assert_non_null(hosts);
	return hosts;
}

/* "NXDOMAIN SOA", "NOERROR 192.168.11.1 192.168.12.1": what ldns says is in @message. */
static void words_of(const __u8 *message, size_t n, char *text, size_t size)
{
	ldns_pkt *packet;
	char *code;
	size_t used;

	assert_int_equal(ldns_wire2pkt(&packet, message, n), LDNS_STATUS_OK);
	assert_false(ldns_pkt_ad(packet));
	code = ldns_pkt_rcode2str(ldns_pkt_get_rcode(packet));
	used = (size_t)snprintf(text, size, "%s", code);
	free(code);
	for (size_t i = 0; i < ldns_pkt_ancount(packet); i++) {
		char *word =
			ldns_rdf2str(ldns_rr_rdf(ldns_rr_list_rr(ldns_pkt_answer(packet), i), 0));

		used += (size_t)snprintf(text + used, size - used, " %s", word);
		free(word);
	}
	for (size_t i = 0; i < ldns_pkt_nscount(packet); i++) {
		assert_int_equal(ldns_rr_get_type(ldns_rr_list_rr(ldns_pkt_authority(packet), i)),
				 LDNS_RR_TYPE_SOA);
		used += (size_t)snprintf(text + used, size - used, " SOA");
	}
	ldns_pkt_free(packet);
}

#define NIBBLES "0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.1.0.0.8.b.d.0.1.0.0.2.ip6.arpa"

static void test_answers(void **state _unused_)
{
	static const struct {
		const char *name;
		__u16 type;
		const char *segment;
		const char *words; /* NULL: none of ours */
	} asked[] = {
		{"nas.home.arpa", DNS_A, NULL, "NOERROR 192.168.11.30"},
		{"NAS.Home.Arpa", DNS_AAAA, NULL, "NOERROR 2001:db8:11::30"},
		{"nas.home.arpa", DNS_MX, NULL, "NOERROR SOA"},
		{"nas.home.arpa", DNS_HTTPS, NULL, "NOERROR SOA"},
		{"x.nas.home.arpa", DNS_A, NULL, "NXDOMAIN SOA"},
		{"nobody.home.arpa", DNS_A, NULL, "NXDOMAIN SOA"},
		{"nobody.home.arpa", DNS_TXT, NULL, "NXDOMAIN SOA"},
		{"home.arpa", DNS_A, NULL, "NOERROR SOA"},
		{"box.home.arpa", DNS_A, NULL, "NOERROR 192.168.11.20"},
		{"gateway.home.arpa", DNS_A, "192.168.12.0/24", "NOERROR 192.168.12.1"},
		{"gateway.home.arpa", DNS_A, "192.168.13.0/24",
		 "NOERROR 192.168.11.1 192.168.12.1"},
		/* The address is a name's only in reverse. */
		{"gateway.home.arpa", DNS_AAAA, NULL, "NOERROR SOA"},
		{"app.example.com", DNS_A, NULL, NULL},
		{"example.com", DNS_A, NULL, NULL},
		{"arpa", DNS_NS, NULL, NULL},
		{"30.11.168.192.in-addr.arpa", DNS_PTR, NULL, "NOERROR nas.home.arpa."},
		{"30.11.168.192.IN-ADDR.arpa", DNS_ANY, NULL, "NOERROR nas.home.arpa."},
		{"30.11.168.192.in-addr.arpa", DNS_A, NULL, "NOERROR SOA"},
		{"20.11.168.192.in-addr.arpa", DNS_PTR, NULL, "NOERROR app.example.com."},
		{"1.12.168.192.in-addr.arpa", DNS_PTR, NULL, "NOERROR gateway.home.arpa."},
		{"0.3.0.0.0.0"
		 "." NIBBLES,
		 DNS_PTR, NULL, "NOERROR nas.home.arpa."},
		{"66.11.168.192.in-addr.arpa", DNS_PTR, NULL, "NXDOMAIN SOA"},
		{"67.11.168.192.in-addr.arpa", DNS_PTR, NULL, "NXDOMAIN SOA"},
		{"9.0.18.198.in-addr.arpa", DNS_PTR, NULL, "NOERROR tv.home.arpa."},
		{"10.0.18.198.in-addr.arpa", DNS_PTR, NULL, "NXDOMAIN SOA"},
		{"0.4.0.0.0.0"
		 "." NIBBLES,
		 DNS_PTR, NULL, "NXDOMAIN SOA"},
		/* In front of a whole address there is nothing. */
		{"x.30.11.168.192.in-addr.arpa", DNS_PTR, NULL, "NXDOMAIN SOA"},
		{"b._dns-sd._udp.11.168.192.in-addr.arpa", DNS_PTR, NULL, "NXDOMAIN SOA"},
		/* A part of a network has names below it, so it is there. */
		{"11.168.192.in-addr.arpa", DNS_SOA, NULL, "NOERROR SOA"},
		{"0.0.0.0." NIBBLES, DNS_PTR, NULL, "NOERROR SOA"},
		/* The other half of that /24, and what is wider than a network of ours, is somebody else's. */
		{"200.0.18.198.in-addr.arpa", DNS_PTR, NULL, NULL},
		{"18.198.in-addr.arpa", DNS_PTR, NULL, NULL},
		{"1.2.0.192.in-addr.arpa", DNS_PTR, NULL, NULL},
		{"in-addr.arpa", DNS_NS, NULL, NULL},
	};
	struct dns_hosts *hosts = hosts_of();

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct octets o = query_make(asked[i].name, asked[i].type);
		struct ip_net segment = net_of(asked[i].segment ? asked[i].segment : "0.0.0.0/0");
		struct dns_answer answer;
		struct dns_query query;
		__u8 message[512];
		char text[512];
		enum dns_host_known known;
		unsigned int zone_length;
		enum dns_rcode rcode;

		assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
		dns_answer_begin(&answer, &query, o.at,
				 (struct dns_room){message, sizeof(message)});
		known = dns_hosts_know(hosts, &query.name, &zone_length);
		if ((known == DNS_HOST_ELSEWHERE) != !asked[i].words)
			fail_msg("%s: known %d", asked[i].name, known);
		if (!asked[i].words)
			continue;
		rcode = dns_hosts_answer(hosts, asked[i].segment ? &segment : NULL, &answer);
		words_of(message, dns_answer_end(&answer, rcode), text, sizeof(text));
		if (strcmp(text, asked[i].words))
			fail_msg("%s %u: \"%s\", expected \"%s\"", asked[i].name, asked[i].type,
				 text, asked[i].words);
	}
	dns_hosts_free(hosts);
}

static void test_nobody(void **state _unused_)
{
	static const struct {
		const char *name;
		unsigned int zone_length; /* 0: somebody has it */
	} cases[] = {
		{"nas.home.arpa", 0},
		{"30.11.168.192.in-addr.arpa", 0},
		{"nobody.home.arpa", sizeof("\4home\4arpa")},
		{"home.arpa", sizeof("\4home\4arpa")},
		/* "arpa", "ip6.arpa" and "in-addr.arpa" have 6, 10 and 14 octets; what is below them 12 at least. */
		{"66.11.168.192.in-addr.arpa", sizeof("\7in-addr\4arpa") + 2},
		{"0.4.0.0.0.0." NIBBLES, sizeof("\3ip6\4arpa") + 2},
	};
	struct dns_hosts *hosts = hosts_of();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dns_name name = name_of(cases[i].name);
		unsigned int zone_length = 0;
		enum dns_host_known known = dns_hosts_know(hosts, &name, &zone_length);

		assert_int_equal(known, cases[i].zone_length ? DNS_HOST_NOBODY : DNS_HOST_KNOWN);
		if (cases[i].zone_length)
			assert_int_equal(zone_length, cases[i].zone_length);
		assert_int_equal(dns_hosts_know(NULL, &name, &zone_length), DNS_HOST_ELSEWHERE);
	}
	dns_hosts_free(hosts);
	assert_null(dns_hosts_free(NULL));
}

/* What clients call themselves. */
static void test_labels(void **state _unused_)
{
	static const struct {
		const char *label, *name; /* NULL: refused */
	} cases[] = {
		{"nas", "nas.home.arpa"},
		{"Johns-iPhone", "johns-iphone.home.arpa"},
		{"3com", "3com.home.arpa"},
		{"", NULL},
		{"-nas", NULL},
		{"nas-", NULL},
		{"my nas", NULL},
		{"a.b", NULL},
		{"a\\.b", NULL},
		{"n\xc3\xa4s", NULL},
		{"wpad", NULL},
		{"WPAD", NULL},
		{"isatap", NULL},
		{"localhost", NULL},
		{"wpad2", "wpad2.home.arpa"},
	};
	const struct dns_name domain = name_of("home.arpa");
	char long_label[65];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dns_name name;
		char text[DNS_NAME_TEXT_MAX] = "";
		int ret = dns_host_name(cases[i].label, strlen(cases[i].label), &domain, &name);

		if (!ret)
			dns_name_format(&name, text);
		if (ret != (cases[i].name ? 0 : -EINVAL) ||
		    strcmp(text, cases[i].name ? cases[i].name : ""))
			fail_msg("\"%s\": %d \"%s\"", cases[i].label, ret, text);
	}
	memset(long_label, 'x', sizeof(long_label));
	assert_int_equal(dns_host_name(long_label, 63, &domain, &(struct dns_name){0}), 0);
	assert_int_equal(dns_host_name(long_label, 64, &domain, &(struct dns_name){0}),
			 -ENAMETOOLONG);
	assert_int_equal(dns_host_name("a\0b", 3, &domain, &(struct dns_name){0}), -EINVAL);
}

/* A label that would make a name of more than 255 octets. */
static void test_label_room(void **state _unused_)
{
	char text[256];
	struct dns_name domain, name;

	for (size_t i = 0; i < 244; i++)
		text[i] = i % 61 == 60 ? '.' : 'x';
	text[243] = '\0';
	assert_int_equal(dns_name_parse(text, &domain), 0);
	assert_int_equal(domain.length, 245);
	assert_int_equal(dns_host_name("123456789", 9, &domain, &name), 0);
	assert_int_equal(name.length, DNS_NAME_MAX);
	assert_int_equal(dns_host_name("1234567890", 10, &domain, &name), -ENAMETOOLONG);
}

/* ldns makes the same name of an address, and we read it back. */
static void test_reverse(void **state _unused_)
{
	static const char *const addrs[] = {
		"192.168.11.5", "0.0.0.0",    "255.255.255.255",
		"10.0.200.9",	"2001:db8::", "fd12:3456:789a::ef01",
		"::",		"::1",	      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};

	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++) {
		struct ip_addr addr = addr_of(addrs[i]);
		bool is_v4 = ip_addr_is_v4(&addr), rest;
		ldns_rdf *rdf = ldns_rdf_new_frm_str(is_v4 ? LDNS_RDF_TYPE_A : LDNS_RDF_TYPE_AAAA,
						     addrs[i]);
		ldns_rdf *expected = ldns_rdf_address_reverse(rdf);
		struct dns_name name;
		struct ip_net net;

		dns_reverse_name(&addr, &name);
		assert_int_equal(name.length, ldns_rdf_size(expected));
		assert_memory_equal(name.wire, ldns_rdf_data(expected), name.length);
		assert_true(dns_reverse_read(&name, &net, &rest));
		assert_false(rest);
		assert_int_equal(net.length, is_v4 ? 32 : 128);
		assert_true(ip_addr_equal(&net.addr, &addr));
		ldns_rdf_deep_free(rdf);
		ldns_rdf_deep_free(expected);
	}
}

static void test_reverse_parts(void **state _unused_)
{
	static const struct {
		const char *name, *net; /* NULL: none */
		bool rest;
	} cases[] = {
		{"11.168.192.in-addr.arpa", "192.168.11.0/24", false},
		{"0/25.11.168.192.in-addr.arpa", "192.168.11.0/24", true},
		{"256.168.192.in-addr.arpa", "192.168.0.0/16", true},
		{"011.168.192.in-addr.arpa", "192.168.0.0/16", true},
		{"1.5.11.168.192.in-addr.arpa", "192.168.11.5/32", true},
		{"x.in-addr.arpa", "0.0.0.0/0", true},
		{"8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::/32", false},
		{"b.d.0.1.0.0.2.ip6.arpa", "2001:db0::/28", false},
		{"g.b.d.0.1.0.0.2.ip6.arpa", "2001:db0::/28", true},
		{"10.ip6.arpa", "::/0", true},
		{"in-addr.arpa", NULL, false},
		{"5.11.168.192.in-addr.arpa.example", NULL, false},
		{"5.xin-addr.arpa", NULL, false},
		/* One label of twelve octets that ends as the zone does. */
		{"5.foo\\007in-addr.arpa", NULL, false},
		{"arpa", NULL, false},
		{".", NULL, false},
	};
	struct ip_addr mapped = addr_of("2001:db8::1");
	struct dns_name name;
	struct ip_net net;
	bool rest;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[IP_TEXT_MAX] = "";
		bool found;

		name = name_of(cases[i].name);
		rest = false;
		found = dns_reverse_read(&name, &net, &rest);
		if (found != !!cases[i].net || (found && rest != cases[i].rest))
			fail_msg("%s: %d, rest %d", cases[i].name, found, rest);
		if (found && strcmp(ip_net_format(&net, text), cases[i].net))
			fail_msg("%s: %s", cases[i].name, text);
	}
	/* ::ffff:192.0.2.1 is IPv4 for struct ip_addr, and its 128 digits are no prefix of that. */
	dns_reverse_name(&mapped, &name);
	for (size_t i = 0; i < 32; i++)
		name.wire[2 * i + 1] = i < 8 ? '1' : i < 12 ? 'f' : '0';
	assert_false(dns_reverse_read(&name, &net, &rest));
}

/* What the daemon writes is what the process reads. */
static void test_carried(void **state _unused_)
{
	const struct dns_host hosts[] = {host_of("nas.home.arpa", "192.168.11.30"),
					 host_of("tv.home.arpa", "2001:db8:11::9")};
	_close_ int fd = dns_hosts_write(hosts, ARRAY_SIZE(hosts));
	_close_ int none = dns_hosts_write(NULL, 0);
	_free_ struct dns_host *read = NULL, *read_none = NULL;
	size_t n;

	assert_true(fd >= 0 && none >= 0);
	assert_int_equal(dns_hosts_read(fd, &read, &n), 0);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(dns_name_equal(&read[i].name, &hosts[i].name));
		assert_true(ip_addr_equal(&read[i].addr, &hosts[i].addr));
		assert_false(read[i].is_reverse_only);
	}
	assert_int_equal(dns_hosts_read(none, &read_none, &n), 0);
	assert_int_equal(n, 0);
}

static void test_carried_wrong(void **state _unused_)
{
	static const char *const texts[] = {
		"",
		"{}",
		"[1]",
		"[[]]",
		"[[\"nas\"]]",
		"[[\"nas..x\", \"192.168.11.1\", false]]",
		"[[\"nas\", \"192.168.11.0/24\", false]]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_close_ int fd = memfd_create("text", MFD_CLOEXEC);
		struct dns_host *hosts = NULL;
		size_t n = 7;

		assert_int_equal(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
		if (dns_hosts_read(fd, &hosts, &n) != -EINVAL || hosts || n != 7)
			fail_msg("text %zu is taken", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers), cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_labels),	cmocka_unit_test(test_label_room),
		cmocka_unit_test(test_reverse), cmocka_unit_test(test_reverse_parts),
		cmocka_unit_test(test_carried), cmocka_unit_test(test_carried_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
