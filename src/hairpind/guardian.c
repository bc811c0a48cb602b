// SPDX-License-Identifier: GPL-2.0-or-later
#include "guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <time.h>

#include <hairpin/control.h>
#include <hairpin/limits.h>

#include "backend.h"
#include "client.h"
#include "instance.h"
#include "launch.h"
#include "log.h"
#include "pending.h"
#include "privileges.h"
#include "protocol.h"
#include "spawn_self.h"

/* To start and take its lock; it reads one file before that. */
#define START_MS 5000
/* A service manager that starts its service again does so within this time. */
#define RESPAWN_MS 1000
#define RESPAWN_STEP_MS 50
/* A daemon that starts anew loads programs into the kernel, which a slow machine verifies for seconds. */
#define RELAUNCH_MS 30000

/* @last: an option without an argument that makes the process what it shall be; NULL: a daemon like any other. */
static void build_arguments(const struct options *options, const char *last, char **argv)
{
	const char *const words[] = {"hairpind",      "-f", options->conf, "-s",
				     options->socket, "-b", options->pins, "-d",
				     options->state,  last};

	/* execve() takes char *const[] for historical reasons and changes nothing. */
	memcpy(argv, words, sizeof(words));
	argv[ARRAY_SIZE(words)] = NULL;
}

#define N_ARGUMENTS 11

static int wait_ready(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char octet;
	int n;

	/* A signal to the daemon meanwhile (a reload) is no answer of the guardian's. */
	do
		n = poll(&ready, 1, START_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -ETIMEDOUT;
	return read(fd, &octet, 1) == 1 ? 0 : -ECHILD;
}

int guardian_start(const struct options *options)
{
	char *argv[N_ARGUMENTS];
	int ends[2], ret;
	pid_t pid = 0;

	build_arguments(options, "--guardian", argv);
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	ret = spawn_self(argv, ends[1], STDOUT_FILENO, &pid);
	close(ends[1]);
	if (!ret) {
		ret = wait_ready(ends[0]);
		if (ret && pid)
			kill(pid, SIGKILL);
	}
	close(ends[0]);
	return ret;
}

/* Nothing that ends a terminal or a daemon ends the guardian. SIGTERM does: it comes when the machine goes down. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE};

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
}

static int timer_open(const struct pending *pending)
{
	const struct itimerspec at = {
		.it_value.tv_sec = (time_t)(pending->deadline_ms / 1000),
		.it_value.tv_nsec = (long)(pending->deadline_ms % 1000) * 1000000,
	};
	_close_ int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);

	if (fd < 0 || timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL))
		return -errno;
	return TAKE_FD(fd);
}

static int watch_open(const char *state)
{
	_close_ int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0 || inotify_add_watch(fd, state, IN_DELETE | IN_MOVED_TO) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static void watch_drain(int fd)
{
	char events[4096];

	while (read(fd, events, sizeof(events)) > 0)
		;
}

/* The daemon learns by end of file if this process dies before it is ready. */
static int say_ready(void)
{
	_close_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || write(STDOUT_FILENO, "r", 1) != 1 || dup2(null, STDOUT_FILENO) < 0)
		return -errno;
	return 0;
}

/* 0: the time is over, 1: nothing is pending any more, or -errno. */
static int wait_for_end(const char *state, const struct pending *pending)
{
	_close_ int timer = timer_open(pending), watch = watch_open(state);
	struct pollfd fds[] = {{.fd = timer, .events = POLLIN}, {.fd = watch, .events = POLLIN}};

	if (timer < 0 || watch < 0)
		return timer < 0 ? timer : watch;
	if (say_ready())
		return -EPIPE;
	while (pending_is(state, pending->id)) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[0].revents)
			return 0;
		watch_drain(watch);
	}
	return 1;
}

static int ask_daemon(const struct options *options)
{
	struct control_call call = {
		.path = options->socket,
		.attach = -1,
		.timeout_ms = CONFIRM_GRACE_MS,
	};
	struct control_answer answer;
	_strbuf_ struct strbuf why = {0};
	int ret;

	control_request_init(&call.request, CONTROL_REVERT);
	ret = control_ask(&call, &answer, &why);
	if (ret) {
		log_warning("%s", strbuf_text(&why));
		return ret;
	}
	close(answer.fd);
	return answer.header.exit_code == CONTROL_EXIT_OK ? 0 : -EIO;
}

