// SPDX-License-Identifier: GPL-2.0-or-later
#include "privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "cleanup.h"

/* One line each: what would fail without it, after the start. The guardian's first, then those of the data plane. */
static const size_t firsts[] = {
	[PRIVILEGES_OF_GUARDIAN] = 0, [PRIVILEGES_OF_DATA_PLANE] = 1, [PRIVILEGES_OF_RESOLVER] = 5};
static const unsigned int kept[] = {
	/*
	 * The sorter's namespace, of the daemon that it may have to start. It is not there any more where another backend was tried, and
	 * only a guardian of a start has this to begin with (lab test apply_backend).
	 */
	CAP_SYS_ADMIN,
	CAP_NET_ADMIN, /* tc filters, the guard table, settings below /proc/sys/net */
	CAP_BPF, /* the tables of a new plan, the sweep, and loading in a restart by the guardian */
	/*
	 * Loading, in a restart by the guardian, who has no more than the daemon that started it: without it the
	 * verifier hardens against speculation and refuses the NAT's pointer arithmetic (tried on 6.18).
	 */
	CAP_PERFMON,
	CAP_NET_RAW, /* for dnsmasq, and for the tap that looks for other DHCP servers */
	CAP_NET_BIND_SERVICE, /* port 53 of an address that a LAN gets later, and for dnsmasq */
	/* The DNS process, started anew, becomes another user, and one that hangs is killed. */
	CAP_SETUID,
	CAP_SETGID,
	CAP_KILL,
};

int privileges_drop(enum privileges of)
{
	size_t first = firsts[of];
	capng_select_t sets = CAPNG_SELECT_CAPS;
	bool has[ARRAY_SIZE(kept)];

	capng_get_caps_process();
	/* A daemon that the guardian started has no right to change its bounding set, and has a small one already. */
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		sets = CAPNG_SELECT_BOTH;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		has[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]);
	capng_clear(sets);
	/* What is missing was not needed to come this far: a service manager may have chosen a smaller set. */
	for (size_t i = first; i < ARRAY_SIZE(kept); i++) {
		if (has[i])
			capng_update(CAPNG_ADD,
				     CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
				     kept[i]);
	}
	if (capng_apply(sets))
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}
