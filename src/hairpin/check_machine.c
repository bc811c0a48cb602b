// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "asker.h"
#include "backend.h"
#include "cut.h"
#include "feature.h"
#include "findings.h"
#include "foreign.h"
#include "guard.h"
#include "guard_moved.h"
#include "sorter.h"

/* Connections of the kernel's NAT that are shown by name; the rest is a number. */
#define NAT_EXAMPLES 5

void check_backend(struct check *check)
{
	_strbuf_ struct strbuf lines = {0};

	if (check->candidate->conf->backend != CONF_BACKEND_NFTABLES)
		return;
	backend_nftables.lacks(check->candidate->plan, &lines);
	for (const char *at = strbuf_text(&lines); *at; at += strspn(at, "\n")) {
		size_t length = strcspn(at, "\n");

		check_note(check, "backend", "not with nat.backend: nftables: %.*s", (int)length,
			   at);
		at += length;
	}
}

void check_foreign_rules(struct check *check)
{
	const struct conf *conf = check->candidate->conf;
	_strbuf_ struct strbuf lines = {0}, why = {0};
	int ret;

	/* Netfilter asks everybody's rules. */
	if (conf->backend == CONF_BACKEND_NFTABLES)
		return;
	ret = foreign_rules(check->candidate->plan, &lines, &why);
	if (ret)
		check_note(check, "foreign-rule",
			   "netfilter rules of others were not looked for: %s (run it as root)",
			   why.length ? strbuf_text(&why) : strerror(-ret));
	else if (conf->ignore_netfilter)
		check_add_lines(check, CHECK_NOTE, "foreign-rule", "", &lines);
	else if (conf->backend == CONF_BACKEND_BPF)
		check_add_lines(check, CHECK_FINDING, "foreign-rule",
				"translated packets pass by it: remove it, or set "
				"nat.ignore-netfilter: yes, or leave out nat.backend",
				&lines);
	/* No fault: what of them does harm there is said by check_coexist(). */
	else if (lines.length && !feature_is_built(FEATURE_NFTABLES))
		check_find(
			check, "foreign-rule", "remove it, or set nat.ignore-netfilter: yes",
			"eBPF would pass by rules of others, which refuses the start, since %s: %.*s",
			feature_lacks(FEATURE_NFTABLES), (int)strcspn(lines.text, "\n"),
			lines.text);
	else if (lines.length)
		check_note(check, "backend",
			   "eBPF would pass by rules of others, so nat.backend: auto takes "
			   "nftables: %.*s",
			   (int)strcspn(lines.text, "\n"), lines.text);
}

void check_sorter(struct check *check)
{
	_strbuf_ struct strbuf why = {0};
	int ret = sorter_probe(&why);

	if (ret == -EPERM)
		check_note(check, "fragments",
			   "whether fragments can be translated was not tried: %s (run it as root)",
			   strbuf_text(&why));
	else if (ret)
		check_find(
			check, "fragments",
			"load nf_defrag_ipv4, nf_conntrack, nft_ct and veth, or use a kernel that has them",
			"fragments that have to be translated would be dropped: %s",
			strbuf_text(&why));
}

void check_questions(struct check *check)
{
	_strbuf_ struct strbuf why = {0};
	const struct plan *plan = check->candidate->plan;
	const char *what = plan->n_leads ? "dns.redirect"
					 : "a port of `host: self` that is another one outside";
	int ret = plan->n_leads || guard_moves(plan) ? guard_probe_apart(&why) : 0;

	if (ret == -EPERM)
		check_note(check, "redirect",
			   "whether this kernel can do %s was not tried: %s (run it as root)", what,
			   strbuf_text(&why));
	else if (ret)
		check_find(check, "redirect",
			   "load nft_chain_nat and nft_nat, use a kernel that has them, or do "
			   "without",
			   "%s would be refused: %s", what, strbuf_text(&why));
}

static __u16 own_ssh_port(void)
{
	struct asker asker;
	struct peer own;

	asker_find(&asker);
	return peers_parse_ssh_connection(asker.ssh, &own) ? own.local_port : 0;
}

void check_ssh_sessions(struct check *check)
{
	_free_ struct peer *peers = NULL;
	size_t n = 0;
	int ret = peers_read_ssh(own_ssh_port(), &peers, &n);

	if (ret)
		check_note(check, "ssh-session", "ssh sessions cannot be listed: %s",
			   strerror(-ret));
	for (size_t i = 0; i < n; i++) {
		_strbuf_ struct strbuf text = {0}, fix = {0};
		enum cut cut = cut_peer(check->candidate->plan, &peers[i]);

		if (!cut)
			continue;
		peer_format(&peers[i], &text);
		cut_add_fix(cut, peers[i].local_port, &fix);
		check_find(check, "ssh-session", strbuf_text(&fix),
			   "the ssh session from %s would be cut", strbuf_text(&text));
	}
}

void check_nat_sessions(struct check *check)
{
	_strbuf_ struct strbuf lines = {0};
	size_t count = 0;
	int ret;

	/* They are netfilter's, and go on by it. */
	if (check->candidate->conf->backend == CONF_BACKEND_NFTABLES)
		return;
	ret = peers_read_nat(NAT_EXAMPLES, &lines, &count);
	/* Without connection tracking there is no such NAT. */
	if (ret && ret != -EOPNOTSUPP)
		check_note(check, "nat-session",
			   "connections of the kernel's NAT cannot be listed: %s (run it as root)",
			   strerror(-ret));
	if (count == 0)
		return;
	check_find(check, "nat-session", "they have to be opened again; choose a quiet moment",
		   "%zu connections that the kernel's NAT translates now would break", count);
	for (const char *at = strbuf_text(&lines); *at; at += strspn(at, "\n")) {
		size_t length = strcspn(at, "\n");

		check_note(check, "nat-session", "one that the kernel's NAT holds: %.*s",
			   (int)length, at);
		at += length;
	}
}
