// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crowd PINS WAN LAN TARGET SERVER FLOWS: as many clients outside, each with a session to one forward, and what a packet of one of them costs.
 *
 * PINS is where a running hairpind has its tables, WAN and LAN are its devices, TARGET is ADDRESS:PORT as clients ask it, SERVER where that leads. The
 * packets are given to the programs that are in force there, by BPF_PROG_TEST_RUN; none is sent. Each client asks, is answered and asks again, so that its session is
 * proven and its way noted; then all ask once more, in another order, which is what is timed: every table is cold as with so many it is.
 * At the end the sweep goes over the whole table, in slices as the kernel's clock does it.
 *
 * Prints one JSON object: opened, hit (flows), open_ns, hit_ns (medians of the program's time, and hit_mean_ns), sweep_ns (of the whole table), size.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "helper.h"

#include <hairpin/dataplane.h>

#define FLOWS_MAX 4000000
#define CLIENTS_NET 0x0a000000u
#define PORTS 60000u
#define MAPS_MAX 64

struct packet {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
	char payload[18];
} __attribute__((packed, aligned(2)));

struct crowd {
	int wan, lan, sweep; /* programs */
	__u32 wan_index, lan_index;
	struct sockaddr_in target, server;
	__u32 flows, size; /* size: of the table */
	__u32 *ns; /* of each flow's packet */
};

static __u32 map_id(const char *pins, const char *name, __u32 *ret_size)
{
	struct bpf_map_info info = {0};
	__u32 length = sizeof(info);
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", pins, name);
	fd = bpf_obj_get(path);
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length))
		die("%s: %s", path, strerror(errno));
	close(fd);
	*ret_size = info.max_entries;
	return info.id;
}

static bool has_map(int fd, const char *name, __u32 map)
{
	__u32 maps[MAPS_MAX], length;
	struct bpf_prog_info info = {.nr_map_ids = MAPS_MAX, .map_ids = (__u64)(uintptr_t)maps};

	length = sizeof(info);
	if (bpf_obj_get_info_by_fd(fd, &info, &length) || strcmp(info.name, name))
		return false;
	for (__u32 i = 0; i < info.nr_map_ids && i < MAPS_MAX; i++) {
		if (maps[i] == map)
			return true;
	}
	return false;
}

/* Of all programs of that name the one that has the tables in question. */
static int find_program(const char *name, __u32 map)
{
	__u32 id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd >= 0 && has_map(fd, name, map))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	die("no program %s has these tables", name);
}

static void add_sum(struct packet *p)
{
	__u16 words[sizeof(p->ip) / 2];
	__u32 sum = 0;

	p->ip.check = 0;
	memcpy(words, &p->ip, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	p->ip.check = (__u16) ~(sum + (sum >> 16));
}

/* The device's own address, as the frame has to be for this machine. */
static void address_to(struct packet *p, const char *device)
{
	char path[64], text[32] = "";
	unsigned int mac[6];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/net/%s/address", device);
	file = fopen(path, "re");
	if (!file || !fgets(text, sizeof(text), file) ||
	    sscanf(text, "%x:%x:%x:%x:%x:%x", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
		   &mac[5]) != 6)
		die("%s: %s", path, strerror(errno));
	fclose(file);
	for (size_t i = 0; i < sizeof(p->eth.h_dest); i++)
		p->eth.h_dest[i] = (__u8)mac[i];
}

static struct packet packet_new(const char *device)
{
	struct packet p = {
		.eth = {.h_source = {2, 0, 0, 0, 0, 9}, .h_proto = htons(ETH_P_IP)},
		.ip = {.version = 4,
		       .ihl = 5,
		       .ttl = 64,
		       .protocol = IPPROTO_UDP,
		       .tot_len = htons(sizeof(p) - sizeof(p.eth))},
		.udp = {.len = htons(sizeof(p.udp) + sizeof(p.payload))},
	};

	address_to(&p, device);
	return p;
}

/* Runs it once; nanoseconds that the program took. Ends everything where it was not sent. */
static __u32 run(int program, __u32 ifindex, struct packet *p)
{
	struct __sk_buff ctx = {.ifindex = ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = p, .data_size_in = sizeof(*p),
		    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));

	if (bpf_prog_test_run_opts(program, &opts))
		die("test run: %s", strerror(errno));
	if (opts.retval != TC_ACT_REDIRECT)
		die("a packet of %08x:%u was not sent: %u", ntohl(p->ip.saddr),
		    ntohs(p->udp.source), opts.retval);
	return opts.duration;
}

