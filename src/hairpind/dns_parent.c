// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns_parent.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hairpin/limits.h>

#include "dns_identity.h"
#include "dns_sockets.h"
#include "dns_stats.h"
#include "dns_trust.h"
#include "fd_message.h"
#include "log.h"
#include "setup.h"
#include "setup_tls.h"
#include "spawn_self.h"

/* Ticks that a process waits for its first lists: a second is what half a million names take on a slow machine. */
#define HOLD_TICKS 3
/* Ticks without an answer until it counts as hung. */
#define SILENT_TICKS 5

struct dns_parent {
	uv_loop_t *loop;
	struct dns_sockets sockets;
	int setup; /* memfd of what is in force; -1: DNS is off */
	int clients; /* memfd of dns_parent_clients(); -1: none was told of */
	bool is_off; /* blocking */
	unsigned int holds; /* ticks until the setup is told without lists; 0: it is told at once */
	int lists; /* memfd of a block table; -1: there are no lists */
	int hosts; /* memfd of dns_parent_hosts(); -1: none was told of */
	int log; /* ring of the query log, its owner's; -1: none */
	struct dns_trust trust, next_trust; /* in force, and prepared */
	struct dns_identity identity, next_identity; /* the same */
	unsigned int wrong; /* ticks since files that are wrong were read */
	int tls; /* memfd of dns_setup_tls_write(); -1: off */
	__u32 generation;
	pid_t pid; /* 0: none runs */
	int fd; /* to it; -1 */
	uv_poll_t *poll; /* of fd; frees itself */
	unsigned int silent; /* ticks */
	unsigned int starts; /* since it was last alive for a tick */
	__u64 restarts;
	struct dns_message last; /* statistics */
	struct dns_stats stats;
};

struct dns_parent *dns_parent_make(uv_loop_t *loop)
{
	struct dns_parent *parent = calloc(1, sizeof(*parent));

	if (!parent)
		return NULL;
	parent->loop = loop;
	parent->trust.fd = parent->next_trust.fd = -1;
	parent->identity.fd = parent->next_identity.fd = parent->tls = -1;
	parent->setup = parent->hosts = parent->clients = parent->lists = parent->log = parent->fd =
		-1;
	return parent;
}

/* --- the process -------------------------------------------------------------------------------------- */

static void freed(uv_handle_t *handle)
{
	free(handle);
}

/* What is left of it: it is dead, or will be. Its status, as waitpid() has it. */
static int process_end(struct dns_parent *parent)
{
	int status = 0;

	if (parent->poll) {
		uv_poll_stop(parent->poll);
		uv_close((uv_handle_t *)TAKE_PTR(parent->poll), freed);
	}
	if (parent->fd >= 0)
		close(parent->fd);
	parent->fd = -1;
	if (!parent->pid)
		return 0;
	kill(parent->pid, SIGKILL);
	while (waitpid(parent->pid, &status, 0) < 0 && errno == EINTR)
		;
	parent->pid = 0;
	return status;
}

/* A message of @type with @fds. */
static int message_send(struct dns_parent *parent, enum dns_message_type type, const int *fds,
			size_t n)
{
	struct dns_message message = {.type = type, .generation = parent->generation};

	return fd_message_send(parent->fd, &message, sizeof(message), fds, n);
}

/* Not before the setup: with that the process knows what to answer. */
static int tls_send(struct dns_parent *parent)
{
	int fds[DNS_MESSAGE_FDS] = {parent->tls, parent->identity.fd};
	size_t n = 0;

	if (parent->holds)
		return 0;
	if (parent->tls >= 0 && parent->identity.fd >= 0)
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

	return fd_message_send(parent->fd, &message, sizeof(message), NULL, 0);
}

static int lists_send(struct dns_parent *parent)
{
	return message_send(parent, DNS_MESSAGE_LISTS, &parent->lists, parent->lists >= 0);
}

static int trust_send(struct dns_parent *parent)
{
	return message_send(parent, DNS_MESSAGE_TRUST, &parent->trust.fd, parent->trust.fd >= 0);
}

/* What else the process has to know; none before it was told of. */
static int data_send(struct dns_parent *parent)
{
	int ret = blocking_send(parent);

	if (!ret)
		ret = trust_send(parent);
	if (!ret)
		ret = lists_send(parent);
	if (!ret && parent->clients >= 0)
		ret = message_send(parent, DNS_MESSAGE_CLIENTS, &parent->clients, 1);
	if (!ret && parent->hosts >= 0)
		ret = message_send(parent, DNS_MESSAGE_HOSTS, &parent->hosts, 1);
	if (!ret && parent->log >= 0)
		ret = message_send(parent, DNS_MESSAGE_LOG, &parent->log, 1);
	return ret;
}

