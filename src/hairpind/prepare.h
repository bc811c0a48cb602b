/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a daemon that may not mount, and whose mounts nobody else would see, finds made: its folders, a bpffs, and the sorter's namespace in its place. `hairpind --prepare` makes them, which
 * the unit starts outside of its sandbox; without a service manager the daemon makes them itself.
 */
#pragma once

#include "options.h"

/* Who may ask the daemon, beside root. */
#define PREPARE_SOCKET_GROUP "hairpin"

/* The folder that @socket is to be in, for that group; one that is there is left as it is. 0 or -errno. */
int prepare_socket_directory(const char *socket);

/* All of it, as far as the configuration needs it. What the process exits with: what cannot be made is the daemon's to say, which may do without. */
int prepare_run(const struct options *options);
