// SPDX-License-Identifier: GPL-2.0-or-later
#include "sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/netlink.h>
#include <pwd.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"

#define USER_ELSE "nobody"

/* The loop, descriptors, memory, the end: what every one of them needs. */
static const int calls_all[] = {
	/* the loop */
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(eventfd2),
	/* descriptors: libuv asks and sets their modes; what the daemon says is read from one */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(fcntl),
	SCMP_SYS(ioctl),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(lseek),
	/* memory */
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	/* the end, and what the log is dated with */
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(sigaltstack), /* the sanitizers ask for it before an end */
	-1,
};

/* What a program of others is refused: it goes on, and its log says what it missed. */
static const int calls_of_no_server[] = {
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(kcmp),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(bpf),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(adjtimex),
	SCMP_SYS(acct),
	-1,
};

/* Who it becomes; asked for while /etc/passwd can still be read. */
struct entering {
	const struct sandbox *profile;
	uid_t uid;
	gid_t gid;
};

static int user_find(struct entering *entering)
{
	const struct passwd *user = getpwnam(entering->profile->user);

	if (!user)
		user = getpwnam(USER_ELSE);
	if (!user)
		return -ENOENT;
	entering->uid = user->pw_uid;
	entering->gid = user->pw_gid;
	return 0;
}

int sandbox_folder_make(const struct sandbox *profile, const char *path)
{
	struct entering entering = {.profile = profile};
	int ret = user_find(&entering);
	struct stat status;

	if (ret)
		return ret;
	if (mkdir(path, 0770) && errno != EEXIST)
		return -errno;
	if (lstat(path, &status))
		return -errno;
	if (!S_ISDIR(status.st_mode))
		return -ENOTDIR;
	if (status.st_uid == entering.uid)
		return 0;
	/* Our group keeps the way in: a daemon without the right to pass over modes removes files there, and starts the process in it. */
	if (status.st_uid != geteuid() || chmod(path, 0770))
		return -EPERM;
	return lchown(path, entering.uid, getegid()) ? -errno : 0;
}

static int gains_end(struct entering *entering)
{
	const struct rlimit none = {0};

	if (!entering->profile->may_dump_core && setrlimit(RLIMIT_CORE, &none))
		return -errno;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

static int files_close(struct entering *entering)
{
	return sandbox_files_close(entering->profile);
}

static int user_change(struct entering *entering)
{
	/* Capabilities go with the user unless they are held on to; the next step drops all that are not named. */
	if (entering->profile->capabilities && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
		return -errno;
	if (setgroups(0, NULL) || setresgid(entering->gid, entering->gid, entering->gid) ||
	    setresuid(entering->uid, entering->uid, entering->uid))
		return -errno;
	return 0;
}

static int capabilities_drop(struct entering *entering)
{
	const struct sandbox *profile = entering->profile;
	const capng_type_t own = CAPNG_EFFECTIVE | CAPNG_PERMITTED;
	const capng_type_t heirs = CAPNG_INHERITABLE | CAPNG_AMBIENT;

	capng_clear(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++) {
		if (profile->capabilities >> i & 1)
			capng_update(CAPNG_ADD, own | (profile->is_program ? heirs : 0), i);
	}
	if (capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	return profile->is_program && capng_apply(CAPNG_SELECT_AMBIENT) ? -EPERM : 0;
}

static int calls_add(scmp_filter_ctx filter, __u32 action, const int *calls)
{
	int ret = 0;

	for (; *calls != -1 && !ret; calls++) {
		ret = seccomp_rule_add(filter, action, *calls, 0);
		/* Two tables may name the same call. */
		if (ret == -EEXIST)
			ret = 0;
	}
	return ret;
}

static bool has_calls(const struct sandbox *profile, const int *calls)
{
	for (const int *const *at = profile->calls; at && *at; at++) {
		if (*at == calls)
			return true;
	}
	return false;
}

static int socket_allow(scmp_filter_ctx filter, int family)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family));
}

/* Of the families that names are asked and lists are fetched over; the others are refused and no reason to die: the C library tries a few. */
static int sockets_allow(scmp_filter_ctx filter, const struct sandbox *profile)
{
	int ret = socket_allow(filter, AF_INET);

	if (!ret)
		ret = socket_allow(filter, AF_INET6);
	/* Where names are asked by the C library: it looks for a daemon of its own, and asks the kernel which addresses there are. */
	if (!ret && has_calls(profile, sandbox_calls_threads)) {
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
				       SCMP_A0(SCMP_CMP_EQ, AF_NETLINK),
				       SCMP_A2(SCMP_CMP_EQ, NETLINK_ROUTE));
		if (!ret)
			ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT),
					       SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	}
	return ret;
}

static int calls_allow(scmp_filter_ctx filter, const struct sandbox *profile)
{
	int ret = calls_add(filter, SCMP_ACT_ALLOW, calls_all);

	for (const int *const *at = profile->calls; at && *at && !ret; at++)
		ret = calls_add(filter, SCMP_ACT_ALLOW, *at);
	/* Refused and no reason to die: out of descriptors, libuv gives up its reserve to turn a client away, and tries to open it again. */
	if (!ret && !has_calls(profile, sandbox_calls_files))
		ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 0);
	if (!ret && profile->has_internet)
		ret = sockets_allow(filter, profile);
	return ret;
}

/*
 * A server of a LAN speaks Internet and asks for routes. With CAP_NET_ADMIN and netfilter's sockets it could take away the guard that drops what no filter of
 * ours has judged; with AF_PACKET it could read what is not its own.
 */
static int calls_refuse(scmp_filter_ctx filter)
{
	int ret = calls_add(filter, SCMP_ACT_ERRNO(EPERM), calls_of_no_server);

	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
				       SCMP_A0(SCMP_CMP_GT, AF_NETLINK));
	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 2,
				       SCMP_A0(SCMP_CMP_EQ, AF_NETLINK),
				       SCMP_A2(SCMP_CMP_NE, NETLINK_ROUTE));
	return ret;
}

static int calls_close(struct entering *entering)
{
	const struct sandbox *profile = entering->profile;
	scmp_filter_ctx filter =
		seccomp_init(profile->is_program ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS);
	int ret = -ENOMEM;

	if (filter && profile->is_program)
		ret = calls_refuse(filter);
	else if (filter)
		ret = calls_allow(filter, profile);
	if (!ret)
		ret = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return ret;
}

int sandbox_enter(const struct sandbox *profile)
{
	/* Files before the user changes: folders on the way to them may be root's. */
	static const struct {
		const char *what;
		int (*take)(struct entering *entering);
	} steps[] = {
		{"user", user_find},
		{"privileges", gains_end},
		{"files", files_close},
		{"user", user_change},
		{"capabilities", capabilities_drop},
		{"system calls", calls_close},
	};
	struct entering entering = {.profile = profile};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int ret = steps[i].take(&entering);

		if (!ret)
			continue;
		log_error("sandbox: %s: %s", steps[i].what, strerror(-ret));
		return ret;
	}
	return 0;
}
