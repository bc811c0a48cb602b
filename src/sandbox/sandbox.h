/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a process of ours that reads what strangers send gives up whatever it does not need for that: a table of what each needs, and one way in.
 *
 * A profile is a constant; one with a folder that is known only at run time is copied and given its path:
 *
 *     struct sandbox mine = sandbox_log;
 *     mine.paths[0].path = folder;
 *     return sandbox_enter(&mine);
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define SANDBOX_PATHS_MAX 12

/* What may be done with a file, or with all below a folder. */
enum sandbox_access {
	SANDBOX_READ = 1,
	SANDBOX_WRITE = 2, /* made, renamed and removed as well */
	SANDBOX_RUN = 4,
};

struct sandbox_path {
	const char *path; /* NULL ends the list; what is not there is left out */
	unsigned int access; /* bits of enum sandbox_access */
};

struct sandbox {
	const char *
		user; /* made by packages and by the unit; without it "nobody", whom others may be too */
	/* Kept by capability number, and by what it starts too; others are gone for good. 0: none. */
	__u64 capabilities;
	struct sandbox_path paths[SANDBOX_PATHS_MAX]; /* empty: no file at all */
	const int *const
		*calls; /* tables of system calls beside those that all have; NULL ends it */
	bool has_internet; /* may make sockets of IPv4 and IPv6, none of them raw */
	/*
	 * It starts a program of others, whose calls nobody can list: instead of few being allowed, those that no server of a LAN needs are refused
	 * (tracing, mounting, modules, BPF, other namespaces), and sockets of other families than Internet's, of netlink but for routes.
	 */
	bool is_program;
	bool may_dump_core; /* else no core: what clients asked for is nobody's business */
};

/* --- profiles (sandbox_profiles.c) ------------------------------------------------------------------------ */

/* System calls that a profile may name. */
extern const int sandbox_calls_server[]; /* sockets that it has, and those that they accept */
extern const int
	sandbox_calls_files[]; /* opens, reads, writes, renames, syncs: as far as `paths` go */
extern const int sandbox_calls_threads[];
extern const int sandbox_calls_end[]; /* behind the last call of a table */

extern const struct sandbox sandbox_dhcp; /* dnsmasq; its file of leases is the first path */
extern const struct sandbox sandbox_dns; /* no file, and sockets to ask upstreams */
extern const struct sandbox
	sandbox_hosts; /* sockets that it is given, and those that they accept */
extern const struct sandbox
	sandbox_gateway; /* reads echo replies: nothing but its channel to the daemon */
extern const struct sandbox sandbox_upstream; /* no file, and sockets to ask the router upstream */
extern const struct sandbox sandbox_hosts_ask; /* of the command: one connection to a gateway */
extern const struct sandbox sandbox_lists; /* the list loader where it has nothing to fetch */
extern const struct sandbox
	sandbox_lists_fetch; /* ... and where it has: resolv.conf, certificates, sockets */

extern const struct sandbox
	sandbox_log; /* the writer of the query log: the files of its working directory, its sockets */
int sandbox_log_enter(void);

/* --- the way in -------------------------------------------------------------------------------------------- */

/*
 * For good: another user, no capability but those of the profile, no new privileges, no file but those of the profile (Landlock), no system call but
 * those of the profile (any other ends the process; to open a file is refused). 0, or -errno with the step that failed in the log. A kernel without Landlock has
 * the rest.
 */
int sandbox_enter(const struct sandbox *profile);

/*
 * The folder @path, for nobody but the user of @profile and the daemon: made, or given to it if that is not so yet. 0 or -errno; -EPERM: it is another's, and this process may not
 * give it away (any more).
 */
int sandbox_folder_make(const struct sandbox *profile, const char *path);

/* The part of it that Landlock does, for tests of profiles that could not open a file anyway: 0, or -errno. Needs no_new_privs or CAP_SYS_ADMIN. */
int sandbox_files_close(const struct sandbox *profile);
