// SPDX-License-Identifier: GPL-2.0-or-later
#include "inquiry.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/random.h>

#include "cleanup.h"
#include "inquiry_sockets.h"

#define NEVER (~0ULL)
#define NOBODY PORTMAP_PROTOCOLS

/* Whether the one that is used is still there: a router that lost its table is found out by its epoch within this time, if its announcement was not heard. */
#define ROUND_MS 30000
/* Nobody answers: soon again at first, as after a restart of the router, for some minutes this often, and then now and then. */
#define ROUND_VAIN_MIN_MS 5000
#define ROUND_VAIN_MS 20000
#define ROUNDS_VAIN 15
#define ROUND_VAIN_MAX_MS 120000
/* One that answers is not used before a better one had this time to answer: a datagram may be lost. */
#define ROUND_CHOICE_MS 4000
/*
 * A router whose clock began this short a time ago may have restarted unseen: what it is off by is within what RFC 6887 section 8.5 and RFC 6886 section 3.6 allow a clock (2 s and
 * a sixteenth of a round). Two rounds, so that one of them lies behind any such restart.
 */
#define ROUTER_YOUNG_S (2 * ROUND_MS / 1000)
/* Those that are not used: the diagnosis wants them, and there is no hurry. */
#define ROUNDS_PER_OTHERS 10

/* Datagrams of a search are sent twice, and answers come within MX and a little. */
#define SEARCHES 2
#define SEARCH_APART_MS 1000
#define SEARCH_WAIT_MS 3000

/* UPnP is read this often where it makes the mappings: what is lost is found by its list. */
#define JOB_USED_MS 30000
/* ... and where the list is for the diagnosis alone. */
#define JOB_OTHER_MS 300000
/* A job that takes longer is cut off. */
#define JOB_MAX_MS 60000

/* Datagrams of one socket in one turn. */
#define BATCH 32

static __u32 random_number(void)
{
	__u32 random = 0;

	return getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0 ? 0 : random;
}

/* --- what the clients say -------------------------------------------------------------------------------- */

static void protocol_replied(void *data, enum portmap_protocol protocol,
			     const struct portmap_reply *reply)
{
	struct inquiry *inquiry = data;

	inquiry->has_news = true;
	if (reply->outcome == PORTMAP_UNUSABLE) {
		inquiry->is_unusable[protocol] = true;
		inquiry->peers[protocol].answer = PORTMAP_REFUSES;
		memcpy(inquiry->peers[protocol].words, reply->words, sizeof(reply->words));
	}
	/* It may be gone, and then another one is to be found soon. */
	if (holds_replied(&inquiry->holds, protocol, reply, inquiry->now_ms, random_number()) &&
	    inquiry->chosen == protocol)
		inquiry->round_due_ms = inquiry->now_ms;
}

static bool external_changed(const struct portmap_peer *before, const struct portmap_peer *now)
{
	return !ip_addr_is_zero(&before->external) && !ip_addr_is_zero(&now->external) &&
	       !ip_addr_equal(&before->external, &now->external);
}

static void protocol_heard(void *data, enum portmap_protocol protocol,
			   const struct portmap_peer *peer, bool has_restarted)
{
	struct inquiry *inquiry = data;
	const struct portmap_peer before = inquiry->peers[protocol];

	inquiry->peers[protocol] = *peer;
	/* What speaks and makes no mappings goes on like that until it was silent, or begins anew. */
	if (peer->answer != PORTMAP_ANSWERS || has_restarted)
		inquiry->is_unusable[protocol] = false;
	if (inquiry->is_unusable[protocol]) {
		inquiry->peers[protocol].answer = PORTMAP_REFUSES;
		memcpy(inquiry->peers[protocol].words, before.words, sizeof(before.words));
	}
	inquiry->is_heard[protocol] = true;
	inquiry->has_news = true;
	if (has_restarted) {
		holds_lost(&inquiry->holds, protocol, inquiry->now_ms);
		inquiry->job_due_ms = inquiry->url[0] ? inquiry->now_ms : inquiry->job_due_ms;
	}
	if (external_changed(&before, peer)) {
		holds_again(&inquiry->holds, inquiry->now_ms);
		stun_client_again(&inquiry->stun, inquiry->now_ms);
	}
}

static void pcp_send(void *data, const __u8 *packet, size_t length)
{
	struct inquiry *inquiry = data;
	const struct portmap_server to = {inquiry->wanted.router, PCP_PORT};

	inquiry_send(inquiry, INQUIRY_PCP, &to, packet, length);
}

