// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules of iptables, as iptables-save prints them or as the commands that made them. Of the table nat the DNAT rules are forwards; its other rules are what hairpin does by
 * itself, or nothing that it does, and are told. Tables beside nat are not read: what they let through is decided there.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "import_internal.h"

#define WORDS_MAX 128
#define LINE_MAX_OCTETS 4096

/* A rule as its words say it. */
struct rule {
	char text[LINE_MAX_OCTETS]; /* as it was written, for notes */
	char copy[LINE_MAX_OCTETS]; /* what the words point into */
	char *words[WORDS_MAX];
	size_t n_words;
	unsigned int line;
	const char *chain, *target, *to, *ports, *source, *destination, *comment, *proto;
	const char *odd; /* the first word that says more than a forward of ours can */
};

/* Its words: blanks between, and quotes around those that have blanks. False: too many. */
static bool words_split(struct rule *rule)
{
	char *out = rule->copy;

	rule->n_words = 0;
	for (const char *at = rule->text; *at;) {
		char quote = 0;

		at += strspn(at, " \t");
		if (!*at)
			break;
		if (rule->n_words == WORDS_MAX)
			return false;
		rule->words[rule->n_words++] = out;
		for (; *at && (quote || !strchr(" \t", *at)); at++) {
			if (quote ? *at == quote : (*at == '"' || *at == '\''))
				quote = quote ? 0 : *at;
			else if (*at == '\\' && quote == '"' && at[1])
				*out++ = *++at;
			else
				*out++ = *at;
		}
		*out++ = '\0';
	}
	return true;
}

/* Words with one more behind them, and where that goes; NULL: it makes no difference to a forward. */
static const struct {
	const char *word;
	size_t at;
} options[] = {
	{"-A", offsetof(struct rule, chain)},
	{"-I", offsetof(struct rule, chain)},
	{"-p", offsetof(struct rule, proto)},
	{"-s", offsetof(struct rule, source)},
	{"--source", offsetof(struct rule, source)},
	{"-d", offsetof(struct rule, destination)},
	{"--destination", offsetof(struct rule, destination)},
	{"--dport", offsetof(struct rule, ports)},
	{"--dports", offsetof(struct rule, ports)},
	{"--destination-port", offsetof(struct rule, ports)},
	{"-j", offsetof(struct rule, target)},
	{"--to-destination", offsetof(struct rule, to)},
	{"--to-source", offsetof(struct rule, to)},
	{"--comment", offsetof(struct rule, comment)},
};

/* On which interface, to which address of ours, by which module a word was read: a forward of ours is for all of these. */
static bool is_plain(const char *word)
{
	static const char *const plain[] = {"-m", "-i", "-o", "-t", "--dst-type", "--ctstate"};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		if (!strcmp(word, plain[i]))
			return true;
	}
	return false;
}

static size_t word_read(struct rule *rule, size_t i)
{
	const char *word = rule->words[i];

	for (size_t k = 0; k < sizeof(options) / sizeof(*options); k++) {
		if (strcmp(word, options[k].word) || i + 1 == rule->n_words)
			continue;
		*(const char **)((char *)rule + options[k].at) = rule->words[i + 1];
		return 2;
	}
	if (is_plain(word))
		return 2;
	/* The place of a rule that is inserted. */
	if (i && !strcmp(rule->words[i - 1], rule->chain ? rule->chain : "") &&
	    strspn(word, "0123456789") == strlen(word))
		return 1;
	/* "! -i br-lan" says what "-i wan" does. */
	if (!strcmp(word, "!") && i + 1 < rule->n_words && is_plain(rule->words[i + 1]))
		return 1;
	rule->odd = rule->odd ? rule->odd : word;
	return 1;
}

static void rule_read(struct rule *rule)
{
	size_t i = 0;

	while (i < rule->n_words &&
	       (!strcmp(rule->words[i], "sudo") || strstr(rule->words[i], "iptables")))
		i++;
	while (i < rule->n_words)
		i += word_read(rule, i);
}

/* "192.168.11.20", "192.168.11.20:443", "...:6000-6003", "...:6000-6003/5000" */
static int target_read(const struct rule *rule, struct import_rule *to)
{
	struct import_forward *forward = &to->forward;
	char address[IP_TEXT_MAX];
	const char *colon = rule->to ? strchr(rule->to, ':') : NULL;
	__u16 first, last;
	char ports[32];

	if (!rule->to)
		return -EINVAL;
	snprintf(address, sizeof(address), "%.*s",
		 (int)(colon ? (size_t)(colon - rule->to) : strlen(rule->to)), rule->to);
	if (ip_addr_parse(address, &to->host) || !ip_addr_is_v4(&to->host))
		return -EINVAL;
	forward->internal_first = forward->external_first;
	if (!colon)
		return 0;
	snprintf(ports, sizeof(ports), "%.*s", (int)strcspn(colon + 1, "/"), colon + 1);
	if (import_ports_parse(ports, &first, &last) ||
	    last - first != forward->external_last - forward->external_first)
		return -EINVAL;
	/* A range without "/" behind it is a choice, and not the same place in it. */
	if (first != last && first != forward->external_first && !strchr(colon, '/'))
		return -EINVAL;
	forward->internal_first = first;
	return 0;
}

/* Whose words end here, for who reads the notes. */
static void leave(struct import *import, const struct rule *rule, const char *why)
{
	import_note(import, "line %u: %s: %s", rule->line, why, rule->text);
}

