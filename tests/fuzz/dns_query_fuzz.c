// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What clients may send: any octets, to the whole resolver, over a datagram or a stream.
 *
 * Input: an octet of flags, then the message. What must hold: an answer is no longer than the asker takes, it is read to its last octet by the reader for
 * what strangers send, it has the asker's id and question, and its RCODE is the one that the parser's verdict asks for. The room for it ends where it
 * may end, so that the sanitizer sees an octet too many.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "resolver.h"
#include "reverse.h"

#define IS_DATAGRAM 1
#define HAS_SEGMENT 2

static struct dns_resolver resolver;
static uv_loop_t loop;
static struct ip_net segment;

static struct dns_name name_of(const char *text)
{
	struct dns_name name;

	if (dns_name_parse(text, &name))
		abort();
	return name;
}

/* Short names, which a fuzzer finds; an alias of each kind, an address of each family, a loop, a pass. */
static struct dns_rewrites *names_make(void)
{
	struct ip_addr addrs[2];
	struct dns_rewrite rows[] = {
		{.name = name_of("a"),
		 .addrs = addrs,
		 .n_addrs = 2,
		 .https = {{{0, 1, 0, 0, 1, 0, 6, 2, 'h', '3', 2, 'h', '2'}, 13}},
		 .n_https = 1,
		 .ttl_s = 60},
		{.name = name_of("b"),
		 .match = DNS_MATCH_BELOW,
		 .target = name_of("a"),
		 .ttl_s = 60},
		{.name = name_of("c"),
		 .match = DNS_MATCH_TREE,
		 .target = name_of("x.y"),
		 .ttl_s = 60},
		{.name = name_of("d"), .target = name_of("d"), .ttl_s = 60},
		{.name = name_of("e"), .addrs = addrs, .n_addrs = 1, .pass = {DNS_MX}, .n_pass = 1},
		{.name = name_of("f"), .target = name_of("localhost"), .ttl_s = 60},
	};

	if (ip_addr_parse("192.168.11.20", &addrs[0]) || ip_addr_parse("fd00::20", &addrs[1]))
		abort();
	return dns_rewrites_make(rows, sizeof(rows) / sizeof(rows[0]));
}

static struct dns_hosts *hosts_make(void)
{
	struct dns_host own[2] = {{.name = name_of("m.n")},
				  {.name = name_of("a"), .is_reverse_only = true}};
	struct dns_name domain = name_of("n");
	struct ip_net network;

	if (ip_addr_parse("10.1.1.1", &own[0].addr) || ip_addr_parse("fd00::20", &own[1].addr) ||
	    ip_net_parse("10.1.0.0/16", &network))
		abort();
	return dns_hosts_make(&(struct dns_hosts_source){own, 2, NULL, 0, &domain, 1, &network, 1});
}

/* "k": an answer that is larger than a datagram holds. */
static void learn(void)
{
	__u8 message[2000] = {0x12, 0x34, 0x81, 0x80, 0,    1,	  0, 1, 0, 0, 0, 0, 1,	'k', 0,
			      0,    1,	  0,	1,    0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 14, 16};
	struct dns_query query = {.type = DNS_A, .class = DNS_CLASS_IN, .name = name_of("k")};

	dns_put16(message + 29, sizeof(message) - 31);
	dns_cache_put(resolver.cache, &query, (struct dns_reply){message, sizeof(message)},
		      uv_now(&loop));
}

static void begin(void)
{
	if (resolver.loop)
		return;
	uv_loop_init(&loop);
	resolver = (struct dns_resolver){.loop = &loop,
					 .rewrites = names_make(),
					 .hosts = hosts_make(),
					 .special = dns_special_make(),
					 .cache = dns_cache_make(1 << 20, 1),
					 .upstreams = dns_upstreams_make(&loop, NULL, 0)};
	if (ip_net_parse("192.168.11.0/24", &segment) || !resolver.rewrites || !resolver.special ||
	    !resolver.hosts || !resolver.cache || !resolver.upstreams)
		abort();
	learn();
}

