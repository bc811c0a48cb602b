// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <jansson.h>
#include <string.h>

#include "json_file.h"
#include "setup_https.h"

/* The plan does not see this folder, and has its own words for the same. */
_Static_assert((int)PLAN_MATCH_EXACT == (int)DNS_MATCH_EXACT &&
		       (int)PLAN_MATCH_BELOW == (int)DNS_MATCH_BELOW &&
		       (int)PLAN_MATCH_TREE == (int)DNS_MATCH_TREE,
	       "one number for each");

/* --- writing ------------------------------------------------------------------------------------------ */

static json_t *addr_write(const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	return json_string(ip_addr_format(addr, text));
}

static json_t *segments_write(const struct plan_dns *dns)
{
	json_t *list = json_array();
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < dns->n_listeners; i++)
		json_array_append_new(list,
				      json_string(ip_net_format(&dns->listeners[i].segment, text)));
	return list;
}

/* Priority, port, whether there is nothing else, then the protocols. */
static json_t *https_write(const struct plan_name *name)
{
	static const struct conf_https h3 = {
		.priority = 1, .alpn = {CONF_ALPN_H3, CONF_ALPN_H2}, .n_alpn = 2};
	size_t n = name->n_https ? name->n_https : name->has_h3;
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct conf_https *https = name->n_https ? &name->https[i] : &h3;
		json_t *item = json_pack("[i, i, b]", (int)https->priority, (int)https->port,
					 (int)https->no_default_alpn);

		for (unsigned int k = 0; k < https->n_alpn; k++)
			json_array_append_new(item, json_string(https_alpn_name(https->alpn[k])));
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *pass_write(const struct plan_name *name)
{
	json_t *list = json_array();

	for (size_t i = 0; i < name->n_pass; i++)
		json_array_append_new(list, json_integer(name->pass[i]));
	return list;
}

static json_t *names_write(const struct plan_dns *dns)
{
	json_t *list = json_array();

	for (size_t i = 0; i < dns->n_names; i++) {
		const struct plan_name *name = &dns->names[i];
		json_t *addrs = json_array();

		for (size_t k = 0; k < name->n_addrs; k++)
			json_array_append_new(addrs, addr_write(&name->addrs[k]));
		json_array_append_new(list, json_pack("{s:s, s:i, s:o, s:s, s:o, s:o}", "name",
						      name->domain, "match", (int)name->match,
						      "addresses", addrs, "target",
						      name->target ? name->target : "", "https",
						      https_write(name), "pass", pass_write(name)));
	}
	return list;
}

static json_t *kept_write(const struct plan_dns *dns)
{
	json_t *list = json_array();

	for (size_t i = 0; i < dns->n_kept; i++)
		json_array_append_new(list, json_pack("{s:s, s:i}", "name", dns->kept[i].domain,
						      "match", (int)dns->kept[i].match));
	return list;
}

static json_t *private_domains_write(const struct plan_dns *dns)
{
	json_t *list = json_array();

	for (size_t i = 0; i < dns->n_private_domains; i++)
		json_array_append_new(list, json_string(dns->private_domains[i]));
	return list;
}

int dns_setup_write(const struct plan_dns *dns)
{
	json_t *setup = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "segments", segments_write(dns),
		"upstreams", dns_setup_upstreams_write(dns), "names", names_write(dns), "kept",
		kept_write(dns), "private", private_domains_write(dns), "hosts",
		dns_setup_hosts_write(dns), "doctor", dns_setup_doctor_write(dns), "policy",
		dns_setup_policy_write(dns), "blocking", dns_setup_blocking_write(&dns->blocking));
	int fd = dns_json_seal("dns-setup", setup);

	json_decref(setup);
	return fd;
}

/* --- reading ------------------------------------------------------------------------------------------ */

static int segments_read(const json_t *list, struct dns_setup *setup)
{
	setup->segments = calloc(json_array_size(list) + 1, sizeof(*setup->segments));
	if (!setup->segments)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || ip_net_parse(text, &setup->segments[setup->n_segments++]))
			return -EINVAL;
	}
	return 0;
}

