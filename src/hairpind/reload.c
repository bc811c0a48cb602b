// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "choice.h"
#include "file.h"
#include "log.h"
#include "pending.h"
#include "safety.h"

void outcome_fini(struct outcome *outcome)
{
	strbuf_fini(&outcome->message);
	strbuf_fini(&outcome->errors);
	free(outcome->left_mounted);
}

void outcome_log(const struct outcome *outcome)
{
	const char *at = strbuf_text(&outcome->errors);

	while (*at) {
		size_t length = strcspn(at, "\n");

		if (length > 0)
			log_error("%.*s", (int)length, at);
		at += length + (at[length] == '\n');
	}
	if (outcome->message.length == 0)
		return;
	if (outcome->exit_code == CONTROL_EXIT_OK)
		log_info("%s", strbuf_text(&outcome->message));
	else
		log_warning("%s", strbuf_text(&outcome->message));
}

static bool has_line(const char *at, const char *line, size_t length)
{
	while (*at) {
		size_t n = strcspn(at, "\n");

		if (n == length && !memcmp(at, line, n))
			return true;
		at += n + (at[n] == '\n');
	}
	return false;
}

/* Lines are said when they come, not at each new plan. */
static void log_new(const char *old, const char *at, void (*say)(const char *line))
{
	while (*at) {
		size_t length = strcspn(at, "\n");
		_free_ char *line = strndup(at, length);

		if (line && !has_line(old, at, length))
			say(line);
		at += length + (at[length] == '\n');
	}
}

static void say_info(const char *line)
{
	log_info("%s", line);
}

static void say_warning(const char *line)
{
	log_warning("%s", line);
}

static void log_waits(const struct plan *before, const struct plan *now)
{
	const char *old = before ? strbuf_text(&before->waits) : "";
	const char *at = strbuf_text(&now->waits);

	if (*old && !*at)
		log_info("nothing is waited for any more");
	log_new(old, at, say_info);
}

static void keep_text(const struct daemon *daemon)
{
	const struct candidate *now = &daemon->now;
	char path[PATH_MAX];
	int ret = pending_save_text(daemon->options->state, STATE_APPLIED, now->text, now->length);

	if (!ret)
		return;
	log_warning("%s/%s: %s", daemon->options->state, STATE_APPLIED, strerror(-ret));
	/* None is better than a wrong one: somebody may go back to it after this daemon. */
	unlink(state_path(daemon->options->state, STATE_APPLIED, path));
}

static int put_plan(struct daemon *daemon, const struct plan *plan, struct strbuf *why)
{
	int ret;

	if (daemon->now.plan && plan_equal(daemon->now.plan, plan))
		return 0;
	ret = daemon->ops->apply(daemon->backend, plan, daemon->generation + 1, why);
	if (!ret)
		daemon->generation++;
	else if (why->length == 0)
		strbuf_add(why, "the data plane does not take it: %s\n", strerror(-ret));
	return ret;
}

static void names_apply(struct daemon *daemon, const struct plan_dns *dns)
{
	/* Before the setup, so that no client of a group is taken for everybody by a process that starts now. */
	block_clients_set(daemon->block_clients, &dns->blocking);
	dns_parent_apply(daemon->dns, dns);
	log_parent_apply(daemon->log, dns);
}

/* Behind the data plane, which may refuse; dns_parent_prepare() has been called for it. */
static void put_names(struct daemon *daemon, const struct plan *plan)
{
	const struct plan_lists *lists = &plan->dns.lists;
	bool has_new = !daemon->now.plan || !plan_lists_equal(&daemon->now.plan->dns.lists, lists);

	if (has_new && (lists->n_lists || lists->n_words))
		dns_parent_hold(daemon->dns);
	if (!daemon->now.plan || !plan_dns_equal(&daemon->now.plan->dns, &plan->dns))
		names_apply(daemon, &plan->dns);
	else
		dns_parent_renew(daemon->dns, &plan->dns);
	if (has_new)
		lists_parent_apply(daemon->lists, lists);
}