int inquiry_init(struct inquiry *inquiry)
{
	memset(inquiry, 0, sizeof(*inquiry));
	for (size_t i = 0; i < INQUIRY_SOCKETS; i++)
		inquiry->fds[i] = -1;
	inquiry->chosen = NOBODY;
	inquiry->listener = (struct portmap_listener){inquiry, protocol_replied, protocol_heard};
	inquiry->search_due_ms = inquiry->job_due_ms = NEVER;
	pcp_client_init(&inquiry->pcp, &inquiry->listener, pcp_send, inquiry);
	natpmp_client_init(&inquiry->natpmp, &inquiry->listener);
	return igd_worker_start(&inquiry->worker);
}

/* --- whether they answer --------------------------------------------------------------------------------- */

static void search_begin(struct inquiry *inquiry)
{
	inquiry->url[0] = '\0';
	inquiry->searches = 0;
	inquiry->search_due_ms = inquiry->now_ms;
	inquiry->job_due_ms = NEVER;
}

/* The daemons of routers are started again as their WAN comes up, seconds after their first start. UPnP has no clock, and its list says what is lost. */
static bool is_young(const struct inquiry *inquiry)
{
	return (inquiry->chosen == PORTMAP_PCP || inquiry->chosen == PORTMAP_NATPMP) &&
	       inquiry->peers[inquiry->chosen].epoch < ROUTER_YOUNG_S;
}

static void round_begin(struct inquiry *inquiry)
{
	bool all = inquiry->chosen == NOBODY || inquiry->rounds_in_vain % ROUNDS_PER_OTHERS == 0;

	if (is_young(inquiry))
		holds_again(&inquiry->holds, inquiry->now_ms);
	inquiry_sockets_open(inquiry);
	inquiry->round_ms = inquiry->now_ms;
	for (size_t i = 0; i < INQUIRY_MAPPERS; i++) {
		inquiry->is_heard[i] = false;
		if (inquiry->peers[i].answer == PORTMAP_NOT_ASKED)
			inquiry->peers[i].answer = PORTMAP_ASKING;
	}
	if (all || inquiry->chosen == PORTMAP_PCP)
		pcp_client_probe(&inquiry->pcp, inquiry->now_ms);
	/* It tells the public address, which PCP does with a mapping alone. */
	if (all || inquiry->peers[PORTMAP_NATPMP].answer == PORTMAP_ANSWERS)
		natpmp_client_probe(&inquiry->natpmp, inquiry->now_ms);
	if (!inquiry->url[0] && all && !inquiry->job_begun_ms)
		search_begin(inquiry);
	else if (all && !inquiry->job_begun_ms)
		inquiry->job_due_ms = inquiry->now_ms;
	inquiry->rounds_in_vain++;
}

static __u64 round_wait_ms(const struct inquiry *inquiry)
{
	unsigned int n = inquiry->rounds_in_vain;

	if (inquiry->chosen != NOBODY)
		return ROUND_MS;
	if (n > ROUNDS_VAIN)
		return ROUND_VAIN_MAX_MS;
	return n < 3 ? (__u64)ROUND_VAIN_MIN_MS * n : ROUND_VAIN_MS;
}

static bool all_heard(const struct inquiry *inquiry, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!inquiry->is_heard[i])
			return false;
	}
	return true;
}

static void chosen_set(struct inquiry *inquiry, unsigned int chosen)
{
	inquiry->chosen = chosen;
	inquiry->has_news = true;
	inquiry->rounds_in_vain = 1;
	if (chosen == NOBODY) {
		inquiry->round_due_ms = inquiry->now_ms;
		return;
	}
	inquiry->round_due_ms = inquiry->now_ms + ROUND_MS;
	holds_again(&inquiry->holds, inquiry->now_ms);
}

static void choose(struct inquiry *inquiry)
{
	bool is_late = inquiry->now_ms >= inquiry->round_ms + ROUND_CHOICE_MS;

	if (inquiry->chosen != NOBODY && inquiry->peers[inquiry->chosen].answer != PORTMAP_ANSWERS)
		chosen_set(inquiry, NOBODY);
	for (unsigned int i = 0; i < INQUIRY_MAPPERS && inquiry->chosen == NOBODY; i++) {
		if (inquiry->peers[i].answer == PORTMAP_ANSWERS && inquiry->is_heard[i] &&
		    (is_late || all_heard(inquiry, i)))
			chosen_set(inquiry, i);
	}
	if (!all_heard(inquiry, INQUIRY_MAPPERS))
		return;
	inquiry->has_news |= !inquiry->is_settled;
	inquiry->is_settled = true;
	if (inquiry->chosen == NOBODY)
		holds_unanswered(&inquiry->holds);
}

