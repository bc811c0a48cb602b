// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "choice.h"
#include "clock.h"
#include "file.h"
#include "instance.h"
#include "log.h"
#include "other_rules.h"
#include "pending.h"
#include "prepare.h"
#include "privileges.h"
#include "safety.h"

static void log_lines(const struct strbuf *lines)
{
	const char *at = strbuf_text(lines);

	while (*at) {
		size_t length = strcspn(at, "\n");

		if (length > 0)
			log_error("%.*s", (int)length, at);
		at += length + (at[length] == '\n');
	}
}

bool daemon_routes(const struct daemon *daemon)
{
	return daemon->ops != &backend_none;
}

struct backend_options daemon_backend_options(const struct daemon *daemon)
{
	return (struct backend_options){
		.pins = daemon->options->pins,
		.state = daemon->options->state,
		.sessions = daemon->now.plan ? daemon->now.plan->sessions : 0,
	};
}

static int start_instance(struct daemon *daemon)
{
	const char *state = daemon->options->state;
	int ret = dir_make(state, 0750);

	if (ret) {
		log_error("%s: %s", state, strerror(-ret));
		return ret;
	}
	daemon->lock = instance_lock(state);
	if (daemon->lock == -EWOULDBLOCK)
		log_error("another hairpind (process %d) holds %s: only one can run there",
			  instance_owner(state), state);
	else if (daemon->lock < 0)
		log_error("%s: %s", state, strerror(-daemon->lock));
	if (daemon->lock < 0)
		return daemon->lock;
	operating_load(daemon);
	public_watch_recall(daemon->public_watch);
	return confirm_settle_stale(daemon->options, &daemon->before);
}

static int start_configuration(struct daemon *daemon, struct candidate *next)
{
	const struct options *options = daemon->options;
	_strbuf_ struct strbuf errors = {0};
	char path[PATH_MAX];
	const char *from = options->from ? options->from : options->conf;
	int ret;

	if (options->revert)
		from = state_path(options->state, PENDING_PREVIOUS, path);
	ret = candidate_load(from, &daemon->changes, &daemon->observed, next, &errors);
	log_lines(&errors);
	if (!ret && next->conf->role == CONF_ROLE_RESOLVER)
		daemon->ops = &backend_none;
	return ret;
}

static int start_checks(struct daemon *daemon, const struct candidate *next)
{
	const struct confirm confirm = {
		.seconds = daemon->options->confirm_s,
		.installs = daemon->options->install,
		.next = next,
	};
	_strbuf_ struct strbuf why = {0};
	int ret = daemon_routes(daemon) ? choice_make(daemon, next, &why) : 0;

	if (!ret)
		ret = daemon->ops->probe(&why);
	if (!ret)
		ret = daemon_routes(daemon) ? safety_check(daemon, next, &why)
					    : safety_check_resolver(daemon->options, &why);
	if (!ret && confirm.seconds)
		ret = confirm_arm(daemon, &confirm, &why);
	log_lines(&why);
	return ret;
}

/* A table that holds more than the one that the configuration asks for has room for is kept: what it holds counts for more. */
static void note_adopted(struct daemon *daemon, const struct candidate *next)
{
	struct backend_status status;

	if (daemon->ops->status(daemon->backend, &status))
		return;
	daemon->adopted = status.adopted;
	if (!status.adopted)
		return;
	daemon->generation = status.generation;
	if (status.moving)
		log_info(
			"the running data plane is of another layout or size: its connections are taken over");
	else
		log_info("took over the running data plane, generation %u", status.generation);
	if (!status.table_shared && status.sessions_size != next->plan->sessions)
		log_warning("the running table has room for %u sessions, not %u: it holds too many "
			    "for that, and a start that finds fewer makes it smaller",
			    status.sessions_size, next->plan->sessions);
}

/* With the first plan. */
static void note_taken(const struct daemon *daemon)
{
	struct backend_status status;

	if (!daemon->ops->status(daemon->backend, &status) && status.taken)
		log_info("%u connections taken over", status.taken);
}

static int lock_pins(struct daemon *daemon)
{
	const char *pins = daemon->options->pins;

	daemon->pins_lock = instance_lock_pins(pins);
	if (daemon->pins_lock >= 0)
		return 0;
	log_error("%s: %s", pins,
		  daemon->pins_lock == -EWOULDBLOCK ? "another hairpind works with it"
						    : strerror(-daemon->pins_lock));
	return daemon->pins_lock;
}