static int start_again(const struct options *options, const char *how)
{
	char log[PATH_MAX];
	char *argv[N_ARGUMENTS];
	const struct launch launch = {
		.binary = SPAWN_SELF,
		.argv = argv,
		.log = state_path(options->state, LAUNCH_LOG, log),
		.timeout_ms = RELAUNCH_MS,
	};
	_strbuf_ struct strbuf why = {0};
	int ret;

	build_arguments(options, how, argv);
	ret = launch_daemon(&launch, &why);
	/* Somebody else was faster to start one. */
	if (ret && instance_is_held(options->state))
		return 0;
	if (ret)
		log_error("the configuration before does not start: %s", strbuf_text(&why));
	return ret;
}

static int detach(const struct options *options)
{
	const struct backend_options where = {.pins = options->pins, .state = options->state};
	_strbuf_ struct strbuf why = {0};
	int ret = backends_detach(&where, &why);

	if (ret)
		log_error("cannot detach: %s", strbuf_text(&why));
	return ret;
}

/*
 * A service manager may start its daemon anew as soon as it is killed. That one is as good as ours, since the
 * configuration file is what it was, and better looked after.
 */
static bool wait_respawn(const struct options *options)
{
	const struct timespec pause = {.tv_nsec = RESPAWN_STEP_MS * 1000000};

	if (!getenv("INVOCATION_ID")) /* no service of systemd */
		return false;
	for (unsigned int i = 0; i < RESPAWN_MS / RESPAWN_STEP_MS; i++) {
		if (instance_is_held(options->state))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* Without the daemon: it is gone, hangs, or could not. */
static int go_back_alone(const struct options *options, const struct pending *pending)
{
	const char *how = "--revert";
	int file = pending_restore_file(options->state, pending);
	int killed, ret = 0;

	if (file)
		log_error("%s: cannot be put back: %s", pending->conf, strerror(-file));
	killed = instance_kill(options->state, CONFIRM_GRACE_MS);
	if (killed)
		log_error("the daemon cannot be ended: %s", strerror(-killed));
	/* It had gone back and only answered too late: the file says what it should, and nobody runs now. */
	if (!pending_is(options->state, pending->id))
		how = NULL;
	/*
	 * If what was in force before cannot be put back either, then nothing attached is closer to it than what cut
	 * the way in. A daemon that does not even die (-ETIMEDOUT) holds its place, so that no other can start.
	 */
	if (!pending->had_plan || killed == -ETIMEDOUT ||
	    (!(file == 0 && wait_respawn(options)) && start_again(options, how)))
		ret = detach(options);
	/* What is not done stays on record, and a daemon that runs then sees to it (confirm_tick()). */
	if (!ret)
		ret = killed ? killed : file;
	return ret;
}

static int go_back(const struct options *options, const struct pending *pending)
{
	int ret = pending_begin_revert(options->state, pending->id);

	if (ret == -ENOENT)
		return 0;
	log_warning("no confirmation within %u s: going back", pending->confirm_s);
	if (!ask_daemon(options) || !pending_is(options->state, pending->id))
		return 0;
	ret = go_back_alone(options, pending);
	if (!ret)
		ret = pending_remove(options->state);
	return ret;
}

int guardian_run(const struct options *options)
{
	_close_ int lock = -1;
	struct pending pending;
	int ret;

	ignore_signals();
	/* The daemon that starts it with its own start has all of root's still. Where nothing was in force, going back starts nobody. */
	ret = privileges_drop(!pending_read(options->state, &pending) && pending.had_plan
				      ? PRIVILEGES_OF_GUARDIAN
				      : PRIVILEGES_OF_DATA_PLANE);
	if (!ret)
		lock = pending_guardian_lock(options->state);
	if (!ret)
		ret = lock < 0 ? lock : pending_read(options->state, &pending);
	if (!ret)
		ret = wait_for_end(options->state, &pending);
	if (ret == 0)
		ret = go_back(options, &pending);
	if (ret < 0)
		log_error("guardian: %s", strerror(-ret));
	return ret < 0;
}