static int pass_read(const json_t *list, struct dns_rewrite *name)
{
	if (json_array_size(list) > ARRAY_SIZE(name->pass))
		return -EINVAL;
	for (size_t i = 0; i < json_array_size(list); i++)
		name->pass[name->n_pass++] = (__u16)json_integer_value(json_array_get(list, i));
	return 0;
}

static int name_read(const json_t *item, struct dns_rewrite *name)
{
	const json_t *addrs = json_object_get(item, "addresses");
	const char *text = json_string_value(json_object_get(item, "name"));
	const char *target = json_string_value(json_object_get(item, "target"));

	name->match = (enum dns_match)json_integer_value(json_object_get(item, "match"));
	name->ttl_s = LIMIT_DNS_REWRITE_TTL_S;
	name->addrs = calloc(json_array_size(addrs) + 1, sizeof(*name->addrs));
	if (!name->addrs)
		return -ENOMEM;
	if (!text || !target || dns_name_parse(text, &name->name) ||
	    (*target && dns_name_parse(target, &name->target)))
		return -EINVAL;
	for (size_t i = 0; i < json_array_size(addrs); i++) {
		text = json_string_value(json_array_get(addrs, i));
		if (!text || ip_addr_parse(text, &name->addrs[name->n_addrs++]))
			return -EINVAL;
	}
	if (dns_https_read(json_object_get(item, "https"), name))
		return -EINVAL;
	return pass_read(json_object_get(item, "pass"), name);
}

static int kept_read(const json_t *item, struct dns_rewrite *name)
{
	const char *text = json_string_value(json_object_get(item, "name"));

	name->match = (enum dns_match)json_integer_value(json_object_get(item, "match"));
	name->is_kept = true;
	return text && !dns_name_parse(text, &name->name) ? 0 : -EINVAL;
}

static int names_read(const json_t *list, const json_t *kept, struct dns_setup *setup)
{
	size_t n = json_array_size(list) + json_array_size(kept);
	int ret = 0;

	setup->names = calloc(n + 1, sizeof(*setup->names));
	if (!setup->names)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(list) && !ret; i++)
		ret = name_read(json_array_get(list, i), &setup->names[setup->n_names++]);
	for (size_t i = 0; i < json_array_size(kept) && !ret; i++)
		ret = kept_read(json_array_get(kept, i), &setup->names[setup->n_names++]);
	return ret;
}

static int private_domains_read(const json_t *list, struct dns_setup *setup)
{
	setup->private_domains = calloc(json_array_size(list) + 1, sizeof(*setup->private_domains));
	if (!setup->private_domains)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text ||
		    dns_name_parse(text, &setup->private_domains[setup->n_private_domains++]))
			return -EINVAL;
	}
	return 0;
}

int dns_setup_read(int fd, struct dns_setup *ret_setup)
{
	struct dns_setup setup = {0};
	json_t *json = dns_json_load(fd);
	int ret = json ? segments_read(json_object_get(json, "segments"), &setup) : -EINVAL;

	if (!ret)
		ret = dns_setup_upstreams_read(json, &setup);
	if (!ret)
		ret = names_read(json_object_get(json, "names"), json_object_get(json, "kept"),
				 &setup);
	if (!ret)
		ret = private_domains_read(json_object_get(json, "private"), &setup);
	if (!ret)
		ret = dns_setup_hosts_read(json_object_get(json, "hosts"), &setup.hosts);
	if (!ret)
		ret = dns_setup_doctor_read(json_object_get(json, "doctor"), &setup.doctor);
	if (!ret)
		ret = dns_setup_blocking_read(json_object_get(json, "blocking"), &setup.blocking);
	json_decref(json);
	if (ret)
		dns_setup_fini(&setup);
	else
		*ret_setup = setup;
	return ret;
}

void dns_setup_fini(struct dns_setup *setup)
{
	for (size_t i = 0; i < setup->n_names; i++)
		free(setup->names[i].addrs);
	free(setup->names);
	dns_setup_hosts_fini(&setup->hosts);
	free(setup->doctor.rules);
	dns_blocking_conf_fini(&setup->blocking);
	free(setup->private_domains);
	free(setup->upstreams);
	free(setup->routes);
	free(setup->bootstraps);
	free(setup->segments);
	*setup = (struct dns_setup){0};
}
