// SPDX-License-Identifier: GPL-2.0-or-later
#include "sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "cleanup.h"
#include "log.h"

/* Made by packages and by the unit; without them "nobody", whom others may be too. */
#define SANDBOX_USER "hairpin-dns"
#define SANDBOX_USER_ELSE "nobody"

/* What it needs from here on, and no call that opens, starts or traces anything. */
static const int calls[] = {
	/* the loop */
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(eventfd2),
	/* sockets that it has, and those that they accept */
	SCMP_SYS(accept4),
	SCMP_SYS(listen),
	SCMP_SYS(connect),
	SCMP_SYS(shutdown),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(recvmmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	/* descriptors: libuv asks and sets their modes; the setup is read from one */
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
};

static int user_change(void)
{
	const struct passwd *user = getpwnam(SANDBOX_USER);

	if (!user)
		user = getpwnam(SANDBOX_USER_ELSE);
	if (!user)
		return -ENOENT;
	if (setgroups(0, NULL) || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid))
		return -errno;
	return 0;
}

static int capabilities_drop(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

/* A rule set that handles all accesses and allows none. A kernel without Landlock has the user and seccomp. */
static int files_close(void)
{
	const struct landlock_ruleset_attr attr = {.handled_access_fs =
							   (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
	_close_ int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (fd < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
	return syscall(SYS_landlock_restrict_self, fd, 0) ? -errno : 0;
}

/* Sockets of the two families that DNS is asked over, and no raw ones. */
static int socket_allow(scmp_filter_ctx filter, int family)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family));
}

static int calls_close(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ret = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(calls) && !ret; i++)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	/* Refused and no reason to die: out of descriptors, libuv gives up its reserve to turn a client away, and tries to open it again. */
	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 0);
	if (!ret)
		ret = socket_allow(filter, AF_INET);
	if (!ret)
		ret = socket_allow(filter, AF_INET6);
	if (!ret)
		ret = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return ret;
}

static int gains_end(void)
{
	const struct rlimit none = {0};

	/* No core either: what clients asked for is nobody's business. */
	if (setrlimit(RLIMIT_CORE, &none))
		return -errno;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

int sandbox_enter(void)
{
	static const struct {
		const char *what;
		int (*take)(void);
	} steps[] = {
		{"user", user_change},	       {"capabilities", capabilities_drop},
		{"privileges", gains_end},     {"files", files_close},
		{"system calls", calls_close},
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int ret = steps[i].take();

		if (!ret)
			continue;
		log_error("sandbox: %s: %s", steps[i].what, strerror(-ret));
		return ret;
	}
	return 0;
}
