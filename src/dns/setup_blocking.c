// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup_blocking.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "json_file.h"

/* The plan has its own words for the same. */
_Static_assert((int)CONF_BLOCK_NULL == (int)DNS_BLOCK_MODE_NULL &&
		       (int)CONF_BLOCK_NXDOMAIN == (int)DNS_BLOCK_MODE_NXDOMAIN &&
		       (int)CONF_BLOCK_REFUSED == (int)DNS_BLOCK_MODE_REFUSED &&
		       (int)CONF_BLOCK_NODATA == (int)DNS_BLOCK_MODE_NODATA &&
		       (int)CONF_BLOCK_CUSTOM == (int)DNS_BLOCK_MODE_CUSTOM,
	       "one number for each");

/* --- writing ------------------------------------------------------------------------------------------ */

static json_t *lists_write(const struct conf_list_names *lists)
{
	json_t *list = json_array();

	if (!lists->is_given) {
		json_decref(list);
		return json_null();
	}
	for (size_t i = 0; i < lists->n; i++)
		json_array_append_new(list, json_string(lists->names[i]));
	return list;
}

static json_t *group_write(const struct conf_group *group)
{
	return json_pack("{s:b, s:o, s:o}", "on", (int)group->blocking, "blocklists",
			 lists_write(&group->blocklists), "allowlists",
			 lists_write(&group->allowlists));
}

/* Of the @number-th group; Ethernet addresses are the daemon's to find. */
static void clients_write(const struct conf_group *group, size_t number, json_t *list)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < group->n_clients; i++) {
		if (!group->clients[i].is_mac)
			json_array_append_new(list,
					      json_pack("[s, I]",
							ip_net_format(&group->clients[i].net, text),
							(json_int_t)number));
	}
}

json_t *dns_setup_blocking_write(const struct plan_blocking *blocking)
{
	const struct conf_group everybody = {.blocking = true};
	json_t *answers = json_array(), *groups = json_array(), *clients = json_array();
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < blocking->n_answers; i++)
		json_array_append_new(answers,
				      json_string(ip_addr_format(&blocking->answers[i], text)));
	json_array_append_new(groups, group_write(&everybody));
	for (size_t i = 0; i < blocking->n_groups; i++) {
		json_array_append_new(groups, group_write(&blocking->groups[i]));
		clients_write(&blocking->groups[i], i + 1, clients);
	}
	return json_pack("{s:i, s:o, s:o, s:o}", "mode", (int)blocking->mode, "answers", answers,
			 "groups", groups, "clients", clients);
}

/* --- reading ------------------------------------------------------------------------------------------ */

static int lists_read(const json_t *list, struct dns_block_names *names)
{
	names->has_all = json_is_null(list);
	if (!json_is_array(list))
		return names->has_all ? 0 : -EINVAL;
	names->names = calloc(json_array_size(list) + 1, sizeof(*names->names));
	if (!names->names)
		return -ENOMEM;
	for (; names->n < json_array_size(list); names->n++) {
		const char *text = json_string_value(json_array_get(list, names->n));

		if (!text || strlen(text) >= sizeof(*names->names))
			return -EINVAL;
		strcpy(names->names[names->n], text);
	}
	return 0;
}

static int groups_read(const json_t *list, struct dns_blocking_conf *conf)
{
	int ret = json_array_size(list) ? 0 : -EINVAL;

	conf->groups = calloc(json_array_size(list) + 1, sizeof(*conf->groups));
	if (!conf->groups)
		return -ENOMEM;
	for (; !ret && conf->n_groups < json_array_size(list); conf->n_groups++) {
		const json_t *item = json_array_get(list, conf->n_groups);
		const json_t *on = json_object_get(item, "on");
		struct dns_block_group *group = &conf->groups[conf->n_groups];

		group->is_on = json_is_true(on);
		ret = json_is_boolean(on) ? 0 : -EINVAL;
		if (!ret)
			ret = lists_read(json_object_get(item, "blocklists"), &group->blocklists);
		if (!ret)
			ret = lists_read(json_object_get(item, "allowlists"), &group->allowlists);
	}
	return ret;
}

