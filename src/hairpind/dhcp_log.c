// SPDX-License-Identifier: GPL-2.0-or-later
#include "dhcp_log.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"

/* What it says whenever it starts and ends. */
static const char *const usual[] = {
	"started, version",
	"compile time options:",
	"DHCP, ",
	"DHCPv6, ",
	"DHCPv6 stateless on",
	"router advertisement on",
	"IPv6 router advertisement enabled",
	"exiting on receipt of SIGTERM",
};

static bool is_usual(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
		if (!strncmp(text, usual[i], strlen(usual[i])))
			return true;
	}
	return false;
}

/* "dnsmasq-dhcp[4711]: text" or "dnsmasq: text". Names in it are clients'. */
static void line_take(struct dhcp_log *log)
{
	char *text = strstr(log->line, ": ");

	text = text && !strncmp(log->line, "dnsmasq", 7) ? text + 2 : log->line;
	for (char *c = text; *c; c++) {
		if (!isprint((unsigned char)*c))
			*c = '?';
	}
	if (!*text)
		return;
	if (is_usual(text)) {
		log_debug("dnsmasq: %s", text);
		return;
	}
	strcpy(log->last, text);
	log_info("dnsmasq: %s", text);
}

static void octet_take(struct dhcp_log *log, char octet)
{
	if (octet != '\n' && octet != '\0') {
		if (log->n < sizeof(log->line) - 1)
			log->line[log->n++] = octet;
		return;
	}
	log->line[log->n] = '\0';
	log->n = 0;
	line_take(log);
}

int dhcp_log_take(struct dhcp_log *log, int fd)
{
	char octets[4096];
	ssize_t n = read(fd, octets, sizeof(octets));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : -EPIPE;
	for (ssize_t i = 0; i < n; i++)
		octet_take(log, octets[i]);
	return n ? 0 : -EPIPE;
}
