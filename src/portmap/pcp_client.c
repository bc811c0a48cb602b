// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcp_client.h"

#include <string.h>
#include <sys/random.h>

#include "cleanup.h"

/*
 * Transmissions before it is given up. RFC 6887 goes on for ever; here whoever asked decides what else to try, and comes again. A renewal is one
 * packet (section 11.2.1).
 */
#define TRIES_PROBE 3
#define TRIES_MAP 3
#define TRIES_RENEWAL 1
#define TRIES_RELEASE 2
/* Behind the last of them. */
#define WAIT_LAST_MS 4000

/* RFC 6887 section 15: what is longer is not believed. */
#define LIFETIME_MAX_S 86400
#define LIFETIME_ERROR_MAX_S 1800

/* What an error of a MAP means for this forward; what is not here is refused. */
static const enum portmap_outcome outcomes[PCP_RESULTS] = {
	[PCP_SUCCESS] = PORTMAP_GRANTED,	   [PCP_UNSUPP_VERSION] = PORTMAP_UNUSABLE,
	[PCP_NOT_AUTHORIZED] = PORTMAP_REFUSED,	   [PCP_MALFORMED_REQUEST] = PORTMAP_UNUSABLE,
	[PCP_UNSUPP_OPCODE] = PORTMAP_UNUSABLE,	   [PCP_UNSUPP_OPTION] = PORTMAP_INEXACT,
	[PCP_MALFORMED_OPTION] = PORTMAP_INEXACT,  [PCP_NETWORK_FAILURE] = PORTMAP_REFUSED,
	[PCP_NO_RESOURCES] = PORTMAP_REFUSED,	   [PCP_UNSUPP_PROTOCOL] = PORTMAP_REFUSED,
	[PCP_USER_EX_QUOTA] = PORTMAP_REFUSED,	   [PCP_CANNOT_PROVIDE_EXTERNAL] = PORTMAP_TAKEN,
	[PCP_ADDRESS_MISMATCH] = PORTMAP_UNUSABLE, [PCP_EXCESSIVE_REMOTE_PEERS] = PORTMAP_REFUSED,
};

void pcp_client_init(struct pcp_client *client, const struct portmap_listener *listener,
		     void (*send)(void *data, const __u8 *packet, size_t length), void *data)
{
	*client = (struct pcp_client){.listener = listener, .send = send, .data = data};
}

void pcp_client_reset(struct pcp_client *client, const struct ip_addr *own)
{
	pcp_client_init(client, client->listener, client->send, client->data);
	client->own = *own;
}

static void tell_peer(struct pcp_client *client, enum portmap_answer answer, const char *words,
		      bool has_restarted)
{
	client->peer.answer = answer;
	snprintf(client->peer.words, sizeof(client->peer.words), "%s", words);
	client->listener->heard(client->listener->data, PORTMAP_PCP, &client->peer, has_restarted);
}

/* --- what is sent ---------------------------------------------------------------------------------------- */

static unsigned int tries_of(const struct pcp_client *client,
			     const struct pcp_transaction *transaction)
{
	if (transaction == &client->probe)
		return TRIES_PROBE;
	if (!transaction->request.lifetime_s)
		return TRIES_RELEASE;
	return transaction->request.is_renewal ? TRIES_RENEWAL : TRIES_MAP;
}

static void transmit(struct pcp_client *client, struct pcp_transaction *transaction, __u64 now_ms)
{
	const struct portmap_forward *forward = &transaction->request.forward;
	struct pcp_request request = {.opcode = PCP_OPCODE_ANNOUNCE, .client = client->own};
	__u8 packet[PCP_MESSAGE_MAX];
	__u32 random = 0;

	if (transaction != &client->probe) {
		request.opcode = PCP_OPCODE_MAP;
		request.lifetime_s = transaction->request.lifetime_s;
		request.prefer_failure = transaction->request.is_exact;
		request.map = (struct pcp_map){.proto = forward->proto,
					       .internal_port = forward->internal_port,
					       .external_port = forward->external_port};
		memcpy(request.map.nonce, forward->nonce, sizeof(request.map.nonce));
	}
	client->send(client->data, packet, pcp_request_write(&request, packet));
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (__u32)now_ms;
	transaction->sent++;
	transaction->wait_ms = retry_next_ms(transaction->wait_ms, random);
	transaction->due_ms = now_ms + (transaction->sent == tries_of(client, transaction)
						? WAIT_LAST_MS
						: transaction->wait_ms);
}

void pcp_client_probe(struct pcp_client *client, __u64 now_ms)
{
	if (client->probe.is_used)
		return;
	client->probe = (struct pcp_transaction){.is_used = true};
	transmit(client, &client->probe, now_ms);
}

bool pcp_client_is_full(const struct pcp_client *client)
{
	for (size_t i = 0; i < PCP_IN_FLIGHT; i++) {
		if (!client->maps[i].is_used)
			return false;
	}
	return true;
}

bool pcp_client_request(struct pcp_client *client, const struct portmap_request *request,
			__u64 now_ms)
{
	for (size_t i = 0; i < PCP_IN_FLIGHT; i++) {
		struct pcp_transaction *transaction = &client->maps[i];

		if (transaction->is_used)
			continue;
		*transaction = (struct pcp_transaction){.is_used = true, .request = *request};
		transmit(client, transaction, now_ms);
		return true;
	}
	return false;
}

