// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a process in a sandbox can still reach. Each case is a child that enters one for good and says by its exit status what it found.
 *
 * /etc/passwd may be read by every user: that it cannot be opened is Landlock's doing alone, where the profile's system calls let a process open files.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define OPEN_TO_ALL "/etc/passwd"

static char folder[] = "/tmp/hairpin-sandbox-XXXXXX";

/* The exit status of a child that runs @what; -1: it was killed. */
static int child_of(int (*what)(const struct sandbox *), const struct sandbox *profile)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid)
		_exit(what(profile));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The error that @path is opened with; 0: it was opened. */
static int error_of(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int opens_after_files_close(const struct sandbox *profile)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sandbox_files_close(profile))
		return 100;
	return error_of(OPEN_TO_ALL, O_RDONLY);
}

static void every_profile_closes_files(void **state)
{
	static const struct sandbox *const profiles[] = {&sandbox_dns, &sandbox_lists,
							 &sandbox_lists_fetch};

	(void)state;
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		assert_int_equal(child_of(opens_after_files_close, profiles[i]), EACCES);
}

/* --- the whole way ------------------------------------------------------------------------------------------ */

static struct sandbox profile_of_folder(unsigned int access)
{
	struct sandbox profile = sandbox_lists_fetch;

	memset(profile.paths, 0, sizeof(profile.paths));
	profile.paths[0] = (struct sandbox_path){folder, access};
	return profile;
}

static int opens_others(const struct sandbox *profile)
{
	return sandbox_enter(profile) ? 100 : error_of(OPEN_TO_ALL, O_RDONLY);
}

static int writes_own(const struct sandbox *profile)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/file", folder);
	return sandbox_enter(profile) ? 100 : error_of(path, O_WRONLY | O_CREAT | O_TRUNC);
}

static int opens_any(const struct sandbox *profile)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/there", folder);
	return sandbox_enter(profile) ? 100 : error_of(path, O_RDONLY);
}

static int is_still_root(const struct sandbox *profile)
{
	if (sandbox_enter(profile))
		return 100;
	return !getuid() || !geteuid();
}

static void a_folder_is_all_there_is(void **state)
{
	const struct sandbox readable = profile_of_folder(SANDBOX_READ);
	const struct sandbox writable = profile_of_folder(SANDBOX_WRITE);

	(void)state;
	assert_int_equal(child_of(opens_others, &readable), EACCES);
	assert_int_equal(child_of(opens_any, &readable), 0);
	assert_int_equal(child_of(writes_own, &readable), EACCES);
	assert_int_equal(child_of(writes_own, &writable), 0);
	assert_int_equal(child_of(is_still_root, &writable), 0);
}

static void without_files_to_open_is_refused(void **state)
{
	(void)state;
	/* By seccomp, and not by the end of the process. */
	assert_int_equal(child_of(opens_others, &sandbox_dns), EACCES);
	assert_int_equal(child_of(opens_others, &sandbox_lists), EACCES);
}

static int makes_socket(const struct sandbox *profile)
{
	return sandbox_enter(profile) ? 100 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0;
}

static int makes_raw_socket(const struct sandbox *profile)
{
	return sandbox_enter(profile) ? 100 : socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) < 0;
}

static void sockets_are_for_those_who_fetch(void **state)
{
	(void)state;
	assert_int_equal(child_of(makes_socket, &sandbox_lists_fetch), 0);
	assert_int_equal(child_of(makes_socket, &sandbox_lists), -1);
	assert_int_equal(child_of(makes_raw_socket, &sandbox_lists_fetch), -1);
}

/* Those of a DHCP server; the error of the one that @profile should not have, or 200 where it lacks one that it needs. */
static int makes_sockets_of_program(const struct sandbox *profile)
{
	static const struct {
		int family, type, protocol, error;
	} sockets[] = {
		{AF_INET, SOCK_DGRAM, 0, 0},
		{AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, 0},
		{AF_UNIX, SOCK_DGRAM, 0, 0},
		{AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, 0},
		{AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, EAFNOSUPPORT},
		{AF_PACKET, SOCK_RAW, 0, EAFNOSUPPORT},
	};

	if (sandbox_enter(profile))
		return 100;
	for (int i = 0; i < (int)(sizeof(sockets) / sizeof(sockets[0])); i++) {
		int fd = socket(sockets[i].family, sockets[i].type | SOCK_CLOEXEC,
				sockets[i].protocol);

		if ((fd < 0 ? errno : 0) != sockets[i].error)
			return 1 + i;
	}
	return 0;
}

static int loads_bpf(const struct sandbox *profile)
{
	if (sandbox_enter(profile))
		return 100;
	return syscall(SYS_bpf, 0, NULL, 0) < 0 && errno == EPERM ? 0 : 1;
}

static void a_program_gets_no_sockets_of_the_guard(void **state)
{
	(void)state;
	assert_int_equal(child_of(makes_sockets_of_program, &sandbox_dhcp), 0);
	assert_int_equal(child_of(loads_bpf, &sandbox_dhcp), 0);
}

static int has_capability(const struct sandbox *profile)
{
	char text[4096];
	ssize_t n;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	/* Opened before, read behind the sandbox: it is written when it is read. */
	if (fd < 0 || sandbox_enter(profile))
		return 100;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 101;
	text[n] = '\0';
	return !strstr(text, "CapEff:\t0000000000000000\n");
}

static void no_capability_is_left(void **state)
{
	(void)state;
	assert_int_equal(child_of(has_capability, &sandbox_dns), 0);
	assert_int_equal(child_of(has_capability, &sandbox_lists), 0);
}

static int before(void **state)
{
	char path[64];
	int fd;

	(void)state;
	if (!mkdtemp(folder) || chmod(folder, 0777))
		return -1;
	snprintf(path, sizeof(path), "%s/there", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? -1 : close(fd);
}

static int after(void **state)
{
	static const char *const names[] = {"file", "there"};
	char path[64];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_profile_closes_files),
		cmocka_unit_test(a_folder_is_all_there_is),
		cmocka_unit_test(without_files_to_open_is_refused),
		cmocka_unit_test(sockets_are_for_those_who_fetch),
		cmocka_unit_test(a_program_gets_no_sockets_of_the_guard),
		cmocka_unit_test(no_capability_is_left),
	};

	if (geteuid()) {
		puts("1..0 # SKIP only root can change to another user");
		return 0;
	}
	return cmocka_run_group_tests(tests, before, after);
}