/* One of the ports of a rule. */
static void forward_read(struct import *import, const struct rule *rule, const char *ports,
			 __u8 proto)
{
	struct import_rule to = {.name = rule->comment, .forward.proto = proto};

	if (import_ports_parse(ports, &to.forward.external_first, &to.forward.external_last)) {
		leave(import, rule, "no port that can be forwarded");
		return;
	}
	if (target_read(rule, &to)) {
		leave(import, rule, "not one host and as many ports as there are outside");
		return;
	}
	if (rule->source) {
		if (import_net_parse(rule->source, &to.allow[0])) {
			leave(import, rule, "no network that it is for");
			return;
		}
		to.n_allow = 1;
		/* Who is inside asks the public address through the loopback, which needs no rule. */
		if (ip_addr_is_private(&to.allow[0].addr)) {
			leave(import, rule,
			      "only for hosts inside: with a forward of that port hairpin serves them by itself");
			return;
		}
	}
	if (import_add(import, &to) == IMPORT_OTHER)
		leave(import, rule, "the same port leads elsewhere by an earlier rule");
}

static void dnat_read(struct import *import, const struct rule *rule)
{
	const char *proto = rule->proto ? rule->proto : "";
	__u8 number = !strcmp(proto, "tcp") ? IPPROTO_TCP : IPPROTO_UDP;
	char list[LINE_MAX_OCTETS], *rest = list, *ports;

	if (rule->odd) {
		import_note(import, "line %u: \"%s\" says what no forward here can: %s", rule->line,
			    rule->odd, rule->text);
		return;
	}
	if ((strcmp(proto, "tcp") && strcmp(proto, "udp")) || !rule->ports) {
		leave(import, rule,
		      "all ports or another protocol; a forward is for ports of tcp or udp");
		return;
	}
	snprintf(list, sizeof(list), "%s", rule->ports);
	while ((ports = strsep(&rest, ",")))
		forward_read(import, rule, ports, number);
}

/* What comes to an address that a forward took away from it never gets there any more. */
static bool is_taken_away(const struct import *import, const struct rule *rule,
			  const struct strbuf *taken)
{
	_strbuf_ struct strbuf needle = {0};
	struct ip_net net;
	char text[IP_TEXT_MAX];

	if (!rule->destination || import_net_parse(rule->destination, &net) || net.length != 32 ||
	    import_has_host(import, &net.addr))
		return false;
	strbuf_add(&needle, " %s ", ip_addr_format(&net.addr, text));
	return strstr(strbuf_text(taken), strbuf_text(&needle)) != NULL;
}

static void snat_read(struct import *import, const struct rule *rule, const struct strbuf *taken)
{
	struct ip_net net;

	if (is_taken_away(import, rule, taken))
		import_note(
			import,
			"line %u: never matches: behind the forward the destination is its host, no longer %s; hairpin does what it was meant to do: %s",
			rule->line, rule->destination, rule->text);
	else if (rule->destination && !import_net_parse(rule->destination, &net) &&
		 import_has_host(import, &net.addr))
		leave(import, rule, "the loopback's source, see hairpin-source");
	else
		leave(import, rule, "outgoing translation, which hairpin does by itself");
}

/* Docker writes its own anew at each start. */
static bool is_of_docker(const struct rule *rule)
{
	return rule->chain && !strncmp(rule->chain, "DOCKER", 6);
}

static bool is_snat(const struct rule *rule)
{
	return !strcmp(rule->target, "SNAT") || !strcmp(rule->target, "MASQUERADE");
}

/* Which addresses forwards take from whom they are for: " 192.168.11.1 192.168.11.2 ". */
static void destination_note(const struct rule *rule, struct strbuf *taken)
{
	char text[IP_TEXT_MAX];
	struct ip_net net;

	if (rule->destination && !import_net_parse(rule->destination, &net))
		strbuf_add(taken, " %s ", ip_addr_format(&net.addr, text));
}

static void rule_take(struct import *import, const struct rule *rule, struct strbuf *taken,
		      bool is_second)
{
	if (!rule->target || !rule->chain)
		return;
	if (is_second != is_snat(rule))
		return;
	if (is_second)
		snat_read(import, rule, taken);
	else if (is_of_docker(rule) && !strcmp(rule->target, "DNAT"))
		leave(import, rule,
		      "Docker's own, which it makes anew; hairpin is for what is published by itself");
	else if (!strcmp(rule->target, "DNAT")) {
		destination_note(rule, taken);
		dnat_read(import, rule);
	} else if (!strcmp(rule->target, "REDIRECT"))
		leave(import, rule, "to this machine itself");
	else if (rule->source)
		leave(import, rule, "a condition on a chain, which the rules there do not repeat");
}

/* All lines, for the rules of one kind: those of SNAT are judged by what all of DNAT said, wherever they stand. */
static size_t lines_read(struct import *import, const char *text, struct strbuf *taken,
			 bool is_second)
{
	bool in_nat = true;
	unsigned int line = 0;
	size_t n = 0;

	for (const char *at = text; *at;) {
		size_t length = strcspn(at, "\n");
		struct rule rule = {.line = ++line};

		snprintf(rule.text, sizeof(rule.text), "%.*s", (int)length, at);
		at += length + (at[length] == '\n');
		if (*rule.text == '*')
			in_nat = !strcmp(rule.text, "*nat");
		if (!in_nat || !strchr("-is", *rule.text) || !*rule.text || !words_split(&rule))
			continue;
		rule_read(&rule);
		n += rule.chain != NULL;
		rule_take(import, &rule, taken, is_second);
	}
	return n;
}

int import_iptables(struct import *import, const char *text, struct strbuf *why)
{
	_strbuf_ struct strbuf taken = {0};
	size_t n = lines_read(import, text, &taken, false);

	if (!n && !strstr(text, "*nat")) {
		strbuf_add(why, "no rule of iptables in it; iptables-save prints them");
		return -EINVAL;
	}
	lines_read(import, text, &taken, true);
	return 0;
}
