// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <hairpin/limits.h>
#include <string.h>
#include <sys/stat.h>

#include "ask.h"
#include "clock.h"
#include "fd_message.h"
#include "log.h"
#include "querylog.h"

/* The ring is looked at so often, and what stands there is written once a second: each transaction writes whole pages. */
#define TICK_MS 250
#define COMMIT_MS 1000
/* ... or when so much waits, or has been taken into one. */
#define WAITING_MAX (LIMIT_DNS_RING_BYTES / 8)
#define BATCH 8192
/* Not oftener it is told that queries were lost. */
#define TELL_MS 60000

struct process {
	uv_loop_t loop;
	uv_poll_t daemon;
	uv_timer_t tick;
	int fd;
	bool is_setup;
	struct store_settings settings;
	struct store *store; /* NULL: it could not be opened yet */
	struct dns_ring_reader *reader;
	int ring; /* the descriptor, as long as `reader` waits for the store */
	struct asks *asks;
	int error; /* why the last try to write failed */
	__u64 written;
	__u64 lost_told, told_ms; /* the loss that the log says, and when it said it */
	__u64 skipped; /* octets, told */
	__u64 committed_ms;
};

/* A stamp of the DNS process on the wall clock. What it says itself is a stranger's word, and may be no later than now. */
static __u64 wall_ms(__u64 stamp_ms)
{
	__u64 monotonic = clock_monotonic_ms(), wall = clock_realtime_ms();
	__u64 age = stamp_ms < monotonic ? monotonic - stamp_ms : 0;

	return age < 86400000 && age < wall ? wall - age : wall;
}

/* --- what is said --------------------------------------------------------------------------------------- */

static void failed(struct process *process, int ret)
{
	/* Once, and not each second. */
	if (process->error != ret)
		log_error(
			"query log: %s; queries wait in memory, and are lost when there are too many",
			strerror(-ret));
	process->error = ret;
}

static void went_well(struct process *process)
{
	if (process->error)
		log_info("query log: it can be written again");
	process->error = 0;
}

static __u64 lost(const struct process *process)
{
	return process->reader ? dns_ring_state(process->reader).dropped : process->lost_told;
}

static void losses_tell(struct process *process)
{
	__u64 now_ms = clock_monotonic_ms(), skipped;

	if (!process->reader)
		return;
	if (lost(process) > process->lost_told &&
	    (!process->told_ms || now_ms - process->told_ms > TELL_MS)) {
		log_warning("query log: %llu queries were lost: they came faster than they could "
			    "be written",
			    (unsigned long long)(lost(process) - process->lost_told));
		process->lost_told = lost(process);
		process->told_ms = now_ms;
	}
	skipped = dns_ring_state(process->reader).skipped_octets;
	if (skipped > process->skipped)
		log_warning("query log: %llu octets of the ring were no queries",
			    (unsigned long long)(skipped - process->skipped));
	process->skipped = skipped;
}

/* --- writing -------------------------------------------------------------------------------------------- */

static int store_ensure(struct process *process)
{
	int ret = 0;

	if (!process->store) {
		ret = store_open(&process->settings, &process->store);
		if (ret)
			return ret;
	}
	if (process->reader)
		return 0;
	process->reader = dns_ring_reader_open(process->ring, store_place(process->store));
	return process->reader ? 0 : -errno;
}

static void store_damaged(struct process *process)
{
	asks_end(process->asks);
	process->store = store_close(process->store);
	store_set_aside();
}

/* Records of the ring, up to @n, into the open transaction. How many; or -errno. *ret_queries: how many of them are queries. */
static int records_add(struct process *process, unsigned int n, unsigned int *ret_queries)
{
	struct dns_ring_record record;
	unsigned int taken = 0;
	int ret = 0;

	while (taken < n && !ret && dns_ring_next(process->reader, &record)) {
		if (!taken)
			ret = store_begin(process->store);
		if (!ret)
			ret = store_add(process->store, &record, wall_ms(record.at_ms));
		taken++;
		*ret_queries += record.kind == DNS_RING_QUERY;
	}
	return ret ? ret : (int)taken;
}

/* One transaction. 1: there is more; 0; -errno, and all that was read comes again. */
static int batch_write(struct process *process)
{
	unsigned int queries = 0;
	int n = records_add(process, BATCH, &queries), ret = n < 0 ? n : 0;

	if (n > 0)
		ret = store_commit(process->store, dns_ring_place(process->reader));
	if (ret) {
		dns_ring_rewind(process->reader);
		return ret;
	}
	dns_ring_release(process->reader);
	process->written += queries;
	process->committed_ms = clock_monotonic_ms();
	if (n)
		went_well(process);
	return n == BATCH;
}

