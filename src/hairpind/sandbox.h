/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a process of ours that reads what strangers send gives up whatever it does not need for that. */
#pragma once

/*
 * Another user (SANDBOX_USER if there is one, else nobody), no capability, no program to start, and only the system calls of a server that
 * already has its sockets: to open a file is refused, any other call ends the process. For good. 0, or -errno with the step that failed in the log.
 */
int sandbox_enter(void);
