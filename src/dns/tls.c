// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "tls_credentials.h"
#include "unconst.h"

#define FAULT_MAX 128

/* Octets that wait: `at` of them are through. */
struct box {
	__u8 *octets;
	size_t length, at, size;
	bool is_short; /* of memory */
};

struct tls {
	gnutls_session_t session;
	struct tls_credentials *credentials;
	struct box in, out;
	bool has_ended; /* nothing more comes in */
	bool is_open, is_broken, is_untrusted;
	bool has_ticket; /* was fetched */
	char fault[FAULT_MAX];
	char name[]; /* of the server; the library keeps no copy */
};

/* --- boxes ---------------------------------------------------------------------------------------------- */

static int box_put(struct box *box, const void *octets, size_t n)
{
	size_t left = box->length - box->at;

	if (box->length + n > box->size) {
		size_t size = box->size ? box->size : 1024;
		__u8 *larger;

		if (left)
			memmove(box->octets, box->octets + box->at, left);
		box->length = left;
		box->at = 0;
		while (size < left + n)
			size *= 2;
		larger = size > box->size ? realloc(box->octets, size) : box->octets;
		if (!larger)
			return -ENOMEM;
		box->octets = larger;
		box->size = size;
	}
	memcpy(box->octets + box->length, octets, n);
	box->length += n;
	return 0;
}

/* An empty one takes no memory: most connections wait most of the time. */
static void box_empty(struct box *box)
{
	free(box->octets);
	*box = (struct box){0};
}

static ssize_t pull(gnutls_transport_ptr_t data, void *to, size_t room)
{
	struct tls *tls = data;
	struct box *in = &tls->in;
	size_t n = in->length - in->at;

	if (!n && tls->has_ended)
		return 0;
	if (!n) {
		gnutls_transport_set_errno(tls->session, EAGAIN);
		return -1;
	}
	if (n > room)
		n = room;
	memcpy(to, in->octets + in->at, n);
	in->at += n;
	if (in->at == in->length)
		box_empty(in);
	return (ssize_t)n;
}

static ssize_t push(gnutls_transport_ptr_t data, const void *octets, size_t n)
{
	struct tls *tls = data;

	if (!box_put(&tls->out, octets, n))
		return (ssize_t)n;
	gnutls_transport_set_errno(tls->session, ENOMEM);
	return -1;
}

/* What is there is there: the library is not to look at a descriptor, which there is none of. */
static int pull_wait(gnutls_transport_ptr_t data, unsigned int ms _unused_)
{
	const struct tls *tls = data;

	return tls->in.length > tls->in.at || tls->has_ended;
}

/* --- sessions --------------------------------------------------------------------------------------------- */

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	if (tls->session)
		gnutls_deinit(tls->session);
	tls_credentials_unref(tls->credentials);
	box_empty(&tls->in);
	box_empty(&tls->out);
	free(tls);
}

static int alpn_set(struct tls *tls, const char *alpn, unsigned int flags)
{
	const gnutls_datum_t protocol = {unconst(alpn), (unsigned int)strlen(alpn)};

	return gnutls_alpn_set_protocols(tls->session, &protocol, 1, flags);
}

static struct tls *session_make(struct tls_credentials *credentials, unsigned int flags,
				const char *name)
{
	struct tls *tls = calloc(1, sizeof(*tls) + strlen(name) + 1);

	if (!tls)
		return NULL;
	strcpy(tls->name, name);
	tls->credentials = tls_credentials_ref(credentials);
	if (gnutls_init(&tls->session, flags | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) ||
	    gnutls_priority_set(tls->session, tls_priorities()) ||
	    gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE,
				   credentials->certificates)) {
		tls_free(tls);
		return NULL;
	}
	gnutls_transport_set_ptr(tls->session, tls);
	gnutls_transport_set_pull_function(tls->session, pull);
	gnutls_transport_set_push_function(tls->session, push);
	gnutls_transport_set_pull_timeout_function(tls->session, pull_wait);
	return tls;
}

struct tls *tls_client_make(struct tls_credentials *trust, const struct tls_peer *peer)
{
	struct tls *tls = session_make(trust, GNUTLS_CLIENT, peer->name);

	if (!tls)
		return NULL;
	/* An address is no name to ask for (RFC 6066 section 3); the certificate is checked by it all the same. */
	if (alpn_set(tls, peer->alpn, 0) ||
	    (!peer->is_address && gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, peer->name,
							 strlen(peer->name)))) {
		tls_free(tls);
		return NULL;
	}
	gnutls_session_set_verify_cert(tls->session, tls->name, 0);
	if (peer->ticket && peer->ticket->length)
		gnutls_session_set_data(tls->session, peer->ticket->data, peer->ticket->length);
	return tls;
}

struct tls *tls_server_make(struct tls_credentials *identity, const char *alpn, bool alpn_only)
{
	struct tls *tls = session_make(identity, GNUTLS_SERVER, "");

	if (!tls)
		return NULL;
	if (alpn_set(tls, alpn, alpn_only ? GNUTLS_ALPN_MANDATORY : 0)) {
		tls_free(tls);
		return NULL;
	}
	gnutls_certificate_server_set_request(tls->session, GNUTLS_CERT_IGNORE);
	/* Without it each connection of a phone is a whole handshake, and that still works. */
	if (identity->ticket_key.data)
		gnutls_session_ticket_enable_server(tls->session, &identity->ticket_key);
	return tls;
}

