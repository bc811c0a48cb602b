// SPDX-License-Identifier: GPL-2.0-or-later
#include "load_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "helper.h"

static const char *const WRONG_NAMES[LOAD_WRONGS] = {
	[LOAD_WRONG_FLOW] = "flow", [LOAD_WRONG_ADDRESS] = "address",	[LOAD_WRONG_PORT] = "port",
	[LOAD_WRONG_TTL] = "ttl",   [LOAD_WRONG_CHECKSUM] = "checksum",
};

static struct load_tally *tallies_new(void)
{
	struct load_tally *tallies = calloc((size_t)libbpf_num_possible_cpus(), sizeof(*tallies));

	if (!tallies)
		die("out of memory");
	return tallies;
}

void load_tally_read(struct load_bpf *skel, struct load_tally *ret)
{
	struct load_tally *tallies = tallies_new();
	__u64 *sum = (__u64 *)ret;
	__u32 zero = 0;

	memset(ret, 0, sizeof(*ret));
	if (bpf_map_lookup_elem(bpf_map__fd(skel->maps.load_tallies), &zero, tallies))
		die("reading the tally: %s", strerror(errno));
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		for (size_t i = 0; i < sizeof(*ret) / sizeof(__u64); i++)
			sum[i] += ((const __u64 *)&tallies[cpu])[i];
	free(tallies);
}

void load_tally_clear(struct load_bpf *skel)
{
	struct load_tally *tallies = tallies_new();
	__u32 zero = 0;

	if (bpf_map_update_elem(bpf_map__fd(skel->maps.load_tallies), &zero, tallies, 0))
		die("clearing the tally: %s", strerror(errno));
	free(tallies);
}

__u64 load_tally_frames(const struct load_tally *tally)
{
	__u64 frames = tally->right;

	for (int i = 0; i < LOAD_WRONGS; i++)
		frames += tally->wrong[i];
	return frames;
}

/* Whether @ret holds a program of ours; the information of id @id. */
static bool program_get(__u32 id, struct bpf_prog_info *ret)
{
	__u32 octets = sizeof(*ret);
	int fd = bpf_prog_get_fd_by_id(id);
	bool is_ours;

	memset(ret, 0, sizeof(*ret));
	is_ours = fd >= 0 && !bpf_obj_get_info_by_fd(fd, ret, &octets) &&
		  !strncmp(ret->name, "hp_", 3);
	if (fd >= 0)
		close(fd);
	return is_ours;
}

void load_programs_begin(struct load_report *report)
{
	struct bpf_prog_info info;
	__u32 id = 0;

	report->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (report->stats_fd < 0)
		die("measuring programs: %s", strerror(errno));
	while (report->programs_n < LOAD_PROGRAMS && !bpf_prog_get_next_id(id, &id)) {
		struct load_program *program = &report->programs[report->programs_n];

		if (!program_get(id, &info))
			continue;
		*program = (struct load_program){
			.id = id, .runs = info.run_cnt, .ns = info.run_time_ns};
		memcpy(program->name, info.name, sizeof(program->name));
		report->programs_n++;
	}
}

void load_programs_end(struct load_report *report)
{
	struct bpf_prog_info info;

	for (size_t i = 0; i < report->programs_n; i++) {
		struct load_program *program = &report->programs[i];
		bool is_there = program_get(program->id, &info);

		program->runs = is_there ? info.run_cnt - program->runs : 0;
		program->ns = is_there ? info.run_time_ns - program->ns : 0;
	}
	close(report->stats_fd);
}

static double bucket_ns(size_t bucket)
{
	size_t power = bucket / 16 + 3;

	if (bucket < 16)
		return (double)bucket;
	return ((double)(bucket % 16) + 16.5) * (double)(1ULL << (power - 4));
}

/* The time that this share of the frames took at most. */
static double quantile_ns(const struct load_tally *tally, double share)
{
	__u64 all = 0, below = 0;
	size_t bucket;

	for (bucket = 0; bucket < LOAD_BUCKETS; bucket++)
		all += tally->buckets[bucket];
	for (bucket = 0; bucket < LOAD_BUCKETS; bucket++) {
		below += tally->buckets[bucket];
		if ((double)below >= share * (double)all)
			break;
	}
	return bucket_ns(bucket);
}

/* How many flows the server saw, and how many ports they came from. */
static void seen_count(struct load_bpf *skel, __u32 flows, __u32 *ret_seen, __u32 *ret_ports)
{
	unsigned char *used = calloc(65536, 1);

	*ret_seen = *ret_ports = 0;
	if (!used)
		die("out of memory");
	for (__u32 flow = 0; flow < flows; flow++) {
		__u32 port = 0;

		if (bpf_map_lookup_elem(bpf_map__fd(skel->maps.load_seen), &flow, &port) || !port)
			continue;
		++*ret_seen;
		*ret_ports += !used[port & 0xffff];
		used[port & 0xffff] = 1;
	}
	free(used);
}

static void programs_print(const struct load_report *report)
{
	const char *comma = "";

	printf(", \"programs\": [");
	for (size_t i = 0; i < report->programs_n; i++) {
		const struct load_program *program = &report->programs[i];

		if (!program->runs)
			continue;
		printf("%s{\"name\": \"%.16s\", \"runs\": %llu, \"ns\": %llu}", comma,
		       program->name, program->runs, program->ns);
		comma = ", ";
	}
	printf("]");
}

void load_report_print(struct load_bpf *skel, const struct load_report *report)
{
	struct load_tally tally;
	__u32 seen, ports;

	load_tally_read(skel, &tally);
	seen_count(skel, report->flows, &seen, &ports);
	printf("{\"warmed\": %llu, \"sent\": %llu, \"right\": %llu, \"ns\": %llu", report->warmed,
	       report->sent, tally.right, report->ns);
	printf(", \"flows\": %u, \"ports\": %u", seen, ports);
	printf(", \"p50_ns\": %.0f, \"p99_ns\": %.0f, \"wrong\": {", quantile_ns(&tally, 0.5),
	       quantile_ns(&tally, 0.99));
	for (int i = 0; i < LOAD_WRONGS; i++)
		printf("%s\"%s\": %llu", i ? ", " : "", WRONG_NAMES[i], tally.wrong[i]);
	printf("}");
	programs_print(report);
	printf("}\n");
}
