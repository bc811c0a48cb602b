// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame_text.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

static const struct {
	const char *name;
	int proto;
} protocols[] = {
	{"tcp", IPPROTO_TCP},	   {"udp", IPPROTO_UDP},   {"icmp", IPPROTO_ICMP},
	{"icmp6", IPPROTO_ICMPV6}, {"igmp", IPPROTO_IGMP},
};

/* The value of "@key=VALUE", or NULL if @word is another one. */
static const char *value_of(const char *word, const char *key)
{
	size_t length = strlen(key);

	return !strncmp(word, key, length) && word[length] == '=' ? word + length + 1 : NULL;
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (end == text || (*end && *end != '/'))
		fail_msg("frame: %s is no number", text);
	return value;
}

static void read_protocol(struct frame_text *t, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(word, protocols[i].name))
			continue;
		t->proto = protocols[i].proto;
		return;
	}
	if (value_of(word, "ether")) {
		t->proto = FRAME_PROTO_ETHER;
		t->ethertype = (__u16)number(value_of(word, "ether"));
		return;
	}
	if (!value_of(word, "proto"))
		fail_msg("frame: %s is no protocol", word);
	t->proto = (int)number(value_of(word, "proto"));
}

/* "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]" or "[2001:db8::1]:80". */
static void read_end(char *word, struct ip_addr *ret_addr, __u16 *ret_port)
{
	char *port;

	if (*word == '[') {
		port = strchr(++word, ']');
		if (port)
			*port++ = 0;
	} else {
		port = strchr(word, ':');
	}
	if (port && *port == ':') {
		*port++ = 0;
		*ret_port = (__u16)number(port);
	}
	if (ip_addr_parse(word, ret_addr))
		fail_msg("frame: %s is no address", word);
}

static bool read_tcp_flags(struct frame_text *t, const char *word)
{
	static const char letters[] = "FSRPA"; /* bits 0 to 4 */
	__u8 flags = 0;

	for (; *word; word++) {
		const char *at = strchr(letters, *word);

		if (!at)
			return false;
		flags |= (__u8)(1 << (at - letters));
	}
	t->tcp_flags = flags;
	return true;
}

static bool read_flag(struct frame_text *t, const char *word)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {
		{"df", &t->df},
		{"mf", &t->mf},
		{"options", &t->options},
		{"nocheck", &t->nocheck},
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (strcmp(word, flags[i].word))
			continue;
		*flags[i].flag = true;
		return true;
	}
	return false;
}

static bool read_echo(struct frame_text *t, const char *word)
{
	bool request = !strcmp(word, "request");

	if (!request && strcmp(word, "reply"))
		return false;
	if (t->proto == IPPROTO_ICMPV6)
		t->icmp_type = request ? 128 : 129;
	else
		t->icmp_type = request ? 8 : 0;
	return true;
}

static bool read_type(struct frame_text *t, const char *word)
{
	const char *value = value_of(word, "type");

	if (!value)
		return false;
	t->icmp_type = (__u8)number(value);
	t->icmp_code = strchr(value, '/') ? (__u8)number(strchr(value, '/') + 1) : 0;
	return true;
}

static bool read_number(struct frame_text *t, const char *word)
{
	const struct {
		const char *key;
		__u16 *word;
		__u8 *octet;
		size_t *size;
	} numbers[] = {
		{"ttl", .octet = &t->ttl},    {"tos", .octet = &t->tos},
		{"ipid", .word = &t->ip_id},  {"offset", .word = &t->offset},
		{"id", .word = &t->icmp_id},  {"mtu", .word = &t->mtu},
		{"len", .size = &t->payload}, {"quote", .size = &t->quote_octets},
		{"pad", .size = &t->pad},
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const char *value = value_of(word, numbers[i].key);

		if (!value)
			continue;
		if (numbers[i].word)
			*numbers[i].word = (__u16)number(value);
		else if (numbers[i].octet)
			*numbers[i].octet = (__u8)number(value);
		else
			*numbers[i].size = number(value);
		return true;
	}
	return false;
}

static bool read_tcp_number(struct frame_text *t, const char *word)
{
	const char *seq = value_of(word, "seq"), *ack = value_of(word, "ack");

	if (seq) {
		t->seq = (__u32)number(seq);
		t->has_seq = true;
	}
	if (ack) {
		t->ack = (__u32)number(ack);
		t->has_ack = true;
	}
	return seq || ack;
}

static bool read_extension(struct frame_text *t, const char *word)
{
	const char *value = value_of(word, "ext");

	if (!value || t->n_extensions == FRAME_EXTENSIONS_MAX)
		return false;
	t->extensions[t->n_extensions++] = (__u8)number(value);
	return true;
}

/* Octets in hex, as they stand in the header. */
static bool read_tcp_options(struct frame_text *t, const char *word)
{
	const char *value = value_of(word, "tcpopt");
	size_t n = value ? strlen(value) / 2 : 0;
	unsigned int octet;

	if (!value || !n || n > FRAME_TCP_OPTIONS_MAX || strlen(value) % 2)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (sscanf(value + 2 * i, "%2x", &octet) != 1)
			return false;
		t->tcp_options[i] = (__u8)octet;
	}
	t->n_tcp_options = (n + 3) & ~3u;
	return true;
}

static void read_word(struct frame_text *t, const char *word)
{
	if (read_flag(t, word) || read_echo(t, word) || read_type(t, word) ||
	    read_number(t, word) || read_tcp_number(t, word) || read_tcp_options(t, word) ||
	    read_extension(t, word) || read_tcp_flags(t, word))
		return;
	fail_msg("frame: what is %s?", word);
}

/* Takes "about ( ... )" out of @words. */
static char *cut_quote(char *words)
{
	char *start = strstr(words, " about ( "), *end = strrchr(words, ')');

	if (!start)
		return NULL;
	if (!end)
		fail_msg("frame: no ) in %s", words);
	*start = 0;
	*end = 0;
	return start + strlen(" about ( ");
}

/*
 * Numbers that make S, SA and A of either side one connection: both begin with the same one, and each acknowledges the other's SYN with
 * its eleven octets.
 */
#define FIRST_SEQ 0x01020304
#define NEXT_SEQ (FIRST_SEQ + 1 + 11)

static void set_numbers(struct frame_text *t)
{
	if (!t->has_seq)
		t->seq = t->tcp_flags & 0x02 ? FIRST_SEQ : NEXT_SEQ;
	if (!t->has_ack)
		t->ack = NEXT_SEQ;
}

void frame_text_read(struct frame_text *ret_text, char *words)
{
	struct frame_text t = {.ip_id = 0x1234, .payload = 11, .quote_octets = 8};
	char *rest, *word;

	t.quote = cut_quote(words);
	read_protocol(&t, strtok_r(words, " ", &rest));
	if (t.proto != FRAME_PROTO_ETHER) {
		read_end(strtok_r(NULL, " ", &rest), &t.source, &t.sport);
		word = strtok_r(NULL, " ", &rest);
		if (!word || strcmp(word, ">"))
			fail_msg("frame: no > between the addresses");
		read_end(strtok_r(NULL, " ", &rest), &t.destination, &t.dport);
		t.v6 = !ip_addr_is_v4(&t.source);
	}
	while ((word = strtok_r(NULL, " ", &rest)))
		read_word(&t, word);
	set_numbers(&t);
	*ret_text = t;
}
