// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs of this machine that listen on a port that is forwarded or passed: read from /proc, where every kernel has it. */
#include <ctype.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "findings.h"

/* Listening sockets that are told apart; a machine with more is no gateway. */
#define LISTENERS_MAX 4096
#define TCP_LISTEN_STATE 0x0a
#define UDP_UNCONNECTED_STATE 0x07

struct listener {
	__u8 proto;
	__u16 port;
	unsigned long inode;
	char program[64]; /* "nginx (process 812)"; "" until it is found */
};

struct listeners {
	struct listener *rows; /* owned */
	size_t n;
};

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
	*ret_addr = n == 8 ? ip_addr_from_v4(words[0]) : ip_addr_from_v6((const __u8 *)words);
	return true;
}

/* Whether packets to a public address reach a socket bound there. */
static bool is_reached(const struct plan *plan, const struct ip_addr *addr)
{
	if (ip_addr_is_zero(addr))
		return true;
	for (size_t i = 0; i < plan->n_wan_addrs; i++) {
		if (ip_addr_equal(&plan->wan_addrs[i], addr))
			return true;
	}
	return false;
}

static bool parse_row(const char *line, size_t table, const struct plan *plan,
		      struct listener *ret_listener)
{
	char address[33];
	unsigned int port, state;
	unsigned long inode;
	struct ip_addr addr;

	if (sscanf(line, " %*u: %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f:] %x %*s %*s %*s %*s %*s %lu",
		   address, &port, &state, &inode) != 4 ||
	    state != tables[table].state || strlen(address) != tables[table].digits ||
	    !parse_address(address, tables[table].digits, &addr) || !is_reached(plan, &addr))
		return false;
	*ret_listener = (struct listener){
		.proto = tables[table].proto,
		.port = (__u16)port,
		.inode = inode,
	};
	return true;
}

static bool is_known(const struct listeners *all, const struct listener *row)
{
	for (size_t i = 0; i < all->n; i++) {
		if (all->rows[i].proto == row->proto && all->rows[i].port == row->port)
			return true;
	}
	return false;
}

static void read_table(size_t table, const struct plan *plan, struct listeners *all)
{
	_fclose_ FILE *file = fopen(tables[table].path, "re");
	char line[512];

	while (file && all->n < LISTENERS_MAX && fgets(line, sizeof(line), file)) {
		struct listener row;

		/* One socket of a program that listens on both families is enough. */
		if (parse_row(line, table, plan, &row) && !is_known(all, &row))
			all->rows[all->n++] = row;
	}
}

static void name_program(struct listener *row, const char *pid)
{
	char path[300], name[32] = "?";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (file) {
		if (fgets(name, sizeof(name), file))
			name[strcspn(name, "\n")] = '\0';
		fclose(file);
	}
	snprintf(row->program, sizeof(row->program), "%s (process %.10s)", name, pid);
}

static void match_descriptor(struct listeners *all, const char *pid, const char *target)
{
	unsigned long inode;

	if (sscanf(target, "socket:[%lu]", &inode) != 1)
		return;
	for (size_t i = 0; i < all->n; i++) {
		if (all->rows[i].inode == inode && !all->rows[i].program[0])
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

static void find_programs(struct listeners *all)
{
	_cleanup_(cleanup_directory) DIR *directory = opendir("/proc");
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		if (isdigit((unsigned char)entry->d_name[0]))
			match_process(all, entry->d_name);
	}
}

static const struct plan_service *forwarded_to(const struct plan *plan, const struct listener *row)
{
	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t j = 0; j < service->n_forwards; j++) {
			const struct plan_forward *forward = &service->forwards[j];

			if (forward->proto == row->proto && row->port >= forward->external_first &&
			    row->port <= forward->external_last)
				return service;
		}
	}
	return NULL;
}

static const char *proto_name(__u8 proto)
{
	return proto == IPPROTO_TCP ? "tcp" : "udp";
}

static void report_forwarded(struct check *check, const struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct listener *row = &all->rows[i];
		const struct plan_service *service = forwarded_to(check->candidate->plan, row);

		if (service)
			check_find(check, "listener", "give one of the two another port",
				   "%s listens on %u/%s: the forward of service %s wins over it",
				   row->program[0] ? row->program : "a program", row->port,
				   proto_name(row->proto), service->name);
	}
}

static void report_passed(struct check *check, const struct listeners *all)
{
	const struct conf *conf = check->candidate->conf;

	for (size_t i = 0; i < conf->n_pass; i++) {
		const struct listener wanted = {.proto = conf->pass[i].proto,
						.port = conf->pass[i].first};

		if (conf->pass[i].first == conf->pass[i].last && !is_known(all, &wanted))
			check_note(check, "listener",
				   "wan.pass has %u/%s, and no program listens there", wanted.port,
				   proto_name(wanted.proto));
	}
}

void check_listeners(struct check *check)
{
	_free_ struct listener *rows = calloc(LISTENERS_MAX, sizeof(*rows));
	struct listeners all = {.rows = rows};

	if (!rows)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		read_table(i, check->candidate->plan, &all);
	find_programs(&all);
	report_forwarded(check, &all);
	report_passed(check, &all);
}
