// SPDX-License-Identifier: GPL-2.0-or-later
#include "gateway_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include <hairpin/limits.h>

#include "clock.h"
#include "echo_tap.h"
#include "fd_message.h"
#include "gateway_process.h"
#include "gateway_targets.h"
#include "log.h"

/* Ticks without an answer until the process counts as hung. */
#define SILENT_TICKS 5

struct gateway_probe {
	struct child child;
	void (*changed)(void *data);
	void *data;
	struct gateway_place place;
	struct gateway_targets targets;
	struct echo_tap tap;
	uv_poll_t *poll; /* of the tap; frees itself */
	size_t first; /* whose turn it is, where there are too many for one tick */
	int fault; /* of the last try to open or ask, so that it is logged once */
	struct ip_addr *answering; /* owned */
	size_t n_answering;
	bool is_other; /* a proof came or went, and nobody has been told */
};

/* --- what is known ------------------------------------------------------------------------------------ */

static void state_log(const struct gateway_target *target)
{
	static const char *const words[GATEWAY_STATE_MAX] = {
		[GATEWAY_PROVED] = "is this machine",
		[GATEWAY_ELSEWHERE] =
			"is another machine, or it answers no echo request from outside",
		[GATEWAY_SILENT] = "is not known: it answers no echo request",
	};
	const struct ip_addr host = ip_addr_from_v4(target->host);
	char text[IP_TEXT_MAX];

	if (words[target->gateway.state])
		log_info("the default gateway of %s %s", ip_addr_format(&host, text),
			 words[target->gateway.state]);
}

static void step(struct gateway_probe *probe, struct gateway_target *target,
		 enum gateway_event event)
{
	bool was_proved = gateway_is_proved(&target->gateway);
	bool was_doubted = target->gateway.state == GATEWAY_DOUBTED;

	if (!gateway_step(&target->gateway, event))
		return;
	target->since_ms = clock_boottime_ms();
	/* That a frame was lost on the way is nobody's news. */
	if (!was_doubted || !gateway_is_proved(&target->gateway))
		state_log(target);
	if (gateway_is_proved(&target->gateway) != was_proved)
		probe->is_other = true;
}

static void answering_make(struct gateway_probe *probe)
{
	struct ip_addr *list = calloc(probe->targets.n + 1, sizeof(*list));

	if (!list)
		return;
	free(probe->answering);
	probe->answering = list;
	probe->n_answering = 0;
	for (size_t i = 0; i < probe->targets.n; i++) {
		const struct gateway_target *target = &probe->targets.list[i];

		if (gateway_is_proved(&target->gateway))
			list[probe->n_answering++] = ip_addr_from_v4(target->host);
	}
}

/* Last in whatever calls it: who is told makes a plan, and with that the targets are others. */
static void tell(struct gateway_probe *probe)
{
	if (!probe->is_other)
		return;
	probe->is_other = false;
	answering_make(probe);
	probe->changed(probe->data);
}

/* --- hearing ------------------------------------------------------------------------------------------ */

static void answer_take(struct gateway_probe *probe, const struct echo *echo)
{
	struct gateway_target *target =
		gateway_targets_answer(&probe->targets, &probe->place, echo);

	if (!target)
		return;
	if (echo->to == target->own)
		target->has_own = true;
	if (echo->to != htonl(GATEWAY_OUTSIDE))
		return;
	target->heard_ms = clock_boottime_ms();
	/* The interval grows once for each question, however many answers there are. */
	if (target->is_asked || target->gateway.state != GATEWAY_PROVED)
		step(probe, target, GATEWAY_HEARD);
	target->is_asked = false;
	target->due_s = target->gateway.interval_s;
}

static int message_take(void *owner, int fd)
{
	struct gateway_probe *probe = owner;
	struct gateway_heard heard;
	size_t none = 0;
	int ret = fd_message_receive(fd, &heard, sizeof(heard), NULL, &none);

	if (ret)
		return ret;
	if (heard.is_reply)
		answer_take(probe, &heard.echo);
	tell(probe);
	return 0;
}

