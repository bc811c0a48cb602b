// SPDX-License-Identifier: GPL-2.0-or-later
#include "safety.h"

#include <errno.h>
#include <string.h>

#include "cut.h"
#include "foreign.h"
#include "log.h"

bool safety_is_attached(const struct options *options)
{
	const struct backend_options where = {.pins = options->pins, .state = options->state};

	return backend_in_place(&where) != NULL;
}

/* The variable outlives its session in what was left running in the background. What cannot be listed counts as alive. */
static bool is_established(const struct peer *peer)
{
	_free_ struct peer *peers = NULL;
	size_t n = 0;

	if (peers_read_ssh(peer->local_port, &peers, &n))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (peer_equal(&peers[i], peer))
			return true;
	}
	return false;
}

static void add_refusal(const struct peer *peer, enum cut cut, const char *which,
			struct strbuf *why)
{
	strbuf_add(why, "this would cut the ssh session %s (", which);
	peer_format(peer, why);
	strbuf_add(why, "): ");
	cut_add_fix(cut, peer->local_port, why);
	strbuf_add(why, ", or apply with --confirm 60s, which goes back by itself, or --force\n");
}

/* Any of the sessions: the one that gives the command cannot be told from the others. */
static bool cuts_any(const struct plan *plan, __u16 port, struct strbuf *why)
{
	_free_ struct peer *peers = NULL;
	size_t n = 0;
	int ret = peers_read_ssh(port, &peers, &n);

	if (ret) {
		strbuf_add(why,
			   "ssh sessions cannot be listed (%s), and the one that gives the command "
			   "may be cut: apply with --confirm 60s or --force\n",
			   strerror(-ret));
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		enum cut cut = cut_peer(plan, &peers[i]);

		if (!cut)
			continue;
		add_refusal(&peers[i], cut, "from which this tmux or screen may be used", why);
		return true;
	}
	return false;
}

bool safety_cuts_ssh(const struct plan *plan, const struct asker *asker, struct strbuf *why)
{
	struct peer peer = {0};
	bool known = peers_parse_ssh_connection(asker->ssh, &peer);
	enum cut cut;

	if (asker->shared)
		return cuts_any(plan, peer.local_port, why);
	/* No way back to the client now: then there is nothing to cut. */
	if (!known || !is_established(&peer) || peer_interface_find(&peer))
		return false;
	cut = cut_peer(plan, &peer);
	if (cut)
		add_refusal(&peer, cut, "that gives the command", why);
	return cut != CUT_NOT;
}

static int check_foreign(struct daemon *daemon, const struct candidate *next, bool attached,
			 struct strbuf *why)
{
	_strbuf_ struct strbuf lines = {0}, reason = {0};
	int ret;

	/* Netfilter asks everybody's rules: there is nothing to bypass. */
	if (daemon->ops != &backend_bpf)
		return 0;
	ret = foreign_rules(next->plan, &lines, &reason);
	if (ret) {
		strbuf_add(why, "cannot look for netfilter rules of others: %s\n",
			   strbuf_text(&reason));
		return ret;
	}
	if (lines.length == 0)
		return 0;
	if (next->conf->ignore_netfilter || attached) {
		strbuf_add(&daemon->warnings,
			   "netfilter rules that translated packets pass by:\n%s",
			   strbuf_text(&lines));
		return 0;
	}
	strbuf_add(why,
		   "nat.backend: %s: packets that hairpin translates would pass by these netfilter "
		   "rules:\n%s",
		   next->conf->backend == CONF_BACKEND_AUTO ? "auto" : "bpf", strbuf_text(&lines));
	strbuf_add(why, "nat.backend: auto takes nftables then; else remove the rules, or set "
			"nat.ignore-netfilter: yes if they may be passed by\n");
	return -EPERM;
}

int safety_check(struct daemon *daemon, const struct candidate *next, struct strbuf *why)
{
	const struct options *options = daemon->options;
	bool attached = safety_is_attached(options);
	struct asker asker;
	int ret = check_foreign(daemon, next, attached, why);

	if (ret || options->force || options->confirm_s || options->revert)
		return ret;
	/* A restart puts nothing else in force than what is; `hairpin apply` may, also after the daemon died. */
	if (attached && !options->from)
		return 0;
	asker_find(&asker);
	return safety_cuts_ssh(next->plan, &asker, why) ? -EPERM : 0;
}

int safety_check_resolver(const struct options *options, struct strbuf *why)
{
	if (!safety_is_attached(options))
		return 0;
	strbuf_add(
		why,
		"role: resolver: the data plane of role gateway is in place; `hairpin detach` first\n");
	return -EEXIST;
}
