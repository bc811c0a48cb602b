// SPDX-License-Identifier: GPL-2.0-or-later
#include "listeners.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Listening sockets that are told apart; a machine with more is no gateway. */
#define LISTENERS_MAX 4096
#define TCP_LISTEN_STATE 0x0a
#define UDP_UNCONNECTED_STATE 0x07

static const struct {
	const char *path;
	__u8 proto;
	unsigned int state;
	size_t digits; /* of an address */
} tables[] = {
	{"/proc/net/tcp", IPPROTO_TCP, TCP_LISTEN_STATE, 8},
	{"/proc/net/tcp6", IPPROTO_TCP, TCP_LISTEN_STATE, 32},
	{"/proc/net/udp", IPPROTO_UDP, UDP_UNCONNECTED_STATE, 8},
	{"/proc/net/udp6", IPPROTO_UDP, UDP_UNCONNECTED_STATE, 32},
};

/* The kernel prints each 32-bit word of an address in its own byte order. */
static bool parse_address(const char *digits, size_t n, struct ip_addr *ret_addr)
{
	__u32 words[4] = {0};

	for (size_t i = 0; i < n / 8; i++) {
		if (sscanf(digits + 8 * i, "%8x", &words[i]) != 1)
			return false;
	}
	/* All zero is "on all" in both families. */
	*ret_addr = n == 8 && words[0] ? ip_addr_from_v4(words[0])
				       : ip_addr_from_v6((const __u8 *)words);
	return true;
}

static bool parse_row(const char *line, size_t table, struct listener *ret_listener)
{
	char address[33];
	unsigned int port, state;
	unsigned long inode;

	*ret_listener = (struct listener){.proto = tables[table].proto};
	if (sscanf(line, " %*u: %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f:] %x %*s %*s %*s %*s %*s %lu",
		   address, &port, &state, &inode) != 4 ||
	    state != tables[table].state || strlen(address) != tables[table].digits ||
	    !parse_address(address, tables[table].digits, &ret_listener->addr))
		return false;
	ret_listener->port = (__u16)port;
	ret_listener->inode = inode;
	return true;
}

int listeners_read(bool (*wants)(const void *data, const struct listener *row), const void *data,
		   struct listeners *ret_listeners)
{
	struct listeners all = {.rows = calloc(LISTENERS_MAX, sizeof(*all.rows))};

	if (!all.rows)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		_fclose_ FILE *file = fopen(tables[i].path, "re");
		char line[512];

		while (file && all.n < LISTENERS_MAX && fgets(line, sizeof(line), file)) {
			if (parse_row(line, i, &all.rows[all.n]) && wants(data, &all.rows[all.n]))
				all.n++;
		}
	}
	*ret_listeners = all;
	return 0;
}

void listeners_fini(struct listeners *listeners)
{
	free(listeners->rows);
	*listeners = (struct listeners){0};
}

/* --- programs ------------------------------------------------------------------------------ */

static void name_program(struct listener *row, const char *pid)
{
	char path[300];

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	_fclose_ FILE *file = fopen(path, "re");
	if (!file || !fgets(row->program, sizeof(row->program), file))
		strcpy(row->program, "?");
	row->program[strcspn(row->program, "\n")] = '\0';
	row->pid = atoi(pid);
}

static void match_descriptor(struct listeners *all, const char *pid, const char *target)
{
	unsigned long inode;

	if (sscanf(target, "socket:[%lu]", &inode) != 1)
		return;
	for (size_t i = 0; i < all->n; i++) {
		if (all->rows[i].inode == inode && !all->rows[i].pid)
			name_program(&all->rows[i], pid);
	}
}

static void cleanup_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static void match_process(struct listeners *all, const char *pid)
{
	char path[300];
	const struct dirent *entry;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	_cleanup_(cleanup_directory) DIR *directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		char link[600], target[64];
		ssize_t n;

		snprintf(link, sizeof(link), "%s/%s", path, entry->d_name);
		n = readlink(link, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		match_descriptor(all, pid, target);
	}
}

void listeners_find_programs(struct listeners *listeners)
{
	_cleanup_(cleanup_directory) DIR *directory = opendir("/proc");
	const struct dirent *entry;

	while (directory && listeners->n && (entry = readdir(directory))) {
		if (isdigit((unsigned char)entry->d_name[0]))
			match_process(listeners, entry->d_name);
	}
}