/* --- UPnP ------------------------------------------------------------------------------------------------ */

static void igd_silent(struct inquiry *inquiry)
{
	const struct portmap_peer silent = {.answer = PORTMAP_SILENT};

	inquiry->url[0] = '\0';
	inquiry->has_entries = false;
	inquiry->n_entries = 0;
	holds_lost(&inquiry->holds, PORTMAP_IGD, inquiry->now_ms);
	protocol_heard(inquiry, PORTMAP_IGD, &silent, false);
}

static void search_send(struct inquiry *inquiry)
{
	const struct ip_addr group = ip_addr_from_v4(htonl(SSDP_GROUP));
	const struct ip_addr *const to[] = {&inquiry->wanted.router, &group};
	char text[SSDP_MESSAGE_MAX];

	if (inquiry->searches == SEARCHES) {
		inquiry->search_due_ms = NEVER;
		igd_silent(inquiry);
		return;
	}
	for (size_t i = 0; ssdp_target(i); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(to); j++) {
			const struct portmap_server server = {*to[j], SSDP_PORT};
			size_t length = ssdp_search_write(ssdp_target(i), to[j], text);

			inquiry_send(inquiry, INQUIRY_SSDP, &server, text, length);
		}
	}
	inquiry->searches++;
	inquiry->search_due_ms = inquiry->now_ms +
				 (inquiry->searches == SEARCHES ? SEARCH_WAIT_MS : SEARCH_APART_MS);
}

static void search_heard(struct inquiry *inquiry)
{
	struct portmap_server from;
	char text[SSDP_MESSAGE_MAX];
	ssize_t length;

	for (unsigned int i = 0; i < BATCH && (length = inquiry_receive(inquiry, INQUIRY_SSDP, text,
									sizeof(text), &from)) >= 0;
	     i++) {
		if (inquiry->search_due_ms == NEVER ||
		    !ip_addr_equal(&from.addr, &inquiry->wanted.router) ||
		    ssdp_answer_read(text, (size_t)length, &inquiry->wanted.router, inquiry->url))
			continue;
		inquiry->search_due_ms = NEVER;
		inquiry->job_due_ms = inquiry->now_ms;
	}
}

static void job_begin(struct inquiry *inquiry)
{
	struct portmap_request request;
	bool is_due =
		inquiry->job_due_ms <= inquiry->now_ms ||
		holds_next_ms(&inquiry->holds, inquiry->chosen, PORTMAP_IGD) <= inquiry->now_ms;
	struct igd_job *job;

	if (!is_due || !inquiry->url[0] || inquiry->job_begun_ms)
		return;
	job = igd_worker_prepare(&inquiry->worker);
	if (!job)
		return;
	memcpy(job->url, inquiry->url, sizeof(job->url));
	job->router = inquiry->wanted.router;
	job->own = inquiry->wanted.own;
	job->lists = true;
	while (job->n_requests < ARRAY_SIZE(job->requests) &&
	       holds_next(&inquiry->holds, inquiry->chosen, PORTMAP_IGD, inquiry->now_ms, &request))
		job->requests[job->n_requests++] = request;
	inquiry->job_begun_ms = inquiry->now_ms;
	inquiry->job_due_ms = NEVER;
	igd_worker_run(&inquiry->worker);
}

/* Whatever is in it was written by the thread, which has it no more. */
static void job_take(struct inquiry *inquiry, const struct igd_job *job)
{
	/* Of a router that is another one by now. */
	bool is_stale = !ip_addr_equal(&job->router, &inquiry->wanted.router) ||
			!ip_addr_equal(&job->own, &inquiry->wanted.own) || !inquiry->url[0];

	inquiry->job_begun_ms = 0;
	if (is_stale) {
		search_begin(inquiry);
		return;
	}
	for (size_t i = 0; i < job->n_requests; i++)
		protocol_replied(inquiry, PORTMAP_IGD, &job->replies[i]);
	if (job->peer.answer == PORTMAP_SILENT) {
		igd_silent(inquiry);
		return;
	}
	inquiry->has_entries = job->has_entries;
	inquiry->is_cut = job->is_cut;
	inquiry->n_entries = job->n_entries;
	memcpy(inquiry->entries, job->entries, sizeof(inquiry->entries));
	protocol_heard(inquiry, PORTMAP_IGD, &job->peer, false);
	/* The list was read before what was asked for was done. */
	if (job->has_entries && !job->is_cut && !job->n_requests)
		holds_compare(&inquiry->holds, job->entries, job->n_entries, &inquiry->wanted.own,
			      inquiry->now_ms);
	inquiry->job_due_ms =
		inquiry->now_ms + (inquiry->chosen == PORTMAP_IGD ? JOB_USED_MS : JOB_OTHER_MS);
}

