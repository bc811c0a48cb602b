/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the DNS process is told with the sockets of DNS over TLS and HTTPS; the certificate is a file of its own (tls_identity_load()). */
#pragma once

#include "designated.h"
#include "plan.h"

/* A sealed file with what @dns says of it. Its descriptor, or -errno. */
int dns_setup_tls_write(const struct plan_dns *dns);

/* 0; -EINVAL: not what dns_setup_tls_write() made; -ENOMEM. *ret_setup is to be freed by dns_designated_fini() then. */
int dns_setup_tls_read(int fd, struct dns_designated *ret_setup);
