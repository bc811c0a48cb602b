/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DNS process: its loop, from the first setup to the end of the socket that leads to the daemon. It has no rights when this is called, and
 * answers nothing until the daemon has told it what.
 */
#pragma once

/* @fd: the socket to the daemon (setup.h). Before `ready` nothing is read from it: there the caller gives up its rights. What the process exits with. */
int dns_process_run(int fd, int (*ready)(void));
