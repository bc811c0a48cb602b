/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the setup says of machines: struct dns_hosts_source but for the live ones. */
#pragma once

#include <jansson.h>

#include "hosts.h"
#include "plan.h"

/* As dns_hosts_source, owned. */
struct dns_setup_hosts {
	struct dns_host *hosts;
	size_t n_hosts;
	struct dns_name *domains;
	size_t n_domains;
	struct ip_net *networks;
	size_t n_networks;
};

/* A list of machines as the setup and DNS_MESSAGE_HOSTS have it: new reference; and back, 0, -EINVAL or -ENOMEM. */
json_t *dns_hosts_json(const struct dns_host *hosts, size_t n);
int dns_hosts_from_json(const json_t *list, struct dns_host **ret_hosts, size_t *ret_n);

/* New reference. */
json_t *dns_setup_hosts_write(const struct plan_dns *dns);

/* 0, -EINVAL or -ENOMEM; to be freed in either case. */
int dns_setup_hosts_read(const json_t *json, struct dns_setup_hosts *hosts);
void dns_setup_hosts_fini(struct dns_setup_hosts *hosts);
