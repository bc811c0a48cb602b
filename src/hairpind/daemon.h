/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one context of hairpind. Everything runs on one thread and one loop; what is in force changes only in
 * daemon_put_in_force() (reload.c), whole or not at all.
 *
 * Order of start: configuration, facts and plan (nothing is touched until all three stand), one instance, the checks before a first
 * attach, the guardian, the data plane, the control socket, capabilities dropped, ready. Order of stop: the reverse, and the data plane stays.
 */
#pragma once

#include <uv.h>

#include "backend.h"
#include "block_clients.h"
#include "candidate.h"
#include "child.h"
#include "dhcp_parent.h"
#include "dns_parent.h"
#include "gateway_probe.h"
#include "hosts_parent.h"
#include "lists_parent.h"
#include "log_parent.h"
#include "notify.h"
#include "options.h"
#include "public_watch.h"
#include "server.h"
#include "upstream_parent.h"
#include "watching.h"

struct daemon {
	const struct options *options;
	int lock, pins_lock; /* descriptors that hold the instance locks, -1 before */
	struct candidate now; /* what is in force */
	struct operator_state changes; /* what its file holds; in force with `now` */
	struct facts_observed observed; /* what was found out by asking other machines */
	struct public_watch *public_watch;

	const struct backend_ops *ops; /* by role and nat.backend, from the start to the end */
	const struct backend_ops
		*before; /* the one that an unconfirmed apply took the place of; NULL: none did */
	const struct backend_ops *replaced; /* the one that this start has taken away */
	struct strbuf choice; /* why this one; empty: as nat.backend says */
	struct backend *backend;
	struct children children; /* of the next ones */
	struct dns_parent *dns;
	struct block_clients *block_clients;
	struct dhcp_parent *dhcp;
	struct gateway_probe *gateway_probe;
	struct hosts_parent *hosts;
	struct lists_parent *lists;
	struct log_parent *log;
	struct upstream_parent *upstream;
	struct other_rules *other_rules;
	bool adopted; /* found a data plane in place */
	__u32 generation; /* of the plan in force */
	struct strbuf warnings; /* a line each: what was accepted with a reservation */
	char *mending; /* the last line about a plan that would not go in, so that it is logged once */
	bool file_due; /* went back, and the configuration file could not yet be put back */
	bool detached; /* taken away on request; whatever the loop still runs must put nothing back */
	bool retry; /* a plan waits for the next tick because the last try failed */

	struct notify notify;
	uv_loop_t loop;
	uv_poll_t watch; /* netlink */
	uv_poll_t ways; /* the same, for the backend: what it remembers of the network */
	uv_timer_t settle; /* runs while a burst of events settles */
	uv_timer_t tick; /* once a second */
	uv_signal_t signals[3];
	int watch_fd; /* -1: closed */
	struct watching watching;
	struct control_server *server;
	__u64 started_s; /* clock_boottime_s() */
};

/* --- daemon.c -------------------------------------------------------------------------------- */

/* Brings it up as far as "ready". 0, or -errno with everything said in the log. */
int daemon_start(struct daemon *daemon, const struct options *options);
void daemon_stop(struct daemon *daemon);

/* Whether there is a data plane: not in role resolver. */
bool daemon_routes(const struct daemon *daemon);

struct backend_options daemon_backend_options(const struct daemon *daemon);

/* --- events.c -------------------------------------------------------------------------------- */

/* A signal waits from here until events_start(): a start that is ended half-way would leave half a data plane. */
void events_hold_signals(void);
/* Sets up the loop's handles; runs it until a signal or a verb ends it; takes them down. */
int events_start(struct daemon *daemon);
void events_run(struct daemon *daemon);
void events_stop(struct daemon *daemon);

/* --- reload.c -------------------------------------------------------------------------------- */

/* What came of a changing verb: the log and the asker get the same. */
struct outcome {
	enum control_exit exit_code;
	struct strbuf message; /* one line */
	struct strbuf errors; /* lines */
	struct plan_diff diff;
	unsigned int confirm_s;
	bool ends; /* the daemon ends after the answer */
	char *left_mounted; /* what a detach has left to whoever may unmount; owned */
};

void outcome_fini(struct outcome *outcome);
#define _outcome_ _cleanup_(outcome_fini)

/* Logs it. */
void outcome_log(const struct outcome *outcome);