static void job_look(struct inquiry *inquiry)
{
	const struct igd_job *job = igd_worker_take(&inquiry->worker);

	if (job)
		job_take(inquiry, job);
	else if (inquiry->job_begun_ms && inquiry->now_ms >= inquiry->job_begun_ms + JOB_MAX_MS)
		igd_worker_cut(&inquiry->worker);
}

/* --- what comes ------------------------------------------------------------------------------------------ */

static void pcp_heard(struct inquiry *inquiry, enum inquiry_socket which)
{
	struct portmap_server from;
	__u8 packet[PCP_MESSAGE_MAX];
	ssize_t length;

	for (unsigned int i = 0;
	     i < BATCH &&
	     (length = inquiry_receive(inquiry, which, packet, sizeof(packet), &from)) >= 0;
	     i++) {
		if (!ip_addr_equal(&from.addr, &inquiry->wanted.router) || from.port != PCP_PORT ||
		    length < 2)
			continue;
		if (packet[0] == 0 && which == INQUIRY_ANNOUNCED)
			/* NAT-PMP's, which is the public address: the client asks, and knows whom it hears. */
			natpmp_client_probe(&inquiry->natpmp, inquiry->now_ms);
		else
			pcp_client_hear(&inquiry->pcp, packet, (size_t)length, inquiry->now_ms);
	}
}

static void stun_heard(struct inquiry *inquiry)
{
	struct portmap_server from;
	__u8 packet[STUN_MESSAGE_MAX];
	ssize_t length;

	for (unsigned int i = 0;
	     i < BATCH &&
	     (length = inquiry_receive(inquiry, INQUIRY_STUN, packet, sizeof(packet), &from)) >= 0;
	     i++)
		inquiry->has_news |= stun_client_hear(&inquiry->stun, &from, packet, (size_t)length,
						      inquiry->now_ms);
}

/* --- what is due ----------------------------------------------------------------------------------------- */

static void requests_send(struct inquiry *inquiry)
{
	struct portmap_request request;

	while (!pcp_client_is_full(&inquiry->pcp) &&
	       holds_next(&inquiry->holds, inquiry->chosen, PORTMAP_PCP, inquiry->now_ms, &request))
		pcp_client_request(&inquiry->pcp, &request, inquiry->now_ms);
	if (natpmp_client_fd(&inquiry->natpmp) < 0 &&
	    holds_next(&inquiry->holds, inquiry->chosen, PORTMAP_NATPMP, inquiry->now_ms,
		       &request) &&
	    !natpmp_client_request(&inquiry->natpmp, &request, inquiry->now_ms))
		holds_put_back(&inquiry->holds, request.token);
	job_begin(inquiry);
}

static void stun_send(struct inquiry *inquiry)
{
	const struct portmap_server *to;
	__u8 packet[STUN_REQUEST_BYTES];

	inquiry_sockets_open(inquiry);
	while ((to = stun_client_due(&inquiry->stun, inquiry->now_ms, packet, &inquiry->has_news)))
		inquiry_send(inquiry, INQUIRY_STUN, to, packet, sizeof(packet));
}

static void act(struct inquiry *inquiry)
{
	if (inquiry->stun.n)
		stun_send(inquiry);
	if (!inquiry->wanted.asks)
		return;
	pcp_client_expire(&inquiry->pcp, inquiry->now_ms);
	natpmp_client_serve(&inquiry->natpmp, inquiry->now_ms);
	job_look(inquiry);
	if (inquiry->now_ms >= inquiry->search_due_ms)
		search_send(inquiry);
	choose(inquiry);
	if (inquiry->now_ms >= inquiry->round_due_ms) {
		round_begin(inquiry);
		inquiry->round_due_ms = inquiry->now_ms + round_wait_ms(inquiry);
	}
	requests_send(inquiry);
}

/* --- what the process calls ------------------------------------------------------------------------------ */

