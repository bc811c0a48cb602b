// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is blocked what, and what is answered then: the configuration's words, which nothing on this machine changes. */
#include <stdlib.h>
#include <string.h>

#include "draft.h"

static bool lists_copy(const struct conf_list_names *from, struct conf_list_names *to)
{
	to->is_given = from->is_given;
	to->names = calloc(from->n + 1, sizeof(*to->names));
	for (; to->names && to->n < from->n; to->n++) {
		to->names[to->n] = strdup(from->names[to->n]);
		if (!to->names[to->n])
			return false;
	}
	return to->names;
}

static bool group_copy(const struct conf_group *from, struct conf_group *to)
{
	strcpy(to->name, from->name);
	to->blocking = from->blocking;
	to->clients = calloc(from->n_clients + 1, sizeof(*to->clients));
	if (!to->clients)
		return false;
	memcpy(to->clients, from->clients, from->n_clients * sizeof(*to->clients));
	to->n_clients = from->n_clients;
	return lists_copy(&from->blocklists, &to->blocklists) &&
	       lists_copy(&from->allowlists, &to->allowlists);
}

void draft_blocking(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	struct plan_blocking *blocking = &draft->plan->dns.blocking;
	size_t room = 0;

	blocking->mode = conf->block_mode;
	memcpy(blocking->answers, conf->block_answers, sizeof(blocking->answers));
	blocking->n_answers = conf->n_block_answers;
	for (size_t i = 0; i < conf->n_groups; i++) {
		struct conf_group *slot = draft_grow(draft, &blocking->groups, &blocking->n_groups,
						     &room, sizeof(*slot));

		if (!slot)
			return;
		if (!group_copy(&conf->groups[i], slot))
			draft->no_memory = true;
	}
}

void plan_blocking_fini(struct plan_blocking *blocking)
{
	for (size_t i = 0; i < blocking->n_groups; i++)
		conf_group_fini(&blocking->groups[i]);
	free(blocking->groups);
}

/* --- equal --------------------------------------------------------------------------------- */

static bool lists_equal(const struct conf_list_names *a, const struct conf_list_names *b)
{
	if (a->is_given != b->is_given || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->names[i], b->names[i]))
			return false;
	}
	return true;
}

/* Lines apart, which say nothing to the server. */
static bool client_equal(const struct conf_client *a, const struct conf_client *b)
{
	if (a->is_mac != b->is_mac)
		return false;
	return a->is_mac ? !memcmp(a->mac, b->mac, sizeof(a->mac)) : ip_net_equal(&a->net, &b->net);
}

static bool group_equal(const struct conf_group *a, const struct conf_group *b)
{
	if (strcmp(a->name, b->name) || a->blocking != b->blocking || a->n_clients != b->n_clients)
		return false;
	for (size_t i = 0; i < a->n_clients; i++) {
		if (!client_equal(&a->clients[i], &b->clients[i]))
			return false;
	}
	return lists_equal(&a->blocklists, &b->blocklists) &&
	       lists_equal(&a->allowlists, &b->allowlists);
}

bool plan_blocking_equal(const struct plan_blocking *a, const struct plan_blocking *b)
{
	if (a->mode != b->mode || a->n_answers != b->n_answers || a->n_groups != b->n_groups)
		return false;
	for (size_t i = 0; i < a->n_answers; i++) {
		if (!ip_addr_equal(&a->answers[i], &b->answers[i]))
			return false;
	}
	for (size_t i = 0; i < a->n_groups; i++) {
		if (!group_equal(&a->groups[i], &b->groups[i]))
			return false;
	}
	return true;
}
