// SPDX-License-Identifier: GPL-2.0-or-later
#include "watching.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "clock.h"
#include "daemon.h"
#include "duration.h"
#include "json_text.h"
#include "log.h"

/* "nft (process 123)" */
static const char *author_text(const struct nft_author *author, struct strbuf *out)
{
	strbuf_reset(out);
	if (author->pid)
		strbuf_add(out, "%s (process %u)", author->program, author->pid);
	else
		strbuf_add(out, "somebody whom the kernel does not name");
	return strbuf_text(out);
}

/* --- one look ------------------------------------------------------------------------------------- */

/* Rules alone have an author. */
static void note_last(struct watching *watching, struct backend_losses *losses)
{
	nft_watch_drain(&watching->rules);
	watching->last.by = nft_watch_take(&watching->rules);
	if (!(losses->which & (BACKEND_LOSS_TABLE_GONE | BACKEND_LOSS_TABLE_ALTERED)))
		watching->last.by = (struct nft_author){0};
	watching->last.at_s = time(NULL);
	watching->last.at_ms = clock_boottime_ms();
	strbuf_fini(&watching->last.what);
	watching->last.what = losses->what;
	losses->what = (struct strbuf){0};
}

static void log_slowing(const struct watching *watching)
{
	_strbuf_ struct strbuf who = {0};

	log_warning(
		"watchdog: what is ours was taken away more than %u times within %u s, at last by "
		"%s: from now on it is put back later each time, after %u s at most; who means it "
		"uses `hairpin pause` or `hairpin detach`",
		WATCHDOG_BURST, WATCHDOG_BURST_S, author_text(&watching->last.by, &who),
		WATCHDOG_WAIT_MAX_S);
}

static void mend(struct daemon *daemon, bool removed, __u64 noticed_ms)
{
	struct watching *watching = &daemon->watching;
	_strbuf_ struct strbuf who = {0};
	int ret = daemon->ops->mend(daemon->backend, daemon->now.plan);
	const char *by = author_text(&watching->last.by, &who);

	if (ret && (removed || ret != watching->error))
		log_with(LOG_ERROR, LOG_FIELD("BY", by),
			 "watchdog: %s by %s, and cannot be put back: %s",
			 strbuf_text(&watching->last.what), by, strerror(-ret));
	else if (!ret && removed)
		log_with(LOG_WARNING, LOG_FIELD("BY", by),
			 "watchdog: %s by %s; put back after %llu ms",
			 strbuf_text(&watching->last.what), by,
			 (unsigned long long)(clock_boottime_ms() - noticed_ms));
	else if (!ret)
		log_info("watchdog: what was taken away is there again");
	watching->error = ret;
	if (!ret)
		watchdog_mended(&watching->watchdog);
}

static void act(struct daemon *daemon, const struct watchdog_verdict *verdict, __u64 noticed_ms)
{
	struct watching *watching = &daemon->watching;
	_strbuf_ struct strbuf who = {0};

	if (verdict->calms)
		log_info(
			"watchdog: nothing was taken away for %u s: the next time it is put back at "
			"once again",
			WATCHDOG_QUIET_S);
	if (verdict->slows)
		log_slowing(watching);
	if (verdict->act == WATCHDOG_WAIT && verdict->removed)
		log_warning("watchdog: %s by %s; it is put back in %u s",
			    strbuf_text(&watching->last.what),
			    author_text(&watching->last.by, &who), watching->watchdog.wait_s);
	if (verdict->passed)
		log_warning("watchdog: %s by %s; it is paused, and puts nothing back",
			    strbuf_text(&watching->last.what),
			    author_text(&watching->last.by, &who));
	if (verdict->act == WATCHDOG_MEND)
		mend(daemon, verdict->removed, noticed_ms);
}

