// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "daemon.h"
#include "log.h"

#define TICK_MS 1000

static void on_settled(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	if (!daemon->detached)
		daemon_follow_facts(daemon);
}

/* From the first event of a burst on, so that a storm of them cannot put it off for ever. */
static void on_watch(uv_poll_t *poll, int status, int events)
{
	struct daemon *daemon = poll->data;
	int ret = facts_watch_drain(daemon->watch_fd);

	(void)events;
	if (status < 0 || ret < 0)
		log_warning("netlink: %s", strerror(ret < 0 ? -ret : -status));
	if (ret != 0 && !uv_is_active((uv_handle_t *)&daemon->settle))
		uv_timer_start(&daemon->settle, on_settled, FACTS_SETTLE_MS, 0);
}

static void on_ways(uv_poll_t *poll, int status, int events)
{
	struct daemon *daemon = poll->data;

	(void)status, (void)events;
	if (!daemon->detached)
		daemon->ops->follow(daemon->backend);
}

static void on_tick(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	int ret;

	if (daemon->detached)
		return;
	ret = daemon->ops->sweep(daemon->backend);
	if (ret < 0)
		log_debug("sweep: %s", strerror(-ret));
	if (daemon->retry)
		daemon_follow_facts(daemon);
	watching_tick(daemon);
	operating_tick(daemon);
	/* What mends a file tells nobody. */
	if (dns_parent_tick(daemon->dns))
		daemon->retry = true;
	dhcp_parent_tick(daemon->dhcp);
	hosts_parent_tick(daemon->hosts);
	gateway_probe_tick(daemon->gateway_probe);
	upstream_parent_tick(daemon->upstream);
	public_watch_tick(daemon->public_watch);
	lists_parent_tick(daemon->lists);
	log_parent_tick(daemon->log);
	children_reap(&daemon->children);
	confirm_tick(daemon);
	log_tick();
}

static void on_hangup(uv_signal_t *signal, int number)
{
	struct daemon *daemon = signal->data;
	_outcome_ struct outcome outcome = {0};

	(void)number;
	notify_reloading(&daemon->notify);
	daemon_reload(daemon, &outcome);
	outcome_log(&outcome);
	notify_ready(&daemon->notify, strbuf_text(&outcome.message));
}

static void on_end(uv_signal_t *signal, int number)
{
	struct daemon *daemon = signal->data;

	log_info("%s: ending; the data plane stays", strsignal(number));
	notify_stopping(&daemon->notify);
	uv_stop(&daemon->loop);
}

static const struct {
	int number;
	uv_signal_cb act;
} signals[] = {{SIGHUP, on_hangup}, {SIGTERM, on_end}, {SIGINT, on_end}};

static void mask_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i].number);
	sigprocmask(how, &set, NULL);
}

void events_hold_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	mask_signals(SIG_BLOCK);
}

static int start_signals(struct daemon *daemon)
{
	int ret = 0;

	_Static_assert(ARRAY_SIZE(signals) == ARRAY_SIZE(daemon->signals), "one handle each");
	for (size_t i = 0; i < ARRAY_SIZE(signals) && !ret; i++)
		ret = uv_signal_start(&daemon->signals[i], signals[i].act, signals[i].number);
	if (!ret)
		mask_signals(SIG_UNBLOCK);
	return ret;
}

static int init_handles(struct daemon *daemon)
{
	uv_loop_t *loop = &daemon->loop;
	int ret = uv_poll_init(loop, &daemon->watch, daemon->watch_fd);

	if (ret)
		return ret;
	uv_timer_init(loop, &daemon->settle);
	uv_timer_init(loop, &daemon->tick);
	daemon->watch.data = daemon->settle.data = daemon->tick.data = daemon;
	for (size_t i = 0; i < ARRAY_SIZE(daemon->signals); i++) {
		uv_signal_init(loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
	}
	return 0;
}

/* Without it the tick sees to it, a second later. */
static void start_ways(struct daemon *daemon)
{
	int fd = daemon->ops->watched ? daemon->ops->watched(daemon->backend) : -1;

	if (fd < 0 || uv_poll_init(&daemon->loop, &daemon->ways, fd))
		return;
	daemon->ways.data = daemon;
	uv_poll_start(&daemon->ways, UV_READABLE, on_ways);
}

int events_start(struct daemon *daemon)
{
	int ret;

	daemon->watch_fd = facts_watch_open();
	ret = daemon->watch_fd < 0 ? daemon->watch_fd : init_handles(daemon);
	if (!ret)
		ret = uv_poll_start(&daemon->watch, UV_READABLE, on_watch);
	if (!ret)
		ret = uv_timer_start(&daemon->tick, on_tick, TICK_MS, TICK_MS);
	if (!ret)
		ret = start_signals(daemon);
	if (ret) {
		log_error("cannot watch for events: %s", strerror(-ret));
		return ret;
	}
	start_ways(daemon);
	watching_start(daemon);
	/* Whatever changed between the first look and the watch is seen now. */
	uv_timer_start(&daemon->settle, on_settled, 0, 0);
	return 0;
}

void events_run(struct daemon *daemon)
{
	uv_run(&daemon->loop, UV_RUN_DEFAULT);
}

static void close_handle(uv_handle_t *handle, void *data)
{
	(void)data;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void events_stop(struct daemon *daemon)
{
	/* The control server's handles close themselves; the loop frees them as it runs dry. */
	uv_walk(&daemon->loop, close_handle, NULL);
	uv_run(&daemon->loop, UV_RUN_DEFAULT);
	uv_loop_close(&daemon->loop);
	if (daemon->watch_fd >= 0)
		close(daemon->watch_fd);
	watching_stop(daemon);
}
