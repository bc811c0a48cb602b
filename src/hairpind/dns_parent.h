/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of the DNS process: its sockets, its life, what it is told.
 *
 * The sockets are the daemon's: made with the right to bind port 53, kept while the process is started anew, so that what arrives meanwhile waits in
 * them instead of being refused.
 */
#pragma once

#include <jansson.h>

#include "child.h"
#include "hosts.h"
#include "plan.h"
#include "strbuf.h"

struct dns_parent;
struct dns_block_client;

/* Where the process that is started as `hairpind --dns` finds its socket to the daemon. */
#define DNS_PARENT_FD 3

/* NULL: no memory. Nothing is started before the first dns_parent_apply() with DNS in it. */
struct dns_parent *dns_parent_make(struct children *children);
/* Ends the process. The handles in the loop close with it. */
void dns_parent_free(struct dns_parent *parent);

/*
 * Whether the files of certificates that @dns names are right, for who can still be told so: 0, or -errno with a line in @why. What was said to be wrong before, of the
 * same files of @now (in force), is not said again, and nobody is refused for what time has done.
 */
int dns_parent_check(const struct dns_parent *parent, const struct plan_dns *now,
		     const struct plan_dns *dns, struct strbuf *why);

/*
 * Opens what sockets @dns needs and are not there, and reads what files it names; with wrong ones those before go on, or without. 0, and dns_parent_apply() with the same plan cannot fail for want of them; or -errno with a line in @why that says who holds
 * the address, and nothing changed.
 */
int dns_parent_prepare(struct dns_parent *parent, const struct plan_dns *dns, struct strbuf *why);

/* What was prepared does not come into force: its sockets are closed. */
void dns_parent_forget(struct dns_parent *parent);

/* Files that were read by dns_parent_prepare() and say something else than before are in force, where nothing else of the plan, @dns, is new. */
void dns_parent_renew(struct dns_parent *parent, const struct plan_dns *dns);

/* What is wrong with files that are in force or should be, each behind "; ". */
void dns_parent_faults(const struct dns_parent *parent, struct strbuf *out);

/* Puts @dns in force: sockets that it has no listener for go, the process gets the rest. Without DNS in it the process ends. */
void dns_parent_apply(struct dns_parent *parent, const struct plan_dns *dns);

/*
 * Puts @hosts in place of those told before: machines that are seen in the house (leases), by names that dns_host_name() made. Kept, and told again to a process
 * that is started anew; a plan does not end them. 0 or -errno, and then those before go on.
 */
int dns_parent_hosts(struct dns_parent *parent, const struct dns_host *hosts, size_t n);

/* Addresses that belong to groups by their Ethernet address (src/dns/blocking.h), instead of those before. 0 or -errno. */
int dns_parent_clients(struct dns_parent *parent, const struct dns_block_client *clients, size_t n);

/* Whether block lists count, from now on. */
void dns_parent_set_blocking(struct dns_parent *parent, bool is_off);

/*
 * Lists are about to come. A process that is started before they are there begins to answer with them, or after a few seconds without; queries wait in the
 * sockets. An answer that should have been blocked would be kept by who asked.
 */
void dns_parent_hold(struct dns_parent *parent);

/*
 * Puts the block table @table, a sealed file that is the parent's from here on, in place of the one before; -1: there are no lists. Kept, and told again to a process that is
 * started anew, before it answers anything.
 */
void dns_parent_lists(struct dns_parent *parent, int table);

/*
 * The ring of the query log (src/dns/ring.h), the caller's for as long as it is here; -1: there is none. Told again to a process that is started anew, and now in any case, so
 * that it says its labels again.
 */
void dns_parent_log(struct dns_parent *parent, int ring);

/* Once a second: starts what has died, asks how it is. True: files that were wrong are to be read again, by dns_parent_prepare(). */
bool dns_parent_tick(struct dns_parent *parent);

/* New reference: of each upstream of @dns, which is in force, how it is. */
json_t *dns_parent_upstreams(const struct dns_parent *parent, const struct plan_dns *dns);

/* New reference: what `status` and `show` tell of it. */
json_t *dns_parent_answer(struct dns_parent *parent);
