// SPDX-License-Identifier: GPL-2.0-or-later
#include "safety.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "asker.h"
#include "cut.h"
#include "foreign.h"
#include "log.h"

bool safety_is_attached(const struct options *options)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/v%d/hp_active", options->pins, HP_LAYOUT_VERSION);
	return !access(path, F_OK);
}

/* The variable outlives its session in a screen or tmux. What cannot be listed counts as alive. */
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

bool safety_cuts_ssh(const struct plan *plan, const char *connection, struct strbuf *why)
{
	struct peer peer;

	if (!peers_parse_ssh_connection(connection, &peer))
		return false;
	/* No way back to the client now: then there is nothing to cut. */
	if (!is_established(&peer) || peer_interface_find(&peer) || !cut_peer(plan, &peer))
		return false;
	strbuf_add(why, "this would cut the ssh session that gives the command (");
	peer_format(&peer, why);
	strbuf_add(why,
		   "): add %u/tcp to wan.pass, or apply with --confirm 60s, which goes back "
		   "by itself, or --force\n",
		   peer.local_port);
	return true;
}

static int check_foreign(struct daemon *daemon, const struct candidate *next, bool attached,
			 struct strbuf *why)
{
	_strbuf_ struct strbuf lines = {0}, reason = {0};
	int ret = foreign_rules(next->plan, &lines, &reason);

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
	strbuf_add(why, "only the bpf backend exists in this version: remove the rules, or set "
			"nat.ignore-netfilter: yes if they may be passed by\n");
	return -EPERM;
}

int safety_check(struct daemon *daemon, const struct candidate *next, struct strbuf *why)
{
	const struct options *options = daemon->options;
	bool attached = safety_is_attached(options);
	char connection[128];
	int ret = check_foreign(daemon, next, attached, why);

	if (ret || attached || options->force || options->confirm_s || options->revert)
		return ret;
	asker_ssh_connection(connection, sizeof(connection));
	return safety_cuts_ssh(next->plan, connection, why) ? -EPERM : 0;
}
