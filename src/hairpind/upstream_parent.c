// SPDX-License-Identifier: GPL-2.0-or-later
#include "upstream_parent.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "fd_message.h"
#include "file.h"
#include "log.h"
#include "upstream_process.h"
#include "upstream_wanted.h"

/* Between two questions how it is; and ticks without an answer until it counts as hung. */
#define ASK_TICKS 5
#define SILENT_TICKS (3 * ASK_TICKS)
/* For the router to forget what is mapped: two datagrams with their answers, or some requests by HTTP. */
#define DETACH_MS 5000

struct upstream_parent {
	struct child child;
	const char *state;
	bool has_key;
	__u8 key[UPSTREAM_KEY_BYTES];
	struct portmap_server servers[LIMIT_STUN_SERVERS];
	size_t n_servers;
	struct portmap_wanted wanted;
	size_t left_out;
	bool maps; /* wan.map-upstream */
	bool is_on; /* something is asked */
	bool has_report;
	struct portmap_report report;
	unsigned int ticks;
	upstream_changed_fn *changed;
	void *data;
};

/* --- the process ----------------------------------------------------------------------------------------- */

static int order_send(struct upstream_parent *parent, enum upstream_order_type type)
{
	struct upstream_order order = {.type = type, .wanted = parent->wanted};

	return child_send(&parent->child, &order, sizeof(order), NULL, 0);
}

static int process_start(void *owner)
{
	struct upstream_parent *parent = owner;
	int ret = child_spawn(&parent->child, "--upstream", NULL, NULL);

	return ret ? ret : order_send(parent, UPSTREAM_ORDER_SET);
}

/* What says nothing new by being another number. */
static void settle(struct portmap_report *report)
{
	for (size_t i = 0; i < PORTMAP_PROTOCOLS; i++)
		report->peers[i].epoch = 0;
	for (size_t i = 0; i < report->n_results; i++)
		report->results[i].until_ms = 0;
	for (size_t i = 0; i < report->n_entries; i++)
		report->entries[i].lease_s = 0;
}

static bool is_news(const struct portmap_report *before, const struct portmap_report *now)
{
	struct portmap_report a, b;
	const unsigned char *octets_a = (unsigned char *)&a, *octets_b = (unsigned char *)&b;

	/* With what is between the members: both came as octets, and what is not news is at worst looked at once more. */
	memcpy(&a, before, sizeof(a));
	memcpy(&b, now, sizeof(b));
	settle(&a);
	settle(&b);
	return memcmp(octets_a, octets_b, sizeof(a)) != 0;
}

static int report_take(void *owner, int fd)
{
	struct upstream_parent *parent = owner;
	struct portmap_report report;
	size_t none = 0;
	bool news;
	int ret = fd_message_receive(fd, &report, sizeof(report), NULL, &none);

	if (ret)
		return ret;
	/* Of what was wanted before; the next one is on its way. */
	if (report.serial != parent->wanted.serial)
		return 0;
	if (!portmap_report_check(&report, &parent->wanted))
		return -EPIPE;
	news = !parent->has_report || is_news(&parent->report, &report);
	parent->report = report;
	parent->has_report = true;
	if (news && parent->changed)
		parent->changed(parent->data);
	return 0;
}

static void process_ask(void *owner)
{
	struct upstream_parent *parent = owner;

	if (++parent->ticks % ASK_TICKS == 0)
		order_send(parent, UPSTREAM_ORDER_ASK);
}

static const struct child_kind kind = {
	.name = "the process that asks the router upstream",
	.consequence = "it is started again",
	.place = UPSTREAM_PROCESS_FD,
	.silent_ticks = SILENT_TICKS,
	.start = process_start,
	.take = report_take,
	.ask = process_ask,
};

struct upstream_parent *upstream_parent_make(struct children *children, const char *state)
{
	struct upstream_parent *parent = calloc(1, sizeof(*parent));

	if (!parent)
		return NULL;
	child_init(&parent->child, children, &kind, parent);
	parent->state = state;
	return parent;
}

void upstream_parent_free(struct upstream_parent *parent)
{
	if (!parent)
		return;
	child_fini(&parent->child);
	free(parent);
}

void upstream_parent_on_change(struct upstream_parent *parent, upstream_changed_fn *changed,
			       void *data)
{
	parent->changed = changed;
	parent->data = data;
}

/* --- what is wanted -------------------------------------------------------------------------------------- */