/* What of a plan, made of @conf, may be refused, before any of it is in force: the servers, then the data plane. */
static int prepare_and_put(struct daemon *daemon, const struct conf *conf, const struct plan *plan,
			   struct strbuf *why)
{
	int ret = dhcp_parent_prepare(daemon->dhcp, &plan->dhcp, why);

	if (!ret)
		ret = dns_parent_prepare(daemon->dns, &plan->dns, why);
	if (!ret)
		ret = hosts_parent_prepare(daemon->hosts, conf, plan, why);
	if (!ret)
		ret = put_plan(daemon, plan, why);
	if (ret) {
		dns_parent_forget(daemon->dns);
		hosts_parent_forget(daemon->hosts);
	}
	return ret;
}

/* By the plan in force, and behind it: what is known of a host that nothing is declared on any more is forgotten. */
static void gateways_apply(struct daemon *daemon)
{
	struct facts_observed *observed = &daemon->observed;

	gateway_probe_apply(daemon->gateway_probe, &daemon->now);
	observed->answering =
		gateway_probe_answering(daemon->gateway_probe, &observed->n_answering);
}

int daemon_put_in_force(struct daemon *daemon, struct candidate *next, struct strbuf *why)
{
	int ret = prepare_and_put(daemon, next->conf, next->plan, why);

	if (ret)
		return ret;
	put_names(daemon, next->plan);
	hosts_parent_apply(daemon->hosts, next->conf, next->plan);
	log_waits(daemon->now.plan, next->plan);
	log_new(strbuf_text(&daemon->now.conflicts), strbuf_text(&next->conflicts), say_warning);
	candidate_fini(&daemon->now);
	daemon->now = *next;
	*next = (struct candidate){0};
	/* It tells DNS of leases by the plan in force. */
	dhcp_parent_apply(daemon->dhcp, &daemon->now.plan->dhcp);
	gateways_apply(daemon);
	upstream_parent_apply(daemon->upstream, &daemon->now);
	public_watch_apply(daemon->public_watch, &daemon->now);
	daemon->retry = false;
	free(TAKE_PTR(daemon->mending));
	keep_text(daemon);
	return 0;
}

int daemon_check_size(const struct daemon *daemon, const struct candidate *next, struct strbuf *why)
{
	struct backend_status status;

	if (next->conf->role != daemon->now.conf->role) {
		strbuf_add(why, "%s: role: only a new start of hairpind changes it\n",
			   next->conf->path);
		return -EBUSY;
	}
	if (!choice_stays(daemon, next)) {
		strbuf_add(why, "%s: nat.backend: only a new start of hairpind changes it\n",
			   next->conf->path);
		return -EBUSY;
	}
	/* The memory may have become more or less since the start (a cgroup's limit), and nobody asked for another table. */
	if (next->conf->sessions == CONF_AUTO && daemon->now.conf->sessions == CONF_AUTO)
		return 0;
	if (next->plan->sessions == daemon->now.plan->sessions ||
	    daemon->ops->status(daemon->backend, &status) || status.table_shared ||
	    next->plan->sessions == status.sessions_size)
		return 0;
	strbuf_add(
		why,
		"%s: nat.limits.sessions: %u: the running table has room for %u; only a new start of "
		"hairpind makes another one, which takes its sessions over\n",
		next->conf->path, next->plan->sessions, status.sessions_size);
	return -EBUSY;
}

static int refuse(struct outcome *outcome, const char *what)
{
	outcome->exit_code = CONTROL_EXIT_FINDING;
	strbuf_add(&outcome->message, "%s: the running configuration stays", what);
	return -EINVAL;
}

static int refuse_while_pending(const struct daemon *daemon, struct outcome *outcome)
{
	if (!confirm_is_pending(daemon))
		return 0;
	strbuf_add(&outcome->errors,
		   "an apply waits for its confirmation: `hairpin confirm` it, or wait until it is "
		   "taken back\n");
	return refuse(outcome, "refused");
}

