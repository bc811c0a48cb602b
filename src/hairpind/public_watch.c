// SPDX-License-Identifier: GPL-2.0-or-later
#include "public_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "addr_class.h"
#include "clock.h"
#include "file.h"
#include "log.h"
#include "lookup_parent.h"
#include "public_names.h"

struct public_watch {
	struct public_watch_options options;
	struct lookup_parent *lookup;
	bool is_behind; /* another router is in front */
	bool on; /* ... or wan.public-address is a name, whatever our own address is */
	struct public_names names;
	struct lookup_server servers[LIMIT_LOOKUP_SERVERS];
	size_t n_servers;
	struct portmap_server stun[LIMIT_STUN_SERVERS]; /* as upstream was told */
	size_t n_stun;
	struct public_case state;
	struct public_verdict verdict;
	struct ip_addr observed; /* zero: none */
	struct strbuf said; /* the last lines of the log about it */
	bool is_new; /* the plan does not know it yet */
};

/* --- what outlives a restart ------------------------------------------------------------------- */

static const char *file_path(const struct public_watch *watch, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/" PUBLIC_WATCH_FILE, watch->options.state);
	return path;
}

static void keep(const struct public_watch *watch)
{
	char path[PATH_MAX], text[IP_TEXT_MAX];
	int ret;

	ip_addr_format(&watch->observed, text);
	strcat(text, "\n");
	ret = file_write_atomic(file_path(watch, path), text, strlen(text), 0640);
	if (ret)
		log_warning("%s: %s", path, strerror(-ret));
}

void public_watch_recall(struct public_watch *watch)
{
	_free_ char *text = NULL;
	char path[PATH_MAX];
	struct ip_addr addr;
	size_t length = 0;

	if (file_read(file_path(watch, path), IP_TEXT_MAX, &text, &length))
		return;
	text[strcspn(text, "\n")] = '\0';
	if (ip_addr_parse(text, &addr) || addr_class_of(&addr) != ADDR_PUBLIC)
		return;
	public_word_heard(&watch->state.words[PUBLIC_REMEMBERED], &addr, clock_boottime_ms());
	watch->state.words[PUBLIC_REMEMBERED].answers = false;
	watch->observed = addr;
	watch->options.observed->publics = &watch->observed;
	watch->options.observed->n_publics = 1;
}

/* --- what it comes to -------------------------------------------------------------------------- */

/* Once for each thing that there is to say. */
static void say(struct public_watch *watch)
{
	const struct public_verdict *verdict = &watch->verdict;
	_strbuf_ struct strbuf lines = {0};

	public_disagreement_say(verdict, &lines);
	if (lines.length)
		strbuf_add(&lines, "\n");
	public_nat_say(verdict, &lines);
	if (strcmp(strbuf_text(&lines), strbuf_text(&watch->said)) && lines.length)
		log_warning("%s", strbuf_text(&lines));
	strbuf_reset(&watch->said);
	strbuf_add(&watch->said, "%s", strbuf_text(&lines));
}

static void observe(struct public_watch *watch)
{
	const struct public_verdict *verdict = &watch->verdict;
	char text[IP_TEXT_MAX];

	if (ip_addr_equal(&watch->observed, &verdict->addr))
		return;
	watch->observed = verdict->addr;
	watch->options.observed->publics = &watch->observed;
	watch->options.observed->n_publics = verdict->source != PUBLIC_SOURCES;
	if (verdict->source == PUBLIC_SOURCES) {
		log_info("the public address is not known any more");
	} else {
		log_info("the public address is %s, by %s", ip_addr_format(&verdict->addr, text),
			 public_source_words(verdict->source));
		keep(watch);
	}
	watch->is_new = true;
}

static void decide(struct public_watch *watch)
{
	watch->state.now_ms = clock_boottime_ms();
	watch->verdict = watch->on ? public_decide(&watch->state)
				   : (struct public_verdict){.source = PUBLIC_SOURCES,
							     .against = PUBLIC_SOURCES};
	say(watch);
	observe(watch);
}

static void follow(struct public_watch *watch)
{
	if (!watch->is_new)
		return;
	watch->is_new = false;
	watch->options.changed(watch->options.data);
}

/* --- the router and STUN ------------------------------------------------------------------------ */

