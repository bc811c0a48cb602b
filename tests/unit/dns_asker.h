/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who asks upstreams, and several of these at once, each with an address of its own. Include it behind cmocka.h. */
#pragma once

#include "dns_fake.h"
#include "upstream.h"

/* What the last answer was. The first thing in a bench, so that the bench is what is asked with. */
struct asker {
	unsigned int called;
	int ret;
	unsigned int rcode;
	char address[INET_ADDRSTRLEN]; /* of its first record; "": none */
};

static inline void asker_replied(void *data, const struct dns_query *query _unused_, int ret,
				 struct dns_reply reply)
{
	struct asker *asker = data;
	struct dns_cursor cursor;
	struct dns_record record;

	asker->called++;
	asker->ret = ret;
	*asker->address = '\0';
	if (ret) {
		assert_null(reply.message);
		return;
	}
	asker->rcode = DNS_RCODE(dns_get16(reply.message + 2));
	assert_int_equal(dns_cursor_begin(reply.message, reply.length, &cursor), 0);
	if (dns_cursor_next(&cursor, &record) > 0)
		inet_ntop(AF_INET, reply.message + record.data_at, asker->address,
			  sizeof(asker->address));
}

static inline struct dns_query query_of(const char *name)
{
	struct octets o = query_make(name, DNS_A);
	struct dns_query query;

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	return query;
}

/* @n of them, that answer 192.0.2.1 and so on, as upstreams. */
static inline struct dns_upstreams *fakes_open(uv_loop_t *loop, struct fake *fakes, size_t n,
					       void (*const *behave)(struct fake_question *))
{
	static const char *const addresses[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
	struct dns_upstream_conf conf[ARRAY_SIZE(addresses)];
	struct dns_upstreams *upstreams;

	assert_true(n <= ARRAY_SIZE(addresses));
	for (size_t i = 0; i < n; i++) {
		fake_open(&fakes[i], loop, addresses[i], behave[i]);
		conf[i] = (struct dns_upstream_conf){.port = fakes[i].port};
		assert_int_equal(ip_addr_parse("127.0.0.1", &conf[i].addr), 0);
	}
	upstreams = dns_upstreams_make(loop, conf, n);
	assert_non_null(upstreams);
	return upstreams;
}

/* Over UDP too little, over TCP all. */
static inline void fake_truncating(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, 0);

	if (question->connection) {
		fake_honest(question);
		return;
	}
	o.at[2] |= DNS_TC >> 8;
	fake_reply(question, &o);
}
