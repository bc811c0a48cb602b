/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of root's rights the daemon keeps once it stands. */
#pragma once

#include <stdbool.h>

/* Gives up every capability but the few that privileges.c names with their reason, for good; without a data plane also those for it. 0 or -errno. */
int privileges_drop(bool has_data_plane);
