/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine and its gateway say to each other about the names inside (decision 030): one question and one answer on a TCP connection to HOSTS_WIRE_PORT, which the gateway then closes.
 *
 * The question is a number that is used once. The answer has the names as lines of a hosts file and a signature over all of struct hosts_statement: whoever has the gateway's public key knows from
 * it that this very gateway is there now, and that these are its names. Pure functions over octets, for both ends.
 *
 * An asker that speaks another version gets no answer; the version of an answer is the gateway's.
 */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#include "addr.h"
#include "hosts_key.h"
#include "strbuf.h"

/* TCP; nobody's in IANA's register. */
#define HOSTS_WIRE_PORT 5391
#define HOSTS_WIRE_VERSION 1

#define HOSTS_NONCE_BYTES 32

struct hosts_request {
	char magic[4];
	__u8 version;
	__u8 zero[3];
	__u8 nonce[HOSTS_NONCE_BYTES];
};

struct hosts_answer_head {
	char magic[4];
	__u8 version;
	__u8 zero[3];
	__u8 key[HOSTS_KEY_BYTES];
	__u8 signature[HOSTS_SIGNATURE_BYTES];
	__be32 length; /* of the lines behind it */
};

_Static_assert(sizeof(struct hosts_request) == 40, "as it goes over the wire");
_Static_assert(sizeof(struct hosts_answer_head) == 108, "as it goes over the wire");

/* What is signed. The first member is said in no other signature of this key. */
struct hosts_statement {
	char purpose[24];
	__u8 version;
	__u8 zero[3];
	__be32 length;
	__u8 nonce[HOSTS_NONCE_BYTES];
	__u8 gateway[16]; /* the address that was asked */
	__u8 digest[HOSTS_DIGEST_BYTES]; /* of the lines */
};

_Static_assert(sizeof(struct hosts_statement) == 112, "the same on every machine");

/* The names that a gateway answers with, worked out once. */
struct hosts_names {
	struct strbuf lines; /* "192.0.2.1 app.example.com\n" each */
	__u8 digest[HOSTS_DIGEST_BYTES];
};

/* An answer that has come whole. Everything points into the octets. */
struct hosts_answer {
	struct hosts_answer_head head;
	const char *lines;
	size_t length;
};

/* What the asker knows. */
struct hosts_asked {
	__u8 nonce[HOSTS_NONCE_BYTES];
	struct ip_addr gateway;
	const __u8 *key; /* HOSTS_KEY_BYTES; NULL: whichever it is */
};

void hosts_request_make(const __u8 *nonce, struct hosts_request *ret_request);
/* Of the @n octets that have come. 0; -EAGAIN: more has to come; -EPROTO: this is no question of ours, or more than one. */
int hosts_request_read(const void *octets, size_t n, struct hosts_request *ret_request);

/* What @asked->nonce is answered with; @asked->key is not looked at. */
void hosts_statement_make(const struct hosts_asked *asked, const struct hosts_names *names,
			  struct hosts_statement *ret_statement);
void hosts_answer_head_make(const __u8 *key, const __u8 *signature, size_t length,
			    struct hosts_answer_head *ret_head);
/* 0; -EAGAIN: more has to come; -EPROTO: it is no answer of ours; -EMSGSIZE: it is longer than LIMIT_HOSTS_LINES_BYTES, or goes on behind its end. */
int hosts_answer_read(const void *octets, size_t n, struct hosts_answer *ret_answer);

/* Whether it answers what was asked. 0; -EKEYREJECTED: another gateway; -EBADMSG: it is not signed for this question; -EINVAL: its lines are none of a hosts file. */
int hosts_answer_check(const struct hosts_answer *answer, const struct hosts_asked *asked);

/*
 * Whether @lines are an address and a name each and nothing else: no comment, and so no mark of our block, and nothing that a reader of hosts files takes for an end. 0 or -EINVAL.
 */
int hosts_lines_check(const char *lines, size_t length);

/* Takes over the lines of @names. 0; -EMSGSIZE: more than LIMIT_HOSTS_LINES_BYTES. */
int hosts_names_finish(struct hosts_names *names);