/* Every record of it, and every name in front of one. */
static void answer_check(const struct dns_asked *asked, const struct dns_query *query, int verdict,
			 const __u8 *message, size_t n)
{
	struct dns_cursor cursor;
	struct dns_record record;
	struct dns_name name;
	unsigned int rcode, opts = 0;
	int ret;

	assert(n <= (asked->is_datagram ? dns_query_room(query) : DNS_MESSAGE_MAX));
	assert(!dns_cursor_begin(message, n, &cursor));
	assert(!memcmp(message, asked->message, 2));
	assert(cursor.flags & DNS_QR && cursor.flags & DNS_RA && !(cursor.flags & DNS_AD));
	assert(!((cursor.flags ^ query->flags) & (DNS_RD | DNS_CD | 0x7800)));
	assert(cursor.question_length == query->question_length);
	assert(!memcmp(message + DNS_HEADER, asked->message + DNS_HEADER, query->question_length));
	rcode = DNS_RCODE(cursor.flags);
	while ((ret = dns_cursor_next(&cursor, &record)) > 0) {
		assert(dns_name_read(message, n, record.name_at, &name) > 0);
		if (record.type == DNS_CNAME)
			assert(dns_name_read(message, n, record.data_at, &name) ==
			       record.data_at + record.data_length);
		if (record.type != DNS_OPT)
			continue;
		rcode |= (record.ttl_s >> 24) << 4;
		opts++;
	}
	assert(!ret && cursor.at == n);
	assert(opts == query->has_edns);
	if (verdict > 0)
		assert(rcode == (unsigned int)verdict);
	else if (query->class == 3)
		assert(rcode == DNS_REFUSED);
	else
		assert(rcode == DNS_NOERROR || rcode == DNS_NXDOMAIN || rcode == DNS_SERVFAIL ||
		       (rcode == DNS_REFUSED && !(query->flags & DNS_RD)));
}

/* What is read of a reverse name is written again as it was. */
static void reverse_check(const struct dns_name *name)
{
	struct dns_name again;
	struct ip_net net;
	bool rest;

	if (!name->length || !dns_reverse_read(name, &net, &rest) || rest ||
	    net.length != (ip_addr_is_v4(&net.addr) ? 32 : 128))
		return;
	dns_reverse_name(&net.addr, &again);
	assert(dns_name_equal(name, &again));
}

/* How a machine calls itself: as it came, or not at all. */
static void label_check(const __u8 *label, size_t n)
{
	const struct dns_name domain = name_of("home.arpa");
	struct dns_name name, again;
	char text[DNS_NAME_TEXT_MAX];

	if (dns_host_name((const char *)label, n, &domain, &name))
		return;
	assert(name.length == 1 + n + domain.length && !strchr(dns_name_format(&name, text), '\\'));
	assert(!dns_name_parse(text, &again) && dns_name_equal(&name, &again));
}

struct someone {
	struct dns_waiting waiting; /* first */
	const struct dns_asked *asked;
	const struct dns_query *query;
	bool was_sent;
};

static void sent(struct dns_waiting *waiting, const __u8 *message, size_t n)
{
	struct someone *one = (struct someone *)waiting;

	answer_check(one->asked, one->query, 0, message, n);
	one->was_sent = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {.data = data, .size = size};
	unsigned int flags = fuzz_u8(&input);
	struct dns_query query, parsed;
	struct dns_asked asked;
	struct someone one;
	__u8 *message, *room;
	size_t room_size = flags & IS_DATAGRAM ? DNS_UDP_MAX : DNS_MESSAGE_MAX;
	int verdict, n;

	begin();
	/* Of their own, so that what is read or written beyond them is seen. */
	message = malloc(input.size + !input.size);
	room = malloc(room_size);
	assert(message && room);
	memcpy(message, input.data, input.size);
	asked = (struct dns_asked){.message = message,
				   .length = input.size,
				   .segment = flags & HAS_SEGMENT ? &segment : NULL,
				   .is_datagram = flags & IS_DATAGRAM};
	verdict = dns_query_parse(message, input.size, &parsed);
	if (!verdict)
		reverse_check(&parsed.name);
	label_check(message, input.size);
	n = dns_resolver_ask(&resolver, &asked, room, &query);
	assert((verdict < 0) == !n);
	if (n > 0)
		answer_check(&asked, &query, verdict, room, (size_t)n);
	if (n == -EINPROGRESS) {
		one = (struct someone){.waiting.send = sent, .asked = &asked, .query = &query};
		dns_resolver_wait(&resolver, &asked, &query, &one.waiting);
		assert(one.was_sent);
	}
	free(message);
	free(room);
	return 0;
}