/* Another router, or none. What the last one had ends by its lifetime. */
static void network_set(struct inquiry *inquiry)
{
	inquiry_sockets_close(inquiry);
	inquiry->chosen = NOBODY;
	memset(inquiry->peers, 0, sizeof(inquiry->peers));
	memset(inquiry->is_unusable, 0, sizeof(inquiry->is_unusable));
	inquiry->is_settled = inquiry->has_entries = inquiry->is_cut = false;
	inquiry->n_entries = 0;
	inquiry->rounds_in_vain = 0;
	inquiry->url[0] = '\0';
	inquiry->search_due_ms = inquiry->job_due_ms = NEVER;
	inquiry->round_due_ms = inquiry->now_ms;
	igd_worker_cut(&inquiry->worker);
	pcp_client_reset(&inquiry->pcp, &inquiry->wanted.own);
	natpmp_client_reset(&inquiry->natpmp, &inquiry->wanted.router, inquiry->wanted.interface);
	holds_lost(&inquiry->holds, NOBODY, inquiry->now_ms);
	stun_client_again(&inquiry->stun, inquiry->now_ms);
}

void inquiry_set(struct inquiry *inquiry, const struct portmap_wanted *wanted, __u64 now_ms)
{
	bool is_same = portmap_router_equal(&inquiry->wanted, wanted);

	inquiry->now_ms = now_ms;
	inquiry->wanted = *wanted;
	inquiry->has_news = true;
	if (!is_same)
		network_set(inquiry);
	holds_set(&inquiry->holds, wanted->forwards, wanted->n_forwards, now_ms);
	stun_client_set(&inquiry->stun, wanted->servers, wanted->n_servers, now_ms);
}

static __u64 next_ms(struct inquiry *inquiry)
{
	const __u64 times[] = {
		pcp_client_next_ms(&inquiry->pcp),
		natpmp_client_next_ms(&inquiry->natpmp, inquiry->now_ms),
		inquiry->search_due_ms,
		inquiry->job_begun_ms ? inquiry->now_ms + 1000 : NEVER,
		inquiry->job_begun_ms || !inquiry->url[0]
			? NEVER
			: holds_next_ms(&inquiry->holds, inquiry->chosen, PORTMAP_IGD),
		inquiry->job_begun_ms ? NEVER : inquiry->job_due_ms,
		inquiry->round_due_ms,
		inquiry->chosen == NOBODY && !all_heard(inquiry, INQUIRY_MAPPERS)
			? inquiry->now_ms + 1000
			: NEVER,
		pcp_client_is_full(&inquiry->pcp)
			? NEVER
			: holds_next_ms(&inquiry->holds, inquiry->chosen, PORTMAP_PCP),
		natpmp_client_fd(&inquiry->natpmp) >= 0
			? NEVER
			: holds_next_ms(&inquiry->holds, inquiry->chosen, PORTMAP_NATPMP),
	};
	__u64 next = stun_client_next_ms(&inquiry->stun);

	for (size_t i = 0; i < ARRAY_SIZE(times) && inquiry->wanted.asks; i++)
		next = times[i] < next ? times[i] : next;
	return next;
}

int inquiry_polled(struct inquiry *inquiry, struct pollfd *polled, __u64 now_ms)
{
	__u64 next;

	inquiry->now_ms = now_ms;
	for (size_t i = 0; i < INQUIRY_SOCKETS; i++)
		polled[i] = (struct pollfd){.fd = inquiry->fds[i], .events = POLLIN};
	polled[INQUIRY_SOCKETS] =
		(struct pollfd){.fd = natpmp_client_fd(&inquiry->natpmp), .events = POLLIN};
	polled[INQUIRY_SOCKETS + 1] =
		(struct pollfd){.fd = inquiry->worker.done_fd, .events = POLLIN};
	next = next_ms(inquiry);
	if (next == NEVER)
		return -1;
	if (next <= now_ms)
		return 0;
	return next - now_ms < 60000 ? (int)(next - now_ms) : 60000;
}

void inquiry_serve(struct inquiry *inquiry, const struct pollfd *polled, __u64 now_ms)
{
	inquiry->now_ms = now_ms;
	if (polled[INQUIRY_PCP].revents)
		pcp_heard(inquiry, INQUIRY_PCP);
	if (polled[INQUIRY_ANNOUNCED].revents)
		pcp_heard(inquiry, INQUIRY_ANNOUNCED);
	if (polled[INQUIRY_SSDP].revents)
		search_heard(inquiry);
	if (polled[INQUIRY_STUN].revents)
		stun_heard(inquiry);
	act(inquiry);
}
