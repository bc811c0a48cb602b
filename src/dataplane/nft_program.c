// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * By the program nft, for builds without `nftables`: a small router has one anyway, for its own firewall, and the guard is not to be had without one.
 * What it prints is what libnftables would. Files in memory instead of pipes: nobody waits for who reads or writes the other end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "nft_internal.h"
#include "unconst.h"

#define NOT_THERE 127

/* Its standard input, output and errors. */
struct streams {
	int fds[3];
};

static void streams_close(struct streams *streams)
{
	for (size_t i = 0; i < ARRAY_SIZE(streams->fds); i++)
		cleanup_close(&streams->fds[i]);
}

static int streams_open(struct streams *streams, const char *commands)
{
	size_t length = strlen(commands);

	for (size_t i = 0; i < ARRAY_SIZE(streams->fds); i++) {
		/* Above those of whoever runs without standard ones. */
		_close_ int fd = memfd_create("nft", MFD_CLOEXEC);

		streams->fds[i] = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (streams->fds[i] < 0)
			return -errno;
	}
	if (pwrite(streams->fds[0], commands, length, 0) != (ssize_t)length)
		return -ENOMEM;
	return 0;
}

/* Not by PATH alone: who started us may have none that leads to administrators' programs. */
static void exec_nft(const char *const *arguments)
{
	static const char *const places[] = {"/usr/sbin/nft", "/sbin/nft"};

	execvp(arguments[0], unconst(arguments));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		execv(places[i], unconst(arguments));
	_exit(NOT_THERE);
}

static void child_run(const struct streams *streams, const char *const *arguments)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 0; i < (int)ARRAY_SIZE(streams->fds); i++) {
		if (dup2(streams->fds[i], i) < 0)
			_exit(NOT_THERE);
	}
	/* Its words are looked at. */
	setenv("LC_ALL", "C", 1);
	exec_nft(arguments);
}

/* What it exits with, or -errno. */
static int run(const struct streams *streams, const char *const *arguments)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_run(streams, arguments);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

static void stream_read(int fd, struct strbuf *out)
{
	char bytes[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, bytes, sizeof(bytes), at)) > 0) {
		strbuf_add_bytes(out, bytes, (size_t)n);
		at += n;
	}
}

/* @flag is one more word, or NULL. */
static int program_run(const char *commands, unsigned int output_flags, const char *flag,
		       struct strbuf *ret_output, struct strbuf *why)
{
	static const char *const flags[] = {"-s", "-t", "-j", "-a"};
	_cleanup_(streams_close) struct streams streams = {{-1, -1, -1}};
	_strbuf_ struct strbuf complaint = {0};
	const char *arguments[ARRAY_SIZE(flags) + 5] = {"nft"};
	size_t n = 1;
	int ret = streams_open(&streams, commands);

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (output_flags & (1U << i))
			arguments[n++] = flags[i];
	}
	if (flag)
		arguments[n++] = flag;
	arguments[n++] = "-f";
	arguments[n++] = "-";
	if (!ret)
		ret = run(&streams, arguments);
	if (!ret && ret_output)
		stream_read(streams.fds[1], ret_output);
	if (ret <= 0)
		return ret;
	if (ret == NOT_THERE) {
		if (why)
			strbuf_add(why, "the program nft is not there, by which this build works "
					"(package nftables)");
		return -EOPNOTSUPP;
	}
	stream_read(streams.fds[2], &complaint);
	return nft_complaint_take(strbuf_text(&complaint), why);
}

int nft_run(const char *commands, unsigned int output_flags, struct strbuf *ret_output,
	    struct strbuf *why)
{
	return program_run(commands, output_flags, NULL, ret_output, why);
}

int nft_try(const char *commands, struct strbuf *why)
{
	return program_run(commands, 0, "-c", NULL, why);
}