/* Replaces what is in force and says what changed. */
static int replace(struct daemon *daemon, struct candidate *next, struct outcome *outcome)
{
	bool has_names = !plan_dns_equal(&daemon->now.plan->dns, &next->plan->dns);
	bool has_leases = !plan_dhcp_equal(&daemon->now.plan->dhcp, &next->plan->dhcp);
	bool has_hosts = !plan_hosts_equal(&daemon->now.plan->hosts, &next->plan->hosts);
	size_t n_names = next->plan->dns.n_names;
	__u32 before = daemon->generation;

	outcome->diff = plan_diff(daemon->now.plan, next->plan);
	if (daemon_put_in_force(daemon, next, &outcome->errors))
		return refuse(outcome, "not applied");
	if (daemon->generation == before && has_names)
		strbuf_add(&outcome->message,
			   "generation %u stays; what is answered to names changed, %zu are ours",
			   before, n_names);
	else if (daemon->generation == before && has_leases)
		strbuf_add(&outcome->message,
			   "generation %u stays; what hosts are told by DHCP changed", before);
	else if (daemon->generation == before && has_hosts)
		strbuf_add(&outcome->message,
			   "generation %u stays; who may ask for names for hosts files changed",
			   before);
	else if (daemon->generation == before)
		strbuf_add(&outcome->message, "nothing changed, generation %u stays", before);
	else
		strbuf_add(&outcome->message,
			   "generation %u in force: %zu rules added, %zu removed, %zu changed",
			   daemon->generation, outcome->diff.added, outcome->diff.removed,
			   outcome->diff.changed);
	dns_parent_faults(daemon->dns, &outcome->message);
	return 0;
}

void daemon_reload(struct daemon *daemon, struct outcome *outcome)
{
	_candidate_ struct candidate next = {0};

	if (refuse_while_pending(daemon, outcome))
		return;
	if (candidate_load(daemon->options->conf, &daemon->changes, &daemon->observed, &next,
			   &outcome->errors) ||
	    daemon_check_size(daemon, &next, &outcome->errors)) {
		refuse(outcome, "not reloaded");
		return;
	}
	if (replace(daemon, &next, outcome))
		return;
	/* Who reloads wants what is new, also of what others publish. */
	lists_parent_refresh(daemon->lists);
}

/* The text that an asker sent, under the name that it has there. */
static int load_sent(const struct daemon *daemon, int fd, struct candidate *next,
		     struct strbuf *errors)
{
	char link[64], path[PATH_MAX];
	struct candidate_source source = {
		.path = path, .changes = &daemon->changes, .observed = &daemon->observed};
	_free_ char *text = NULL;
	struct stat status;
	ssize_t n;
	int ret = fstat(fd, &status) ? -errno : 0;

	/* A pipe or a terminal would keep this process waiting. */
	if (!ret && !S_ISREG(status.st_mode))
		ret = -EINVAL;
	if (!ret)
		ret = file_read_fd(fd, LIMIT_CONF_BYTES, &text, &source.length);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	if (ret) {
		strbuf_add(errors, "%s: %s\n", path,
			   ret == -EINVAL ? "is not a regular file" : strerror(-ret));
		return ret;
	}
	source.text = text;
	return candidate_make(&source, next, errors);
}

_Static_assert(sizeof(((struct asker *)0)->ssh) == sizeof(((struct control_request *)0)->ssh),
	       "one size for both");

static int check_request(const struct control_request *request, struct strbuf *errors)
{
	if (request->confirm_s == 0 ||
	    (request->confirm_s >= CONFIRM_MIN_S && request->confirm_s <= CONFIRM_MAX_S))
		return 0;
	strbuf_add(errors, "--confirm: %us: from %us to %us\n", request->confirm_s, CONFIRM_MIN_S,
		   CONFIRM_MAX_S);
	return -ERANGE;
}

static int check_apply(const struct daemon *daemon, const struct control_request *request,
		       const struct candidate *next, struct strbuf *errors)
{
	struct asker asker = {.shared = request->flags & CONTROL_FLAG_SHARED};
	int ret = check_request(request, errors);

	/* The request's text has its end (control_request_check()), and the same size. */
	memcpy(asker.ssh, request->ssh, sizeof(asker.ssh));
	if (!ret)
		ret = daemon_check_size(daemon, next, errors);
	/* Somebody is there who can mend it, or say `hairpin reload`, which goes on without. */
	if (!ret)
		ret = dns_parent_check(daemon->dns, &daemon->now.plan->dns, &next->plan->dns,
				       errors);
	if (ret || request->confirm_s || (request->flags & CONTROL_FLAG_FORCE))
		return ret;
	return safety_cuts_ssh(next->plan, &asker, errors) ? -EPERM : 0;
}

