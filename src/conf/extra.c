// SPDX-License-Identifier: GPL-2.0-or-later
#include "extra.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "item.h"
#include "pattern.h"

static struct node *node_text(const char *key, const char *text)
{
	struct node *node = alloc_zero(sizeof(*node));

	*node = (struct node){.kind = NODE_SCALAR,
			      .quoted = true,
			      .key = key ? alloc_text(key) : NULL,
			      .text = alloc_text(text)};
	return node;
}

static void node_append(struct node *parent, struct node *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

/* The item as the file would have it. */
static struct node *rewrite_node(const struct conf_extra_rewrite *rewrite)
{
	struct node *map = alloc_zero(sizeof(*map)), *answers = alloc_zero(sizeof(*answers));

	map->kind = NODE_MAP;
	node_append(map, node_text("domain", rewrite->domain));
	answers->kind = NODE_LIST;
	answers->key = alloc_text("answer");
	for (size_t i = 0; i < rewrite->n_answers; i++)
		node_append(answers, node_text(NULL, rewrite->answers[i]));
	node_append(map, answers);
	return map;
}

/* Whether the file has the name of the last rewrite; what it has is in @why then. */
static bool has_name(const struct conf *conf, struct strbuf *why)
{
	const char *domain = conf->rewrites[conf->n_rewrites - 1].domain;

	for (size_t i = 0; i + 1 < conf->n_rewrites; i++) {
		if (strcmp(conf->rewrites[i].domain, domain) || !conf->rewrites[i].line)
			continue;
		strbuf_add(why, "%s: stands in %s too, on line %u, and that counts", domain,
			   conf->path, conf->rewrites[i].line);
		return true;
	}
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		for (size_t k = 0; k < service->n_domains; k++) {
			if (service->rewrite == CONF_REWRITE_OFF ||
			    strcmp(service->domains[k], domain))
				continue;
			strbuf_add(why,
				   "%s: a name of service %s in %s, on line %u, and that counts",
				   domain, service->name, conf->path, service->line);
			return true;
		}
	}
	return false;
}

/* Takes the last one away again. */
static void drop_last(struct conf *conf)
{
	conf_rewrite_fini(&conf->rewrites[--conf->n_rewrites]);
}

/* The faults of @report as lines, without an end behind the last. */
static int refuse(struct report *report, struct strbuf *why)
{
	_strbuf_ struct strbuf lines = {0};
	const char *text;

	report_finish(report, &lines);
	text = strbuf_text(&lines);
	strbuf_add(why, "%.*s", (int)(lines.length - (lines.length > 0)), text);
	return -EINVAL;
}

int conf_add_rewrite(struct conf *conf, const struct conf_extra_rewrite *rewrite,
		     struct strbuf *why)
{
	struct report report = {.path = "rewrite"};
	_node_ struct node *node = rewrite_node(rewrite);
	size_t before = conf->n_rewrites;

	if (!conf->has_dns) {
		strbuf_add(why, "%s: %s has no `dns`, so nothing answers", rewrite->domain,
			   conf->path);
		return -ENOENT;
	}
	conf_parse_item(conf, "dns", "rewrites", node, &report);
	if (!report.n && has_name(conf, why)) {
		drop_last(conf);
		return -EEXIST;
	}
	/* Only an alias can make a circle. */
	if (!report.n && conf->rewrites[before].target)
		conf_check_rewriting(conf, &report);
	if (!report.n)
		return 0;
	if (conf->n_rewrites > before)
		drop_last(conf);
	return refuse(&report, why);
}

/* --- reservations -------------------------------------------------------------------------- */

static struct node *reservation_node(const struct conf_extra_reservation *reservation)
{
	struct node *map = alloc_zero(sizeof(*map));

	map->kind = NODE_MAP;
	node_append(map, node_text("mac", reservation->mac));
	node_append(map, node_text("address", reservation->address));
	if (reservation->name)
		node_append(map, node_text("name", reservation->name));
	return map;
}

/* What two reservations have in common that each has to have for itself; NULL: nothing. */
static const char *common(const struct conf_reservation *a, const struct conf_reservation *b)
{
	if (!memcmp(a->mac, b->mac, sizeof(a->mac)))
		return "machine";
	if (ip_addr_equal(&a->address, &b->address))
		return "address";
	return *a->name && !strcmp(a->name, b->name) ? "name" : NULL;
}

/* 0; or -EEXIST or -EINVAL with a line in @why. */
static int check_unique(const struct conf *conf, const char *mac, struct strbuf *why)
{
	const struct conf_reservation *last = &conf->reservations[conf->n_reservations - 1];

	for (const struct conf_reservation *one = conf->reservations; one < last; one++) {
		const char *what = common(one, last);

		if (!what)
			continue;
		if (one->line)
			strbuf_add(
				why,
				"%s: its %s has a reservation in %s too, on line %u, and that counts",
				mac, what, conf->path, one->line);
		else
			strbuf_add(why, "%s: its %s is reserved by command already", mac, what);
		return one->line ? -EEXIST : -EINVAL;
	}
	return 0;
}

int conf_add_reservation(struct conf *conf, const struct conf_extra_reservation *reservation,
			 struct strbuf *why)
{
	struct report report = {.path = "reservation"};
	_node_ struct node *node = NULL;
	size_t before = conf->n_reservations;
	int ret;

	if (!conf->n_dhcp) {
		strbuf_add(why, "%s: %s has no `dhcp`, so nothing is leased", reservation->mac,
			   conf->path);
		return -ENOENT;
	}
	node = reservation_node(reservation);
	conf_parse_item(conf, "dhcp", "reservations", node, &report);
	ret = report.n ? refuse(&report, why) : check_unique(conf, reservation->mac, why);
	if (ret)
		conf->n_reservations = before;
	else
		conf->reservations[before].dhcp = CONF_ANY_DHCP;
	return ret;
}
