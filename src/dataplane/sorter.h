/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sorter: a network namespace of ours with one cable to the gateway's, in which the kernel puts fragments together and sends the
 * datagram back, cut again and in order. The programs send there what they cannot judge yet (bpf/nat/fragment.h), hp_sorted serves
 * what comes back.
 *
 * It belongs to the data plane and outlives the daemon: a file of the state directory is the place where its namespace is mounted.
 * A gateway without a sorter is a gateway; only fragments are dropped, and sorter_why() says why.
 *
 * Making, entering and unmounting a namespace takes CAP_SYS_ADMIN, which only a start has; all the rest is done over a socket that was
 * opened inside then, so that a cable that somebody removed is made anew at any time.
 */
#pragma once

#include <libmnl/libmnl.h>
#include <linux/types.h>
#include <stdbool.h>

#include "strbuf.h"

struct sorter {
	char *path; /* where the namespace is mounted; owned */
	int netns; /* the namespace, or -1 */
	struct mnl_socket *inside; /* of the route netlink of that namespace, or NULL */
	unsigned int ifindex; /* our end of the cable; 0: there is no sorter */
	__u32 mtu; /* what it cuts to */
	struct strbuf why; /* why there is none */
};

/* Makes the namespace, or takes over the one that is there. What fails is noted for sorter_why(). */
void sorter_open(struct sorter *sorter, const char *state);
/* Makes the cable if it is not there, and has the sorter cut to @mtu. sorter->ifindex says whether that worked. */
void sorter_up(struct sorter *sorter, __u32 mtu);
/* Whether our end of the cable is as sorter_up() left it. */
bool sorter_holds(const struct sorter *sorter);
/* Why there is no sorter, or NULL. */
const char *sorter_why(const struct sorter *sorter);
/* Lets go; the sorter stays. */
void sorter_close(struct sorter *sorter);

/*
 * Removes our end of the cable, in the namespace of the caller, and the sorter's namespace. 0, also if there is none; -errno. A
 * caller without CAP_SYS_ADMIN leaves the namespace mounted, empty: nothing reaches it, and who may removes it later.
 */
int sorter_remove(const char *state, struct strbuf *why);
/* Where the namespace is mounted still, owned by the caller; NULL: nowhere. */
char *sorter_place(const char *state);
/* Unmounts it. 0, or -errno with the reason in @why; -EINVAL: @path is no such place. */
int sorter_unmount(const char *path, struct strbuf *why);

/* Whether this kernel can have one: makes all parts of it in a namespace that is gone afterwards. 0 or -errno with the reason in @why. */
int sorter_probe(struct strbuf *why);

/* --- sorter_cable.c: between the two files only ----------------------------------------------------------------- */

/* 0, or -errno with the reason in sorter->why; sorter->ifindex is set. */
int sorter_cable_up(struct sorter *sorter);
/* Removes our end if it is ours. */
int sorter_cable_remove(void);
/* A cable with both ends in the namespace of the caller: whether the kernel has the driver. */
int sorter_cable_probe(void);