static __u32 ask(const struct crowd *c, struct packet *p, __u32 flow)
{
	p->ip.saddr = htonl(CLIENTS_NET + 1 + flow);
	p->ip.daddr = c->target.sin_addr.s_addr;
	p->udp.source = htons((__u16)(1024 + flow % PORTS));
	p->udp.dest = c->target.sin_port;
	add_sum(p);
	return run(c->wan, c->wan_index, p);
}

static void answer(const struct crowd *c, struct packet *p, __u32 flow)
{
	p->ip.saddr = c->server.sin_addr.s_addr;
	p->ip.daddr = htonl(CLIENTS_NET + 1 + flow);
	p->udp.source = c->server.sin_port;
	p->udp.dest = htons((__u16)(1024 + flow % PORTS));
	add_sum(p);
	run(c->lan, c->lan_index, p);
}

static int compare(const void *a, const void *b)
{
	const __u32 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static __u32 median(const struct crowd *c)
{
	qsort(c->ns, c->flows, sizeof(*c->ns), compare);
	return c->ns[c->flows / 2];
}

static __u32 open_all(const struct crowd *c, struct packet *in, struct packet *back)
{
	for (__u32 flow = 0; flow < c->flows; flow++) {
		c->ns[flow] = ask(c, in, flow);
		answer(c, back, flow);
		ask(c, in, flow);
	}
	return median(c);
}

/* A step that has no factor with the number of flows meets each of them once, far from the one before. */
static __u32 hit_all(const struct crowd *c, struct packet *in, double *ret_mean)
{
	__u32 step = 611953 % c->flows ? 611953 : 611957;
	__u64 sum = 0;

	for (__u32 i = 0; i < c->flows; i++) {
		c->ns[i] = ask(c, in, (__u32)((__u64)i * step % c->flows));
		sum += c->ns[i];
	}
	*ret_mean = (double)sum / c->flows;
	return median(c);
}

static __u64 sweep_all(const struct crowd *c)
{
	char frame[64] = "";
	__u64 ns = 0;

	for (__u32 first = 0; first < c->size; first += LIMIT_SWEEP_SLICE) {
		struct __sk_buff ctx = {.cb = {first, LIMIT_SWEEP_SLICE}};
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame,
			    .data_size_in = sizeof(frame), .ctx_in = &ctx,
			    .ctx_size_in = sizeof(ctx));

		if (bpf_prog_test_run_opts(c->sweep, &opts) || opts.retval)
			die("the sweep: %s", strerror(errno));
		ns += opts.duration;
	}
	return ns;
}

int main(int argc, char **argv)
{
	struct crowd c = {0};
	struct packet in, back;
	double hit_mean_ns;
	__u32 sessions, open_ns, hit_ns;

	if (argc != 7)
		die("usage: crowd PINS WAN LAN TARGET SERVER FLOWS");
	sessions = map_id(argv[1], "hp_sessions", &c.size);
	c.wan = find_program("hp_wan_ingress", sessions);
	c.lan = find_program("hp_lan_ingress", sessions);
	c.sweep = find_program("hp_sweep", sessions);
	c.wan_index = if_nametoindex(argv[2]);
	c.lan_index = if_nametoindex(argv[3]);
	c.target = endpoint_parse(argv[4], 0).v4;
	c.server = endpoint_parse(argv[5], 0).v4;
	c.flows = (__u32)number_parse(argv[6], 1, FLOWS_MAX, "FLOWS");
	c.ns = calloc(c.flows, sizeof(*c.ns));
	if (!c.ns)
		die("no memory");
	in = packet_new(argv[2]);
	back = packet_new(argv[3]);
	open_ns = open_all(&c, &in, &back);
	hit_ns = hit_all(&c, &in, &hit_mean_ns);
	printf("{\"flows\": %u, \"size\": %u, \"open_ns\": %u, \"hit_ns\": %u, \"hit_mean_ns\": %.0f, "
	       "\"sweep_ns\": %llu}\n",
	       c.flows, c.size, open_ns, hit_ns, hit_mean_ns, sweep_all(&c));
	free(c.ns);
	return 0;
}
