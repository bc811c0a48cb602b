// SPDX-License-Identifier: GPL-2.0-or-later
/* What each process of ours needs after its start, and no call that starts or traces anything. */
#include <linux/capability.h>
#include <seccomp.h>

#include "sandbox.h"

#define END (-1)

const int sandbox_calls_end[] = {END};

const int sandbox_calls_server[] = {
	SCMP_SYS(accept4),     SCMP_SYS(listen),      SCMP_SYS(connect),
	SCMP_SYS(shutdown),    SCMP_SYS(recvfrom),    SCMP_SYS(recvmsg),
	SCMP_SYS(recvmmsg),    SCMP_SYS(sendto),      SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),    SCMP_SYS(getsockopt),  SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname), SCMP_SYS(getpeername), END,
};

const int sandbox_calls_files[] = {
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(statx),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getdents64),
	SCMP_SYS(getcwd),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(fadvise64),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(fchmod),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(geteuid),
	SCMP_SYS(getuid),
	SCMP_SYS(umask),
	END,
};

const int sandbox_calls_threads[] = {
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(rseq),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	END,
};

static const int calls_memfd[] = {
	SCMP_SYS(memfd_create),
	SCMP_SYS(fallocate),
	SCMP_SYS(ftruncate),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(fsync),
	SCMP_SYS(sendmsg), /* back to the daemon */
	SCMP_SYS(recvmsg),
	SCMP_SYS(sysinfo), /* qsort() asks how much memory there is */
	END,
};

/* libcurl with its thread for names, and the C library's ways to ask for one. */
static const int calls_fetch[] = {
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(socketpair),
	SCMP_SYS(bind), /* the C library's netlink socket, for the addresses of this machine */
	SCMP_SYS(pipe2),
	SCMP_SYS(uname),
	SCMP_SYS(getrusage),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(alarm),
	SCMP_SYS(getppid),
	END,
};

static const int calls_poll[] = {SCMP_SYS(poll), SCMP_SYS(ppoll), END};

static const int calls_channel[] = {SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), END};

static const int *const gateway_calls[] = {calls_channel, NULL};
/* Datagrams from an address of ours; a thread's start; the clock of libnatpmp where the kernel has no faster way. */
static const int calls_upstream[] = {
	SCMP_SYS(bind),	  SCMP_SYS(rt_sigaction), SCMP_SYS(gettimeofday),
	SCMP_SYS(select), SCMP_SYS(pselect6),	  END,
};

static const int *const hosts_calls[] = {sandbox_calls_server, calls_poll, NULL};
static const int *const upstream_calls[] = {sandbox_calls_server, sandbox_calls_threads, calls_poll,
					    calls_upstream, NULL};
static const int *const dns_calls[] = {sandbox_calls_server, NULL};
static const int *const lists_calls[] = {calls_memfd, NULL};
static const int *const lists_fetch_calls[] = {sandbox_calls_server,  sandbox_calls_files,
					       sandbox_calls_threads, calls_memfd,
					       calls_fetch,	      NULL};

const struct sandbox sandbox_dns = {
	.user = "hairpin-dns",
	.calls = dns_calls,
	.has_internet = true,
};

const struct sandbox sandbox_gateway = {
	.user = "hairpin-probe",
	.calls = gateway_calls,
};

const struct sandbox sandbox_hosts = {
	.user = "hairpin-hosts",
	.calls = hosts_calls,
};

const struct sandbox sandbox_hosts_ask = {
	.user = "hairpin-hosts",
	.calls = hosts_calls,
	.has_internet = true,
};

const struct sandbox sandbox_upstream = {
	.user = "hairpin-upstream",
	.calls = upstream_calls,
	.has_internet = true,
};

/*
 * Its libraries, the names that it looks itself up by, and what it asks the kernel for. CAP_NET_ADMIN is for the neighbour entry of a client that has no
 * address yet (and dnsmasq ends without it); RAW for router advertisements and for asking whether an address answers; BIND_SERVICE for ports 67 and 547.
 */
const struct sandbox sandbox_dhcp = {
	.user = "hairpin-dhcp",
	.capabilities = 1ULL << CAP_NET_ADMIN | 1ULL << CAP_NET_RAW | 1ULL << CAP_NET_BIND_SERVICE,
	.paths = {{"", SANDBOX_WRITE},
		  {"/usr", SANDBOX_READ | SANDBOX_RUN},
		  {"/lib", SANDBOX_READ | SANDBOX_RUN},
		  {"/lib64", SANDBOX_READ | SANDBOX_RUN},
		  {"/etc/ld.so.cache", SANDBOX_READ},
		  {"/etc/passwd", SANDBOX_READ},
		  {"/etc/group", SANDBOX_READ},
		  {"/etc/nsswitch.conf", SANDBOX_READ},
		  {"/proc/self", SANDBOX_READ},
		  {"/proc/sys/net", SANDBOX_READ},
		  {"/dev/null", SANDBOX_WRITE},
		  {"/dev/urandom", SANDBOX_READ}},
	.is_program = true,
};

const struct sandbox sandbox_lists = {
	.user = "hairpin-lists",
	.calls = lists_calls,
};

const struct sandbox sandbox_lists_fetch = {
	.user = "hairpin-lists",
	.paths = {{"/etc/resolv.conf", SANDBOX_READ},
		  {"/etc/hosts", SANDBOX_READ},
		  {"/etc/host.conf", SANDBOX_READ},
		  {"/etc/nsswitch.conf", SANDBOX_READ},
		  {"/etc/gai.conf", SANDBOX_READ},
		  {"/etc/ssl", SANDBOX_READ},
		  {"/etc/gnutls", SANDBOX_READ},
		  {"/usr/share/ca-certificates", SANDBOX_READ},
		  {"/usr/local/share/ca-certificates", SANDBOX_READ},
		  {"/run/systemd/resolve", SANDBOX_READ}, /* where resolv.conf may lead */
		  {"/usr/lib",
		   SANDBOX_READ | SANDBOX_RUN}}, /* ways to ask for names (nss) are libraries */
	.calls = lists_fetch_calls,
	.has_internet = true,
};

/* SQLite beside the common ones, and the sockets that the daemon hands over. */
static const int calls_log[] = {
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(getsockopt), /* libuv asks what a descriptor is */
	SCMP_SYS(getsockname),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(fchown),
	SCMP_SYS(sysinfo), /* the C library's qsort() */
	END,
};

static const int *const log_calls[] = {sandbox_calls_files, calls_log, NULL};

const struct sandbox sandbox_log = {
	.user = "hairpin-log",
	.paths = {{".", SANDBOX_READ | SANDBOX_WRITE}},
	.calls = log_calls,
};

int sandbox_log_enter(void)
{
	return sandbox_enter(&sandbox_log);
}
