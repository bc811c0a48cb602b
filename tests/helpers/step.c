// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * step STEPS GO PROGRAM [ARGUMENT...]: runs a program, and stops it behind each system call by which it can have changed the machine.
 *
 * At each stop the name of the call is a line in the FIFO STEPS, and the program goes on when a line comes out of the FIFO GO. Its threads count as it, the processes that it starts do not.
 * SIGTERM goes to the program. Ends as the program does.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"

#define THREADS_MAX 64

struct thread {
	pid_t id;
	const char *call; /* that it is in and that counts; NULL */
};

static struct thread threads[THREADS_MAX];
static volatile sig_atomic_t program;

static void pass_on(int number)
{
	kill(program, number);
}

static struct thread *thread_of(pid_t id)
{
	struct thread *unused = NULL;

	for (size_t i = 0; i < THREADS_MAX; i++) {
		if (threads[i].id == id)
			return &threads[i];
		if (!threads[i].id && !unused)
			unused = &threads[i];
	}
	if (!unused)
		die("more than %d threads", THREADS_MAX);
	*unused = (struct thread){.id = id};
	return unused;
}

/* Whether what is written there is a setting. */
static int is_setting(pid_t id, unsigned long long fd)
{
	char link[64], target[256];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/fd/%llu", id, fd);
	n = readlink(link, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	return !strncmp(target, "/proc/sys/", 10);
}

/* Those that only look, or make what nothing is led to yet, are many. */
static const char *bpf_name(unsigned long long command)
{
	switch (command) {
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_DELETE_ELEM:
	case BPF_MAP_UPDATE_BATCH:
		return "bpf-table";
	case BPF_OBJ_PIN:
		return "bpf-pin";
	case BPF_PROG_ATTACH:
	case BPF_LINK_CREATE:
	case BPF_LINK_UPDATE:
		return "bpf-attach";
	default:
		return NULL;
	}
}

static const char *call_name(pid_t id, const struct __ptrace_syscall_info *info)
{
	switch (info->entry.nr) {
	case SYS_bpf:
		return bpf_name(info->entry.args[0]);
	case SYS_sendto:
		return "sendto";
	case SYS_sendmsg:
		return "sendmsg";
	case SYS_write:
		return is_setting(id, info->entry.args[0]) ? "setting" : NULL;
	case SYS_mount:
		return "mount";
	default:
		return NULL;
	}
}

static void wait_go(FILE *steps, FILE *go, const char *name)
{
	char line[64];

	fprintf(steps, "%s\n", name);
	fflush(steps);
	if (!fgets(line, sizeof(line), go))
		die("nobody says when to go on");
}

static void at_call(struct thread *thread, FILE *steps, FILE *go)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->id, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		thread->call = call_name(thread->id, &info);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && thread->call) {
		wait_go(steps, go, thread->call);
		thread->call = NULL;
	}
}

/* The signal to go on with. */
static int at_stop(struct thread *thread, int status, FILE *steps, FILE *go)
{
	int number = WSTOPSIG(status);

	if (number == (SIGTRAP | 0x80)) {
		at_call(thread, steps, go);
		return 0;
	}
	/* A new thread, or the word of one: neither is a signal of anybody's. */
	return status >> 16 || number == SIGTRAP || number == SIGSTOP ? 0 : number;
}

static int follow(FILE *steps, FILE *go)
{
	for (;;) {
		int status, number;
		pid_t id = waitpid(-1, &status, __WALL);

		if (id < 0 && errno == EINTR)
			continue;
		if (id < 0)
			die("waitpid: %m");
		if (id == program && WIFEXITED(status))
			return WEXITSTATUS(status);
		if (id == program && WIFSIGNALED(status))
			return 128 + WTERMSIG(status);
		if (!WIFSTOPPED(status)) {
			thread_of(id)->id = 0;
			continue;
		}
		number = at_stop(thread_of(id), status, steps, go);
		ptrace(PTRACE_SYSCALL, id, 0, number);
	}
}

static void start(char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
	int status;

	program = fork();
	if (program < 0)
		die("fork: %m");
	if (!program) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execvp(argv[0], argv);
		die("%s: %m", argv[0]);
	}
	if (waitpid(program, &status, 0) < 0 || !WIFSTOPPED(status))
		die("%s does not start", argv[0]);
	if (ptrace(PTRACE_SETOPTIONS, program, 0, options))
		die("ptrace: %m");
}

int main(int argc, char **argv)
{
	FILE *steps, *go;

	if (argc < 4)
		die("usage: step STEPS GO PROGRAM [ARGUMENT...]");
	start(argv + 3);
	signal(SIGTERM, pass_on);
	steps = fopen(argv[1], "we");
	go = fopen(argv[2], "re");
	if (!steps || !go)
		die("%s, %s: %m", argv[1], argv[2]);
	ptrace(PTRACE_SYSCALL, program, 0, 0);
	return follow(steps, go);
}