static bool is_time(const struct process *process)
{
	return clock_monotonic_ms() - process->committed_ms >= COMMIT_MS || !process->reader ||
	       dns_ring_state(process->reader).waiting_octets > WAITING_MAX;
}

/* 1: there is more to do at once. */
static int work(struct process *process)
{
	int ret = store_ensure(process), more;

	if (!ret)
		ret = batch_write(process);
	if (ret == -EBADMSG && process->store)
		store_damaged(process);
	if (ret < 0) {
		failed(process, ret);
		return 0;
	}
	asks_wake(process->asks);
	more = store_trim(process->store, clock_realtime_ms());
	if (more == -EBADMSG)
		store_damaged(process);
	return ret || more > 0;
}

static void ticked(uv_timer_t *timer)
{
	struct process *process = timer->data;
	int more;

	if (!process->is_setup || !is_time(process))
		return;
	more = work(process);
	losses_tell(process);
	/* Others get their turn between. */
	if (more) {
		process->committed_ms = 0;
		uv_timer_start(timer, ticked, 0, TICK_MS);
	}
}

/* --- the daemon ----------------------------------------------------------------------------------------- */

static void status_send(struct process *process)
{
	struct querylog_message back = {.type = QUERYLOG_STATUS};

	back.status.error = process->error;
	back.status.written = process->written;
	back.status.lost = lost(process);
	back.status.octets = process->store ? store_size(process->store).octets : 0;
	fd_message_send(process->fd, &back, sizeof(back), NULL, 0);
}

/* Once a process: other settings are another one's. */
static void setup_take(struct process *process, const struct querylog_message *message, int fd)
{
	if (process->is_setup || fd < 0) {
		if (fd >= 0)
			close(fd);
		return;
	}
	process->settings = (struct store_settings){.is_anonymised = message->setup.is_anonymised,
						    .retention_s = message->setup.retention_s,
						    .size = message->setup.size_mb * 1048576ull};
	process->lost_told = message->setup.lost;
	process->ring = fd;
	process->is_setup = true;
	ticked(&process->tick);
}

static void message_take(struct process *process, const struct querylog_message *message, int fd)
{
	switch (message->type) {
	case QUERYLOG_SETUP:
		setup_take(process, message, fd);
		return;
	case QUERYLOG_REQUEST:
		if (fd >= 0)
			asks_take(process->asks, fd, &message->request);
		return;
	case QUERYLOG_ASK:
		log_tick();
		status_send(process);
		break;
	default:
		break;
	}
	if (fd >= 0)
		close(fd);
}

static void readable(uv_poll_t *poll, int status, int events)
{
	struct process *process = poll->data;
	struct querylog_message message;
	int ret = status < 0 ? -EPIPE : 0, fd;
	size_t n;

	(void)events;
	while (!ret) {
		n = 1;
		ret = fd_message_receive(process->fd, &message, sizeof(message), &fd, &n);
		if (!ret)
			message_take(process, &message, n ? fd : -1);
	}
	if (ret == -EPIPE)
		uv_stop(&process->loop);
}

/* What stands in the ring is written; the DNS process may go on putting more there for a moment. */
static void finish(struct process *process)
{
	if (process->is_setup && !store_ensure(process)) {
		for (unsigned int i = 0; i < 8 && batch_write(process) > 0; i++)
			;
	}
	losses_tell(process);
	asks_end(process->asks);
	process->store = store_close(process->store);
}

static int process_init(struct process *process, const char *folder)
{
	char random;
	int ret;

	if (chdir(folder))
		return -errno;
	umask(0077);
	/* SQLite asks for randomness once, in a file that is out of reach later. */
	sqlite3_randomness(1, &random);
	process->asks =
		asks_make(&process->loop, &process->store, &process->settings.is_anonymised);
	if (!process->asks)
		return -ENOMEM;
	ret = uv_poll_init(&process->loop, &process->daemon, process->fd);
	if (ret)
		return ret;
	uv_timer_init(&process->loop, &process->tick);
	process->daemon.data = process->tick.data = process;
	uv_timer_start(&process->tick, ticked, TICK_MS, TICK_MS);
	return uv_poll_start(&process->daemon, UV_READABLE, readable);
}

int querylog_run(int fd, const char *folder, int (*ready)(void))
{
	struct process process = {.fd = fd, .ring = -1};
	int ret = uv_loop_init(&process.loop);

	if (!ret)
		ret = process_init(&process, folder);
	if (!ret)
		ret = ready();
	if (ret) {
		log_error("query log: %s: %s", folder, strerror(-ret));
		return 1;
	}
	uv_run(&process.loop, UV_RUN_DEFAULT);
	finish(&process);
	return 0;
}