/*
 * Puts @next in force and takes it over; without a change for the data plane the generation stays. On -errno what was in
 * force is, the reason is in @why and @next still the caller's.
 */
int daemon_put_in_force(struct daemon *daemon, struct candidate *next, struct strbuf *why);

/* -EBUSY with a line in @why: the role, or the size of the running table, cannot change. */
int daemon_check_size(const struct daemon *daemon, const struct candidate *next,
		      struct strbuf *why);

/* SIGHUP and `hairpin reload`. */
void daemon_reload(struct daemon *daemon, struct outcome *outcome);

/* `hairpin apply`; @fd is the file that the asker sent, or -1 for the daemon's own. */
void daemon_apply(struct daemon *daemon, const struct control_request *request, int fd,
		  struct outcome *outcome);

/* The network may look different: a new plan if it does. Also for who has changed daemon->observed. */
void daemon_follow_facts(struct daemon *daemon);

/* --- confirm.c ------------------------------------------------------------------------------- */

struct confirm {
	unsigned int seconds;
	bool installs; /* the new text goes into the configuration file from elsewhere */
	const struct candidate *next; /* what shall be in force until then */
};

/*
 * Notes what is in force and starts the guardian, before anything is touched. 0, or -errno with a line in @why and nothing left behind.
 */
int confirm_arm(struct daemon *daemon, const struct confirm *confirm, struct strbuf *why);
/* The apply failed: nothing to go back from. */
void confirm_cancel(struct daemon *daemon);
/* Whether an apply waits for its confirmation. */
bool confirm_is_pending(const struct daemon *daemon);

/*
 * The text in force, a copy: this daemon's, or what one before it left attached; *ret_text is NULL if nothing is. -ENOENT: something is
 * attached, and its text is lost.
 */
int confirm_text_in_force(const struct daemon *daemon, char **ret_text, size_t *ret_length);
/* Goes back to a text. 0; or -errno with lines in outcome->errors, and what was in force is. */
int daemon_put_text_in_force(struct daemon *daemon, const char *text, size_t length,
			     struct outcome *outcome);

void daemon_confirm(struct daemon *daemon, struct outcome *outcome);
/* Goes back, for the guardian or in its place. */
void daemon_revert(struct daemon *daemon, struct outcome *outcome);
/* Once a second: does the work of a guardian that died. */
void confirm_tick(struct daemon *daemon);

/*
 * A record whose guardian is gone (the machine was restarted): puts the configuration file back. 0; -ECANCELED: there was nothing
 * attached before, which is so again, and this start is refused. @ret_before: with which backend to go back, for a configuration that says
 * `auto`; NULL: this is no going back.
 */
int confirm_settle_stale(const struct options *options, const struct backend_ops **ret_before);

/* Writes the text in force to the configuration file; the text before is kept as <file>.previous. */
int confirm_install(struct daemon *daemon, struct strbuf *why);

/* `hairpin detach`. */
void daemon_detach(struct daemon *daemon, struct outcome *outcome);

/* --- operating.c ----------------------------------------------------------------------------- */

/* Reads what the operator changed by command. What cannot be read is put aside, with a line in the log, and nothing of it is in force. */
void operating_load(struct daemon *daemon);

/* `hairpin rewrite add|remove`: on disk and in force, or nothing changed. @fd: its words, a JSON list. */
void operating_rewrite(struct daemon *daemon, const struct control_request *request, int fd,
		       struct outcome *outcome);

/* `hairpin reservation add|remove`, the same way. */
void operating_reservation(struct daemon *daemon, const struct control_request *request, int fd,
			   struct outcome *outcome);

/* `hairpin blocking off [DURATION] | on`, the same way. */
void operating_blocking(struct daemon *daemon, const struct control_request *request, int fd,
			struct outcome *outcome);

/* Once a second: a pause of blocking that is over, and clocks that jump. */
void operating_tick(struct daemon *daemon);

/* --- dhcp_names.c ---------------------------------------------------------------------------- */

/* Tells the DNS server who has which name by his lease; @data is the daemon. */
void daemon_follow_leases(void *data);

/* --- verbs.c --------------------------------------------------------------------------------- */

/* The handler of the control socket; @data is the daemon. */
void verbs_handle(void *data, const struct control_request *request, int fd,
		  struct control_reply *reply);
/* After an answer that ends the daemon. */
void verbs_end_daemon(void *data);
