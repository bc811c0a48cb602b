/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of the kernel that musl, OpenWrt's libc, has no functions for, or no headers. Each is the call of its name and returns what that returns: -1 with errno.
 */
#pragma once

#include <linux/close_range.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* A descriptor of the process @pid, closed by the caller. */
static inline int kernel_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int kernel_pidfd_send_signal(int process, int number)
{
	return (int)syscall(SYS_pidfd_send_signal, process, number, NULL, 0);
}

/* Closes every descriptor from @first on; with CLOSE_RANGE_CLOEXEC they are, once another program runs. */
static inline int kernel_close_from(unsigned int first, unsigned int flags)
{
	return (int)syscall(SYS_close_range, first, ~0U, flags);
}
