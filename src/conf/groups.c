// SPDX-License-Identifier: GPL-2.0-or-later
/* The types of `dns.groups` and `dns.blocking`: who is blocked what, and what is answered then. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "alloc.h"
#include "check.h"
#include "conf.h"
#include "value.h"

/* --- clients ------------------------------------------------------------------------------- */

/* "02:00:00:00:00:01": six pairs of digits; an IPv6 address has no five colons with as little between each. */
static bool mac_read(const char *text, __u8 mac[6])
{
	int n = 0;

	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2],
		      &mac[3], &mac[4], &mac[5], &n) == 6 &&
	       n == 17 && !text[n];
}

/* NULL, or what is wrong. */
static const char *client_fault(const char *text, struct conf_client *client)
{
	int ret;

	client->is_mac = mac_read(text, client->mac);
	if (client->is_mac)
		return client->mac[0] & 1 ? "no single machine's" : NULL;
	ret = ip_net_parse(text, &client->net);
	if (ret == -EDOM)
		return "has bits behind its length; an address alone, or the network's own";
	if (ret)
		return "no client";
	if (ip_addr_is_v4(&client->net.addr) && strchr(text, ':'))
		return "not IPv6";
	return NULL;
}

static bool clients_equal(const struct conf_client *a, const struct conf_client *b)
{
	if (a->is_mac != b->is_mac)
		return false;
	return a->is_mac ? !memcmp(a->mac, b->mac, sizeof(a->mac)) : ip_net_equal(&a->net, &b->net);
}

static bool client_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object)
{
	struct conf_group *group = object;
	struct conf_client client = {.line = node->line};
	const char *fault = client_fault(node->text, &client);

	if (fault)
		return value_refuse(report, row, node, fault);
	for (size_t i = 0; i < group->n_clients; i++) {
		if (clients_equal(&group->clients[i], &client))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	group->clients[group->n_clients++] = client;
	return true;
}

bool groups_clients_parse(struct report *report, const struct schema_row *row,
			  const struct node *node, void *object)
{
	struct conf_group *group = object;
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	group->clients = alloc_array(NULL, (size_t)n, sizeof(*group->clients));
	return list_parse(report, row, node, object, client_parse);
}

static const char *client_text(const struct conf_client *client, char text[IP_TEXT_MAX])
{
	const __u8 *mac = client->mac;
	bool is_alone = client->net.length == (ip_addr_is_v4(&client->net.addr) ? 32 : 128);

	if (!client->is_mac)
		return is_alone ? ip_addr_format(&client->net.addr, text)
				: ip_net_format(&client->net, text);
	snprintf(text, IP_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	return text;
}

void groups_clients_print(const struct schema_row *row _unused_, const void *object,
			  struct strbuf *out)
{
	const struct conf_group *group = object;
	char text[IP_TEXT_MAX];

	strbuf_add(out, "[");
	for (size_t i = 0; i < group->n_clients; i++) {
		strbuf_add(out, "%s", i ? ", " : "");
		value_print_text(client_text(&group->clients[i], text), out);
	}
	strbuf_add(out, "]");
}

/* --- lists of a group ---------------------------------------------------------------------- */

static bool list_name_parse(struct report *report, const struct schema_row *row,
			    const struct node *node, void *object)
{
	struct conf_list_names *lists = value_field(row, object);

	for (size_t i = 0; i < lists->n; i++) {
		if (!strcmp(lists->names[i], node->text))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	lists->names[lists->n++] = alloc_text(node->text);
	return true;
}

bool groups_lists_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object)
{
	struct conf_list_names *lists = value_field(row, object);
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	lists->names = alloc_array(NULL, (size_t)n, sizeof(*lists->names));
	lists->is_given = true;
	lists->line = node->line;
	return list_parse(report, row, node, object, list_name_parse);
}

void groups_lists_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const struct conf_list_names *lists = value_field_in(row, object);

	if (lists->is_given)
		list_words_print(lists->names, lists->n, out);
}

/* --- answers ------------------------------------------------------------------------------- */

static bool answer_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object)
{
	struct conf *conf = object;
	struct ip_addr addr;

	if (ip_addr_parse(node->text, &addr))
		return value_refuse(report, row, node, "not an address");
	if (ip_addr_is_v4(&addr) && strchr(node->text, ':'))
		return value_refuse(report, row, node, "not IPv6");
	for (size_t i = 0; i < conf->n_block_answers; i++) {
		if (ip_addr_equal(&conf->block_answers[i], &addr))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	conf->block_answers[conf->n_block_answers++] = addr;
	return true;
}

bool groups_answer_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object)
{
	long n = list_length(report, row, node);

	return n >= 0 && list_parse(report, row, node, object, answer_parse);
}