static void look(struct daemon *daemon)
{
	struct watching *watching = &daemon->watching;
	_backend_losses_ struct backend_losses losses = {0};
	struct watchdog_verdict verdict;
	__u64 noticed_ms = clock_boottime_ms();
	int ret = daemon->ops->look(daemon->backend, daemon->now.plan, &losses);

	watching->looked_ms = noticed_ms;
	if (ret && ret != watching->error)
		log_error("watchdog: cannot see whether everything is there: %s", strerror(-ret));
	if (ret) {
		watching->error = ret;
		return;
	}
	verdict = watchdog_see(&watching->watchdog, noticed_ms, losses.which);
	if (verdict.removed || verdict.passed)
		note_last(watching, &losses);
	if (!losses.which)
		watching->error = 0;
	act(daemon, &verdict, noticed_ms);
}

/* --- when to look ----------------------------------------------------------------------------------- */

static void on_due(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	if (!daemon->detached)
		look(daemon);
}

/* At once; in a storm of changes, a little later. */
static void look_soon(struct daemon *daemon)
{
	struct watching *watching = &daemon->watching;
	__u64 since = clock_boottime_ms() - watching->looked_ms;

	if (daemon->detached || uv_is_active((uv_handle_t *)&watching->due))
		return;
	if (since >= WATCHDOG_LOOK_MS)
		look(daemon);
	else
		uv_timer_start(&watching->due, on_due, WATCHDOG_LOOK_MS - since, 0);
}

static void on_rules(uv_poll_t *poll, int status, int events)
{
	struct daemon *daemon = poll->data;

	(void)status, (void)events;
	nft_watch_drain(&daemon->watching.rules);
	look_soon(daemon);
}

/* The kernel tells of no author here. */
static void on_filters(uv_poll_t *poll, int status, int events)
{
	struct daemon *daemon = poll->data;
	char bytes[4096];
	ssize_t n;

	(void)status, (void)events;
	do
		n = recv(daemon->watching.filters_fd, bytes, sizeof(bytes), 0);
	while (n > 0 || (n < 0 && (errno == ENOBUFS || errno == EINTR)));
	look_soon(daemon);
}

