// SPDX-License-Identifier: GPL-2.0-or-later
#include "public_address.h"

#include "addr_class.h"
#include "cleanup.h"

void public_word_heard(struct public_word *word, const struct ip_addr *addr, __u64 now_ms)
{
	word->answers = addr;
	if (!addr)
		return;
	if (!word->has || !ip_addr_equal(&word->addr, addr))
		word->since_ms = now_ms;
	word->has = true;
	word->addr = *addr;
	word->at_ms = now_ms;
}

static bool is_public(const struct public_word *word)
{
	return word->has && addr_class_of(&word->addr) == ADDR_PUBLIC;
}

static bool is_fresh(const struct public_case *it, const struct public_word *word)
{
	return word->has && (word->answers || it->now_ms - word->at_ms < 1000ull * PUBLIC_FRESH_S);
}

/* It is silent, and one behind it has said another address since: the router came back without the service that told it. */
static bool is_overtaken(const struct public_case *it, enum public_source source)
{
	const struct public_word *word = &it->words[source];

	for (size_t i = source + 1u; i < PUBLIC_REMEMBERED && !word->answers; i++) {
		const struct public_word *other = &it->words[i];

		if (other->answers && is_public(other) && other->since_ms > word->at_ms &&
		    !ip_addr_equal(&other->addr, &word->addr))
			return true;
	}
	return false;
}

/* Nobody who is fresh has one. */
static enum public_source heard_last(const struct public_case *it)
{
	enum public_source last = PUBLIC_SOURCES;

	for (size_t i = 0; i < PUBLIC_SOURCES; i++) {
		const struct public_word *word = &it->words[i];

		if (is_public(word) && it->now_ms - word->at_ms < 1000ull * PUBLIC_KEEP_S &&
		    (last == PUBLIC_SOURCES || word->at_ms > it->words[last].at_ms))
			last = (enum public_source)i;
	}
	return last;
}

static enum public_source source_choose(const struct public_case *it)
{
	for (size_t i = 0; i < PUBLIC_REMEMBERED; i++) {
		const struct public_word *word = &it->words[i];

		if (is_public(word) && is_fresh(it, word) &&
		    !is_overtaken(it, (enum public_source)i))
			return (enum public_source)i;
	}
	return heard_last(it);
}

static enum public_source against_find(const struct public_case *it, const struct ip_addr *addr)
{
	for (size_t i = 0; i < PUBLIC_REMEMBERED; i++) {
		const struct public_word *word = &it->words[i];

		if (word->answers && is_public(word) && !ip_addr_equal(&word->addr, addr))
			return (enum public_source)i;
	}
	return PUBLIC_SOURCES;
}

/* It does not say which address it has. Routers whose own is private hide it, and refuse to forward. */
static enum public_nat nat_unsaid(const struct public_case *it, bool is_seen,
				  struct ip_addr *ret_addr)
{
	*ret_addr = it->own;
	/* Our own router is the provider's then. */
	if (addr_class_of(&it->own) == ADDR_SHARED)
		return PUBLIC_NAT_PROVED;
	/* With nothing seen outside it may be without a line. */
	if (!it->is_addressless || !is_seen)
		return PUBLIC_NAT_UNKNOWN;
	*ret_addr = it->words[PUBLIC_STUN].addr;
	return PUBLIC_NAT_LIKELY;
}

static enum public_nat nat_judge(const struct public_case *it, struct ip_addr *ret_addr)
{
	const struct public_word *router = &it->words[PUBLIC_ROUTER],
				 *stun = &it->words[PUBLIC_STUN];
	bool is_seen = is_public(stun) && is_fresh(it, stun);

	if (!router->has || !is_fresh(it, router) || it->is_addressless)
		return nat_unsaid(it, is_seen, ret_addr);
	*ret_addr = router->addr;
	if (!is_public(router))
		return PUBLIC_NAT_PROVED;
	if (!is_seen)
		return PUBLIC_NAT_NONE;
	*ret_addr = ip_addr_equal(&stun->addr, &router->addr) ? it->split : stun->addr;
	return ip_addr_is_zero(ret_addr) ? PUBLIC_NAT_NONE : PUBLIC_NAT_LIKELY;
}

struct public_verdict public_decide(const struct public_case *the_case)
{
	struct public_verdict verdict = {.source = source_choose(the_case),
					 .against = PUBLIC_SOURCES};

	if (verdict.source != PUBLIC_SOURCES) {
		verdict.addr = the_case->words[verdict.source].addr;
		verdict.against = against_find(the_case, &verdict.addr);
	}
	if (verdict.against != PUBLIC_SOURCES)
		verdict.against_addr = the_case->words[verdict.against].addr;
	verdict.nat = nat_judge(the_case, &verdict.nat_addr);
	verdict.is_addressless = the_case->is_addressless;
	return verdict;
}

/* --- words -------------------------------------------------------------------------------------------------- */

const char *public_source_words(enum public_source source)
{
	static const char *const words[] = {
		[PUBLIC_CONFIGURED] = "the configuration",
		[PUBLIC_NAME] = "the name in wan.public-address",
		[PUBLIC_ROUTER] = "the router upstream",
		[PUBLIC_STUN] = "STUN",
		[PUBLIC_SERVICES] = "the names of the services",
		[PUBLIC_REMEMBERED] = "what was known before the start",
		[PUBLIC_SOURCES] = "nobody",
	};

	return words[source];
}

const char *public_source_key(enum public_source source)
{
	static const char *const keys[] = {
		[PUBLIC_CONFIGURED] = "configured", [PUBLIC_NAME] = "name",
		[PUBLIC_ROUTER] = "router",	    [PUBLIC_STUN] = "stun",
		[PUBLIC_SERVICES] = "services",	    [PUBLIC_REMEMBERED] = "remembered",
		[PUBLIC_SOURCES] = "none",
	};

	return keys[source];
}

const char *public_nat_key(enum public_nat nat)
{
	static const char *const keys[] = {
		[PUBLIC_NAT_UNKNOWN] = "unknown",
		[PUBLIC_NAT_NONE] = "none",
		[PUBLIC_NAT_LIKELY] = "likely",
		[PUBLIC_NAT_PROVED] = "proved",
	};

	return keys[nat];
}

void public_disagreement_say(const struct public_verdict *verdict, struct strbuf *out)
{
	char text[IP_TEXT_MAX], other[IP_TEXT_MAX];

	if (verdict->against == PUBLIC_SOURCES)
		return;
	strbuf_add(out, "the public address is %s by %s, and %s by %s; the first counts",
		   ip_addr_format(&verdict->addr, text), public_source_words(verdict->source),
		   ip_addr_format(&verdict->against_addr, other),
		   public_source_words(verdict->against));
}

void public_nat_say(const struct public_verdict *verdict, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	ip_addr_format(&verdict->nat_addr, text);
	if (verdict->nat == PUBLIC_NAT_LIKELY && verdict->is_addressless)
		strbuf_add(
			out,
			"another NAT is in front of your router: that says that it has no public address, and the "
			"internet sees %s",
			text);
	else if (verdict->nat == PUBLIC_NAT_LIKELY)
		strbuf_add(
			out,
			"the internet sees %s, which is not the address of your router: another NAT is in "
			"front of it, or a proxy or VPN takes what this machine sends",
			text);
	if (verdict->nat != PUBLIC_NAT_PROVED)
		return;
	strbuf_add(out, "another NAT is in front of your router: its own address %s is %s", text,
		   addr_class_words(addr_class_of(&verdict->nat_addr)));
}
