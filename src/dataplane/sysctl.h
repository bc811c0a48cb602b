/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel settings that the data plane needs. Each is remembered before it is changed, in <state>/sysctls.json, and put
 * back by sysctl_restore() unless somebody changed it since.
 *
 * Names are paths below /proc/sys ("net/ipv4/ip_forward"), or "bridge/NAME/nf_call_iptables" for an attribute of a bridge.
 * All of it is about the network namespace of the caller.
 */
#pragma once

#include <jansson.h>

#include "backend.h"

enum sysctl_phase {
	SYSCTL_CLOSE, /* before filters and forwarding: nothing here lets a packet through */
	SYSCTL_TRACK, /* what netfilter does with connections; of the nftables backend alone */
	SYSCTL_OPEN, /* forwarding; last of all */
};

/* 0, or -errno with the setting and the reason in @why. Settings already written stay, and are remembered. */
int sysctl_apply(const struct plan *plan, const char *state, enum sysctl_phase phase,
		 struct strbuf *why);

/*
 * Those that whole networks hang on and that others set for everybody (a start of sysctl, a container's), adding to @ret_losses what is not as it was set;
 * with @tracks those of the nftables backend too, and on one arm those in any case. sysctl_apply() of all phases sets them again.
 */
void sysctl_look(const struct plan *plan, bool tracks, struct backend_losses *ret_losses);

/* Puts back what is remembered and forgets it. 0 also if there is nothing; else the first -errno, the others are still tried. */
int sysctl_restore(const char *state, struct strbuf *why);

/* --- the same against any store of settings; the tests have one in memory ---------------------- */

typedef void (*sysctl_name_cb)(const char *name, void *data);

struct sysctl_io {
	/* The value without its newline. -ENOENT: this kernel or device has no such setting. */
	int (*read)(void *store, const char *name, struct strbuf *ret_value);
	int (*write)(void *store, const char *name, const char *value);
	/* Calls @cb for every network device, or every bridge. */
	int (*links)(void *store, bool bridges, sysctl_name_cb cb, void *data);
	void *store;
	/* Called after something is remembered and before it is changed. */
	int (*remember)(void *store, const json_t *record);
};

/* @record is an array of {name, before, value | follows}; both calls change it. */
int sysctl_apply_to(const struct sysctl_io *io, json_t *record, const struct plan *plan,
		    enum sysctl_phase phase, struct strbuf *why);
void sysctl_look_to(const struct sysctl_io *io, const struct plan *plan, bool tracks,
		    struct backend_losses *ret_losses);
int sysctl_restore_to(const struct sysctl_io *io, json_t *record, struct strbuf *why);

/*
 * ip_local_reserved_ports: what is there (@before) and the external ports of @plan's forwards, in the kernel's own
 * spelling. Ports of the range that sockets are given automatically (@range, "32768 60999") are left out where the
 * forwards would take more than half of it. -EINVAL: @before or @range is not a list of ports.
 */
int sysctl_reserved_ports(const struct plan *plan, const char *before, const char *range,
			  struct strbuf *ret_ports);