/* --- the handshake, and faults -------------------------------------------------------------------------------- */

/* "The certificate is NOT trusted. The certificate issuer is unknown. " */
static void say_untrusted(struct tls *tls)
{
	unsigned int status = gnutls_session_get_verify_cert_status(tls->session);
	gnutls_datum_t text = {0};

	tls->is_untrusted = true;
	if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0)) {
		snprintf(tls->fault, sizeof(tls->fault), "its certificate is not trusted");
		return;
	}
	snprintf(tls->fault, sizeof(tls->fault), "%.*s", (int)text.size, text.data);
	gnutls_free(text.data);
	for (size_t n = strlen(tls->fault);
	     n && (tls->fault[n - 1] == ' ' || tls->fault[n - 1] == '.'); n--)
		tls->fault[n - 1] = '\0';
}

static int broken(struct tls *tls, int code)
{
	tls->is_broken = true;
	if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
		say_untrusted(tls);
	else if (code == GNUTLS_E_FATAL_ALERT_RECEIVED)
		snprintf(tls->fault, sizeof(tls->fault), "the other end says: %s",
			 gnutls_alert_get_name(gnutls_alert_get(tls->session)));
	else if (code == GNUTLS_E_PREMATURE_TERMINATION || code == GNUTLS_E_PULL_ERROR)
		snprintf(tls->fault, sizeof(tls->fault), "the connection ended in the handshake");
	else
		snprintf(tls->fault, sizeof(tls->fault), "%s", gnutls_strerror(code));
	/* So that the other end knows too. */
	gnutls_alert_send_appropriate(tls->session, code);
	return -EPROTO;
}

/* To be called again: each of these used up some of what came in. AGAIN too where there is more: it follows each message of TLS' own, as a ticket is. */
static bool is_passing(const struct tls *tls, int code)
{
	if (code == GNUTLS_E_AGAIN)
		return tls->in.length > tls->in.at;
	return code == GNUTLS_E_INTERRUPTED || code == GNUTLS_E_WARNING_ALERT_RECEIVED ||
	       code == GNUTLS_E_GOT_APPLICATION_DATA;
}

int tls_shake(struct tls *tls)
{
	int code;

	if (tls->is_open || tls->is_broken)
		return tls->is_broken ? -EPROTO : 0;
	do {
		code = gnutls_handshake(tls->session);
	} while (is_passing(tls, code));
	if (code == GNUTLS_E_AGAIN)
		return -EAGAIN;
	if (code)
		return broken(tls, code);
	tls->is_open = true;
	return 0;
}

/* --- what is said ------------------------------------------------------------------------------------------- */

int tls_put(struct tls *tls, const __u8 *octets, size_t n)
{
	if (!n)
		tls->has_ended = true;
	return n ? box_put(&tls->in, octets, n) : 0;
}

ssize_t tls_read(struct tls *tls, __u8 *to, size_t room)
{
	ssize_t n;
	int ret = tls_shake(tls);

	if (ret)
		return ret;
	do {
		n = gnutls_record_recv(tls->session, to, room);
	} while (is_passing(tls, (int)n));
	/* Without a farewell too: what is said here has its length in front, and nothing can be cut short unseen. */
	if (n == GNUTLS_E_PREMATURE_TERMINATION)
		return 0;
	if (n == GNUTLS_E_AGAIN)
		return -EAGAIN;
	return n < 0 ? broken(tls, (int)n) : n;
}

bool tls_is_open(const struct tls *tls)
{
	return tls->is_open && !tls->is_broken;
}

int tls_write(struct tls *tls, const __u8 *octets, size_t n)
{
	while (n) {
		ssize_t done = gnutls_record_send(tls->session, octets, n);

		if (done == GNUTLS_E_INTERRUPTED)
			continue;
		if (done < 0)
			return broken(tls, (int)done);
		octets += done;
		n -= (size_t)done;
	}
	return 0;
}

void tls_bye(struct tls *tls)
{
	if (tls_is_open(tls))
		gnutls_bye(tls->session, GNUTLS_SHUT_WR);
}

__u8 *tls_take(struct tls *tls, size_t *ret_n)
{
	__u8 *octets = tls->out.octets;

	*ret_n = tls->out.length;
	tls->out = (struct box){0};
	return octets;
}

const char *tls_fault(const struct tls *tls)
{
	return tls->fault;
}

bool tls_is_untrusted(const struct tls *tls)
{
	return tls->is_untrusted;
}

bool tls_is_resumed(const struct tls *tls)
{
	return gnutls_session_is_resumed(tls->session);
}

/* --- tickets ------------------------------------------------------------------------------------------------- */

void tls_ticket_fini(struct tls_ticket *ticket)
{
	free(ticket->data);
	*ticket = (struct tls_ticket){0};
}

void tls_ticket_get(struct tls *tls, struct tls_ticket *ticket)
{
	gnutls_datum_t data;
	__u8 *copy;

	/* Before one has come, the library would wait for it. */
	if (tls->has_ticket || !tls_is_open(tls) ||
	    !(gnutls_session_get_flags(tls->session) & GNUTLS_SFLAGS_SESSION_TICKET) ||
	    gnutls_session_get_data2(tls->session, &data))
		return;
	copy = malloc(data.size);
	if (copy) {
		tls->has_ticket = true;
		memcpy(copy, data.data, data.size);
		tls_ticket_fini(ticket);
		*ticket = (struct tls_ticket){copy, data.size};
	}
	gnutls_free(data.data);
}
