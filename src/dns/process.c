// SPDX-License-Identifier: GPL-2.0-or-later
#include "process.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <jansson.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "fd_message.h"
#include "log.h"
#include "memory.h"
#include "setup.h"
#include "tls.h"
#include "tls_service.h"

struct process {
	uv_loop_t loop;
	uv_poll_t daemon;
	uv_tcp_t first; /* never connected */
	int fd;
	struct dns_resolver resolver;
	struct dns_server *server;
	struct tls_service tls;
	struct dns_setup_hosts own_hosts; /* of the setup */
	struct dns_host *live_hosts; /* of DNS_MESSAGE_HOSTS */
	size_t n_live_hosts;
	size_t n_upstreams;
	struct tls_credentials *trust; /* for upstreams under TLS; NULL: nobody */
	__u32 generation;
};

struct received {
	struct dns_message message;
	int fds[DNS_MESSAGE_FDS];
	size_t n_fds;
};

/* --- a setup ------------------------------------------------------------------------------------------ */

static int bootstrap_take(struct dns_upstreams *upstreams, const struct dns_setup *setup)
{
	return setup->n_bootstraps ? dns_upstreams_set_bootstrap(upstreams, setup->bootstraps,
								 setup->n_bootstraps)
				   : 0;
}

/* 0 or -errno, and then those before go on. */
static int upstreams_take(struct process *process, const struct dns_setup *setup)
{
	struct dns_resolver *resolver = &process->resolver;
	struct dns_upstreams *made, *old = resolver->upstreams;
	struct dns_routes *routes = dns_routes_make(setup->routes, setup->n_routes, setup->general);
	bool is_same = routes && old && dns_routes_equal(dns_upstreams_routes(old), routes);

	if (is_same && dns_upstreams_are(old, setup->upstreams, setup->n_upstreams)) {
		dns_upstreams_set_parallel(old, setup->is_parallel);
		dns_routes_free(routes);
		return bootstrap_take(old, setup);
	}
	made = routes ? dns_upstreams_make(&process->loop, setup->upstreams, setup->n_upstreams)
		      : NULL;
	if (!made) {
		dns_routes_free(routes);
		return -ENOMEM;
	}
	dns_upstreams_set_routes(made, routes);
	if (bootstrap_take(made, setup)) {
		dns_upstreams_free(made);
		return -ENOMEM;
	}
	dns_upstreams_set_parallel(made, setup->is_parallel);
	/* What one server said of a company's names is not what another says. */
	if (!is_same)
		dns_cache_clear(resolver->cache);
	dns_upstreams_set_judge(made, dns_resolver_judge, resolver);
	dns_upstreams_set_trust(made, process->trust);
	/* Who waits for those before asks the new ones, which have to be there for that. */
	resolver->upstreams = made;
	dns_upstreams_free(old);
	for (size_t i = 0; i < setup->n_upstreams; i++)
		dns_upstream_label(&resolver->log, i, &setup->upstreams[i]);
	process->n_upstreams = setup->n_upstreams;
	return 0;
}

/* Each with all that is below it. */
static struct dns_rewrites *private_make(const struct dns_setup *setup)
{
	_free_ struct dns_rewrite *made = calloc(setup->n_private_domains + 1, sizeof(*made));

	for (size_t i = 0; i < setup->n_private_domains && made; i++)
		made[i] = (struct dns_rewrite){.name = setup->private_domains[i],
					       .match = DNS_MATCH_TREE};
	return made ? dns_rewrites_make(made, setup->n_private_domains) : NULL;
}

static struct dns_hosts *hosts_make(const struct dns_setup_hosts *own, const struct dns_host *live,
				    size_t n_live)
{
	return dns_hosts_make(&(struct dns_hosts_source){own->hosts, own->n_hosts, live, n_live,
							 own->domains, own->n_domains,
							 own->networks, own->n_networks});
}

/* Taken out of @setup. What was told before and is no longer so is forgotten. */
static void doctor_take(struct process *process, struct dns_setup *setup)
{
	struct dns_resolver *resolver = &process->resolver;

	if (!dns_doctor_equal(&resolver->doctor, &setup->doctor))
		dns_doctor_forget(&resolver->doctor, &setup->doctor, resolver->cache);
	free(resolver->doctor.rules);
	resolver->doctor = setup->doctor;
	setup->doctor = (struct dns_doctor){0};
}

