/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question of ours as upstream gets it, and whether what comes back answers it. */
#pragma once

#include "cache.h"

/* Header, the longest name, type, class, OPT. */
#define DNS_QUESTION_MAX (DNS_HEADER + DNS_NAME_MAX + 4 + 11)

struct dns_question {
	__u8 message[DNS_QUESTION_MAX];
	size_t length;
	__u16 question_length;
};

/*
 * @query as it is asked upstream: its name, type, class, CD and DO, and nothing else that came from the client. @random: id and the case of letters are
 * taken from it; 0x20 is left alone where @keep_case.
 */
void dns_question_make(struct dns_question *question, const struct dns_query *query,
		       const __u8 random[34], bool keep_case);

/* The same without EDNS, for upstreams that do not understand it: no DO, and 512 octets at most over UDP. */
void dns_question_strip(struct dns_question *question);

enum dns_match_verdict {
	DNS_REPLY_MATCHES,
	DNS_REPLY_BROKEN, /* matches, and cannot be read to its end, or is about EDNS and not about the question */
	DNS_REPLY_TRUNCATED, /* matches, and has to be asked over TCP */
	DNS_REPLY_OTHER_CASE, /* whole, and matches but for the case of letters: an upstream that does not repeat it, or a forger */
	DNS_REPLY_UNREAD, /* it could not read our question, and repeats nothing of it but the id (FORMERR, NOTIMP) */
	DNS_REPLY_ALIEN, /* answers something else: forged, or late */
};

enum dns_match_verdict dns_question_match(const struct dns_question *question,
					  struct dns_reply reply);