/* Unread: what is in a frame is the process's business. One that the process has no room for is a lost one. */
static void on_frame(uv_poll_t *poll, int status, int events)
{
	struct gateway_probe *probe = poll->data;
	struct gateway_frame frame = {0};
	unsigned int n = 0;
	ssize_t length;

	(void)status, (void)events;
	while (n++ < LIMIT_GATEWAY_ANSWERS &&
	       (length = echo_tap_take(&probe->tap, frame.octets)) > 0) {
		frame.length = (__u32)length;
		child_send(&probe->child, &frame, sizeof(frame), NULL, 0);
	}
}

/* --- asking ------------------------------------------------------------------------------------------- */

static void complain(struct gateway_probe *probe, int ret)
{
	if (ret && ret != probe->fault)
		log_warning("cannot ask servers for their default gateway: %s", strerror(-ret));
	probe->fault = ret;
}

static void target_ask(struct gateway_probe *probe, struct gateway_target *target)
{
	target->is_asked = true;
	target->has_own = false;
	target->due_s = target->gateway.interval_s;
	complain(probe, gateway_target_ask(target, &probe->tap, &probe->place));
}

/* The answer to the outside has been taken when it came. */
static void target_judge(struct gateway_probe *probe, struct gateway_target *target)
{
	target->is_asked = false;
	step(probe, target, target->has_own ? GATEWAY_ONLY_OWN : GATEWAY_NOTHING);
	/* A second of it is over. */
	target->due_s = target->gateway.interval_s - 1;
}

static void target_changed(struct gateway_probe *probe, struct gateway_target *target)
{
	step(probe, target, GATEWAY_CHANGED);
	target->is_moved = false;
	target->is_asked = false;
	target->due_s = 0;
}

static void targets_resolve(struct gateway_probe *probe)
{
	struct neigh *neighs = NULL;
	size_t n = 0;
	int ret = neighs_read(&neighs, &n);

	if (!ret)
		gateway_targets_resolve(&probe->targets, probe->place.ifindex, neighs, n);
	complain(probe, ret);
	free(neighs);
}

void gateway_probe_tick(struct gateway_probe *probe)
{
	size_t n = probe->targets.n, asked = 0, last = 0;

	if (!n)
		return;
	child_tick(&probe->child);
	targets_resolve(probe);
	for (size_t i = 0; i < n; i++) {
		size_t at = (probe->first + i) % n;
		struct gateway_target *target = &probe->targets.list[at];

		if (target->is_moved)
			target_changed(probe, target);
		else if (target->is_asked)
			target_judge(probe, target);
		else if (target->due_s)
			target->due_s--;
		if (target->due_s || asked == LIMIT_GATEWAY_ASKS)
			continue;
		target_ask(probe, target);
		asked++;
		last = at;
	}
	if (asked == LIMIT_GATEWAY_ASKS)
		probe->first = last + 1;
	tell(probe);
}

/* --- the process ---------------------------------------------------------------------------------------- */

static int process_start(void *owner)
{
	return child_spawn(&((struct gateway_probe *)owner)->child, "--gateway", NULL, NULL);
}

static void process_ask(void *owner)
{
	const struct gateway_frame ask = {0};

	child_send(&((struct gateway_probe *)owner)->child, &ask, sizeof(ask), NULL, 0);
}

static const struct child_kind kind = {
	.name = "the reader of echo replies",
	.consequence = "it is started again",
	.place = GATEWAY_PROCESS_FD,
	.silent_ticks = SILENT_TICKS,
	.start = process_start,
	.take = message_take,
	.ask = process_ask,
};

/* --- the daemon's --------------------------------------------------------------------------------------- */

static void freed(uv_handle_t *handle)
{
	free(handle);
}

static void tap_close(struct gateway_probe *probe)
{
	if (probe->poll) {
		uv_poll_stop(probe->poll);
		uv_close((uv_handle_t *)TAKE_PTR(probe->poll), freed);
	}
	echo_tap_close(&probe->tap);
}

