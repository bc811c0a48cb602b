// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"
#include "kernel_call.h"
#include "nft.h"

/* --- what bpf(2) can do ------------------------------------------------------------------------------------- */

enum feature_kind { FEATURE_PROGRAM, FEATURE_MAP, FEATURE_HELPER };

static const struct feature {
	enum feature_kind kind;
	int id;
	const char *name; /* with the kernel that brought it */
} features[] = {
	{FEATURE_PROGRAM, BPF_PROG_TYPE_SCHED_CLS, "BPF programs in tc (CONFIG_BPF_SYSCALL)"},
	{FEATURE_PROGRAM, BPF_PROG_TYPE_SYSCALL, "BPF syscall programs (Linux 5.14)"},
	{FEATURE_MAP, BPF_MAP_TYPE_QUEUE, "BPF queues (Linux 4.20)"},
	{FEATURE_MAP, BPF_MAP_TYPE_LPM_TRIE, "BPF prefix tables (Linux 4.11)"},
	{FEATURE_MAP, BPF_MAP_TYPE_ARRAY_OF_MAPS, "BPF maps of maps (Linux 4.12)"},
	{FEATURE_HELPER, BPF_FUNC_redirect_neigh, "bpf_redirect_neigh (Linux 5.10)"},
	{FEATURE_HELPER, BPF_FUNC_fib_lookup, "bpf_fib_lookup (Linux 4.18)"},
	{FEATURE_HELPER, BPF_FUNC_loop, "bpf_loop (Linux 5.17)"},
};

static int feature_probe(const struct feature *feature)
{
	switch (feature->kind) {
	case FEATURE_PROGRAM:
		return libbpf_probe_bpf_prog_type((enum bpf_prog_type)feature->id, NULL);
	case FEATURE_MAP:
		return libbpf_probe_bpf_map_type((enum bpf_map_type)feature->id, NULL);
	case FEATURE_HELPER:
		return libbpf_probe_bpf_helper(BPF_PROG_TYPE_SCHED_CLS,
					       (enum bpf_func_id)feature->id, NULL);
	}
	return -EINVAL;
}

static int features_probe(struct strbuf *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		int ret = feature_probe(&features[i]);

		if (ret > 0)
			continue;
		if (ret == -EPERM) {
			strbuf_add(why,
				   "bpf(2) is not permitted: run as root, and not in a container "
				   "without CAP_BPF and CAP_NET_ADMIN");
			return ret;
		}
		strbuf_add(why, "this kernel lacks %s", features[i].name);
		return ret ? ret : -EOPNOTSUPP;
	}
	return 0;
}

/* --- what can be tried only on a device: in a network namespace made for it -------------------------------- */

#define LOOPBACK 1

enum {
	TRIED_OK = 0,
	TRIED_CLSACT,
	TRIED_FILTER,
	TRIED_NFT,
	TRIED_NAMESPACE,
	TRIED_PROGRAM,
	TRIED_MAX,
};

static const char *const tried_names[TRIED_MAX] = {
	[TRIED_CLSACT] =
		"this kernel lacks the clsact qdisc (CONFIG_NET_SCH_INGRESS, module sch_ingress)",
	[TRIED_FILTER] = "this kernel lacks BPF filters in tc (CONFIG_NET_CLS_BPF, module cls_bpf)",
	[TRIED_NFT] =
		"this kernel lacks nftables with notrack and fib (NF_TABLES_INET, NFT_CT, NFT_FIB_INET)",
	[TRIED_NAMESPACE] = "this kernel lacks network namespaces (CONFIG_NET_NS)",
	[TRIED_PROGRAM] =
		"the program nft is not there (package nftables), by which a build without libnftables guards what passes",
};

static int filter_try(void)
{
	static const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = LOOPBACK, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options);

	if (bpf_tc_hook_create(&hook))
		return TRIED_CLSACT;
	options.prog_fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "hp_probe", "GPL", pass,
					ARRAY_SIZE(pass), NULL);
	if (options.prog_fd < 0 || bpf_tc_attach(&hook, &options))
		return TRIED_FILTER;
	return TRIED_OK;
}

static int try_all(void)
{
	static const char table[] =
		"add table inet probe\n"
		"add chain inet probe prerouting { type filter hook prerouting priority -300; }\n"
		"add rule inet probe prerouting meta mark & 1 == 0 ip daddr 192.0.2.1 notrack\n"
		"add rule inet probe prerouting meta nfproto ipv4 fib daddr oifname \"lo\" notrack\n";
	int tried, ret;

	/* A daemon started with few capabilities cannot try, and need not: another one ran here before it. */
	if (unshare(CLONE_NEWNET))
		return errno == EPERM ? TRIED_OK : TRIED_NAMESPACE;
	tried = filter_try();
	if (tried)
		return tried;
	ret = nft_run(table, 0, NULL, NULL);
	if (ret == -EOPNOTSUPP)
		return TRIED_PROGRAM;
	return ret ? TRIED_NFT : TRIED_OK;
}

static int devices_probe(struct strbuf *why)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return -errno;
	if (child == 0) {
		/* The instance lock is among them: who kills the daemon now must not find it held by a child. */
		kernel_close_from(3, 0);
		_exit(try_all());
	}
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) >= TRIED_MAX)
		return -EIO;
	if (WEXITSTATUS(status) == TRIED_OK)
		return 0;
	strbuf_add(why, "%s", tried_names[WEXITSTATUS(status)]);
	return -EOPNOTSUPP;
}

int probe(struct strbuf *why)
{
	int ret;

	text_start();
	ret = features_probe(why);
	return ret ? ret : devices_probe(why);
}