static int client_read(const json_t *item, struct dns_block_client *client)
{
	const char *text = json_string_value(json_array_get(item, 0));
	const json_t *group = json_array_get(item, 1);
	json_int_t number = json_integer_value(group);

	if (!text || ip_net_parse(text, &client->net) || !json_is_integer(group) || number < 0 ||
	    number > UINT32_MAX)
		return -EINVAL;
	client->group = (__u32)number;
	return 0;
}

static int clients_read(const json_t *list, struct dns_block_client **ret_clients, size_t *ret_n)
{
	struct dns_block_client *clients;
	size_t n = 0;

	if (!json_is_array(list))
		return -EINVAL;
	clients = calloc(json_array_size(list) + 1, sizeof(*clients));
	if (!clients)
		return -ENOMEM;
	for (; n < json_array_size(list); n++) {
		if (client_read(json_array_get(list, n), &clients[n])) {
			free(clients);
			return -EINVAL;
		}
	}
	*ret_clients = clients;
	*ret_n = n;
	return 0;
}

/* A group that there is not would be read where there is none. */
static bool are_groups_there(const struct dns_blocking_conf *conf)
{
	for (size_t i = 0; i < conf->n_clients; i++) {
		if (conf->clients[i].group >= conf->n_groups)
			return false;
	}
	return true;
}

static int answers_read(const json_t *list, struct dns_blocking_conf *conf)
{
	if (!json_is_array(list))
		return -EINVAL;
	conf->answers = calloc(json_array_size(list) + 1, sizeof(*conf->answers));
	if (!conf->answers)
		return -ENOMEM;
	for (; conf->n_answers < json_array_size(list); conf->n_answers++) {
		const char *text = json_string_value(json_array_get(list, conf->n_answers));

		if (!text || ip_addr_parse(text, &conf->answers[conf->n_answers]))
			return -EINVAL;
	}
	return 0;
}

int dns_setup_blocking_read(const json_t *json, struct dns_blocking_conf *ret_conf)
{
	const json_t *word = json_object_get(json, "mode");
	json_int_t mode = json_integer_value(word);
	int ret;

	*ret_conf = (struct dns_blocking_conf){0};
	if (!json_is_integer(word) || mode < 0 || mode >= DNS_BLOCK_MODE_MAX)
		return -EINVAL;
	ret_conf->mode = (enum dns_block_mode)mode;
	ret = answers_read(json_object_get(json, "answers"), ret_conf);
	if (!ret)
		ret = groups_read(json_object_get(json, "groups"), ret_conf);
	if (!ret)
		ret = clients_read(json_object_get(json, "clients"), &ret_conf->clients,
				   &ret_conf->n_clients);
	if (!ret && !are_groups_there(ret_conf))
		ret = -EINVAL;
	return ret;
}

/* --- addresses of machines ---------------------------------------------------------------------------- */

int dns_clients_write(const struct dns_block_client *clients, size_t n)
{
	json_t *list = json_array();
	char text[IP_TEXT_MAX];
	int fd;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
				      json_pack("[s, I]", ip_net_format(&clients[i].net, text),
						(json_int_t)clients[i].group));
	fd = dns_json_seal("dns-clients", list);
	json_decref(list);
	return fd;
}

static bool are_addresses(const struct dns_block_client *clients, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (clients[i].net.length != (ip_addr_is_v4(&clients[i].net.addr) ? 32 : 128))
			return false;
	}
	return true;
}

int dns_clients_read(int fd, struct dns_block_client **ret_clients, size_t *ret_n)
{
	_free_ struct dns_block_client *clients = NULL;
	json_t *list = dns_json_load(fd);
	size_t n = 0;
	int ret = clients_read(list, &clients, &n);

	json_decref(list);
	if (!ret && !are_addresses(clients, n))
		ret = -EINVAL;
	if (ret)
		return ret;
	*ret_clients = TAKE_PTR(clients);
	*ret_n = n;
	return 0;
}