/* Everything new is made before anything old goes. 0 or -errno, and then what was in force is. Machines and the doctor's rules are taken out of @setup. */
static int setup_apply(struct process *process, struct dns_setup *setup)
{
	struct dns_resolver *resolver = &process->resolver;
	struct dns_rewrites *rewrites = dns_rewrites_make(setup->names, setup->n_names);
	struct dns_rewrites *private = private_make(setup);
	struct dns_hosts *hosts =
		hosts_make(&setup->hosts, process->live_hosts, process->n_live_hosts);
	int ret = rewrites && private && hosts ? upstreams_take(process, setup) : -ENOMEM;

	if (ret) {
		dns_rewrites_free(rewrites);
		dns_rewrites_free(private);
		dns_hosts_free(hosts);
		return ret;
	}
	dns_rewrites_free(resolver->rewrites);
	dns_rewrites_free(resolver->private);
	dns_hosts_free(resolver->hosts);
	dns_setup_hosts_fini(&process->own_hosts);
	process->own_hosts = setup->hosts;
	setup->hosts = (struct dns_setup_hosts){0};
	doctor_take(process, setup);
	resolver->hosts = hosts;
	resolver->rewrites = rewrites;
	resolver->private = private;
	dns_blocking_set_conf(resolver->blocking, &setup->blocking);
	return 0;
}

static int listeners_take(struct process *process, const struct dns_setup *setup,
			  struct received *received)
{
	struct dns_listener listeners[LIMIT_DNS_LISTENERS];
	size_t n = setup->n_segments;

