// SPDX-License-Identifier: GPL-2.0-or-later
/* hairpin hosts watch: the block is in the hosts file while the gateway that this machine knows proves that it is there. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <hairpin/control.h>
#include <hairpin/limits.h>

#include "clock.h"
#include "commands.h"
#include "facts.h"
#include "hosts_ask.h"
#include "hosts_command.h"
#include "hosts_file.h"

enum { NETWORK, SIGNALS, CLOCK, ANSWER, SOURCES };

struct watcher {
	const struct invocation *invocation;
	const char *path; /* the hosts file */
	struct hosts_watch watch;
	enum hosts_place told; /* which place was said last */
	struct hosts_ask ask;
	__u64 asked_ms; /* when the last question went out */
	bool is_stale; /* the network has changed since then */
	struct hosts_pin pin;
	struct strbuf lines; /* of the last answer with proof */
	struct strbuf fault; /* said last, so that it is said once */
	int fds[SOURCES]; /* ANSWER is the ask's own */
	bool ends;
};

/* --- the file ---------------------------------------------------------------------------------- */

/* Once, until something else is wrong. */
static void fault_say(struct watcher *watcher, const char *text)
{
	if (!strcmp(strbuf_text(&watcher->fault), text))
		return;
	strbuf_reset(&watcher->fault);
	strbuf_add(&watcher->fault, "%s", text);
	fprintf(stderr, "hairpin: %s; tried again\n", text);
}

static void order_do(struct watcher *watcher, enum hosts_order order)
{
	const char *lines = order == HOSTS_PUT ? strbuf_text(&watcher->lines) : NULL;
	_strbuf_ struct strbuf why = {0};
	bool changed = false;
	int ret;

	if (order == HOSTS_KEEP)
		return;
	ret = hosts_file_put(watcher->path, lines, &changed, &why);
	hosts_watch_done(&watcher->watch, order, !ret, clock_boottime_ms());
	if (ret) {
		fault_say(watcher, strbuf_text(&why));
		return;
	}
	strbuf_reset(&watcher->fault);
	if (changed && lines)
		printf("%s: %u lines of ours\n", watcher->path, hosts_lines_count(lines));
	else if (changed)
		printf("%s: nothing of ours any more\n", watcher->path);
}

/* --- the gateway ------------------------------------------------------------------------------- */

static void place_say(struct watcher *watcher, const char *why)
{
	enum hosts_place place = watcher->watch.place;
	char text[IP_TEXT_MAX];

	/* Doubt mostly ends as it began. */
	if (place == watcher->told || place == HOSTS_DOUBT)
		return;
	watcher->told = place;
	printf("%s: %s: %s\n", hosts_place_name(place), ip_addr_format(&watcher->pin.gateway, text),
	       why);
}

static void step(struct watcher *watcher, enum hosts_event event, const char *why)
{
	enum hosts_order order = hosts_watch_step(&watcher->watch, event, clock_boottime_ms());

	place_say(watcher, why);
	order_do(watcher, order);
}

/* It may have been set anew, or taken away by `hosts remove`, since the last question. */
static int pin_read(struct watcher *watcher, struct strbuf *why)
{
	char path[PATH_MAX], text[IP_TEXT_MAX];
	struct hosts_pin pin;
	int ret;

	hosts_pin_path(watcher->invocation, path);
	ret = hosts_pin_read(path, &pin, why);
	if (ret == -ENOENT)
		strbuf_add(why,
			   "%s: no gateway is known here; in its LAN: hairpin hosts apply --from "
			   "ADDRESS",
			   path);
	if (!ret && memcmp(&pin, &watcher->pin, sizeof(pin)) != 0) {
		watcher->pin = pin;
		printf("watching for %s\n", ip_addr_format(&pin.gateway, text));
	}
	return ret;
}

static void ask(struct watcher *watcher)
{
	_strbuf_ struct strbuf why = {0};
	int ret = pin_read(watcher, &why);

	if (ret == -ENOENT) {
		printf("%s\n", strbuf_text(&why));
		watcher->ends = true;
		return;
	}
	watcher->asked_ms = clock_boottime_ms();
	watcher->is_stale = false;
	if (!ret)
		ret = hosts_ask_start(&watcher->ask, &watcher->pin.gateway, watcher->pin.key);
	if (!ret)
		return;
	hosts_ask_end(&watcher->ask);
	if (!why.length)
		strbuf_add(&why, "cannot ask: %s", strerror(-ret));
	fault_say(watcher, strbuf_text(&why));
	step(watcher, HOSTS_SILENT, strbuf_text(&why));
}

static void answer_take(struct watcher *watcher)
{
	_strbuf_ struct strbuf why = {0};
	struct hosts_answer answer;
	int ret = hosts_ask_take(&watcher->ask, &answer);

	if (ret == -EAGAIN)
		return;
	if (!ret) {
		strbuf_reset(&watcher->lines);
		strbuf_add_bytes(&watcher->lines, answer.lines, answer.length);
		strbuf_add(&why, "has proved that it is there");
	} else {
		hosts_ask_explain(ret, &why);
	}
	hosts_ask_end(&watcher->ask);
	step(watcher, hosts_ask_event(ret), strbuf_text(&why));
	if (watcher->is_stale)
		step(watcher, HOSTS_CHANGED, "the network has changed");
}

