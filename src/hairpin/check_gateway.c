// SPDX-License-Identifier: GPL-2.0-or-later
/* Role bypass: servers whose default gateway is not proved to be this machine (decision 033). Asked anew, so that it can be known before hairpind is started. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <hairpin/limits.h>

#include "clock.h"
#include "echo_tap.h"
#include "findings.h"
#include "gateway_targets.h"
#include "neighs.h"

struct asking {
	struct echo_tap tap;
	struct gateway_place place;
	struct gateway_targets targets; /* heard_ms: an answer to the outside came by us */
};

static void asking_fini(struct asking *asking)
{
	echo_tap_close(&asking->tap);
	gateway_targets_fini(&asking->targets);
}

/* --- asking --------------------------------------------------------------------------------------------- */

static int ask_all(struct asking *asking)
{
	struct neigh *neighs = NULL;
	size_t n = 0;
	int ret = neighs_read(&neighs, &n);

	if (ret)
		return ret;
	gateway_targets_resolve(&asking->targets, asking->place.ifindex, neighs, n);
	free(neighs);
	for (size_t i = 0; i < asking->targets.n && !ret; i++) {
		struct gateway_target *target = &asking->targets.list[i];

		if (!target->heard_ms)
			ret = gateway_target_ask(target, &asking->tap, &asking->place);
	}
	return ret;
}

static void answer_take(struct asking *asking, const struct echo *echo)
{
	struct gateway_target *target =
		gateway_targets_answer(&asking->targets, &asking->place, echo);

	if (target && echo->to == target->own)
		target->has_own = true;
	else if (target)
		target->heard_ms = clock_monotonic_ms();
}

static void hear(struct asking *asking, __u64 until_ms)
{
	struct pollfd one = {.fd = asking->tap.fd, .events = POLLIN};
	__u8 frame[ECHO_FRAME_MAX];
	struct echo echo;
	ssize_t length;
	__u64 now;

	while ((now = clock_monotonic_ms()) < until_ms) {
		if (poll(&one, 1, (int)(until_ms - now)) != 1)
			continue;
		length = echo_tap_take(&asking->tap, frame);
		if (length > 0 && echo_reply_read(frame, (size_t)length, &echo))
			answer_take(asking, &echo);
	}
}

static bool all_proved(const struct asking *asking)
{
	for (size_t i = 0; i < asking->targets.n; i++) {
		if (!asking->targets.list[i].heard_ms)
			return false;
	}
	return true;
}

/*
 * Another address than hairpind's, of the same network, and another one each time. While hairpind does not run, the kernel may forward the answer and tell the server by an ICMP redirect
 * to send what is for that address directly to the main router; the server does so for minutes, and hairpind or the next check would take the main router for its gateway (lab test
 * guide_side_router).
 */
static __be32 outside_random(void)
{
	__u8 host = 0;

	while (host == 0 || host == 255 || host == (GATEWAY_OUTSIDE & 0xff)) {
		if (getrandom(&host, sizeof(host), 0) != sizeof(host))
			return htonl(GATEWAY_OUTSIDE);
	}
	return htonl((GATEWAY_OUTSIDE & ~0xffu) | host);
}

/* Nothing is sent, not even for ARP, by who may not hear what comes of it. */
static int ask_and_hear(struct asking *asking)
{
	__u64 end_ms = clock_monotonic_ms() + GATEWAY_CHECK_MS;
	int ret = geteuid() ? -EPERM : echo_tap_open(&asking->tap, asking->place.ifindex);

	while (!ret && clock_monotonic_ms() < end_ms && !all_proved(asking)) {
		ret = ask_all(asking);
		if (!ret)
			hear(asking, clock_monotonic_ms() + GATEWAY_CHECK_AGAIN_MS);
	}
	return ret;
}

/* --- saying --------------------------------------------------------------------------------------------- */

/* The first service whose clients are seen as this decides; NULL: it is asked for loopback alone, and what outsiders are seen as was said. */
static const char *service_of(const struct conf *conf, __be32 host)
{
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		if (service->has_host && ip_addr_v4(&service->host) == host &&
		    service->outside_source == CONF_OUTSIDE_AUTO)
			return service->name;
	}
	return NULL;
}

/* It answers us, and not by us: the one way in which it is seen that something is not as it should be. */
static void find_elsewhere(struct check *check, const char *service, const char *host,
			   const char *own)
{
	_strbuf_ struct strbuf fix = {0};

	strbuf_add(
		&fix,
		"set the default gateway of %s to %s; or accept it: `outside-source: gateway`; or, if you "
		"know better: `outside-source: client`",
		host, own);
	check_find(
		check, "gateway", strbuf_text(&fix),
		"service %s: clients from outside come to %s with this machine's address %s, not with their "
		"own: its default gateway is another machine, or it answers no echo request from outside",
		service, host, own);
}

/* That it answers nothing is no fault: it may be switched off, or have a firewall. */
static void target_say(struct check *check, const struct gateway_target *target)
{
	const struct ip_addr host_addr = ip_addr_from_v4(target->host);
	const struct ip_addr own_addr = ip_addr_from_v4(target->own);
	const char *service = service_of(check->candidate->conf, target->host);
	char host[IP_TEXT_MAX], own[IP_TEXT_MAX];

	if (target->heard_ms || !service)
		return;
	ip_addr_format(&host_addr, host);
	ip_addr_format(&own_addr, own);
	if (target->has_own)
		find_elsewhere(check, service, host, own);
	else
		check_note(
			check, "gateway",
			"service %s: whose the default gateway of %s is cannot be told, since it %s; until it "
			"is proved to be this machine, or `outside-source: client` says so, clients from "
			"outside come to it with this machine's address %s",
			service, host,
			target->has_mac ? "answers no echo request"
					: "is not there now (nobody answers for its address)",
			own);
}

static void say_unasked(struct check *check, int ret)
{
	if (ret == -EPERM)
		check_note(check, "gateway",
			   "servers are asked for their default gateway where root checks");
	else
		check_note(check, "gateway", "cannot ask servers for their default gateway: %s",
			   strerror(-ret));
}

void check_gateways(struct check *check)
{
	const struct candidate *candidate = check->candidate;
	_cleanup_(asking_fini) struct asking asking = {
		.tap.fd = -1, .place = gateway_place_of(candidate->conf, candidate->facts)};
	int ret = gateway_targets_set(&asking.targets, candidate->conf, candidate->facts, 0);

	asking.place.outside = outside_random();
	if (!ret && (!asking.targets.n || !asking.place.running))
		return;
	ret = ret ? ret : ask_and_hear(&asking);
	if (ret) {
		say_unasked(check, ret);
		return;
	}
	for (size_t i = 0; i < asking.targets.n; i++)
		target_say(check, &asking.targets.list[i]);
}
