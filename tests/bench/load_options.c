// SPDX-License-Identifier: GPL-2.0-or-later
#include "load_options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"

#define BATCH 64 /* what the kernel runs at once unless it is told otherwise */
#define BATCH_MAX 256

void load_device_read(char *text, struct load_device *ret)
{
	char *slash = strchr(text, '/');

	if (!slash)
		die("\"%s\" is no NS/DEVICE", text);
	*slash = '\0';
	*ret = (struct load_device){.ns = text, .name = slash + 1};
}

static void endpoint_read(const char *text, __be32 *ret_address, __be16 *ret_port)
{
	union endpoint endpoint = endpoint_parse(text, 0);

	if (endpoint.any.sa_family != AF_INET)
		die("\"%s\" is no IPv4 address", text);
	*ret_address = endpoint.v4.sin_addr.s_addr;
	if (ret_port)
		*ret_port = endpoint.v4.sin_port;
}

static void mac_read(const char *text, __u16 ret[3])
{
	__u8 mac[6];

	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
		   &mac[4], &mac[5]) != 6)
		die("\"%s\" is no Ethernet address", text);
	memcpy(ret, mac, sizeof(mac));
}

static bool endpoint_option(struct load_plan *plan, const char *key, char *value)
{
	__be32 address = 0;

	if (!strcmp(key, "client")) {
		endpoint_read(value, &address, NULL);
		plan->client = ntohl(address);
	} else if (!strcmp(key, "target")) {
		endpoint_read(value, &address, &plan->target_port);
		plan->target = ntohl(address);
	} else if (!strcmp(key, "server")) {
		endpoint_read(value, &address, &plan->server_port);
		plan->server = ntohl(address);
	} else if (!strcmp(key, "seen")) {
		endpoint_read(value, &plan->seen, NULL);
	} else if (!strcmp(key, "via")) {
		mac_read(value, plan->ends[LOAD_ASK].gateway);
	} else if (!strcmp(key, "back")) {
		mac_read(value, plan->ends[LOAD_ANSWER].gateway);
	} else {
		return false;
	}
	return true;
}

static bool plan_option(struct load_plan *plan, const char *key, char *value)
{
	if (!strcmp(key, "flows"))
		plan->flows = (__u32)number_parse(value, 1, LOAD_FLOWS_MAX, key);
	else if (!strcmp(key, "per"))
		plan->flows_per_client = (__u32)number_parse(value, 1, 65535, key);
	else if (!strcmp(key, "ports"))
		plan->ports = (__u32)number_parse(value, 1, 65535, key);
	else if (!strcmp(key, "port"))
		plan->first_port = (__u16)number_parse(value, 1, 65535, key);
	else if (!strcmp(key, "targets"))
		plan->targets = (__u32)number_parse(value, 1, LOAD_FLOWS_MAX, key);
	else if (!strcmp(key, "ttl"))
		plan->ttl = (__u8)number_parse(value, 1, 255, key);
	else if (!strcmp(key, "batch"))
		plan->batch = (__u32)number_parse(value, 1, BATCH_MAX, key);
	else if (!strcmp(key, "timed"))
		plan->timed = (__u8)number_parse(value, 0, 1, key);
	else
		return endpoint_option(plan, key, value);
	return true;
}

static bool option(struct load_options *options, const char *key, char *value)
{
	if (!strcmp(key, "from"))
		load_device_read(value, &options->from);
	else if (!strcmp(key, "to"))
		load_device_read(value, &options->to);
	else if (!strcmp(key, "frames"))
		options->frames = (__u64)number_parse(value, 1, 1000000000, key);
	else if (!strcmp(key, "ms"))
		options->seconds = (double)number_parse(value, 1, 600000, key) / 1000;
	else if (!strcmp(key, "warm"))
		options->warm = (__u64)number_parse(value, 0, 1000000000, key);
	else if (!strcmp(key, "step"))
		options->step = (__u64)number_parse(value, 1, 1000000000, key);
	else if (!strcmp(key, "answered"))
		options->answered = number_parse(value, 0, 1, key);
	else if (!strcmp(key, "rate"))
		options->rate = (__u64)number_parse(value, 1, 100000000, key);
	else if (!strcmp(key, "answers"))
		options->answers = number_parse(value, 0, 1, key);
	else if (!strcmp(key, "programs"))
		options->programs = number_parse(value, 0, 1, key);
	else if (!strcmp(key, "cpu"))
		options->cpu = (unsigned int)number_parse(value, 0, 1023, key);
	else
		return plan_option(&options->plan, key, value);
	return true;
}

static void options_check(const struct load_options *options)
{
	const struct load_plan *plan = &options->plan;

	if (!options->from.ns || !options->to.ns)
		die("from and to are needed");
	if (!options->frames && !(options->seconds > 0))
		die("frames or ms says how long");
	if (!plan->client || !plan->target || !plan->server)
		die("client, target and server are needed");
	if (plan->first_port + plan->ports > 65536)
		die("there are no %u ports from %u", plan->ports, plan->first_port);
	if (plan->targets > plan->flows)
		die("%u flows cannot ask %u addresses", plan->flows, plan->targets);
	if (plan->ports < plan->flows_per_client)
		die("a client has %u flows and %u ports", plan->flows_per_client, plan->ports);
}

void load_options_read(char **arguments, struct load_options *ret)
{
	bool has_warm = false;

	*ret = (struct load_options){.answered = true,
				     .plan = {.flows = 1,
					      .flows_per_client = 1000,
					      .targets = 1,
					      .first_port = 20000,
					      .ttl = 63,
					      .batch = BATCH}};
	for (; *arguments; arguments++) {
		char *equals = strchr(*arguments, '=');

		if (equals)
			*equals = '\0';
		if (!equals || !option(ret, *arguments, equals + 1))
			die("\"%s\" is no option", *arguments);
		has_warm |= !strcmp(*arguments, "warm");
	}
	if (!ret->plan.ports)
		ret->plan.ports = ret->plan.flows_per_client;
	options_check(ret);
	ret->plan.flows_per_target = (ret->plan.flows + ret->plan.targets - 1) / ret->plan.targets;
	if (!has_warm)
		ret->warm = ret->plan.flows;
	if (ret->rate)
		ret->plan.interval_ns = 1000000000ULL * ret->plan.batch / ret->rate;
}
