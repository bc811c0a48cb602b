/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tls.c and tls_credentials.c share. */
#pragma once

#include <gnutls/gnutls.h>

struct tls_credentials {
	unsigned int refs;
	gnutls_certificate_credentials_t certificates;
	gnutls_datum_t ticket_key; /* of a server; data is NULL: none */
};

/* What is spoken; made by tls_init(). */
gnutls_priority_t tls_priorities(void);
