// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns_parent.h"

#include <string.h>
#include <unistd.h>

#include <hairpin/limits.h>

#include "dns_files.h"
#include "dns_sockets.h"
#include "dns_stats.h"
#include "fd_message.h"
#include "log.h"
#include "setup.h"
#include "setup_tls.h"

/* Ticks that a process waits for its first lists: a second is what half a million names take on a slow machine. */
#define HOLD_TICKS 3
/* Ticks without an answer until it counts as hung. */
#define SILENT_TICKS 5

struct dns_parent {
	struct child child;
	struct dns_sockets sockets;
	int setup; /* memfd of what is in force; -1: DNS is off */
	int tls; /* memfd of dns_setup_tls_write(); -1: off */
	int files[DNS_MESSAGE_TYPES]; /* what each message of one file carries; -1: nothing */
	bool is_off; /* blocking */
	unsigned int holds; /* ticks until the setup is told without lists; 0: it is told at once */
	struct dns_files certificates;
	__u32 generation;
	struct dns_message last; /* statistics */
	struct dns_stats stats;
};

/* Told in this order to a process that is started. */
static const enum dns_message_type with_file[] = {DNS_MESSAGE_TRUST, DNS_MESSAGE_LISTS,
						  DNS_MESSAGE_CLIENTS, DNS_MESSAGE_HOSTS,
						  DNS_MESSAGE_LOG};
/* The others are closed where they are: the authorities by dns_trust.c, the ring by its owner. */
static const enum dns_message_type with_own_file[] = {DNS_MESSAGE_LISTS, DNS_MESSAGE_CLIENTS,
						      DNS_MESSAGE_HOSTS};

/* --- the process -------------------------------------------------------------------------------------- */

/* A message of @type with @fds. */
static int message_send(struct dns_parent *parent, enum dns_message_type type, const int *fds,
			size_t n)
{
	const struct dns_message message = {.type = type, .generation = parent->generation};

	return child_send(&parent->child, &message, sizeof(message), fds, n);
}

/* Not before the setup: with that the process knows what to answer. */
static int tls_send(struct dns_parent *parent)
{
	int fds[DNS_MESSAGE_FDS] = {parent->tls, parent->certificates.identity.fd};
	size_t n = 0;

	if (parent->holds)
		return 0;
	if (parent->tls >= 0 && parent->certificates.identity.fd >= 0)
		n = 2 + dns_sockets_list_tls(&parent->sockets, fds + 2);
	return message_send(parent, DNS_MESSAGE_TLS, fds, n);
}

static int setup_send(struct dns_parent *parent)
{
	int fds[DNS_MESSAGE_FDS];
	size_t n = 1 + dns_sockets_list(&parent->sockets, fds + 1);
	int ret;

	if (parent->holds)
		return 0;
	fds[0] = parent->setup;
	ret = message_send(parent, DNS_MESSAGE_SETUP, fds, n);
	return ret ? ret : tls_send(parent);
}

static int blocking_send(struct dns_parent *parent)
{
	const struct dns_message message = {.type = DNS_MESSAGE_BLOCKING, .ret = parent->is_off};

	return child_send(&parent->child, &message, sizeof(message), NULL, 0);
}

static int file_send(struct dns_parent *parent, enum dns_message_type type)
{
	return message_send(parent, type, &parent->files[type], parent->files[type] >= 0);
}

/* The setup last: with that it begins to answer. */
static int process_start(void *owner)
{
	struct dns_parent *parent = owner;
	int ret;

	dns_stats_anew(&parent->stats);
	ret = child_spawn(&parent->child, "--dns", NULL, NULL);
	if (!ret)
		ret = blocking_send(parent);
	for (size_t i = 0; i < ARRAY_SIZE(with_file) && !ret; i++) {
		if (parent->files[with_file[i]] >= 0)
			ret = file_send(parent, with_file[i]);
	}
	return ret ? ret : setup_send(parent);
}

static int message_take(void *owner, int fd)
{
	struct dns_parent *parent = owner;
	struct dns_message message;
	size_t none = 0;
	int ret = fd_message_receive(fd, &message, sizeof(message), NULL, &none);

	if (ret)
		return ret;
	if (message.type == DNS_MESSAGE_STATS) {
		parent->last = message;
		dns_stats_take(&parent->stats, message.counts,
			       uv_now(parent->child.children->loop) / 1000);
	} else if (message.ret) {
		log_error("the DNS process does not take its setup: %s", strerror(-message.ret));
	}
	return 0;
}