/* Without its file the router takes the next daemon for another one, whose forwards it may refuse until the lifetime of these ends. */
static void key_open(struct upstream_parent *parent)
{
	_free_ char *text = NULL;
	char path[PATH_MAX];
	size_t length = 0;
	int ret;

	snprintf(path, sizeof(path), "%s/" UPSTREAM_PARENT_KEY_FILE, parent->state);
	ret = file_read(path, sizeof(parent->key), &text, &length);
	parent->has_key = true;
	if (!ret && length == sizeof(parent->key)) {
		memcpy(parent->key, text, length);
		return;
	}
	if (getrandom(parent->key, sizeof(parent->key), 0) != sizeof(parent->key)) {
		parent->has_key = false;
		return;
	}
	ret = file_write_atomic(path, (const char *)parent->key, sizeof(parent->key), 0600);
	if (ret)
		log_warning("%s: %s; after a restart the router upstream may refuse forwards for "
			    "up to %u min",
			    path, strerror(-ret), PORTMAP_LIFETIME_S / 60);
}

/* True: it is another one than before. */
static bool wanted_take(struct upstream_parent *parent, struct portmap_wanted *next)
{
	next->n_servers = (__u32)parent->n_servers;
	memcpy(next->servers, parent->servers, parent->n_servers * sizeof(*next->servers));
	next->serial = parent->wanted.serial;
	if (portmap_wanted_equal(next, &parent->wanted))
		return false;
	next->serial++;
	parent->wanted = *next;
	parent->has_report = false;
	return true;
}

static void wanted_put(struct upstream_parent *parent, struct portmap_wanted *next)
{
	bool is_new = wanted_take(parent, next);
	bool was_on = parent->is_on;

	parent->is_on = parent->wanted.asks || parent->wanted.n_servers;
	if (!parent->is_on)
		child_end(&parent->child);
	else if (!child_runs(&parent->child))
		child_start(&parent->child);
	else if (is_new)
		child_told(&parent->child, order_send(parent, UPSTREAM_ORDER_SET));
	if (was_on && !parent->is_on && parent->changed)
		parent->changed(parent->data);
}

void upstream_parent_apply(struct upstream_parent *parent, const struct candidate *now)
{
	struct portmap_wanted next;

	if (!parent->has_key && now->conf->role != CONF_ROLE_RESOLVER)
		key_open(parent);
	parent->maps = now->conf->map_upstream != CONF_MAP_OFF;
	parent->left_out = upstream_wanted_make(now, parent->key, &next);
	wanted_put(parent, &next);
}

void upstream_parent_stun(struct upstream_parent *parent, const struct portmap_server *servers,
			  size_t n)
{
	struct portmap_wanted next = parent->wanted;

	parent->n_servers = n < LIMIT_STUN_SERVERS ? n : LIMIT_STUN_SERVERS;
	memset(parent->servers, 0, sizeof(parent->servers));
	memcpy(parent->servers, servers, parent->n_servers * sizeof(*servers));
	wanted_put(parent, &next);
}

void upstream_parent_tick(struct upstream_parent *parent)
{
	if (parent->is_on)
		child_tick(&parent->child);
}

static bool is_given_back(const struct upstream_parent *parent)
{
	return parent->has_report && !parent->report.n_left;
}

size_t upstream_parent_detach(struct upstream_parent *parent)
{
	struct portmap_wanted next = parent->wanted;
	__u64 end_ms = clock_monotonic_ms() + DETACH_MS;
	size_t mapped = 0;

	/* Nobody is told of what is on its way out. */
	parent->changed = NULL;
	for (size_t i = 0; parent->has_report && i < parent->report.n_results; i++)
		mapped += parent->report.results[i].state == PORTMAP_STATE_MAPPED;
	next.n_forwards = 0;
	memset(next.forwards, 0, sizeof(next.forwards));
	if (child_runs(&parent->child) && wanted_take(parent, &next))
		child_told(&parent->child, order_send(parent, UPSTREAM_ORDER_SET));
	while (child_runs(&parent->child) && !is_given_back(parent) &&
	       clock_monotonic_ms() < end_ms) {
		struct pollfd polled = {.fd = parent->child.fd, .events = POLLIN};
		int wait_ms = (int)(end_ms - clock_monotonic_ms());

		if (poll(&polled, 1, wait_ms > 0 ? wait_ms : 0) > 0 &&
		    report_take(parent, parent->child.fd) == -EPIPE)
			break;
	}
	if (is_given_back(parent))
		mapped = 0;
	else if (parent->has_report)
		mapped = parent->report.n_left;
	parent->is_on = false;
	child_end(&parent->child);
	return mapped;
}

/* --- what is known --------------------------------------------------------------------------------------- */

const struct portmap_wanted *upstream_parent_wanted(const struct upstream_parent *parent)
{
	return &parent->wanted;
}

const struct portmap_report *upstream_parent_report(const struct upstream_parent *parent)
{
	return parent->has_report ? &parent->report : NULL;
}

size_t upstream_parent_left_out(const struct upstream_parent *parent)
{
	return parent->left_out;
}

json_t *upstream_parent_process(const struct upstream_parent *parent)
{
	return json_pack("{s:b, s:b, s:i, s:I}", "on", parent->is_on, "maps", parent->maps,
			 "process", (int)parent->child.pid, "restarts",
			 (json_int_t)parent->child.restarts);
}
