// SPDX-License-Identifier: GPL-2.0-or-later
#include "natpmp_client.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"

/* libnatpmp sends after 0, 250, 750, 1750 ms (RFC 6886 section 3.1); the RFC's other five take two minutes more, and whoever asked comes again. */
#define ANSWER_MS 4000

static const struct {
	int code; /* of libnatpmp */
	enum portmap_outcome outcome;
	const char *words;
} errors[] = {
	{NATPMP_ERR_UNSUPPORTEDVERSION, PORTMAP_UNUSABLE, "another version of the protocol"},
	{NATPMP_ERR_UNSUPPORTEDOPCODE, PORTMAP_UNUSABLE, "makes no mappings"},
	{NATPMP_ERR_NOTAUTHORIZED, PORTMAP_REFUSED, "not authorized"},
	{NATPMP_ERR_NETWORKFAILURE, PORTMAP_REFUSED, "its own network is down or not public"},
	{NATPMP_ERR_OUTOFRESOURCES, PORTMAP_REFUSED, "no room for more"},
	{NATPMP_ERR_UNDEFINEDERROR, PORTMAP_REFUSED, "an unknown result"},
	{NATPMP_ERR_NOGATEWAYSUPPORT, PORTMAP_NO_ANSWER, ""},
	{NATPMP_ERR_SENDERR, PORTMAP_NO_ANSWER, ""},
	{NATPMP_ERR_RECVFROM, PORTMAP_NO_ANSWER, ""},
};

void natpmp_client_init(struct natpmp_client *client, const struct portmap_listener *listener)
{
	*client = (struct natpmp_client){.listener = listener};
}

void natpmp_client_fini(struct natpmp_client *client)
{
	if (client->is_open)
		closenatpmp(&client->lib);
	client->is_open = false;
	client->doing = NATPMP_IDLE;
}

void natpmp_client_reset(struct natpmp_client *client, const struct ip_addr *router,
			 const char *interface)
{
	natpmp_client_fini(client);
	natpmp_client_init(client, client->listener);
	client->router = *router;
	snprintf(client->interface, sizeof(client->interface), "%s", interface);
}

/* A request that is given up is forgotten with its socket, so that a late answer is no answer to the next one. */
static int lib_open(struct natpmp_client *client)
{
	const char *device = client->interface;

	if (client->is_open)
		return 0;
	if (initnatpmp(&client->lib, 1, ip_addr_v4(&client->router)))
		return -EIO;
	client->is_open = true;
	/* Kernels before 5.7 leave that to root; the socket is connected to the router in any case. */
	setsockopt(client->lib.s, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device));
	return 0;
}

static void tell_peer(struct natpmp_client *client, enum portmap_answer answer, const char *words,
		      bool has_restarted)
{
	client->peer.answer = answer;
	snprintf(client->peer.words, sizeof(client->peer.words), "%s", words);
	client->listener->heard(client->listener->data, PORTMAP_NATPMP, &client->peer,
				has_restarted);
}

static int begin(struct natpmp_client *client, enum natpmp_doing doing, __u64 now_ms)
{
	const struct portmap_request *request = &client->request;
	const struct portmap_forward *forward = &request->forward;
	int ret = lib_open(client);

	if (!ret && doing == NATPMP_PROBING)
		ret = sendpublicaddressrequest(&client->lib);
	else if (!ret)
		/* What is to be forgotten is named by its internal port alone (section 3.4). */
		ret = sendnewportmappingrequest(
			&client->lib,
			forward->proto == IPPROTO_TCP ? NATPMP_PROTOCOL_TCP : NATPMP_PROTOCOL_UDP,
			forward->internal_port, request->lifetime_s ? forward->external_port : 0,
			request->lifetime_s);
	client->doing = doing;
	client->end_ms = now_ms + ANSWER_MS;
	return ret;
}

/* --- the end of a request -------------------------------------------------------------------------------- */

static void probe_end(struct natpmp_client *client, enum portmap_outcome outcome, const char *words)
{
	client->doing = NATPMP_IDLE;
	if (outcome == PORTMAP_NO_ANSWER) {
		client->epoch = (struct epoch){0};
		client->peer.external = (struct ip_addr){0};
		tell_peer(client, PORTMAP_SILENT, "", false);
	} else if (outcome == PORTMAP_UNUSABLE) {
		tell_peer(client, PORTMAP_REFUSES, words, false);
	} else {
		/* It speaks, and has no address now. */
		client->peer.external = (struct ip_addr){0};
		tell_peer(client, PORTMAP_ANSWERS, words, false);
	}
}

static void fail(struct natpmp_client *client, enum portmap_outcome outcome, const char *words)
{
	struct portmap_reply reply = {.token = client->request.token, .outcome = outcome};
	bool was_probe = client->doing == NATPMP_PROBING;

	natpmp_client_fini(client);
	if (was_probe) {
		probe_end(client, outcome, words);
		return;
	}
	snprintf(reply.words, sizeof(reply.words), "%s", words);
	client->listener->replied(client->listener->data, PORTMAP_NATPMP, &reply);
}