void groups_answer_print(const struct schema_row *row _unused_, const void *object,
			 struct strbuf *out)
{
	const struct conf *conf = object;
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < conf->n_block_answers; i++) {
		strbuf_add(out, i ? ", " : "[");
		value_print_text(ip_addr_format(&conf->block_answers[i], text), out);
	}
	strbuf_add(out, "%s", conf->n_block_answers ? "]" : "");
}

/* --- whether they fit together ------------------------------------------------------------- */

static void check_answer(const struct conf *conf, struct report *report)
{
	struct spot spot = {conf->block_mode_line, "mode", "custom"};

	if (conf->block_mode == CONF_BLOCK_CUSTOM && !conf->n_block_answers)
		report_add(report, spot, "has no addresses; give them by `answer`");
	spot = (struct spot){conf->block_answer_line, "answer", NULL};
	if (conf->block_mode != CONF_BLOCK_CUSTOM && conf->n_block_answers)
		report_add(report, spot,
			   "is given with another mode; leave it out, or say `mode: custom`");
}

/* The client of a group before @group that is the same as @client. */
static const struct conf_group *other_of(const struct conf *conf, const struct conf_group *group,
					 const struct conf_client *client)
{
	for (const struct conf_group *before = conf->groups; before < group; before++) {
		for (size_t i = 0; i < before->n_clients; i++) {
			if (clients_equal(&before->clients[i], client))
				return before;
		}
	}
	return NULL;
}

static void check_clients(const struct conf *conf, const struct conf_group *group,
			  struct report *report)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < group->n_clients; i++) {
		const struct conf_client *client = &group->clients[i];
		const struct conf_group *other = other_of(conf, group, client);

		if (other)
			report_add(
				report,
				(struct spot){client->line, "clients", client_text(client, text)},
				"is in group %s on line %u too; a client has one group",
				other->name, other->line);
	}
}

struct lists {
	const struct conf_list *lists;
	size_t n;
};

/* @key: of the group; @lists: those that there are. */
static void check_lists(const struct conf_list_names *names, const char *key, struct lists lists,
			struct report *report)
{
	for (size_t i = 0; i < names->n; i++) {
		size_t k = 0;

		while (k < lists.n && strcmp(lists.lists[k].name, names->names[i]))
			k++;
		if (k == lists.n)
			report_add(report, (struct spot){names->line, key, names->names[i]},
				   "no such list; the name of one in dns.%s", key);
	}
}

static void check_group(const struct conf *conf, const struct conf_group *group,
			struct report *report)
{
	for (const struct conf_group *before = conf->groups; before < group; before++) {
		if (!strcmp(before->name, group->name))
			report_add(report, (struct spot){group->line, "name", group->name},
				   "a group on line %u has that name too", before->line);
	}
	if (!group->blocking && (group->blocklists.is_given || group->allowlists.is_given))
		report_add(report, (struct spot){group->line, "groups", group->name},
			   "has lists, and `blocking: no`; leave one of them out");
	check_lists(&group->blocklists, "blocklists",
		    (struct lists){conf->blocklists, conf->n_blocklists}, report);
	check_lists(&group->allowlists, "allowlists",
		    (struct lists){conf->allowlists, conf->n_allowlists}, report);
	check_clients(conf, group, report);
}

void conf_check_groups(const struct conf *conf, struct report *report)
{
	check_answer(conf, report);
	for (size_t i = 0; i < conf->n_groups && !report_full(report); i++)
		check_group(conf, &conf->groups[i], report);
}

static void lists_fini(struct conf_list_names *lists)
{
	for (size_t i = 0; i < lists->n; i++)
		free(lists->names[i]);
	free(lists->names);
}

void conf_group_fini(struct conf_group *group)
{
	lists_fini(&group->blocklists);
	lists_fini(&group->allowlists);
	free(group->clients);
}
