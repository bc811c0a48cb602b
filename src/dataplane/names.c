// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend.h"

static const char *const reason_names[] = {
#define X(symbol, name, text) [symbol] = (name),
	HP_REASONS(X)
#undef X
};

static const char *const reason_texts[] = {
#define X(symbol, name, text) [symbol] = (text),
	HP_REASONS(X)
#undef X
};

static const char *const stat_names[] = {
#define X(symbol, name, text) [symbol] = (name),
	HP_STATS(X)
#undef X
};

static const char *const stat_texts[] = {
#define X(symbol, name, text) [symbol] = (text),
	HP_STATS(X)
#undef X
};

static const char *const kind_names[] = {
	[HP_KIND_OUTGOING] = "outgoing", [HP_KIND_FORWARD] = "forward",
	[HP_KIND_HAIRPIN] = "hairpin",	 [HP_KIND_HOST] = "host",
	[HP_KIND_ROUTED] = "routed",	 [HP_KIND_INCOMING] = "incoming",
};

static const char *const tcp_state_names[] = {
	[HP_TCP_NONE] = "none",
	[HP_TCP_SYN] = "syn",
	[HP_TCP_SYN_ACK] = "syn-ack",
	[HP_TCP_ESTABLISHED] = "established",
	[HP_TCP_FIN_ORIG] = "fin-initiator",
	[HP_TCP_FIN_REPLY] = "fin-responder",
	[HP_TCP_CLOSED] = "closed",
	[HP_TCP_RESET] = "reset",
	[HP_TCP_RESET_ORIG] = "fin-initiator-reset",
	[HP_TCP_RESET_REPLY] = "fin-responder-reset",
};

static const char *const filtering_names[] = {
	[HP_FILTER_ENDPOINT_INDEPENDENT] = "endpoint-independent",
	[HP_FILTER_ADDRESS_DEPENDENT] = "address-dependent",
	[HP_FILTER_ADDRESS_AND_PORT_DEPENDENT] = "address-and-port-dependent",
};

_Static_assert(ARRAY_SIZE(reason_names) == HP_REASON_MAX, "a name for each reason");
_Static_assert(ARRAY_SIZE(reason_texts) == HP_REASON_MAX, "a text for each reason");
_Static_assert(ARRAY_SIZE(kind_names) == HP_KIND_MAX, "a name for each kind");
_Static_assert(ARRAY_SIZE(tcp_state_names) == HP_TCP_STATE_MAX, "a name for each TCP state");

/* The values come out of maps that another version may have written. */
static const char *name_of(const char *const *names, size_t n, unsigned int value)
{
	return value < n && names[value] ? names[value] : "unknown";
}

const char *hp_reason_name(enum hp_reason reason)
{
	return name_of(reason_names, ARRAY_SIZE(reason_names), reason);
}

const char *hp_reason_text(enum hp_reason reason)
{
	return name_of(reason_texts, ARRAY_SIZE(reason_texts), reason);
}

const char *hp_stat_name(enum hp_stat stat)
{
	return name_of(stat_names, ARRAY_SIZE(stat_names), stat);
}

const char *hp_stat_text(enum hp_stat stat)
{
	return name_of(stat_texts, ARRAY_SIZE(stat_texts), stat);
}

const char *hp_kind_name(enum hp_kind kind)
{
	return name_of(kind_names, ARRAY_SIZE(kind_names), kind);
}

const char *hp_tcp_state_name(enum hp_tcp_state state)
{
	return name_of(tcp_state_names, ARRAY_SIZE(tcp_state_names), state);
}

const char *hp_filtering_name(enum hp_filtering filtering)
{
	return name_of(filtering_names, ARRAY_SIZE(filtering_names), filtering);
}
