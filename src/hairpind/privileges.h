/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of root's rights the daemon keeps once it stands. */
#pragma once

enum privileges {
	PRIVILEGES_OF_GUARDIAN, /* what a start needs, as it may have to start a daemon */
	PRIVILEGES_OF_DATA_PLANE,
	PRIVILEGES_OF_RESOLVER, /* without a data plane */
};

/* Gives up every capability but the few that privileges.c names with their reason, for good. 0 or -errno. */
int privileges_drop(enum privileges of);
