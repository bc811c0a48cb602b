// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * load KEY=VALUE...: sends frames from one namespace and counts in another which of them came as they should; prints JSON.
 * load bare NS/DEVICE DEVICE: the contender: what comes in by one of the two goes out by the other.
 *
 *   from=NS/DEVICE to=NS/DEVICE      the client's and the server's
 *   client=A flows=N per=N           flow f is of address A + f / per,
 *   port=N ports=N                   and its port is port + f % ports; as many ports as per unless it was said
 *   target=A:P server=A:P seen=A     what it asks, who gets it, and from whom if not from the client
 *   targets=N                        the flows ask so many addresses one by one, from target on, each in the same flows by client and port, or nearly so
 *   via=MAC back=MAC                 the gateway's, on either side
 *   frames=N ms=N                    how long, ways together: until both are reached, or SIGINT
 *   warm=N step=N                    flows that are made before it is measured, so many at a time: each is asked, answered and asked again,
 *   answered=0                       or asked only
 *   rate=N batch=N ttl=N answers=1 timed=1 programs=1 cpu=N
 *
 * A live frame of BPF_PROG_TEST_RUN is carried to the far end in the softirq of the caller, so one CPU generates, forwards and sinks. The sink is an XDP
 * program: without one, or GRO, a veth takes no redirected frame.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "helper.h"
#include "load_options.h"
#include "load_report.h"

/*
 * Frames of one system call. It sets up pages and waits for the kernel's readers to be done with those of the call before, some 30 ms, of which nothing is
 * measured. The first one, and how few and how many there may be.
 */
#define CHUNK 16384
#define LEAST 4096
#define MOST (1 << 24)
/* How long the last ones may be on their way. */
#define DRAIN_NS 200000000ULL

static volatile sig_atomic_t is_over;

struct load {
	struct load_options options;
	struct load_bpf *skel;
	int namespaces[LOAD_WAYS];
	__u64 sent[LOAD_WAYS];
	__u64 ns; /* in which frames were on their way */
	struct load_tally warmed;
};

static int ns_open(const char *ns)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	return fd;
}

static void ns_enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		die("setns: %s", strerror(errno));
}

static __u32 ifindex_of(const char *name)
{
	__u32 ifindex = if_nametoindex(name);

	if (!ifindex)
		die("%s: %s", name, strerror(errno));
	return ifindex;
}

static void mac_get(const char *name, __u16 ret[3])
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request))
		die("%s: %s", name, strerror(errno));
	memcpy(ret, request.ifr_hwaddr.sa_data, 6);
	close(fd);
}

/* Both ends get a sink: each is the other's peer, and has to take redirected frames. */
static void ends_find(struct load *load)
{
	const struct load_device *devices[LOAD_WAYS] = {&load->options.from, &load->options.to};

	for (int way = 0; way < LOAD_WAYS; way++) {
		struct load_end *end = &load->options.plan.ends[way];

		load->namespaces[way] = ns_open(devices[way]->ns);
		ns_enter(load->namespaces[way]);
		end->ifindex = ifindex_of(devices[way]->name);
		mac_get(devices[way]->name, end->mac);
	}
}

static void sink_set(const struct load *load, enum load_way end, int program)
{
	int ret;

	ns_enter(load->namespaces[end]);
	ret = bpf_xdp_attach((int)load->options.plan.ends[end].ifindex, program, XDP_FLAGS_DRV_MODE,
			     NULL);
	if (ret)
		die("attaching the sink: %s", strerror(-ret));
}

static void load_open(struct load *load)
{
	ends_find(load);
	load->skel = load_bpf__open();
	if (!load->skel)
		die("opening the programs: %s", strerror(errno));
	memcpy((void *)&load->skel->rodata->plan, &load->options.plan, sizeof(load->options.plan));
	bpf_map__set_max_entries(load->skel->maps.load_seen, load->options.plan.flows);
	if (load_bpf__load(load->skel))
		die("loading the programs: %s", strerror(errno));
	sink_set(load, LOAD_ASK, bpf_program__fd(load->skel->progs.load_sink_answers));
	sink_set(load, LOAD_ANSWER, bpf_program__fd(load->skel->progs.load_sink_asks));
}

/*
 * From the first batch to the last one, and as much for the last. Not the time of the call, much of which is its set-up; nor the duration that the
 * kernel says, which leaves out what ksoftirqd does of the work while the call lets others run.
 */
static __u64 call_ns(__u64 first_ns, __u64 last_ns, __u64 batch, __u64 count)
{
	__u64 others = count > batch ? count - batch : 1;

	return (__u64)((double)(last_ns - first_ns) * (double)count / (double)others);
}

static void send_frames(struct load *load, enum load_way way, __u64 count)
{
	__u8 frame[LOAD_FRAME_OCTETS] = {0};
	const struct bpf_program *program =
		way == LOAD_ASK ? load->skel->progs.load_ask : load->skel->progs.load_answer;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = (int)count, .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		    .batch_size = load->options.plan.batch);

	load->skel->bss->made = 0;
	load->skel->bss->first_ns = 0;
	ns_enter(load->namespaces[way]);
	if (bpf_prog_test_run_opts(bpf_program__fd(program), &opts) && errno != EINTR)
		die("sending: %s", strerror(errno));
	count = load->skel->bss->made;
	load->sent[way] += count;
	load->ns += call_ns(load->skel->bss->first_ns, load->skel->bss->last_ns,
			    load->options.plan.batch, count);
}

/* @count frames each way that there is. */
static void send_ways(struct load *load, __u64 count)
{
	send_frames(load, LOAD_ASK, count);
	if (load->options.answers)
		send_frames(load, LOAD_ANSWER, count);
}

