/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the setup says of blocking, and the message that says which addresses are whose. */
#pragma once

#include <jansson.h>

#include "blocking.h"
#include "plan.h"

/* New reference. The group of everybody is put in front of the plan's. */
json_t *dns_setup_blocking_write(const struct plan_blocking *blocking);
/* 0, -EINVAL or -ENOMEM; to be freed by dns_blocking_conf_fini() whatever it returns. */
int dns_setup_blocking_read(const json_t *json, struct dns_blocking_conf *ret_conf);

/* Addresses with their groups in a sealed file, for DNS_MESSAGE_CLIENTS. Its descriptor, or -errno. */
int dns_clients_write(const struct dns_block_client *clients, size_t n);
/* 0, and *ret_clients is the caller's; -EINVAL or -ENOMEM. */
int dns_clients_read(int fd, struct dns_block_client **ret_clients, size_t *ret_n);
