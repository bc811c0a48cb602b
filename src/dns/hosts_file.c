// SPDX-License-Identifier: GPL-2.0-or-later
/* Machines as they are told of: how they call themselves, and the file in which the daemon hands them over. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "json_file.h"
#include "setup_hosts.h"

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Clients ask for "wpad.home.arpa" and its like without being told to, and take what they find there for their proxy (VU#598349). */
static bool is_taken(const char *label, size_t length)
{
	static const char *const taken[] = {"wpad", "isatap", "localhost"};

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		if (length == strlen(taken[i]) && !strncasecmp(label, taken[i], length))
			return true;
	}
	return false;
}

int dns_host_name(const char *label, size_t length, const struct dns_name *domain,
		  struct dns_name *ret_name)
{
	struct dns_name name;

	if (!length || label[0] == '-' || label[length - 1] == '-' || is_taken(label, length))
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		if (!is_letter_or_digit(label[i]) && label[i] != '-')
			return -EINVAL;
	}
	if (length > DNS_LABEL_MAX || 1 + length + domain->length > DNS_NAME_MAX)
		return -ENAMETOOLONG;
	name.length = (__u8)(1 + length + domain->length);
	name.wire[0] = (__u8)length;
	memcpy(&name.wire[1], label, length);
	memcpy(&name.wire[1 + length], domain->wire, domain->length);
	dns_octets_lower(name.wire, name.length);
	*ret_name = name;
	return 0;
}

json_t *dns_hosts_json(const struct dns_host *hosts, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		char name[DNS_NAME_TEXT_MAX], addr[IP_TEXT_MAX];

		json_array_append_new(list,
				      json_pack("[s, s, b]", dns_name_format(&hosts[i].name, name),
						ip_addr_format(&hosts[i].addr, addr),
						(int)hosts[i].is_reverse_only));
	}
	return list;
}

static int host_read(const json_t *item, struct dns_host *host)
{
	const char *name = json_string_value(json_array_get(item, 0));
	const char *addr = json_string_value(json_array_get(item, 1));

	host->is_reverse_only = json_is_true(json_array_get(item, 2));
	return name && addr && !dns_name_parse(name, &host->name) &&
			       !ip_addr_parse(addr, &host->addr)
		       ? 0
		       : -EINVAL;
}

int dns_hosts_from_json(const json_t *list, struct dns_host **ret_hosts, size_t *ret_n)
{
	size_t n = json_array_size(list);
	_free_ struct dns_host *hosts = calloc(n + 1, sizeof(*hosts));

	if (!hosts)
		return -ENOMEM;
	if (!json_is_array(list))
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (host_read(json_array_get(list, i), &hosts[i]))
			return -EINVAL;
	}
	*ret_hosts = TAKE_PTR(hosts);
	*ret_n = n;
	return 0;
}

int dns_hosts_write(const struct dns_host *hosts, size_t n)
{
	json_t *list = dns_hosts_json(hosts, n);
	int fd = dns_json_seal("dns-hosts", list);

	json_decref(list);
	return fd;
}

int dns_hosts_read(int fd, struct dns_host **ret_hosts, size_t *ret_n)
{
	json_t *list = dns_json_load(fd);
	int ret = dns_hosts_from_json(list, ret_hosts, ret_n);

	json_decref(list);
	return ret;
}