static const struct ip_addr *peer_addr(const struct portmap_report *report, __u32 protocol)
{
	const struct portmap_peer *peer;

	if (protocol >= PORTMAP_PROTOCOLS)
		return NULL;
	peer = &report->peers[protocol];
	return peer->answer == PORTMAP_ANSWERS && !ip_addr_is_zero(&peer->external)
		       ? &peer->external
		       : NULL;
}

/* PCP tells its address with a mapping, and so seldom: after the two that are asked for it all the time. */
static const struct ip_addr *router_addr(const struct portmap_report *report)
{
	static const __u32 order[] = {PORTMAP_NATPMP, PORTMAP_IGD, PORTMAP_PCP};
	const struct ip_addr *addr = NULL;

	for (size_t i = 0; report && !addr && i < ARRAY_SIZE(order); i++)
		addr = peer_addr(report, order[i]);
	return addr;
}

/* The first that answered; another one that saw something else is a NAT with several addresses, or no server of STUN. */
static const struct ip_addr *stun_addr(const struct portmap_report *report,
				       struct ip_addr *ret_split)
{
	const struct ip_addr *addr = NULL;

	*ret_split = (struct ip_addr){0};
	for (size_t i = 0; report && i < report->n_servers; i++) {
		const struct portmap_stun *server = &report->servers[i];

		if (server->answer != PORTMAP_ANSWERS || ip_addr_is_zero(&server->external))
			continue;
		if (!addr)
			addr = &server->external;
		else if (!ip_addr_equal(addr, &server->external))
			*ret_split = server->external;
	}
	return addr;
}

/* It answers for what it has to say of its address, and that is nothing. PCP tells one with a mapping only. */
static bool is_addressless(const struct portmap_report *report)
{
	if (!report || !report->is_settled || router_addr(report))
		return false;
	return report->peers[PORTMAP_IGD].answer == PORTMAP_ANSWERS ||
	       report->peers[PORTMAP_NATPMP].answer == PORTMAP_ANSWERS;
}

/* A report holds until the process has news, so that each look at it is an answer of now. */
static void report_take(struct public_watch *watch)
{
	const struct portmap_report *report = upstream_parent_report(watch->options.upstream);
	__u64 now = clock_boottime_ms();

	watch->state.is_addressless = is_addressless(report);
	public_word_heard(&watch->state.words[PUBLIC_ROUTER], router_addr(report), now);
	public_word_heard(&watch->state.words[PUBLIC_STUN], stun_addr(report, &watch->state.split),
			  now);
}

/* --- names ---------------------------------------------------------------------------------------- */

static void stun_tell(struct public_watch *watch)
{
	struct portmap_server servers[LIMIT_STUN_SERVERS] = {0};
	size_t n = watch->on ? public_names_stun(&watch->names, servers) : 0;

	if (n == watch->n_stun && !memcmp(servers, watch->stun, sizeof(servers)))
		return;
	watch->n_stun = n;
	memcpy(watch->stun, servers, sizeof(servers));
	upstream_parent_stun(watch->options.upstream, servers, n);
}

/* A name is asked for its services only where nobody else knows. */
static bool wants_services(const struct public_watch *watch)
{
	return !watch->state.words[PUBLIC_ROUTER].answers &&
	       !watch->state.words[PUBLIC_STUN].answers && !watch->state.words[PUBLIC_NAME].answers;
}

static void words_take(struct public_watch *watch, __u64 now)
{
	static const enum public_source sources[] = {PUBLIC_NAME, PUBLIC_SERVICES};

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		bool was_asked = false;
		const struct ip_addr *addr =
			public_names_addr(&watch->names, sources[i], &was_asked);

		if (was_asked)
			public_word_heard(&watch->state.words[sources[i]], addr, now);
	}
}

static void names_done(void *data, const struct lookup_job *job, const struct lookup_report *report)
{
	struct public_watch *watch = data;
	__u64 now = clock_boottime_ms();

	public_names_take(&watch->names, job, report, now);
	words_take(watch, now);
	stun_tell(watch);
	decide(watch);
	follow(watch);
}