/* One that takes nothing any more is found by its silence. */
static void process_ask(void *owner)
{
	message_send(owner, DNS_MESSAGE_ASK, NULL, 0);
}

static const struct child_kind kind = {
	.name = "the DNS process",
	.consequence = "it is started again",
	.place = DNS_PARENT_FD,
	.silent_ticks = SILENT_TICKS,
	.start = process_start,
	.take = message_take,
	.ask = process_ask,
};

struct dns_parent *dns_parent_make(struct children *children)
{
	struct dns_parent *parent = calloc(1, sizeof(*parent));

	if (!parent)
		return NULL;
	child_init(&parent->child, children, &kind, parent);
	for (size_t i = 0; i < ARRAY_SIZE(parent->files); i++)
		parent->files[i] = -1;
	dns_files_init(&parent->certificates);
	parent->setup = parent->tls = -1;
	return parent;
}

/* --- the daemon's --------------------------------------------------------------------------------------- */

int dns_parent_check(const struct dns_parent *parent, const struct plan_dns *now,
		     const struct plan_dns *dns, struct strbuf *why)
{
	return dns_files_check(&parent->certificates, now, dns, why);
}

int dns_parent_prepare(struct dns_parent *parent, const struct plan_dns *dns, struct strbuf *why)
{
	dns_files_prepare(&parent->certificates, dns);
	return dns_sockets_open(
		&parent->sockets,
		(struct dns_sockets_for){dns, parent->certificates.next_identity.fd >= 0}, why);
}

void dns_parent_forget(struct dns_parent *parent)
{
	dns_files_forget(&parent->certificates);
	dns_sockets_forget(&parent->sockets);
}

static void file_put(struct dns_parent *parent, enum dns_message_type type, int fd)
{
	parent->files[type] = fd;
	child_told(&parent->child, file_send(parent, type));
}

static void trust_renew(struct dns_parent *parent)
{
	if (dns_files_renew_trust(&parent->certificates))
		file_put(parent, DNS_MESSAGE_TRUST, parent->certificates.trust.fd);
}

static void sockets_keep(struct dns_parent *parent, const struct plan_dns *dns)
{
	dns_sockets_keep(&parent->sockets,
			 (struct dns_sockets_for){dns, parent->certificates.identity.fd >= 0});
}

void dns_parent_renew(struct dns_parent *parent, const struct plan_dns *dns)
{
	bool is_new;

	trust_renew(parent);
	is_new = dns_files_renew_identity(&parent->certificates);
	sockets_keep(parent, dns);
	if (is_new)
		child_told(&parent->child, tls_send(parent));
}

void dns_parent_faults(const struct dns_parent *parent, struct strbuf *out)
{
	dns_files_faults(&parent->certificates, out);
}

static void fd_replace(int *fd, int with)
{
	if (*fd >= 0)
		close(*fd);
	*fd = with;
}

void dns_parent_apply(struct dns_parent *parent, const struct plan_dns *dns)
{
	int setup = dns->on ? dns_setup_write(dns) : -1;
	int tls = dns->on && dns->tls.on ? dns_setup_tls_write(dns) : -1;

	if (dns->on && (setup < 0 || (dns->tls.on && tls < 0))) {
		log_error("cannot tell the DNS process what to answer: %s",
			  strerror(setup < 0 ? -setup : -tls));
		fd_replace(&setup, -1);
		fd_replace(&tls, -1);
		return;
	}
	trust_renew(parent);
	dns_files_renew_identity(&parent->certificates);
	sockets_keep(parent, dns);
	fd_replace(&parent->setup, setup);
	fd_replace(&parent->tls, tls);
	parent->generation++;
	if (!dns->on)
		child_end(&parent->child);
	else if (!child_runs(&parent->child))
		child_start(&parent->child);
	else
		child_told(&parent->child, setup_send(parent));
}

static void setup_release(struct dns_parent *parent)
{
	if (!parent->holds)
		return;
	parent->holds = 0;
	child_told(&parent->child, setup_send(parent));
}

/* @fd: the parent's from here on; -errno: it could not be made. */
static int own_file_put(struct dns_parent *parent, enum dns_message_type type, int fd)
{
	if (fd < 0)
		return fd;
	fd_replace(&parent->files[type], -1);
	file_put(parent, type, fd);
	return 0;
}