static void process_start(struct dns_parent *parent);

static void process_died(struct dns_parent *parent)
{
	int pid = (int)parent->pid, status = process_end(parent);

	/* SIGSYS: a system call that the sandbox does not have. */
	if (WIFSIGNALED(status))
		log_warning("the DNS process (%d) was ended by SIG%s; it is started again", pid,
			    sigabbrev_np(WTERMSIG(status)));
	else
		log_warning("the DNS process (%d) ended with status %d; it is started again", pid,
			    WEXITSTATUS(status));
	parent->restarts++;
	/* One that dies at its start is left to the tick. */
	if (parent->starts < 2)
		process_start(parent);
}

static void message_take(struct dns_parent *parent, const struct dns_message *message)
{
	parent->silent = 0;
	if (message->type == DNS_MESSAGE_STATS) {
		parent->last = *message;
		dns_stats_take(&parent->stats, message->counts, uv_now(parent->loop) / 1000);
	} else if (message->ret) {
		log_error("the DNS process does not take its setup: %s", strerror(-message->ret));
	}
}

static void readable(uv_poll_t *poll, int status, int events)
{
	struct dns_parent *parent = poll->data;
	struct dns_message message;
	int ret = status < 0 ? -EPIPE : 0;
	size_t none = 0;

	(void)events;
	while (!ret) {
		ret = fd_message_receive(parent->fd, &message, sizeof(message), NULL, &none);
		if (!ret)
			message_take(parent, &message);
	}
	if (ret == -EPIPE)
		process_died(parent);
}

/* Both ends of a new socket; the child's is closed by the caller. */
static int socket_open(struct dns_parent *parent, int *ret_child)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	*ret_child = ends[1];
	parent->fd = ends[0];
	parent->poll = calloc(1, sizeof(*parent->poll));
	if (!parent->poll)
		return -ENOMEM;
	if (uv_poll_init(parent->loop, parent->poll, parent->fd)) {
		free(TAKE_PTR(parent->poll));
		return -EINVAL;
	}
	parent->poll->data = parent;
	return uv_poll_start(parent->poll, UV_READABLE, readable);
}

static void process_start(struct dns_parent *parent)
{
	char name[] = "hairpind", option[] = "--dns";
	char *const argv[] = {name, option, NULL};
	_close_ int child = -1;
	int ret = socket_open(parent, &child);

	parent->starts++;
	parent->silent = 0;
	dns_stats_anew(&parent->stats);
	if (!ret)
		ret = spawn_self(argv, child, DNS_PARENT_FD, &parent->pid);
	/* Before the setup: with that it begins to answer. */
	if (!ret)
		ret = data_send(parent);
	if (!ret)
		ret = setup_send(parent);
	if (!ret)
		return;
	log_error("cannot start the DNS process: %s", strerror(-ret));
	process_end(parent);
}

/* --- the daemon's --------------------------------------------------------------------------------------- */

int dns_parent_check(const struct dns_parent *parent, const struct plan_dns *now,
		     const struct plan_dns *dns, struct strbuf *why)
{
	struct dns_trust trust = {.fd = -1};
	struct dns_identity identity = {.fd = -1};
	_strbuf_ struct strbuf fault = {0};
	const char *ca[] = {now->upstream_ca ? now->upstream_ca : "",
			    dns->upstream_ca ? dns->upstream_ca : ""};
	bool is_told = parent->trust.fault && !strcmp(ca[0], ca[1]);
	int ret = is_told ? 0 : dns_trust_read(&trust, dns, &fault);

	is_told = parent->identity.fault && plan_tls_equal(&now->tls, &dns->tls);
	if (!ret && !is_told)
		ret = dns_identity_read(&identity, dns, &parent->identity, &fault);
	if (ret == -EKEYEXPIRED)
		ret = 0;
	if (ret)
		strbuf_add(why, "%s", strbuf_text(&fault));
	dns_trust_fini(&trust);
	dns_identity_fini(&identity);
	return ret;
}