/* What is left of the time, by what was sent in that which is gone; where the ways take turns, eight of each. */
static __u64 chunk_of(const struct load *load)
{
	__u64 sent = load->sent[LOAD_ASK] + load->sent[LOAD_ANSWER];
	double whole_ns = load->options.seconds * 1e9, left_ns = whole_ns - (double)load->ns;
	double chunk = CHUNK, least;

	if (load->options.rate)
		chunk = (double)load->options.rate * left_ns / 1e9;
	else if (load->ns)
		chunk = (double)sent * (load->options.answers ? whole_ns / 16 : left_ns) /
			(double)load->ns;
	/* Of a single batch no time passes from the first to the last: it would never end. */
	least = load->options.rate ? 2 * load->options.plan.batch : LEAST;
	return chunk < least ? (__u64)least : chunk > MOST ? MOST : (__u64)chunk;
}

/* Each way, of those that were asked for by number. */
static __u64 frames_left(const struct load *load)
{
	__u64 sent = load->sent[LOAD_ASK] + load->sent[LOAD_ANSWER];
	const struct load_options *options = &load->options;

	return options->frames > sent ? (options->frames - sent) / (options->answers ? 2 : 1) : 0;
}

static void send_all(struct load *load)
{
	while (!is_over) {
		bool has_time = (double)load->ns < load->options.seconds * 1e9;
		__u64 count = has_time ? chunk_of(load) : frames_left(load);

		if (!count)
			return;
		send_ways(load, count);
	}
}

static __u64 arrived(const struct load *load)
{
	struct load_tally tally;

	load_tally_read(load->skel, &tally);
	return load_tally_frames(&tally);
}

/* Until all that was sent is counted, or nothing more comes. */
static void drain(const struct load *load)
{
	__u64 sent = load->sent[LOAD_ASK] + load->sent[LOAD_ANSWER];
	__u64 end_ns = now_ns() + DRAIN_NS;

	while (arrived(load) < sent && now_ns() < end_ns)
		sched_yield();
}

static void warm_leg(struct load *load, enum load_way way, __u64 first, __u64 count)
{
	load->skel->bss->next_flow[way] = (__u32)(first % load->options.plan.flows);
	send_frames(load, way, count);
	drain(load);
}

/*
 * Each flow is answered, and asks again, before it counts. To netfilter one that nobody answered is new with every packet, so that the limit of new flows of a
 * host would drop it; to hairpin one from outside is not proven before its second packet, and those make room for each other. No steady flow of the world is either.
 */
static void warm(struct load *load)
{
	const struct load_options *options = &load->options;
	__u64 step = options->step ? options->step : options->warm;

	for (__u64 at = 0; at < options->warm; at += step) {
		__u64 count = options->warm - at < step ? options->warm - at : step;

		warm_leg(load, LOAD_ASK, at, count);
		if (!options->answered)
			continue;
		warm_leg(load, LOAD_ANSWER, at, count);
		warm_leg(load, LOAD_ASK, at, count);
	}
	load_tally_read(load->skel, &load->warmed);
	load_tally_clear(load->skel);
	memset(load->sent, 0, sizeof(load->sent));
	load->ns = 0;
	for (int way = 0; way < LOAD_WAYS; way++)
		load->skel->bss->next_flow[way] = 0;
	load->skel->bss->due_ns = 0;
}

static void run(struct load *load)
{
	struct load_report report = {0};

	load_open(load);
	warm(load);
	if (load->options.programs)
		load_programs_begin(&report);
	send_all(load);
	report.ns = load->ns;
	drain(load);
	if (load->options.programs)
		load_programs_end(&report);
	report.sent = load->sent[LOAD_ASK] + load->sent[LOAD_ANSWER];
	report.flows = load->options.plan.flows;
	report.warmed = load->warmed.right;
	load_report_print(load->skel, &report);
	sink_set(load, LOAD_ASK, -1);
	sink_set(load, LOAD_ANSWER, -1);
	load_bpf__destroy(load->skel);
}

/* Stays attached when this process has ended. */
static void bare(char *device, const char *other)
{
	struct load_device first;
	struct load_bpf *skel = load_bpf__open();

	if (!skel)
		die("opening the programs: %s", strerror(errno));
	load_device_read(device, &first);
	ns_enter(ns_open(first.ns));
	*(__u32 *)&skel->rodata->bare_ifindex[0] = ifindex_of(first.name);
	*(__u32 *)&skel->rodata->bare_ifindex[1] = ifindex_of(other);
	if (load_bpf__load(skel))
		die("loading the programs: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		int ret = bpf_xdp_attach((int)skel->rodata->bare_ifindex[i],
					 bpf_program__fd(skel->progs.load_bare), XDP_FLAGS_DRV_MODE,
					 NULL);

		if (ret)
			die("attaching: %s", strerror(-ret));
	}
	load_bpf__destroy(skel);
}

/* The kernel ends a run of frames at a signal, and what was counted until then is told. */
static void end_it(int number)
{
	(void)number;
	is_over = 1;
}

int main(int argc, char **argv)
{
	struct load load = {0};
	cpu_set_t cpus;

	if (argc == 4 && !strcmp(argv[1], "bare")) {
		bare(argv[2], argv[3]);
		return 0;
	}
	load_options_read(argv + 1, &load.options);
	CPU_ZERO(&cpus);
	CPU_SET(load.options.cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		die("CPU %u: %s", load.options.cpu, strerror(errno));
	/* What else wants the processor waits. Not a real-time class: the kernel stops one for a part of each second. */
	if (setpriority(PRIO_PROCESS, 0, -20))
		die("priority: %s", strerror(errno));
	sigaction(SIGINT, &(struct sigaction){.sa_handler = end_it}, NULL);
	run(&load);
	return 0;
}