static int start_data_plane(struct daemon *daemon, struct candidate *next)
{
	struct backend_options options = daemon_backend_options(daemon);
	_strbuf_ struct strbuf why = {0};
	int ret;

	options.sessions = next->plan->sessions;
	ret = daemon_routes(daemon) ? choice_replace(daemon) : 0;
	if (ret)
		return ret;
	ret = daemon->ops->open(&options, &daemon->backend, &why);
	if (ret) {
		log_lines(&why);
		return ret;
	}
	note_adopted(daemon, next);
	if (daemon->ops == &backend_bpf)
		ret = lock_pins(daemon);
	if (ret)
		return ret;
	ret = daemon_put_in_force(daemon, next, &why);
	log_lines(&why);
	if (!ret)
		note_taken(daemon);
	return ret;
}

static int start_socket(struct daemon *daemon)
{
	const struct group *group = getgrnam(PREPARE_SOCKET_GROUP);
	const struct control_server_options options = {
		.path = daemon->options->socket,
		.group = group ? (gid_t)group->gr_gid : (gid_t)-1,
		.idle_ms = CONTROL_IDLE_MS,
		.handler = verbs_handle,
		.data = daemon,
	};
	int ret = prepare_socket_directory(options.path);

	if (!ret)
		ret = control_server_open(&daemon->loop, &options, &daemon->server);
	if (ret)
		log_error("%s: %s", options.path,
			  ret == -EADDRINUSE ? "another hairpind answers there" : strerror(-ret));
	return ret;
}

static int start_install(struct daemon *daemon)
{
	_strbuf_ struct strbuf why = {0};
	int ret = daemon->options->install ? confirm_install(daemon, &why) : 0;

	log_lines(&why);
	return ret;
}

/*
 * A start that failed half-way leaves what it found: nothing, or what the text @before stands for. With --confirm the record
 * stays where that cannot be done, for the guardian to do.
 */
static void start_undo(struct daemon *daemon, const char *before, size_t length)
{
	const struct backend_options options = daemon_backend_options(daemon);
	const struct candidate_source source = {.path = daemon->options->conf,
						.text = before,
						.length = length,
						.changes = &daemon->changes,
						.observed = &daemon->observed};
	_outcome_ struct outcome outcome = {0};
	int ret = 0;

	if (daemon->replaced && before)
		ret = choice_undo(daemon, &source, &outcome);
	else if (daemon->backend && !daemon->adopted)
		ret = daemon->ops->detach(&options, &outcome.errors);
	else if (daemon->now.text && before)
		ret = daemon_put_text_in_force(daemon, before, length, &outcome);
	outcome_log(&outcome);
	if (daemon->options->confirm_s && !ret)
		confirm_cancel(daemon);
}

/* The socket first: if another daemon answers there, nothing of its data plane is touched. */
static int start_attach(struct daemon *daemon, struct candidate *next)
{
	int ret = start_socket(daemon);

	if (!ret)
		ret = start_data_plane(daemon, next);
	if (!ret)
		ret = events_start(daemon);
	if (!ret)
		ret = start_install(daemon);
	if (!ret) {
		ret = privileges_drop(daemon_routes(daemon) ? PRIVILEGES_OF_DATA_PLANE
							    : PRIVILEGES_OF_RESOLVER);
		if (ret)
			log_error("cannot give up capabilities: %s", strerror(-ret));
	}
	return ret;
}

/* A server's default gateway became us, or another machine. */
static void on_gateways(void *data)
{
	struct daemon *daemon = data;
	struct facts_observed *observed = &daemon->observed;

	observed->answering =
		gateway_probe_answering(daemon->gateway_probe, &observed->n_answering);
	daemon_follow_facts(daemon);
}

static void on_upstream(void *data)
{
	struct daemon *daemon = data;

	public_watch_heard(daemon->public_watch);
}

static void on_public(void *data)
{
	struct daemon *daemon = data;

	if (!daemon->detached)
		daemon_follow_facts(daemon);
}