	if (received->n_fds != 1 + 2 * n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		listeners[i] = (struct dns_listener){.udp = received->fds[1 + 2 * i],
						     .tcp = received->fds[2 + 2 * i],
						     .segment = setup->segments[i],
						     .has_segment = true};
	/* Whatever comes of it, they are the server's now. */
	received->n_fds = 1;
	return dns_server_listen(process->server, listeners, n);
}

static int setup_take(struct process *process, struct received *received)
{
	_dns_setup_ struct dns_setup setup = {0};
	int ret = received->n_fds ? dns_setup_read(received->fds[0], &setup) : -EINVAL;

	if (!ret)
		ret = setup_apply(process, &setup);
	if (!ret)
		ret = listeners_take(process, &setup, received);
	if (ret)
		return ret;
	process->generation = received->message.generation;
	log_debug("dns: setup %u is in force", process->generation);
	return 0;
}

static int hosts_take(struct process *process, struct received *received)
{
	_free_ struct dns_host *live = NULL;
	struct dns_hosts *made;
	size_t n = 0;
	int ret = received->n_fds == 1 ? dns_hosts_read(received->fds[0], &live, &n) : -EINVAL;

	if (ret)
		return ret;
	made = hosts_make(&process->own_hosts, live, n);
	if (!made)
		return -ENOMEM;
	dns_hosts_free(process->resolver.hosts);
	process->resolver.hosts = made;
	free(process->live_hosts);
	process->live_hosts = TAKE_PTR(live);
	process->n_live_hosts = n;
	return 0;
}

static int clients_take(struct process *process, struct received *received)
{
	struct dns_block_client *clients;
	size_t n;
	int ret = received->n_fds == 1 ? dns_clients_read(received->fds[0], &clients, &n) : -EINVAL;

	if (!ret)
		dns_blocking_set_clients(process->resolver.blocking, clients, n);
	return ret;
}

/* Between two queries: those that are answered before this see the old table, all others the new one. */
static int lists_take(struct process *process, struct received *received)
{
	struct dns_blocktable *table = NULL;
	int ret = received->n_fds ? dns_blocktable_open(received->fds[0], &table) : 0;

	if (ret)
		return ret;
	for (unsigned int i = 0; table && i < dns_blocktable_n_lists(table); i++)
		dns_log_label(&process->resolver.log, DNS_LABEL_LIST, (__u8)(i + 1),
			      dns_blocktable_list(table, i).name);
	dns_blocking_set_table(process->resolver.blocking, table);
	return 0;
}

static int trust_take(struct process *process, struct received *received)
{
	struct tls_credentials *made = NULL;

	if (received->n_fds)
		made = tls_trust_load(received->fds[0]);
	if (received->n_fds && !made)
		return -EINVAL;
	tls_credentials_unref(process->trust);
	process->trust = made;
	dns_upstreams_set_trust(process->resolver.upstreams, made);
	return 0;
}

static int clients_tls_take(struct process *process, struct received *received)
{
	size_t n = received->n_fds;

	/* The sockets are the server's now. */
	received->n_fds = n < 2 ? n : 2;
	return tls_service_take(&process->tls, received->fds, n);
}

static int log_take(struct process *process, struct received *received)
{
	return dns_log_open(&process->resolver.log, received->n_fds ? received->fds[0] : -1);
}

static int blocking_take(struct process *process, struct received *received)
{
	dns_blocking_set_off(process->resolver.blocking, received->message.ret);
	return 0;
}

/* --- the daemon --------------------------------------------------------------------------------------- */

static void stats_fill(const struct process *process, struct dns_message *message)
{
	memcpy(message->counts, process->resolver.log.counts, sizeof(message->counts));
	message->cache = dns_cache_stats(process->resolver.cache);
	message->memory_bytes = memory_allocated_bytes();
	if (process->resolver.upstreams)
		message->waiting = dns_upstreams_waiting(process->resolver.upstreams);
	for (size_t i = 0; i < process->n_upstreams && i < DNS_UPSTREAMS_MAX; i++)
		message->upstreams[message->n_upstreams++] =
			dns_upstreams_stats(process->resolver.upstreams, i);
}

/* What changes something, by its type: 0, or -errno and what was before is in force. */
static int (*const takes[DNS_MESSAGE_TYPES])(struct process *process, struct received *received) = {
	[DNS_MESSAGE_SETUP] = setup_take,     [DNS_MESSAGE_LOG] = log_take,
	[DNS_MESSAGE_LISTS] = lists_take,     [DNS_MESSAGE_HOSTS] = hosts_take,
	[DNS_MESSAGE_CLIENTS] = clients_take, [DNS_MESSAGE_TRUST] = trust_take,
	[DNS_MESSAGE_TLS] = clients_tls_take, [DNS_MESSAGE_BLOCKING] = blocking_take,
};

static void message_take(struct process *process, struct received *received)
{
	struct dns_message back = {.type = DNS_MESSAGE_IN_FORCE,
				   .generation = received->message.generation};
	__u32 type = received->message.type;

	if (type == DNS_MESSAGE_ASK) {
		log_tick();
		back.type = DNS_MESSAGE_STATS;
		back.generation = process->generation;
		stats_fill(process, &back);
	} else if (type < DNS_MESSAGE_TYPES && takes[type]) {
		back.ret = takes[type](process, received);
	} else {
		back.ret = -EOPNOTSUPP;
	}
	fds_close(received->fds, received->n_fds);
	/* The daemon reads all the time; if it does not, it asks again. */
	fd_message_send(process->fd, &back, sizeof(back), NULL, 0);
}

static void readable(uv_poll_t *poll, int status, int events)
{
	struct process *process = poll->data;
	struct received received;
	int ret = status < 0 ? -EPIPE : 0;

	(void)events;
	while (!ret) {
		received.n_fds = DNS_MESSAGE_FDS;
		ret = fd_message_receive(process->fd, &received.message, sizeof(received.message),
					 received.fds, &received.n_fds);
		if (!ret)
			message_take(process, &received);
	}
	if (ret == -EPIPE)
		uv_stop(&process->loop);
}

/*
 * For as many sockets as there may be: the usual 1024 would be all taken by the questions of a house whose upstreams are dead, and then there is none for
 * clients over TCP. As many as root allows, if not as many as we want.
 */
static int descriptors_allow(void)
{
	const rlim_t want = LIMIT_DNS_PENDING * LIMIT_DNS_TRIES_OPEN + 2 * LIMIT_DNS_TCP +
			    8 * LIMIT_DNS_LISTENERS + DNS_MESSAGE_FDS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	if (limit.rlim_cur >= want)
		return 0;
	limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

static int process_init(struct process *process)
{
	struct dns_resolver *resolver = &process->resolver;
	__u64 seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed) || tls_init())
		return -EIO;
	resolver->loop = &process->loop;
	resolver->special = dns_special_make();
	resolver->blocking = dns_blocking_make();
	resolver->cache = dns_cache_make(LIMIT_DNS_CACHE_BYTES, seed);
	process->server = dns_server_make(&process->loop, resolver);
	if (!resolver->special || !resolver->blocking || !resolver->cache || !process->server ||
	    tls_service_init(&process->tls, &process->loop, resolver) ||
	    setup_apply(process, &(struct dns_setup){0}))
		return -ENOMEM;
	/* What libraries open at their first use, and could not later: jansson a source of randomness, libuv a descriptor in reserve for accept(). */
	json_object_seed(0);
	uv_tcp_init(&process->loop, &process->first);
	uv_close((uv_handle_t *)&process->first, NULL);
	process->daemon.data = process;
	return uv_poll_start(&process->daemon, UV_READABLE, readable);
}

int dns_process_run(int fd, int (*ready)(void))
{
	struct process process = {.fd = fd};
	int ret = uv_loop_init(&process.loop);

	if (!ret)
		ret = uv_poll_init(&process.loop, &process.daemon, fd);
	if (!ret)
		ret = descriptors_allow();
	if (!ret)
		ret = process_init(&process);
	if (!ret)
		ret = ready();
	if (ret) {
		log_error("dns: %s", strerror(-ret));
		return 1;
	}
	uv_run(&process.loop, UV_RUN_DEFAULT);
	return 0;
}