int dns_parent_hosts(struct dns_parent *parent, const struct dns_host *hosts, size_t n)
{
	return own_file_put(parent, DNS_MESSAGE_HOSTS, dns_hosts_write(hosts, n));
}

int dns_parent_clients(struct dns_parent *parent, const struct dns_block_client *clients, size_t n)
{
	return own_file_put(parent, DNS_MESSAGE_CLIENTS, dns_clients_write(clients, n));
}

void dns_parent_set_blocking(struct dns_parent *parent, bool is_off)
{
	if (parent->is_off == is_off)
		return;
	parent->is_off = is_off;
	child_told(&parent->child, blocking_send(parent));
}

void dns_parent_lists(struct dns_parent *parent, int table)
{
	fd_replace(&parent->files[DNS_MESSAGE_LISTS], -1);
	file_put(parent, DNS_MESSAGE_LISTS, table);
	setup_release(parent);
}

void dns_parent_hold(struct dns_parent *parent)
{
	if (parent->files[DNS_MESSAGE_LISTS] < 0 && !child_runs(&parent->child))
		parent->holds = HOLD_TICKS;
}

void dns_parent_log(struct dns_parent *parent, int ring)
{
	file_put(parent, DNS_MESSAGE_LOG, ring);
}

bool dns_parent_tick(struct dns_parent *parent)
{
	if (parent->setup < 0)
		return false;
	if (parent->holds == 1)
		setup_release(parent);
	else if (parent->holds)
		parent->holds--;
	child_tick(&parent->child);
	return dns_files_tick(&parent->certificates);
}

void dns_parent_free(struct dns_parent *parent)
{
	if (!parent)
		return;
	child_fini(&parent->child);
	dns_files_fini(&parent->certificates);
	dns_sockets_fini(&parent->sockets);
	fd_replace(&parent->setup, -1);
	fd_replace(&parent->tls, -1);
	for (size_t i = 0; i < ARRAY_SIZE(with_own_file); i++)
		fd_replace(&parent->files[with_own_file[i]], -1);
	free(parent);
}

json_t *dns_parent_upstreams(const struct dns_parent *parent, const struct plan_dns *dns)
{
	static const char *const schemes[] = {
		[CONF_DNS_PLAIN] = "", [CONF_DNS_TLS] = "tls://", [CONF_DNS_HTTPS] = "https://"};
	json_t *list = json_array();

	for (size_t i = 0; i < dns->n_upstreams; i++) {
		const struct plan_upstream *upstream = &dns->upstreams[i];
		const struct dns_upstream_stats none = {0}, *stats = &none;
		char addr[IP_TEXT_MAX];

		if (i < parent->last.n_upstreams && i < DNS_UPSTREAMS_MAX)
			stats = &parent->last.upstreams[i];
		json_array_append_new(
			list,
			json_pack("{s:s++, s:s, s:I, s:I, s:I, s:I, s:b, s:s}", "address",
				  schemes[upstream->transport],
				  upstream->is_named ? upstream->name
						     : ip_addr_format(&upstream->addr, addr),
				  upstream->path, "name", upstream->name, "asked",
				  (json_int_t)stats->asked, "answered", (json_int_t)stats->answered,
				  "timed_out", (json_int_t)stats->timed_out, "rtt_us",
				  (json_int_t)stats->rtt_us, "out", stats->is_out, "fault",
				  stats->fault));
	}
	return list;
}

json_t *dns_parent_answer(struct dns_parent *parent)
{
	json_t *answer = json_pack(
		"{s:b, s:i, s:I, s:o, s:I, s:I, s:I, s:I}", "on", parent->setup >= 0, "process",
		(int)parent->child.pid, "restarts", (json_int_t)parent->child.restarts, "queries",
		dns_stats_counts(parent->last.counts), "cache_entries",
		(json_int_t)parent->last.cache.entries, "cache_bytes",
		(json_int_t)parent->last.cache.octets, "waiting", (json_int_t)parent->last.waiting,
		"memory_bytes", (json_int_t)parent->last.memory_bytes);

	dns_files_answer(&parent->certificates, answer);
	json_object_set_new(
		answer, "last_day",
		dns_stats_answer(&parent->stats, uv_now(parent->child.children->loop) / 1000));
	return answer;
}