static int filters_watch_open(void)
{
	struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	const int group = RTNLGRP_TC;
	_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static void poll_start(struct daemon *daemon, uv_poll_t *poll, int fd, uv_poll_cb cb)
{
	if (fd < 0 || uv_poll_init(&daemon->loop, poll, fd))
		return;
	poll->data = daemon;
	uv_poll_start(poll, UV_READABLE, cb);
}

void watching_init(struct watching *watching)
{
	*watching = (struct watching){.rules.fd = -1, .filters_fd = -1};
}

void watching_start(struct daemon *daemon)
{
	struct watching *watching = &daemon->watching;

	if (!daemon_routes(daemon))
		return;
	uv_timer_init(&daemon->loop, &watching->due);
	watching->due.data = daemon;
	nft_watch_open(&watching->rules);
	poll_start(daemon, &watching->rules_poll, watching->rules.fd, on_rules);
	if (daemon->ops == &backend_bpf)
		watching->filters_fd = filters_watch_open();
	poll_start(daemon, &watching->filters_poll, watching->filters_fd, on_filters);
}

void watching_stop(struct daemon *daemon)
{
	struct watching *watching = &daemon->watching;

	nft_watch_close(&watching->rules);
	if (watching->filters_fd >= 0)
		close(watching->filters_fd);
	watching->filters_fd = -1;
	strbuf_fini(&watching->last.what);
}

/* --- pause ------------------------------------------------------------------------------------------ */

static void pause_text(const struct watchdog *watchdog, struct strbuf *out)
{
	char left[DURATION_TEXT_MAX];

	strbuf_add(out, "the watchdog is paused ");
	if (watchdog->pause_end_ms)
		strbuf_add(out, "for %s more",
			   duration_format(
				   watchdog_left_s(clock_boottime_ms(), watchdog->pause_end_ms),
				   left));
	else
		strbuf_add(out, "until `hairpin resume` or a start of hairpind");
	strbuf_add(out, ": what is taken away from the kernel is not put back");
}

/* Nobody is to have forgotten it. */
static void remind(struct watching *watching)
{
	_strbuf_ struct strbuf text = {0};

	if (clock_boottime_ms() - watching->reminded_ms < WATCHDOG_REMIND_S * 1000ULL)
		return;
	watching->reminded_ms = clock_boottime_ms();
	pause_text(&watching->watchdog, &text);
	log_warning("%s", strbuf_text(&text));
}

static void go_on(struct daemon *daemon)
{
	daemon->ops->hold(daemon->backend, daemon->now.plan, true);
	look(daemon);
}

void watching_tick(struct daemon *daemon)
{
	struct watching *watching = &daemon->watching;

	if (watchdog_pause_ends(&watching->watchdog, clock_boottime_ms())) {
		log_info("the pause of the watchdog is over");
		go_on(daemon);
		return;
	}
	if (watching->watchdog.paused)
		remind(watching);
	look(daemon);
}

void watching_pause(struct daemon *daemon, __u32 seconds, struct outcome *outcome)
{
	struct watching *watching = &daemon->watching;

	watchdog_pause(&watching->watchdog, clock_boottime_ms(), seconds);
	watching->reminded_ms = clock_boottime_ms();
	daemon->ops->hold(daemon->backend, daemon->now.plan, false);
	pause_text(&watching->watchdog, &outcome->message);
}

void watching_resume(struct daemon *daemon, struct outcome *outcome)
{
	struct watching *watching = &daemon->watching;
	const char *before = watching->watchdog.paused	 ? "watches again"
			     : watching->watchdog.wait_s ? "puts back at once again"
							 : "was not paused";

	watchdog_resume(&watching->watchdog);
	go_on(daemon);
	strbuf_add(&outcome->message, "the watchdog %s", before);
	if (!watching->error)
		return;
	outcome->exit_code = CONTROL_EXIT_FINDING;
	strbuf_add(&outcome->errors, "what is missing cannot be put back: %s\n",
		   strerror(-watching->error));
}

/* --- what is told ------------------------------------------------------------------------------------ */

static json_t *last_answer(const struct watching *watching)
{
	const struct nft_author *by = &watching->last.by;
	const char *what = strbuf_text(&watching->last.what);

	if (!watching->watchdog.removals)
		return json_null();
	return json_pack("{s:o, s:I, s:I, s:o, s:o}", "what", json_text(what, strlen(what)),
			 "ago_s", (json_int_t)(clock_boottime_ms() - watching->last.at_ms) / 1000,
			 "at_s", (json_int_t)watching->last.at_s, "pid",
			 by->pid ? json_integer(by->pid) : json_null(), "program",
			 by->pid ? json_text(by->program, strlen(by->program)) : json_null());
}

static json_t *left(__u64 then_ms)
{
	return then_ms ? json_integer(watchdog_left_s(clock_boottime_ms(), then_ms)) : json_null();
}

json_t *watching_answer(const struct daemon *daemon)
{
	const struct watching *watching = &daemon->watching;
	const struct watchdog *watchdog = &watching->watchdog;
	bool waits = !watchdog->paused && watchdog->missing && watchdog->wait_s;

	return json_pack("{s:s, s:I, s:b, s:o, s:o, s:o}", "state",
			 watchdog->paused   ? "paused"
			 : watchdog->wait_s ? "slow"
					    : "on",
			 "removals", (json_int_t)watchdog->removals, "missing",
			 (int)(watchdog->missing != 0), "last", last_answer(watching),
			 "pause_left_s", left(watchdog->pause_end_ms), "next_s",
			 waits ? left(watchdog->due_ms) : json_null());
}

void watching_warnings(const struct daemon *daemon, struct strbuf *out)
{
	const struct watching *watching = &daemon->watching;
	const struct watchdog *watchdog = &watching->watchdog;

	if (watchdog->paused) {
		pause_text(watchdog, out);
		strbuf_add(out, "%s\n", watchdog->missing ? ", and something is missing" : "");
	}
	if (watching->error)
		strbuf_add(out, "what was taken away cannot be put back: %s\n",
			   strerror(-watching->error));
	else if (!watchdog->paused && watchdog->missing && watchdog->wait_s)
		strbuf_add(out,
			   "%s; it is taken away again and again, and put back in %u s (now: "
			   "`hairpin resume`)\n",
			   strbuf_text(&watching->last.what),
			   watchdog_left_s(clock_boottime_ms(), watchdog->due_ms));
}