/* A question that was asked of the network of before is asked again; but one that is new gets its time, or a network that changes all the time would leave none. */
static void network_take(struct watcher *watcher)
{
	if (facts_watch_drain(watcher->fds[NETWORK]) <= 0)
		return;
	watcher->is_stale = true;
	if (watcher->ask.pid && clock_boottime_ms() < watcher->asked_ms + HOSTS_WATCH_MISSED_MS)
		return;
	hosts_ask_end(&watcher->ask);
	step(watcher, HOSTS_CHANGED, "the network has changed");
}

/* SIGHUP: somebody knows that it is time to ask, as what runs when a machine wakes up; all else is the end. */
static void signal_take(struct watcher *watcher)
{
	struct signalfd_siginfo signal;

	if (read(watcher->fds[SIGNALS], &signal, sizeof(signal)) != (ssize_t)sizeof(signal))
		return;
	watcher->ends = signal.ssi_signo != SIGHUP;
	if (!watcher->ends)
		watcher->watch.ask_ms = clock_boottime_ms();
}

/* --- the loop ---------------------------------------------------------------------------------- */

static int sources_open(struct watcher *watcher)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	watcher->fds[SIGNALS] = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	watcher->fds[CLOCK] = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (watcher->fds[SIGNALS] < 0 || watcher->fds[CLOCK] < 0)
		return -errno;
	watcher->fds[NETWORK] = facts_watch_open();
	return watcher->fds[NETWORK] < 0 ? watcher->fds[NETWORK] : 0;
}

static int clock_set(const struct watcher *watcher)
{
	__u64 next_ms = hosts_watch_next(&watcher->watch, watcher->ask.pid != 0);
	struct itimerspec next = {0};

	/* Zero is no time at all to it, and ~0 is never. */
	if (next_ms != ~0ULL) {
		next.it_value.tv_sec = (time_t)(next_ms / 1000);
		next.it_value.tv_nsec = (long)(next_ms % 1000) * 1000000 + 1;
	}
	return timerfd_settime(watcher->fds[CLOCK], TFD_TIMER_ABSTIME, &next, NULL) ? -errno : 0;
}

static void due_do(struct watcher *watcher)
{
	order_do(watcher, hosts_watch_due(&watcher->watch, clock_boottime_ms()));
	if (!watcher->ask.pid && clock_boottime_ms() >= watcher->watch.ask_ms)
		ask(watcher);
}

static int turn(struct watcher *watcher)
{
	struct pollfd polled[SOURCES];
	int ret = clock_set(watcher);

	for (size_t i = 0; i < SOURCES; i++)
		polled[i] = (struct pollfd){.fd = i == ANSWER ? watcher->ask.fd : watcher->fds[i],
					    .events = POLLIN};
	if (!ret && poll(polled, SOURCES, -1) < 0)
		ret = errno == EINTR ? 0 : -errno;
	if (ret)
		return ret;
	if (polled[SIGNALS].revents)
		signal_take(watcher);
	else if (polled[NETWORK].revents)
		network_take(watcher);
	else if (polled[ANSWER].revents)
		answer_take(watcher);
	if (!watcher->ends)
		due_do(watcher);
	return 0;
}

/* A watch that is gone takes nothing out any more: what it leaves has to be right everywhere. */
static int leave(struct watcher *watcher)
{
	hosts_ask_end(&watcher->ask);
	order_do(watcher, HOSTS_TAKE);
	return watcher->watch.failed == HOSTS_KEEP ? 0 : -EIO;
}

static int watch_run(struct watcher *watcher)
{
	_strbuf_ struct strbuf why = {0};
	int ret = pin_read(watcher, &why), left;

	if (ret) {
		fprintf(stderr, "hairpin: %s\n", strbuf_text(&why));
		return ret;
	}
	ret = sources_open(watcher);
	if (!ret)
		ask(watcher);
	while (!ret && !watcher->ends)
		ret = turn(watcher);
	if (ret)
		fprintf(stderr, "hairpin: hosts watch: %s\n", strerror(-ret));
	left = leave(watcher);
	return ret ? ret : left;
}

int command_hosts_watch(const struct invocation *invocation)
{
	struct watcher watcher = {.invocation = invocation,
				  .path = hosts_path(invocation),
				  .ask = HOSTS_ASK_NONE,
				  .fds = {-1, -1, -1, -1}};
	int ret;

	if (hosts_needs_root("hosts watch"))
		return CONTROL_EXIT_FINDING;
	/* Who reads it is a journal. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	ret = watch_run(&watcher);
	for (size_t i = 0; i < SOURCES; i++) {
		if (watcher.fds[i] >= 0)
			close(watcher.fds[i]);
	}
	strbuf_fini(&watcher.lines);
	strbuf_fini(&watcher.fault);
	return ret ? CONTROL_EXIT_FINDING : CONTROL_EXIT_OK;
}
