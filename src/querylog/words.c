// SPDX-License-Identifier: GPL-2.0-or-later
#include "words.h"

#include <stddef.h>
#include <stdio.h>

struct word {
	unsigned int number;
	const char *text;
};

/* clang-format off */
static const struct word types[] = {
	{1, "A"}, {2, "NS"}, {5, "CNAME"}, {6, "SOA"}, {12, "PTR"}, {13, "HINFO"}, {15, "MX"}, {16, "TXT"}, {24, "SIG"}, {25, "KEY"}, {28, "AAAA"},
	{29, "LOC"}, {33, "SRV"}, {35, "NAPTR"}, {39, "DNAME"}, {41, "OPT"}, {43, "DS"}, {44, "SSHFP"}, {46, "RRSIG"}, {47, "NSEC"}, {48, "DNSKEY"},
	{50, "NSEC3"}, {51, "NSEC3PARAM"}, {52, "TLSA"}, {53, "SMIMEA"}, {59, "CDS"}, {60, "CDNSKEY"}, {61, "OPENPGPKEY"}, {64, "SVCB"}, {65, "HTTPS"},
	{99, "SPF"}, {249, "TKEY"}, {250, "TSIG"}, {251, "IXFR"}, {252, "AXFR"}, {255, "ANY"}, {256, "URI"}, {257, "CAA"}, {0, NULL},
};

static const struct word rcodes[] = {
	{0, "NOERROR"}, {1, "FORMERR"}, {2, "SERVFAIL"}, {3, "NXDOMAIN"}, {4, "NOTIMP"}, {5, "REFUSED"}, {6, "YXDOMAIN"}, {7, "YXRRSET"}, {8, "NXRRSET"},
	{9, "NOTAUTH"}, {10, "NOTZONE"}, {16, "BADVERS"}, {0, NULL},
};
/* clang-format on */

static const char *word_of(const struct word *words, const char *prefix, unsigned int number,
			   char text[WORDS_MAX])
{
	for (; words->text; words++) {
		if (words->number == number)
			return words->text;
	}
	snprintf(text, WORDS_MAX, "%s%u", prefix, number & 0xffff);
	return text;
}

const char *words_type(unsigned int type, char text[WORDS_MAX])
{
	return word_of(types, "TYPE", type, text);
}

const char *words_rcode(unsigned int rcode, char text[WORDS_MAX])
{
	return word_of(rcodes, "RCODE", rcode, text);
}