static void names_ask(struct public_watch *watch)
{
	struct lookup_job job = {.n_servers = (__u32)watch->n_servers};

	memcpy(job.servers, watch->servers, sizeof(job.servers));
	if (!watch->on || !watch->n_servers || lookup_parent_runs(watch->lookup) ||
	    !public_names_due(&watch->names, wants_services(watch), clock_boottime_ms(), &job))
		return;
	/* Whether it can be started or not: the names are due again soon. */
	lookup_parent_ask(watch->lookup, &job);
}

/* --- the daemon's ----------------------------------------------------------------------------------- */

struct public_watch *public_watch_make(const struct public_watch_options *options)
{
	struct public_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->options = *options;
	watch->verdict.source = watch->verdict.against = PUBLIC_SOURCES;
	watch->lookup = lookup_parent_make(options->children, names_done, watch);
	if (!watch->lookup)
		free(TAKE_PTR(watch));
	return watch;
}

void public_watch_free(struct public_watch *watch)
{
	if (!watch)
		return;
	lookup_parent_free(watch->lookup);
	strbuf_fini(&watch->said);
	watch->options.observed->publics = NULL;
	watch->options.observed->n_publics = 0;
	free(watch);
}

void public_watch_apply(struct public_watch *watch, const struct candidate *now)
{
	const struct conf *conf = now->conf;
	struct public_word *words = watch->state.words;
	const struct ip_addr *own = plan_wan_primary(now->plan);

	watch->is_behind = plan_is_behind(now->plan);
	watch->on = watch->is_behind || conf->public == CONF_PUBLIC_NAME;
	watch->state.own = own ? *own : (struct ip_addr){0};
	words[PUBLIC_CONFIGURED] = (struct public_word){0};
	if (conf->public == CONF_PUBLIC_ADDRESS)
		public_word_heard(&words[PUBLIC_CONFIGURED], &conf->public_addr,
				  clock_boottime_ms());
	if (public_names_set(&watch->names, conf))
		words[PUBLIC_NAME] = words[PUBLIC_SERVICES] = (struct public_word){0};
	watch->n_servers = public_names_servers(
		now, &upstream_parent_wanted(watch->options.upstream)->router, watch->servers);
	stun_tell(watch);
}

void public_watch_heard(struct public_watch *watch)
{
	report_take(watch);
	decide(watch);
	follow(watch);
}

void public_watch_tick(struct public_watch *watch)
{
	lookup_parent_tick(watch->lookup);
	report_take(watch);
	names_ask(watch);
	decide(watch);
	follow(watch);
}

bool public_watch_is_on(const struct public_watch *watch)
{
	return watch->on;
}

bool public_watch_is_behind(const struct public_watch *watch)
{
	return watch->is_behind;
}

const struct public_verdict *public_watch_verdict(const struct public_watch *watch)
{
	return &watch->verdict;
}

static json_t *addr_answer(const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	return json_string(ip_addr_format(addr, text));
}

static json_t *word_answer(const struct public_watch *watch, enum public_source source)
{
	const struct public_word *word = &watch->state.words[source];

	return json_pack(
		"{s:s, s:o, s:b, s:o}", "source", public_source_key(source), "address",
		word->has ? addr_answer(&word->addr) : json_null(), "answers", (int)word->answers,
		"ago_s",
		word->has ? json_integer((json_int_t)((watch->state.now_ms - word->at_ms) / 1000))
			  : json_null());
}

json_t *public_watch_answer(const struct public_watch *watch)
{
	const struct public_verdict *verdict = &watch->verdict;
	_strbuf_ struct strbuf nat = {0}, disagreement = {0};
	json_t *sources = json_array();

	for (size_t i = 0; i < PUBLIC_SOURCES; i++)
		json_array_append_new(sources, word_answer(watch, (enum public_source)i));
	public_nat_say(verdict, &nat);
	public_disagreement_say(verdict, &disagreement);
	return json_pack("{s:o, s:s, s:s, s:s, s:s, s:o}", "address",
			 verdict->source != PUBLIC_SOURCES ? addr_answer(&verdict->addr)
							   : json_null(),
			 "source", public_source_key(verdict->source), "nat",
			 public_nat_key(verdict->nat), "nat_text", strbuf_text(&nat),
			 "disagreement", strbuf_text(&disagreement), "sources", sources);
}