static void succeed(struct natpmp_client *client, const natpmpresp_t *said, __u64 now_ms)
{
	bool has_restarted = !epoch_take(&client->epoch, said->epoch, now_ms);
	bool was_probe = client->doing == NATPMP_PROBING;
	struct portmap_reply reply = {.token = client->request.token, .outcome = PORTMAP_GRANTED};

	client->doing = NATPMP_IDLE;
	client->peer.epoch = said->epoch;
	if (was_probe) {
		__be32 external = said->pnu.publicaddress.addr.s_addr;

		client->peer.external = external ? ip_addr_from_v4(external) : (struct ip_addr){0};
	} else {
		reply.external_port = said->pnu.newportmapping.mappedpublicport;
		reply.lifetime_s = said->pnu.newportmapping.lifetime;
		reply.external = client->peer.external;
		if (client->request.lifetime_s && !reply.lifetime_s)
			reply.outcome = PORTMAP_REFUSED;
		client->listener->replied(client->listener->data, PORTMAP_NATPMP, &reply);
	}
	tell_peer(client, PORTMAP_ANSWERS, "", has_restarted);
}

/* An answer to what was given up before has another port. */
static bool is_answer(const struct natpmp_client *client, const natpmpresp_t *said)
{
	const struct portmap_forward *forward = &client->request.forward;
	int type = forward->proto == IPPROTO_TCP ? NATPMP_RESPTYPE_TCPPORTMAPPING
						 : NATPMP_RESPTYPE_UDPPORTMAPPING;

	if (client->doing == NATPMP_PROBING)
		return said->type == NATPMP_RESPTYPE_PUBLICADDRESS;
	return said->type == type && said->pnu.newportmapping.privateport == forward->internal_port;
}

/* --- what the inquiry calls -------------------------------------------------------------------------------- */

void natpmp_client_probe(struct natpmp_client *client, __u64 now_ms)
{
	if (client->doing != NATPMP_IDLE) {
		client->probe_waits = client->doing == NATPMP_MAPPING;
		return;
	}
	client->probe_waits = false;
	if (begin(client, NATPMP_PROBING, now_ms) < 0)
		fail(client, PORTMAP_NO_ANSWER, "");
}

bool natpmp_client_request(struct natpmp_client *client, const struct portmap_request *request,
			   __u64 now_ms)
{
	if (client->doing != NATPMP_IDLE || client->probe_waits)
		return false;
	client->request = *request;
	if (begin(client, NATPMP_MAPPING, now_ms) < 0)
		fail(client, PORTMAP_NO_ANSWER, "");
	return true;
}

int natpmp_client_fd(const struct natpmp_client *client)
{
	return client->doing == NATPMP_IDLE ? -1 : client->lib.s;
}

__u64 natpmp_client_next_ms(struct natpmp_client *client, __u64 now_ms)
{
	struct timeval wait;
	__u64 next;

	if (client->doing == NATPMP_IDLE)
		return client->probe_waits ? now_ms : ~0ULL;
	next = client->end_ms;
	/* By the clock on the wall, which jumps: the end is ours. */
	if (!getnatpmprequesttimeout(&client->lib, &wait) && wait.tv_sec >= 0 && wait.tv_sec < 60) {
		__u64 again = now_ms + (__u64)wait.tv_sec * 1000 + (__u64)wait.tv_usec / 1000 + 1;

		next = again < next ? again : next;
	}
	return next;
}

static void error_heard(struct natpmp_client *client, int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		if (errors[i].code == code) {
			fail(client, errors[i].outcome, errors[i].words);
			return;
		}
	}
	fail(client, PORTMAP_NO_ANSWER, "");
}

void natpmp_client_serve(struct natpmp_client *client, __u64 now_ms)
{
	natpmpresp_t said = {0};
	int ret;

	if (client->doing != NATPMP_IDLE) {
		ret = readnatpmpresponseorretry(&client->lib, &said);
		if (!ret && is_answer(client, &said))
			succeed(client, &said, now_ms);
		else if (!ret && begin(client, client->doing, client->end_ms - ANSWER_MS) < 0)
			fail(client, PORTMAP_NO_ANSWER, "");
		else if (ret && ret != NATPMP_TRYAGAIN && ret != NATPMP_ERR_WRONGPACKETSOURCE)
			error_heard(client, ret);
		if (client->doing != NATPMP_IDLE && now_ms >= client->end_ms)
			fail(client, PORTMAP_NO_ANSWER, "");
	}
	if (client->probe_waits && client->doing == NATPMP_IDLE)
		natpmp_client_probe(client, now_ms);
}
