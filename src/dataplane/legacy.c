// SPDX-License-Identifier: GPL-2.0-or-later
#include "legacy.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "file.h"

/* The two families differ in numbers and in the head of an entry; struct ipt_getinfo is the same as ip6t_getinfo. */
static const struct family {
	const char *program;
	const char *names; /* tables in use: asking for another one would make it */
	int domain, level, get_info, get_entries;
	size_t entry_bytes, target_offset;
} tables[] = {
	{"iptables", "/proc/net/ip_tables_names", AF_INET, SOL_IP, IPT_SO_GET_INFO,
	 IPT_SO_GET_ENTRIES, sizeof(struct ipt_entry), offsetof(struct ipt_entry, target_offset)},
	{"ip6tables", "/proc/net/ip6_tables_names", AF_INET6, SOL_IPV6, IP6T_SO_GET_INFO,
	 IP6T_SO_GET_ENTRIES, sizeof(struct ip6t_entry),
	 offsetof(struct ip6t_entry, target_offset)},
};

_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo), "one structure for both");
_Static_assert(offsetof(struct ipt_get_entries, entrytable) ==
		       offsetof(struct ip6t_get_entries, entrytable),
	       "one head for both");

static const struct {
	unsigned int hook;
	const char *chain;
} chains[] = {
	{NF_INET_PRE_ROUTING, "PREROUTING"},
	{NF_INET_FORWARD, "FORWARD"},
	{NF_INET_POST_ROUTING, "POSTROUTING"},
};

/* The policy is the verdict of the entry that ends the chain. */
static bool is_drop(const struct family *family, const char *entries, size_t size, size_t at)
{
	struct xt_standard_target target;
	__u16 offset;

	if (!entries || at + family->entry_bytes > size)
		return false;
	memcpy(&offset, entries + at + family->target_offset, sizeof(offset));
	if (at + offset + sizeof(target) > size)
		return false;
	memcpy(&target, entries + at + offset, sizeof(target));
	return target.verdict == -NF_DROP - 1;
}

static int entries_read(const struct family *family, int fd, const struct ipt_getinfo *info,
			char **ret_entries)
{
	size_t head = offsetof(struct ipt_get_entries, entrytable), size = head + info->size;
	_free_ char *buffer = calloc(1, size + sizeof(struct ipt_get_entries));
	struct ipt_get_entries get = {.size = info->size};
	socklen_t length = (socklen_t)size;

	if (!buffer)
		return -ENOMEM;
	memcpy(get.name, info->name, sizeof(get.name));
	memcpy(buffer, &get, head);
	if (getsockopt(fd, family->level, family->get_entries, buffer, &length))
		return -errno;
	memmove(buffer, buffer + head, info->size);
	*ret_entries = TAKE_PTR(buffer);
	return 0;
}

static int table_judge(const struct family *family, int fd, const char *name, struct strbuf *out)
{
	_free_ char *entries = NULL;
	struct ipt_getinfo info = {0};
	socklen_t length = sizeof(info);
	int ret;

	snprintf(info.name, sizeof(info.name), "%s", name);
	if (getsockopt(fd, family->level, family->get_info, &info, &length))
		return -errno;
	ret = entries_read(family, fd, &info, &entries);
	if (ret)
		return ret;
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		unsigned int hook = chains[i].hook;

		if (!(info.valid_hooks & 1U << hook))
			continue;
		if (info.hook_entry[hook] != info.underflow[hook])
			strbuf_add(out, "%s-legacy, table %s, chain %s: has rules\n",
				   family->program, name, chains[i].chain);
		if (is_drop(family, entries, info.size, info.underflow[hook]))
			strbuf_add(out, "%s-legacy, table %s, chain %s: policy drop\n",
				   family->program, name, chains[i].chain);
	}
	return 0;
}

static int family_judge(const struct family *family, struct strbuf *out)
{
	_free_ char *names = NULL;
	_close_ int fd = -1;
	char *save = NULL;
	size_t length;
	int ret = file_read(family->names, 4096, &names, &length);

	if (ret == -ENOENT || (!ret && length == 0))
		return 0;
	if (ret)
		return ret;
	/* Any socket of the family will do, and one for datagrams needs no capability. */
	fd = socket(family->domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	for (const char *name = strtok_r(names, "\n", &save); name && !ret;
	     name = strtok_r(NULL, "\n", &save))
		ret = table_judge(family, fd, name, out);
	return ret;
}

int legacy_rules(struct strbuf *ret_lines, struct strbuf *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		int ret = family_judge(&tables[i], ret_lines);

		if (!ret)
			continue;
		strbuf_add(why, "%s: %s", tables[i].names, strerror(-ret));
		return ret;
	}
	return 0;
}
