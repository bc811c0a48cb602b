/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway's key: Ed25519 (RFC 8032), which has one form, one length and no choice to get wrong. By GnuTLS. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#include "strbuf.h"

#define HOSTS_KEY_BYTES 32 /* the public one */
#define HOSTS_SIGNATURE_BYTES 64
#define HOSTS_DIGEST_BYTES 32 /* SHA-256 */

struct hosts_key;

/*
 * The key in the file @path (PKCS #8, PEM), which is made with mode 0600 if it is not there: whole or not at all. 0 and *ret_key is freed by hosts_key_free(); or -errno with one line in @why. A
 * file that somebody else may read, or that holds something else, is refused and left as it is: a new key would shut out every machine that knows the old one.
 */
int hosts_key_open(const char *path, struct hosts_key **ret_key, struct strbuf *why);
struct hosts_key *hosts_key_free(struct hosts_key *key); /* NULL is fine; returns NULL */

/* HOSTS_KEY_BYTES, the key's as long as it is there. */
const __u8 *hosts_key_public(const struct hosts_key *key);

/* 0 or -EIO. */
int hosts_key_sign(const struct hosts_key *key, const void *data, size_t length,
		   __u8 ret_signature[HOSTS_SIGNATURE_BYTES]);
/* 0; -EBADMSG: it is not the signature of @public over @data. */
int hosts_key_verify(const __u8 *public, const void *data, size_t length, const __u8 *signature);

/* 0 or -EIO. */
int hosts_digest(const void *data, size_t length, __u8 ret_digest[HOSTS_DIGEST_BYTES]);

/* Of a public key, in the form that ssh-keygen(1) has: "SHA256:" and base64 without "=". Writes into @text and returns it. */
#define HOSTS_FINGERPRINT_MAX 52
const char *hosts_fingerprint(const __u8 *public, char text[HOSTS_FINGERPRINT_MAX]);