int dns_parent_prepare(struct dns_parent *parent, const struct plan_dns *dns, struct strbuf *why)
{
	dns_trust_next(&parent->next_trust, dns, &parent->trust);
	dns_identity_next(&parent->next_identity, dns, &parent->identity);
	parent->wrong = 0;
	return dns_sockets_open(&parent->sockets,
				(struct dns_sockets_for){dns, parent->next_identity.fd >= 0}, why);
}

void dns_parent_forget(struct dns_parent *parent)
{
	dns_trust_fini(&parent->next_trust);
	dns_identity_fini(&parent->next_identity);
	dns_sockets_forget(&parent->sockets);
}

/* Of the same, what is wrong may be something else now. Said once. */
static void fault_renew(char **fault, char **next, const char *good)
{
	if (*next && (!*fault || strcmp(*fault, *next) != 0))
		log_warning("%s", *next);
	else if (*fault && !*next)
		log_info("%s", good);
	free(*fault);
	*fault = TAKE_PTR(*next);
}

static void trust_renew(struct dns_parent *parent)
{
	bool is_same = dns_trust_equal(&parent->trust, &parent->next_trust);

	fault_renew(&parent->trust.fault, &parent->next_trust.fault,
		    "the certificates that upstreams are checked by can be read again");
	if (!is_same)
		parent->next_trust.fault = TAKE_PTR(parent->trust.fault);
	dns_trust_fini(is_same ? &parent->next_trust : &parent->trust);
	if (is_same)
		return;
	parent->trust = parent->next_trust;
	parent->next_trust = (struct dns_trust){.fd = -1};
	if (parent->pid && trust_send(parent))
		process_died(parent);
}

/* Whether it is another one. */
static bool identity_renew(struct dns_parent *parent)
{
	bool is_same = dns_identity_equal(&parent->identity, &parent->next_identity);

	fault_renew(&parent->identity.fault, &parent->next_identity.fault,
		    "dns.tls: the certificate and its key are right again");
	if (!is_same)
		parent->next_identity.fault = TAKE_PTR(parent->identity.fault);
	dns_identity_fini(is_same ? &parent->next_identity : &parent->identity);
	if (is_same)
		return false;
	parent->identity = parent->next_identity;
	parent->next_identity = (struct dns_identity){.fd = -1};
	return true;
}

static void sockets_keep(struct dns_parent *parent, const struct plan_dns *dns)
{
	dns_sockets_keep(&parent->sockets, (struct dns_sockets_for){dns, parent->identity.fd >= 0});
}

void dns_parent_renew(struct dns_parent *parent, const struct plan_dns *dns)
{
	bool is_new;

	trust_renew(parent);
	is_new = identity_renew(parent);
	sockets_keep(parent, dns);
	if (is_new && parent->pid && tls_send(parent))
		process_died(parent);
}

void dns_parent_faults(const struct dns_parent *parent, struct strbuf *out)
{
	const char *faults[] = {parent->trust.fault, parent->identity.fault};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (faults[i])
			strbuf_add(out, "; %s", faults[i]);
	}
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
	identity_renew(parent);
	sockets_keep(parent, dns);
	fd_replace(&parent->setup, setup);
	fd_replace(&parent->tls, tls);
	parent->generation++;
	if (!dns->on)
		process_end(parent);
	else if (!parent->pid)
		process_start(parent);
	else if (setup_send(parent))
		process_died(parent);
}

static void setup_release(struct dns_parent *parent)
{
	if (!parent->holds)
		return;
	parent->holds = 0;
	if (parent->pid && setup_send(parent))
		process_died(parent);
}

int dns_parent_hosts(struct dns_parent *parent, const struct dns_host *hosts, size_t n)
{
	int fd = dns_hosts_write(hosts, n);

	if (fd < 0)
		return fd;
	if (parent->hosts >= 0)
		close(parent->hosts);
	parent->hosts = fd;
	if (parent->pid && message_send(parent, DNS_MESSAGE_HOSTS, &fd, 1))
		process_died(parent);
	return 0;
}

int dns_parent_clients(struct dns_parent *parent, const struct dns_block_client *clients, size_t n)
{
	int fd = dns_clients_write(clients, n);

	if (fd < 0)
		return fd;
	if (parent->clients >= 0)
		close(parent->clients);
	parent->clients = fd;
	if (parent->pid && message_send(parent, DNS_MESSAGE_CLIENTS, &fd, 1))
		process_died(parent);
	return 0;
}