/* --- what comes ------------------------------------------------------------------------------------------ */

static void finish(struct pcp_client *client, struct pcp_transaction *transaction,
		   struct portmap_reply *reply)
{
	reply->token = transaction->request.token;
	transaction->is_used = false;
	client->listener->replied(client->listener->data, PORTMAP_PCP, reply);
}

/* Older routers say which version they speak; there is no other that we do. */
static void version_refused(struct pcp_client *client, const struct pcp_response *response)
{
	struct portmap_reply reply = {.outcome = PORTMAP_UNUSABLE};

	if (response->version)
		snprintf(reply.words, sizeof(reply.words), "speaks version %u of it",
			 response->version);
	else
		snprintf(reply.words, sizeof(reply.words), "speaks NAT-PMP only");
	client->probe.is_used = false;
	tell_peer(client, PORTMAP_REFUSES, reply.words, false);
	for (size_t i = 0; i < PCP_IN_FLIGHT; i++) {
		if (client->maps[i].is_used)
			finish(client, &client->maps[i], &reply);
	}
}

static struct pcp_transaction *transaction_of(struct pcp_client *client, const struct pcp_map *map)
{
	for (size_t i = 0; i < PCP_IN_FLIGHT; i++) {
		struct pcp_transaction *transaction = &client->maps[i];
		const struct portmap_forward *forward = &transaction->request.forward;

		if (transaction->is_used && forward->proto == map->proto &&
		    forward->internal_port == map->internal_port &&
		    !memcmp(forward->nonce, map->nonce, sizeof(map->nonce)))
			return transaction;
	}
	return NULL;
}

static void map_heard(struct pcp_client *client, const struct pcp_response *response)
{
	struct pcp_transaction *transaction = transaction_of(client, &response->map);
	struct portmap_reply reply = {.outcome = PORTMAP_REFUSED};
	__u32 max_s = response->result ? LIFETIME_ERROR_MAX_S : LIFETIME_MAX_S;

	/* Unasked, or twice: what a router changes of itself shows by its epoch. */
	if (!transaction)
		return;
	if (response->result < ARRAY_SIZE(outcomes))
		reply.outcome = outcomes[response->result];
	reply.lifetime_s = response->lifetime_s < max_s ? response->lifetime_s : max_s;
	if (!response->result) {
		reply.external_port = response->map.external_port;
		if (ip_addr_is_v4(&response->map.external) &&
		    !ip_addr_is_zero(&response->map.external))
			reply.external = response->map.external;
		/* A grant for no time is none. */
		if (transaction->request.lifetime_s && !reply.lifetime_s)
			reply.outcome = PORTMAP_REFUSED;
	} else {
		snprintf(reply.words, sizeof(reply.words), "%s",
			 pcp_result_words(response->result));
	}
	if (!ip_addr_is_zero(&reply.external) && transaction->request.lifetime_s)
		client->peer.external = reply.external;
	finish(client, transaction, &reply);
}

void pcp_client_hear(struct pcp_client *client, const __u8 *packet, size_t length, __u64 now_ms)
{
	struct pcp_response response;
	bool has_restarted;

	if (pcp_response_read(packet, length, &response))
		return;
	if (response.version != 2) {
		/* Unasked it may be NAT-PMP's announcement, from a router that has both. */
		if (client->probe.is_used || client->peer.answer != PORTMAP_ANSWERS)
			version_refused(client, &response);
		return;
	}
	has_restarted = !epoch_take(&client->epoch, response.epoch_s, now_ms);
	client->peer.epoch = response.epoch_s;
	if (response.opcode == PCP_OPCODE_MAP)
		map_heard(client, &response);
	else
		client->probe.is_used = false;
	/* Whatever the result, it speaks; what of it a forward meets says the forward. */
	tell_peer(client, PORTMAP_ANSWERS, "", has_restarted);
}

/* --- the clock ------------------------------------------------------------------------------------------- */

static void give_up(struct pcp_client *client, struct pcp_transaction *transaction)
{
	struct portmap_reply reply = {.outcome = PORTMAP_NO_ANSWER};

	if (transaction != &client->probe) {
		finish(client, transaction, &reply);
		return;
	}
	transaction->is_used = false;
	client->epoch = (struct epoch){0};
	client->peer.external = (struct ip_addr){0};
	tell_peer(client, PORTMAP_SILENT, "", false);
}

static void expire_one(struct pcp_client *client, struct pcp_transaction *transaction, __u64 now_ms)
{
	if (!transaction->is_used || transaction->due_ms > now_ms)
		return;
	if (transaction->sent < tries_of(client, transaction))
		transmit(client, transaction, now_ms);
	else
		give_up(client, transaction);
}

void pcp_client_expire(struct pcp_client *client, __u64 now_ms)
{
	expire_one(client, &client->probe, now_ms);
	for (size_t i = 0; i < PCP_IN_FLIGHT; i++)
		expire_one(client, &client->maps[i], now_ms);
}

__u64 pcp_client_next_ms(const struct pcp_client *client)
{
	__u64 next = client->probe.is_used ? client->probe.due_ms : ~0ULL;

	for (size_t i = 0; i < PCP_IN_FLIGHT; i++) {
		const struct pcp_transaction *transaction = &client->maps[i];

		if (transaction->is_used && transaction->due_ms < next)
			next = transaction->due_ms;
	}
	return next;
}
