// SPDX-License-Identifier: GPL-2.0-or-later
#include "dhcp_log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
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

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct dhcp_log *log = poll->data;
	char octets[4096];
	ssize_t n = status < 0 ? 0 : read(log->fd, octets, sizeof(octets));

	(void)events;
	for (ssize_t i = 0; i < n; i++)
		octet_take(log, octets[i]);
	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
		log->ended(log->data);
}

static void freed(uv_handle_t *handle)
{
	free(handle);
}

int dhcp_log_open(struct dhcp_log *log, uv_loop_t *loop, int fd, void (*ended)(void *data),
		  void *data)
{
	*log = (struct dhcp_log){.fd = fd, .ended = ended, .data = data};
	log->poll = calloc(1, sizeof(*log->poll));
	if (!log->poll || fcntl(fd, F_SETFL, O_NONBLOCK) || uv_poll_init(loop, log->poll, fd)) {
		free(TAKE_PTR(log->poll));
		return -ENOMEM;
	}
	log->poll->data = log;
	return uv_poll_start(log->poll, UV_READABLE, on_readable);
}

void dhcp_log_close(struct dhcp_log *log)
{
	if (log->poll) {
		uv_poll_stop(log->poll);
		uv_close((uv_handle_t *)TAKE_PTR(log->poll), freed);
	}
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}
