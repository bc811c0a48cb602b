// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In a build without `dns`: no DNS server, block lists, query log, `hosts-service` or looking up of names. The configuration that asks for one of
 * them is refused (conf/schema.h, `feature`), so that there is nothing here to leave undone; what is answered says that each is off.
 */
#include <errno.h>

#include "block_clients.h"
#include "daemon.h"
#include "feature.h"
#include "hosts_parent.h"
#include "hosts_process.h"
#include "lists_parent.h"
#include "lists_process.h"
#include "log.h"
#include "log_parent.h"
#include "lookup_parent.h"
#include "process.h"

/* Each is only told from NULL, which is no memory. */
static char nobody;

static int run_nothing(void)
{
	log_error("%s", feature_lacks(FEATURE_DNS));
	return 2;
}

/* --- the DNS server ------------------------------------------------------------------------- */

struct dns_parent *dns_parent_make(struct children *children _unused_)
{
	return (struct dns_parent *)&nobody;
}

void dns_parent_free(struct dns_parent *parent _unused_)
{
}

int dns_parent_check(const struct dns_parent *parent _unused_, const struct plan_dns *now _unused_,
		     const struct plan_dns *dns _unused_, struct strbuf *why _unused_)
{
	return 0;
}

int dns_parent_prepare(struct dns_parent *parent _unused_, const struct plan_dns *dns _unused_,
		       struct strbuf *why _unused_)
{
	return 0;
}

void dns_parent_forget(struct dns_parent *parent _unused_)
{
}

void dns_parent_renew(struct dns_parent *parent _unused_, const struct plan_dns *dns _unused_)
{
}

void dns_parent_faults(const struct dns_parent *parent _unused_, struct strbuf *out _unused_)
{
}

void dns_parent_apply(struct dns_parent *parent _unused_, const struct plan_dns *dns _unused_)
{
}

int dns_parent_hosts(struct dns_parent *parent _unused_, const struct dns_host *hosts _unused_,
		     size_t n _unused_)
{
	return 0;
}

void dns_parent_set_blocking(struct dns_parent *parent _unused_, bool is_off _unused_)
{
}

void dns_parent_hold(struct dns_parent *parent _unused_)
{
}

bool dns_parent_tick(struct dns_parent *parent _unused_)
{
	return false;
}

json_t *dns_parent_upstreams(const struct dns_parent *parent _unused_,
			     const struct plan_dns *dns _unused_)
{
	return json_array();
}

json_t *dns_parent_answer(struct dns_parent *parent _unused_)
{
	return json_pack("{s:b, s:i, s:i}", "on", 0, "process", 0, "restarts", 0);
}

int dns_process_run(int daemon _unused_, int (*ready)(void) _unused_)
{
	return run_nothing();
}

/* The names of leases are DNS's. */
void daemon_follow_leases(void *data _unused_)
{
}

/* --- groups, lists, the log ----------------------------------------------------------------- */

struct block_clients *block_clients_make(uv_loop_t *loop _unused_,
					 struct dns_parent *parent _unused_)
{
	return (struct block_clients *)&nobody;
}

void block_clients_set(struct block_clients *clients _unused_,
		       const struct plan_blocking *blocking _unused_)
{
}

void block_clients_free(struct block_clients *clients _unused_)
{
}

struct lists_parent *lists_parent_make(struct children *children _unused_,
				       struct dns_parent *dns _unused_, const char *state _unused_)
{
	return (struct lists_parent *)&nobody;
}

void lists_parent_free(struct lists_parent *parent _unused_)
{
}

void lists_parent_apply(struct lists_parent *parent _unused_,
			const struct plan_lists *lists _unused_)
{
}

void lists_parent_refresh(struct lists_parent *parent _unused_)
{
}

void lists_parent_tick(struct lists_parent *parent _unused_)
{
}

json_t *lists_parent_answer(const struct lists_parent *parent _unused_)
{
	return json_pack("{s:[], s:i, s:i, s:i, s:i, s:b, s:s}", "lists", "own_words", 0, "names",
			 0, "addresses", 0, "bytes", 0, "loading", 0, "error", "");
}

int lists_process_run(int daemon _unused_, int (*ready)(void) _unused_)
{
	return run_nothing();
}

struct log_parent *log_parent_make(struct children *children _unused_, const char *state _unused_,
				   struct dns_parent *dns _unused_)
{
	return (struct log_parent *)&nobody;
}

void log_parent_free(struct log_parent *parent _unused_)
{
}

void log_parent_apply(struct log_parent *parent _unused_, const struct plan_dns *dns _unused_)
{
}

void log_parent_tick(struct log_parent *parent _unused_)
{
}

int log_parent_ask(struct log_parent *parent _unused_,
		   const struct control_request *request _unused_, int fd _unused_)
{
	return -ENOENT;
}

json_t *log_parent_answer(const struct log_parent *parent _unused_)
{
	return json_pack("{s:s, s:i, s:i, s:n}", "queries", "no", "process", 0, "restarts", 0,
			 "error");
}

int log_parent_process(const char *state _unused_)
{
	return run_nothing();
}

/* --- hosts-service -------------------------------------------------------------------------- */

struct hosts_parent *hosts_parent_make(struct children *children _unused_,
				       const char *state _unused_)
{
	return (struct hosts_parent *)&nobody;
}

void hosts_parent_free(struct hosts_parent *parent _unused_)
{
}

int hosts_parent_prepare(struct hosts_parent *parent _unused_, const struct conf *conf _unused_,
			 const struct plan *plan _unused_, struct strbuf *why _unused_)
{
	return 0;
}

void hosts_parent_forget(struct hosts_parent *parent _unused_)
{
}

void hosts_parent_apply(struct hosts_parent *parent _unused_, const struct conf *conf _unused_,
			const struct plan *plan _unused_)
{
}

void hosts_parent_tick(struct hosts_parent *parent _unused_)
{
}

json_t *hosts_parent_answer(const struct hosts_parent *parent _unused_)
{
	return json_pack("{s:b, s:i, s:i, s:n}", "on", 0, "process", 0, "restarts", 0, "key");
}

int hosts_process_run(int daemon _unused_)
{
	return run_nothing();
}

/* --- names of others ------------------------------------------------------------------------ */

struct lookup_parent *lookup_parent_make(struct children *children _unused_,
					 lookup_done_fn *done _unused_, void *data _unused_)
{
	return (struct lookup_parent *)&nobody;
}

void lookup_parent_free(struct lookup_parent *parent _unused_)
{
}

bool lookup_parent_runs(const struct lookup_parent *parent _unused_)
{
	return false;
}

/* Of what is looked up, only the names of services: nobody knows them. */
int lookup_parent_ask(struct lookup_parent *parent _unused_, const struct lookup_job *job _unused_)
{
	return -EOPNOTSUPP;
}

void lookup_parent_tick(struct lookup_parent *parent _unused_)
{
}

int lookup_process_run(int fd _unused_, int (*ready)(void) _unused_)
{
	return run_nothing();
}