static int tap_open(struct gateway_probe *probe)
{
	int ret = echo_tap_open(&probe->tap, probe->place.ifindex);

	if (ret)
		return ret;
	probe->poll = calloc(1, sizeof(*probe->poll));
	if (!probe->poll || uv_poll_init(probe->child.children->loop, probe->poll, probe->tap.fd)) {
		free(TAKE_PTR(probe->poll));
		echo_tap_close(&probe->tap);
		return -ENOMEM;
	}
	probe->poll->data = probe;
	return uv_poll_start(probe->poll, UV_READABLE, on_frame);
}

struct gateway_probe *gateway_probe_make(struct children *children, void (*changed)(void *data),
					 void *data)
{
	struct gateway_probe *probe = calloc(1, sizeof(*probe));

	if (!probe)
		return NULL;
	child_init(&probe->child, children, &kind, probe);
	probe->changed = changed;
	probe->data = data;
	probe->tap.fd = -1;
	return probe;
}

void gateway_probe_free(struct gateway_probe *probe)
{
	if (!probe)
		return;
	tap_close(probe);
	child_fini(&probe->child);
	gateway_targets_fini(&probe->targets);
	free(probe->answering);
	free(probe);
}

/* A device made anew has another number, and the tap of the one before hears nothing. */
static void place_take(struct gateway_probe *probe, const struct gateway_place *place)
{
	bool is_same = !memcmp(place->mac, probe->place.mac, sizeof(place->mac)) &&
		       place->ifindex == probe->place.ifindex;
	bool comes_back = place->running && !probe->place.running;

	probe->place = *place;
	if (!is_same || probe->tap.fd < 0) {
		tap_close(probe);
		if (place->ifindex && probe->targets.n)
			complain(probe, tap_open(probe));
	}
	if (is_same && !comes_back)
		return;
	for (size_t i = 0; i < probe->targets.n; i++)
		target_changed(probe, &probe->targets.list[i]);
}

void gateway_probe_apply(struct gateway_probe *probe, const struct candidate *now)
{
	struct gateway_place place = gateway_place_of(now->conf, now->facts);

	if (gateway_targets_set(&probe->targets, now->conf, now->facts, clock_boottime_ms()))
		return;
	place_take(probe, &place);
	/* One that is no more, and comes again, is asked anew. */
	answering_make(probe);
	if (!probe->targets.n) {
		tap_close(probe);
		child_end(&probe->child);
		return;
	}
	if (!child_runs(&probe->child))
		child_start(&probe->child);
	for (size_t i = 0; probe->place.ifindex && i < probe->targets.n; i++) {
		const struct ip_addr via = ip_addr_from_v4(probe->targets.list[i].via);

		/* Known when its turn comes. */
		if (!probe->targets.list[i].has_mac)
			neigh_use(probe->place.ifindex, &via);
	}
}

struct ip_addr *gateway_probe_answering(const struct gateway_probe *probe, size_t *ret_n)
{
	*ret_n = probe->n_answering;
	return probe->answering;
}

static unsigned int ago_s(__u64 then_ms)
{
	return (unsigned int)((clock_boottime_ms() - then_ms) / 1000);
}

bool gateway_probe_view(const struct gateway_probe *probe, const struct ip_addr *host,
			struct gateway_view *ret_view)
{
	const struct gateway_target *target =
		gateway_targets_find(&probe->targets, ip_addr_v4(host));

	if (!target || probe->tap.fd < 0)
		return false;
	*ret_view = (struct gateway_view){
		.state = target->gateway.state,
		.since_s = ago_s(target->since_ms),
		.heard_s = target->heard_ms ? ago_s(target->heard_ms) : 0,
		.has_heard = target->heard_ms != 0,
	};
	return true;
}

json_t *gateway_probe_answer(const struct gateway_probe *probe)
{
	if (!probe->targets.n)
		return json_null();
	return json_pack("{s:i, s:I, s:I}", "process", (int)probe->child.pid, "restarts",
			 (json_int_t)probe->child.restarts, "servers",
			 (json_int_t)probe->targets.n);
}
