/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One TLS session between two boxes of octets: what comes from the network is put in, what is to go there is taken out. It knows no socket and no loop
 * (stream.h has those), so the DNS process can do all of it without a system call but for randomness; and no file: certificates, keys and trust
 * are texts that whoever may open files has read.
 *
 * TLS 1.2 and 1.3 (RFC 7858, 8310, 8484 ask for no less), one thread.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "strbuf.h"

/* What a library opens at its first use is opened here. Before anything else of this file, and before the sandbox. 0 or -errno. */
int tls_init(void);

/* --- whom is trusted, and who we are ------------------------------------------------------------------------- */

/* Certificates in force; counted, since sessions keep those that they began with. */
struct tls_credentials;

/* To check servers by: certificates of authorities as PEM. NULL: none in it, or no memory. */
struct tls_credentials *tls_trust_make(const char *pem, size_t length);

/* The same of a file in memory. */
struct tls_credentials *tls_trust_load(int fd);

/* To be a server: a chain and its key as PEM. NULL with a reason in @why. */
struct tls_credentials *tls_identity_make(const char *chain, const char *key, struct strbuf *why);

/* The same of a file in memory with both texts, each with its NUL. NULL: it is none. */
struct tls_credentials *tls_identity_load(int fd);

struct tls_credentials *tls_credentials_ref(struct tls_credentials *credentials);
/* NULL is fine. */
void tls_credentials_unref(struct tls_credentials *credentials);

/*
 * Whether @pair is one that clients of @name can believe at @now_s (seconds since 1970). 0, and *ret_until_s is when it ends; -EINVAL, or -EKEYEXPIRED where
 * only the time is another, with one line in @why that says what is wrong. Who signed it is not looked at: the clients' trust is theirs.
 */
struct tls_pair {
	const char *chain, *key; /* PEM */
};
int tls_identity_check(const struct tls_pair *pair, const char *name, __s64 now_s,
		       __s64 *ret_until_s, struct strbuf *why);

/* --- a session ------------------------------------------------------------------------------------------------ */

struct tls;

/* What the next session with the same server begins with; all zero: nothing. Freed by tls_ticket_fini(). */
struct tls_ticket {
	__u8 *data; /* owned */
	size_t length;
};
void tls_ticket_fini(struct tls_ticket *ticket);

struct tls_peer {
	const char *name; /* that its certificate has to be for: a name, or an address as text */
	bool is_address;
	const char *alpn; /* "dot", "h2" */
	const struct tls_ticket *ticket; /* NULL: none */
};

/* NULL: no memory. */
struct tls *tls_client_make(struct tls_credentials *trust, const struct tls_peer *peer);
/* @alpn is what is spoken here; @alpn_only: with nobody who does not say so. */
struct tls *tls_server_make(struct tls_credentials *identity, const char *alpn, bool alpn_only);
void tls_free(struct tls *tls);

/* Octets from the network; @n is 0: there will be no more. 0 or -ENOMEM. */
int tls_put(struct tls *tls, const __u8 *octets, size_t n);

/*
 * Carries the handshake on, after each tls_put() and once at the beginning: 0: the session is open; -EAGAIN: more is needed from the network; -EPROTO: it is
 * broken, tls_fault() says why.
 */
int tls_shake(struct tls *tls);

/*
 * What the other end says, up to @room octets; how many. 0: it has said all. -EAGAIN: more is needed from the network. -EPROTO: the session is broken,
 * tls_fault() says why. @room is not 0.
 */
ssize_t tls_read(struct tls *tls, __u8 *to, size_t room);

/* The handshake is done, and the server is who it should be. */
bool tls_is_open(const struct tls *tls);

/* Says @n octets; the session is open. 0, -ENOMEM or -EPROTO. */
int tls_write(struct tls *tls, const __u8 *octets, size_t n);

/* Says that there will be no more. */
void tls_bye(struct tls *tls);

/* Octets for the network since the last call, *ret_n of them; owned by the caller. NULL: none. */
__u8 *tls_take(struct tls *tls, size_t *ret_n);

/* What is wrong with it, for people; "" if nothing is. */
const char *tls_fault(const struct tls *tls);
/* Wrong is the certificate, and not the connection. */
bool tls_is_untrusted(const struct tls *tls);
/* This session went on where one before it ended. */
bool tls_is_resumed(const struct tls *tls);

/* What the server gave for the next time since the last call, if anything; replaces *ticket then. */
void tls_ticket_get(struct tls *tls, struct tls_ticket *ticket);
