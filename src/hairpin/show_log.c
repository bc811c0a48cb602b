// SPDX-License-Identifier: GPL-2.0-or-later
/* `show queries` and `show top`: what the query log is asked for. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "addr.h"
#include "commands.h"
#include "duration.h"
#include "fetch.h"
#include "protocol.h"

#define LAST 100
#define SINCE_S 86400

static int refuse(const char *option, const char *text, const char *right)
{
	fprintf(stderr, "hairpin: --%s: %s: %s\n", option, text, right);
	return -EINVAL;
}

static int client_set(const char *text, struct control_queries *asked)
{
	struct ip_net net;

	if (ip_net_parse(text, &net))
		return refuse("client", text, "an address such as 192.168.11.20, or a network");
	memcpy(asked->client, net.addr.b, sizeof(asked->client));
	asked->client_bits = (__u8)(net.length + (ip_addr_is_v4(&net.addr) ? 96 : 0));
	return 0;
}

static int name_set(const char *text, struct control_queries *asked)
{
	size_t length = strlen(text);

	/* As names are told: without the last dot. */
	if (length > 1 && text[length - 1] == '.')
		length--;
	if (!length)
		return refuse("name", text, "a name, or a pattern with * and ?");
	if (length >= sizeof(asked->name))
		return refuse("name", text, "too long; the end of the name behind \"*\" will do");
	memcpy(asked->name, text, length);
	return 0;
}

static int last_set(const char *text, struct control_queries *asked)
{
	unsigned long long number;
	char *end;

	if (!strcmp(text, "all")) {
		asked->last = 0;
		return 0;
	}
	errno = 0;
	number = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || !number || number > 0xffffffff)
		return refuse("last", text, "a number from 1 on, or all");
	asked->last = (__u32)number;
	return 0;
}

int command_show_queries(const struct invocation *invocation)
{
	struct question question = {.attach = -1};
	struct control_queries *asked = &question.request.queries;
	int ret = 0;

	control_request_init(&question.request, CONTROL_SHOW_QUERIES);
	asked->last = LAST;
	if (invocation->client)
		ret = client_set(invocation->client, asked);
	if (!ret && invocation->name)
		ret = name_set(invocation->name, asked);
	if (!ret && invocation->last)
		ret = last_set(invocation->last, asked);
	if (ret)
		return CONTROL_EXIT_USAGE;
	question.request.flags = (invocation->blocked ? CONTROL_FLAG_BLOCKED : 0) |
				 (invocation->follow ? CONTROL_FLAG_FOLLOW : 0);
	return fetch_rows(invocation, &question, &render_queries, invocation->follow);
}

static int top_set(const char *text, struct control_queries *asked)
{
	static const char *const words[] = {[CONTROL_TOP_CLIENTS] = "clients",
					    [CONTROL_TOP_NAMES] = "names",
					    [CONTROL_TOP_BLOCKED] = "blocked"};

	for (size_t i = 1; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(words[i], text)) {
			asked->top = (__u8)i;
			return 0;
		}
	}
	fprintf(stderr, "hairpin: %s: one of clients, names, blocked\n", text);
	return -EINVAL;
}

int command_show_top(const struct invocation *invocation)
{
	struct question question = {.attach = -1};
	unsigned int since_s = SINCE_S;

	control_request_init(&question.request, CONTROL_SHOW_TOP);
	if (invocation->n_args && top_set(invocation->args[0], &question.request.queries))
		return CONTROL_EXIT_USAGE;
	if (invocation->since && (duration_parse(invocation->since, &since_s) || !since_s)) {
		refuse("since", invocation->since, "a time such as 90m, 24h or 7d");
		return CONTROL_EXIT_USAGE;
	}
	question.request.queries.since_s = since_s;
	return fetch_whole(invocation, &question, render_top);
}