void daemon_apply(struct daemon *daemon, const struct control_request *request, int fd,
		  struct outcome *outcome)
{
	_candidate_ struct candidate next = {0};
	const struct confirm confirm = {
		.seconds = request->confirm_s,
		.installs = fd >= 0,
		.next = &next,
	};
	bool armed = false;
	int ret;

	if (refuse_while_pending(daemon, outcome))
		return;
	ret = fd >= 0 ? load_sent(daemon, fd, &next, &outcome->errors)
		      : candidate_load(daemon->options->conf, &daemon->changes, &daemon->observed,
				       &next, &outcome->errors);
	if (!ret)
		ret = check_apply(daemon, request, &next, &outcome->errors);
	/* A change of neither packets nor names nor leases needs no way back. */
	if (!ret && confirm.seconds &&
	    !(plan_equal(daemon->now.plan, next.plan) &&
	      plan_dns_equal(&daemon->now.plan->dns, &next.plan->dns) &&
	      plan_dhcp_equal(&daemon->now.plan->dhcp, &next.plan->dhcp))) {
		ret = confirm_arm(daemon, &confirm, &outcome->errors);
		armed = !ret;
	}
	if (ret) {
		refuse(outcome, "not applied");
		return;
	}
	if (replace(daemon, &next, outcome)) {
		if (armed)
			confirm_cancel(daemon);
		return;
	}
	outcome->confirm_s = armed ? confirm.seconds : 0;
	if (fd >= 0 && confirm_install(daemon, &outcome->errors))
		outcome->exit_code = CONTROL_EXIT_FINDING;
}

/* Said once, until another thing is wrong or nothing. */
static void log_mending(struct daemon *daemon, const struct strbuf *why)
{
	size_t length = strcspn(strbuf_text(why), "\n");
	_free_ char *line = strndup(strbuf_text(why), length);

	if (!line || (daemon->mending && !strcmp(daemon->mending, line)))
		return;
	free(daemon->mending);
	log_error("the network changed, and the running plan stays: %s", line);
	daemon->mending = TAKE_PTR(line);
}

static void tell_followed(const struct daemon *daemon)
{
	_strbuf_ struct strbuf text = {0};

	strbuf_add(&text, "generation %u: the network changed", daemon->generation);
	log_info("%s", strbuf_text(&text));
	notify_status(&daemon->notify, strbuf_text(&text));
}

void daemon_follow_facts(struct daemon *daemon)
{
	_strbuf_ struct strbuf why = {0};
	_facts_ struct facts *facts = NULL;
	_plan_ struct plan *plan = NULL;
	__u32 before = daemon->generation;

	/* Until it is done: after a failure the next tick tries again, since no event may come that says when. */
	daemon->retry =
		candidate_refresh(daemon->now.conf, &daemon->observed, &facts, &plan, &why) ||
		prepare_and_put(daemon, daemon->now.conf, plan, &why);
	if (daemon->retry) {
		log_mending(daemon, &why);
		return;
	}
	free(TAKE_PTR(daemon->mending));
	put_names(daemon, plan);
	hosts_parent_apply(daemon->hosts, daemon->now.conf, plan);
	log_waits(daemon->now.plan, plan);
	facts_free(daemon->now.facts);
	plan_free(daemon->now.plan);
	daemon->now.facts = TAKE_PTR(facts);
	daemon->now.plan = TAKE_PTR(plan);
	dhcp_parent_apply(daemon->dhcp, &daemon->now.plan->dhcp);
	gateways_apply(daemon);
	upstream_parent_apply(daemon->upstream, &daemon->now);
	public_watch_apply(daemon->public_watch, &daemon->now);
	if (daemon->generation != before)
		tell_followed(daemon);
}
