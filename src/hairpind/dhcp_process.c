// SPDX-License-Identifier: GPL-2.0-or-later
#include "dhcp_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"
#include "sandbox.h"

const char *dhcp_process_program(void)
{
	static const char *const programs[] = {"/usr/sbin/dnsmasq", "/usr/bin/dnsmasq",
					       "/usr/local/sbin/dnsmasq"};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		if (!access(programs[i], X_OK))
			return programs[i];
	}
	return NULL;
}

/*
 * dnsmasq opens it as its own user, by a path that leads to its standard input: the folder may stay root's. It is root's file, and its group, that of the user, may
 * write it. A process in that group may give its file to the group without CAP_CHOWN, which the daemon has not kept.
 */
static int leases_open(const char *path)
{
	const struct passwd *user = getpwnam(sandbox_dhcp.user);
	_close_ int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if (!user)
		user = getpwnam("nobody");
	if (!user)
		return -ENOENT;
	if (setegid(user->pw_gid) || fchown(fd, (uid_t)-1, user->pw_gid) || fchmod(fd, 0660))
		return -errno;
	return dup2(fd, STDIN_FILENO) < 0 ? -errno : 0;
}

/* A daemon that is killed leaves no server behind that holds the port of the next one. */
static int end_with(pid_t daemon)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM))
		return -errno;
	/* It may have died before. */
	return getppid() == daemon ? 0 : -ESRCH;
}

int dhcp_process_run(const char *state)
{
	static char config[] = "--conf-file=" DHCP_CONFIG_PATH, name[] = "dnsmasq";
	char *const argv[] = {name, config, NULL};
	const char *program = dhcp_process_program();
	struct sandbox sandbox = sandbox_dhcp;
	const pid_t daemon = getppid();
	char leases[PATH_MAX];
	int ret;

	snprintf(leases, sizeof(leases), "%s/" DHCP_LEASES_FILE, state);
	sandbox.paths[0].path = leases;
	ret = program ? leases_open(leases) : -ENOENT;
	if (ret) {
		log_error("%s: %s", program ? leases : "dnsmasq", strerror(-ret));
		return 1;
	}
	/* Behind the change of user, which forgets it. */
	ret = sandbox_enter(&sandbox);
	if (!ret)
		ret = end_with(daemon);
	if (!ret) {
		execv(program, argv);
		ret = -errno;
	}
	log_error("%s: %s", program, strerror(-ret));
	return 1;
}
