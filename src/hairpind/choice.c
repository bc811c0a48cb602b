// SPDX-License-Identifier: GPL-2.0-or-later
#include "choice.h"

#include <errno.h>
#include <string.h>

#include "feature.h"
#include "foreign.h"
#include "log.h"

static const struct backend_ops *const wanted[] = {
	[CONF_BACKEND_AUTO] = NULL,
	[CONF_BACKEND_BPF] = &backend_bpf,
	[CONF_BACKEND_NFTABLES] = &backend_nftables,
};

/* Where it is not built, nothing else carries the packets, and nobody is to think so. */
static int take_nftables(struct daemon *daemon, const char *reason, const char *detail,
			 struct strbuf *why)
{
	if (!feature_is_built(FEATURE_NFTABLES)) {
		strbuf_add(why, "%s: %.*s; %s, which would be taken then\n", reason,
			   (int)strcspn(detail, "\n"), detail, feature_lacks(FEATURE_NFTABLES));
		return -EOPNOTSUPP;
	}
	daemon->ops = &backend_nftables;
	strbuf_add(&daemon->choice, "auto: %s: %.*s", reason, (int)strcspn(detail, "\n"), detail);
	log_warning("nat.backend: %s; the nftables backend is taken", daemon->choice.text);
	return 0;
}

static int choose(struct daemon *daemon, const struct candidate *next, struct strbuf *why)
{
	_strbuf_ struct strbuf lines = {0}, reason = {0};
	int ret;

	daemon->ops = &backend_bpf;
	if (backend_bpf.probe(&reason))
		return take_nftables(daemon, "eBPF cannot be had here", strbuf_text(&reason), why);
	if (next->conf->ignore_netfilter)
		return 0;
	ret = foreign_rules(next->plan, &lines, &reason);
	if (ret)
		strbuf_add(why, "cannot look for netfilter rules of others: %s\n",
			   strbuf_text(&reason));
	else if (lines.length)
		ret = take_nftables(daemon, "eBPF would pass by rules of others",
				    strbuf_text(&lines), why);
	return ret;
}

int choice_make(struct daemon *daemon, const struct candidate *next, struct strbuf *why)
{
	const struct backend_options where = daemon_backend_options(daemon);
	const struct backend_ops *in_place = backend_in_place(&where);

	strbuf_reset(&daemon->choice);
	daemon->ops = wanted[next->conf->backend];
	if (daemon->ops == &backend_nftables)
		strbuf_add(&daemon->choice, "nat.backend: nftables");
	if (daemon->ops)
		return 0;
	daemon->ops = daemon->before ? daemon->before : in_place;
	if (daemon->ops == &backend_nftables && !feature_is_built(FEATURE_NFTABLES))
		daemon->ops = NULL;
	if (daemon->ops == &backend_nftables)
		strbuf_add(&daemon->choice, "auto: it was in place at the start; after `hairpin "
					    "detach` the next start chooses anew");
	return daemon->ops ? 0 : choose(daemon, next, why);
}

int choice_replace(struct daemon *daemon)
{
	const struct backend_options where = daemon_backend_options(daemon);
	const struct backend_ops *in_place = backend_in_place(&where);
	_strbuf_ struct strbuf why = {0};
	int ret;

	if (!in_place || in_place == daemon->ops)
		return 0;
	log_warning("the %s backend was in place; it is taken away, and its connections end",
		    in_place->name);
	ret = in_place->detach(&where, &why);
	if (ret)
		log_error("it cannot be taken away: %s", strbuf_text(&why));
	else
		daemon->replaced = in_place;
	return ret;
}

int choice_undo(struct daemon *daemon, const struct candidate_source *before,
		struct outcome *outcome)
{
	struct backend_options options = daemon_backend_options(daemon);
	_candidate_ struct candidate next = {0};
	int ret = candidate_make(before, &next, &outcome->errors);

	if (ret)
		return ret;
	options.sessions = next.plan->sessions;
	if (daemon->backend) {
		ret = daemon->ops->detach(&options, &outcome->errors);
		daemon->ops->close(TAKE_PTR(daemon->backend));
	}
	/* What is in force by another backend is not what the next plan is compared with. */
	candidate_fini(&daemon->now);
	daemon->now = (struct candidate){0};
	daemon->ops = daemon->replaced;
	if (!ret)
		ret = daemon->ops->open(&options, &daemon->backend, &outcome->errors);
	if (!ret)
		ret = daemon_put_in_force(daemon, &next, &outcome->errors);
	if (!ret)
		strbuf_add(&outcome->message, "went back to the %s backend", daemon->ops->name);
	return ret;
}

bool choice_stays(const struct daemon *daemon, const struct candidate *next)
{
	const struct backend_ops *ops = wanted[next->conf->backend];

	return !daemon_routes(daemon) || !ops || ops == daemon->ops;
}