/* Who asks the router upstream, and who has the public address of it. */
static int start_upstream(struct daemon *daemon)
{
	const char *state = daemon->options->state;

	daemon->upstream = upstream_parent_make(&daemon->children, state);
	if (daemon->upstream)
		daemon->public_watch = public_watch_make(&(struct public_watch_options){
			.children = &daemon->children,
			.upstream = daemon->upstream,
			.state = state,
			.observed = &daemon->observed,
			.changed = on_public,
			.data = daemon,
		});
	if (!daemon->public_watch)
		return -ENOMEM;
	upstream_parent_on_change(daemon->upstream, on_upstream, daemon);
	return 0;
}

/* Whoever waits for it. */
static void start_tell(struct daemon *daemon)
{
	_strbuf_ struct strbuf text = {0};

	if (daemon_routes(daemon))
		strbuf_add(&text, "ready: generation %u, %zu services, backend %s",
			   daemon->generation, daemon->now.plan->n_services, daemon->ops->name);
	else
		strbuf_add(
			&text,
			"ready: role resolver, %zu names; `hairpin status` says what to enter in the router",
			daemon->now.plan->dns.n_names);
	log_info("%s", strbuf_text(&text));
	notify_ready(&daemon->notify, strbuf_text(&text));
	notify_watch(&daemon->notify, &daemon->loop);
}

int daemon_start(struct daemon *daemon, const struct options *options)
{
	_candidate_ struct candidate next = {0};
	_free_ char *before = NULL;
	size_t length = 0;
	int ret;

	events_hold_signals();
	*daemon = (struct daemon){.options = options,
				  .lock = -1,
				  .pins_lock = -1,
				  .watch_fd = -1,
				  .ops = &backend_bpf};
	notify_init(&daemon->notify);
	watching_init(&daemon->watching);
	daemon->started_s = clock_boottime_s();
	uv_loop_init(&daemon->loop);
	daemon->children.loop = &daemon->loop;
	daemon->other_rules = other_rules_make();
	daemon->dns = dns_parent_make(&daemon->children);
	if (daemon->dns)
		daemon->block_clients = block_clients_make(&daemon->loop, daemon->dns);
	if (daemon->dns)
		daemon->lists = lists_parent_make(&daemon->children, daemon->dns, options->state);
	daemon->dhcp = dhcp_parent_make(&(struct dhcp_parent_options){
		.children = &daemon->children,
		.state = options->state,
		.changed = daemon_follow_leases,
		.data = daemon,
	});
	daemon->hosts = hosts_parent_make(&daemon->children, options->state);
	daemon->gateway_probe = gateway_probe_make(&daemon->children, on_gateways, daemon);
	ret = daemon->block_clients && daemon->lists && daemon->dhcp && daemon->hosts &&
			      daemon->gateway_probe && !start_upstream(daemon)
		      ? start_instance(daemon)
		      : -ENOMEM;
	if (!ret) {
		daemon->log = log_parent_make(&daemon->children, options->state, daemon->dns);
		ret = daemon->log ? 0 : -ENOMEM;
	}
	if (!ret)
		ret = start_configuration(daemon, &next);
	if (!ret)
		ret = start_checks(daemon, &next);
	if (!ret) {
		/* Without it a start that fails cannot go back, which is no reason not to start. */
		confirm_text_in_force(daemon, &before, &length);
		ret = start_attach(daemon, &next);
		if (ret)
			start_undo(daemon, before, length);
	}
	if (!ret)
		start_tell(daemon);
	return ret;
}

void daemon_stop(struct daemon *daemon)
{
	control_server_close(daemon->server);
	lists_parent_free(daemon->lists);
	block_clients_free(daemon->block_clients);
	dhcp_parent_free(daemon->dhcp);
	hosts_parent_free(daemon->hosts);
	gateway_probe_free(daemon->gateway_probe);
	public_watch_free(daemon->public_watch);
	upstream_parent_free(daemon->upstream);
	/* The one that writes ends behind the one that it writes of. */
	dns_parent_free(daemon->dns);
	log_parent_free(daemon->log);
	events_stop(daemon);
	if (daemon->backend)
		daemon->ops->close(daemon->backend);
	candidate_fini(&daemon->now);
	operator_fini(&daemon->changes);
	strbuf_fini(&daemon->warnings);
	strbuf_fini(&daemon->choice);
	other_rules_free(daemon->other_rules);
	free(daemon->mending);
	if (daemon->pins_lock >= 0)
		close(daemon->pins_lock);
	if (daemon->lock >= 0)
		close(daemon->lock);
}