void dns_parent_set_blocking(struct dns_parent *parent, bool is_off)
{
	if (parent->is_off == is_off)
		return;
	parent->is_off = is_off;
	if (parent->pid && blocking_send(parent))
		process_died(parent);
}

void dns_parent_lists(struct dns_parent *parent, int table)
{
	if (parent->lists >= 0)
		close(parent->lists);
	parent->lists = table;
	if (parent->pid && lists_send(parent))
		process_died(parent);
	setup_release(parent);
}

void dns_parent_hold(struct dns_parent *parent)
{
	if (parent->lists < 0 && !parent->pid)
		parent->holds = HOLD_TICKS;
}

void dns_parent_log(struct dns_parent *parent, int ring)
{
	parent->log = ring;
	if (parent->pid && message_send(parent, DNS_MESSAGE_LOG, &parent->log, ring >= 0))
		process_died(parent);
}

pid_t dns_parent_pid(const struct dns_parent *parent)
{
	return parent->pid;
}

static void process_tick(struct dns_parent *parent)
{
	const struct dns_message ask = {.type = DNS_MESSAGE_ASK};

	parent->starts = 0;
	if (parent->holds == 1)
		setup_release(parent);
	else if (parent->holds)
		parent->holds--;
	if (!parent->pid) {
		process_start(parent);
		return;
	}
	if (++parent->silent > SILENT_TICKS)
		process_died(parent);
	else
		fd_message_send(parent->fd, &ask, sizeof(ask), NULL, 0);
}

bool dns_parent_tick(struct dns_parent *parent)
{
	if (parent->setup < 0)
		return false;
	process_tick(parent);
	return (parent->trust.fault || parent->identity.fault) &&
	       ++parent->wrong >= LIMIT_DNS_FILES_AGAIN_S;
}

void dns_parent_free(struct dns_parent *parent)
{
	if (!parent)
		return;
	process_end(parent);
	dns_trust_fini(&parent->trust);
	dns_trust_fini(&parent->next_trust);
	dns_identity_fini(&parent->identity);
	dns_identity_fini(&parent->next_identity);
	fd_replace(&parent->tls, -1);
	dns_sockets_fini(&parent->sockets);
	if (parent->setup >= 0)
		close(parent->setup);
	if (parent->hosts >= 0)
		close(parent->hosts);
	if (parent->clients >= 0)
		close(parent->clients);
	if (parent->lists >= 0)
		close(parent->lists);
	free(parent);
}

static json_t *counts_answer(const struct dns_message *last)
{
	static const char *const keys[] = {
#define X(name, key, text) [name] = (key),
		DNS_COUNTS(X)
#undef X
	};
	json_t *counts = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		json_object_set_new(counts, keys[i], json_integer((json_int_t)last->counts[i]));
	return counts;
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

/* New reference: who we are under TLS, and for how long clients believe it. */
static json_t *identity_answer(const struct dns_identity *identity)
{
	/* Towards the past: what has just ended has no day left. */
	__s64 left_s = identity->until_s - (__s64)time(NULL), days = left_s / 86400 - (left_s < 0);

	if (!identity->name && !identity->fault)
		return json_null();
	if (!identity->name)
		return json_pack("{s:n, s:n, s:n, s:s}", "name", "until", "days_left", "fault",
				 identity->fault);
	return json_pack("{s:s, s:I, s:I, s:s?}", "name", identity->name, "until",
			 (json_int_t)identity->until_s, "days_left", (json_int_t)days, "fault",
			 identity->fault);
}

json_t *dns_parent_answer(struct dns_parent *parent)
{
	json_t *answer = json_pack(
		"{s:b, s:i, s:I, s:o, s:I, s:I, s:I, s:I}", "on", parent->setup >= 0, "process",
		(int)parent->pid, "restarts", (json_int_t)parent->restarts, "queries",
		counts_answer(&parent->last), "cache_entries",
		(json_int_t)parent->last.cache.entries, "cache_bytes",
		(json_int_t)parent->last.cache.octets, "waiting", (json_int_t)parent->last.waiting,
		"memory_bytes", (json_int_t)parent->last.memory_bytes);

	json_object_set_new(answer, "tls", identity_answer(&parent->identity));
	json_object_set_new(answer, "trust_fault",
			    parent->trust.fault ? json_string(parent->trust.fault) : json_null());
	json_object_set_new(answer, "last_day",
			    dns_stats_answer(&parent->stats, uv_now(parent->loop) / 1000));
	return answer;
}
