// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The backend that leaves the work to netfilter: a table for the plan, the kernel's connection tracking for sessions. There is nothing of
 * ours that packets pass but rules, so the data plane outlives this process, and a new one finds it by its table.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "internal.h"
#include "nft.h"
#include "ruleset.h"
#include "sysctl.h"

/* What a kernel without one of our needs refuses; nothing stays of it. */
static const char probe_commands[] =
	"add table inet hairpin-probe\n"
	"add map inet hairpin-probe m { type inet_proto . inet_service : ipv4_addr . inet_service; }\n"
	"add set inet hairpin-probe s { type ipv4_addr; flags interval; }\n"
	"add set inet hairpin-probe d { type ipv4_addr; size 16; flags dynamic; }\n"
	"add ct timeout inet hairpin-probe t { protocol udp; l3proto ip; policy = { replied : 300 }; }\n"
	"add chain inet hairpin-probe f { type filter hook prerouting priority -150; }\n"
	"add chain inet hairpin-probe n { type nat hook prerouting priority -100; }\n"
	"add chain inet hairpin-probe p { type nat hook postrouting priority 100; }\n"
	"add rule inet hairpin-probe f ct state new ip saddr @s meta l4proto udp ct timeout set \"t\"\n"
	"add rule inet hairpin-probe f ct state new add @d { ip saddr ct count over 9 } fib daddr oifname \"x\" drop\n"
	"add rule inet hairpin-probe f tcp option maxseg size set 1400 reject with icmp port-unreachable\n"
	"add rule inet hairpin-probe n ip daddr @s dnat ip to meta l4proto . th dport map @m\n"
	"add rule inet hairpin-probe p ct status dnat ct original ip daddr @s masquerade\n"
	"delete table inet hairpin-probe\n";

static int backend_probe(struct strbuf *why)
{
	_strbuf_ struct strbuf text = {0};
	int ret = nft_run(probe_commands, 0, NULL, &text);

	if (ret)
		strbuf_add(why, "netfilter of this kernel cannot do it: %s\n", strbuf_text(&text));
	return ret;
}

static void backend_close(struct backend *backend)
{
	if (!backend)
		return;
	listing_fini(&backend->listing);
	hold_release(&backend->hold);
	strbuf_fini(&backend->commands);
	view_fini(&backend->view);
	tracked_list_fini(&backend->walk.list);
	free(backend->state);
	free(backend);
}

static int backend_open(const struct backend_options *options, struct backend **ret_backend,
			struct strbuf *why)
{
	struct backend *backend = calloc(1, sizeof(*backend));
	int found;

	if (backend)
		backend->state = strdup(options->state);
	if (!backend || !backend->state) {
		backend_close(backend);
		return -ENOMEM;
	}
	found = table_find(&backend->generation);
	if (found < 0) {
		strbuf_add(why, "nftables: the ruleset cannot be read: %s\n", strerror(-found));
		backend_close(backend);
		return found;
	}
	backend->adopted = found;
	*ret_backend = backend;
	return 0;
}

/* --- apply ------------------------------------------------------------------------------------------- */

/* Ends what the plan in force does not admit. Those that are asked for again meanwhile begin anew, by its rules. */
static int audit(struct backend *backend)
{
	_tracked_ struct tracked_list list = {0};
	int ret = track_dump(&list);

	for (size_t i = 0; i < list.n && !ret; i++) {
		if (!view_admits(&backend->view, &list.items[i]))
			ret = track_end(&list.items[i]);
	}
	return ret;
}

/* To our own table by what made it: a listing of 10,000 forwards, read in case of a failure, would take longer than putting them in force. */
static int save(const struct backend *backend, struct strbuf *ret_before)
{
	return backend->commands.length ? 0 : guard_save(ret_before);
}

static void go_back(struct backend *backend, const struct strbuf *before)
{
	_strbuf_ struct strbuf ignored = {0};

	if (backend->commands.length) {
		table_write(&backend->listing, &backend->commands, &ignored);
		return;
	}
	if (before->length) {
		guard_restore(before, &ignored);
	} else {
		guard_remove(&ignored);
		sysctl_restore(backend->state, &ignored);
	}
	listing_fini(&backend->listing);
}

static void backend_hold(struct backend *backend, const struct plan *plan, bool on)
{
	_strbuf_ struct strbuf commands = {0};

	backend->let_go = !on;
	if (!on) {
		hold_release(&backend->hold);
		return;
	}
	hold_compile(plan, &commands);
	hold_put(&backend->hold, &commands);
}

/* The table is closed before forwarding opens. */
static int steps(struct backend *backend, const struct plan *plan, const struct strbuf *commands,
		 struct strbuf *why)
{
	int ret = sysctl_apply(plan, backend->state, SYSCTL_CLOSE, why);

	if (!ret)
		ret = table_write(&backend->listing, commands, why);
	if (!ret)
		ret = sysctl_apply(plan, backend->state, SYSCTL_TRACK, why);
	if (!ret)
		ret = sysctl_apply(plan, backend->state, SYSCTL_OPEN, why);
	return ret;
}

static int backend_apply(struct backend *backend, const struct plan *plan, __u32 generation,
			 struct strbuf *why)
{
	_strbuf_ struct strbuf commands = {0}, before = {0};
	struct view view;
	int ret = ruleset_compile(plan, generation, &commands);

	if (!ret)
		ret = view_make(plan, &view);
	if (ret)
		return ret;
	ruleset_closed_add(&backend->view.plan, plan, &commands);
	ret = save(backend, &before);
	if (!ret) {
		ret = steps(backend, plan, &commands, why);
		if (ret)
			go_back(backend, &before);
	}
	if (ret) {
		view_fini(&view);
		if (!why->length)
			strbuf_add(why, "the plan cannot be put in force: %s", strerror(-ret));
		return ret;
	}
	view_fini(&backend->view);
	backend->view = view;
	strbuf_fini(&backend->commands);
	backend->commands = commands;
	commands = (struct strbuf){0};
	backend->generation = generation;
	backend_hold(backend, plan, !backend->let_go);
	/* The plan is in force; an audit that does not end is taken up by the next sweep. */
	backend->audit_due = audit(backend) != 0;
	return 0;
}

/* --- what is looked after ------------------------------------------------------------------------------ */

static int backend_look(struct backend *backend, const struct plan *plan,
			struct backend_losses *ret_losses)
{
	int ret = backend_losses_add_table(ret_losses, listing_holds(&backend->listing));

	sysctl_look(plan, true, ret_losses);
	return ret;
}

/* The table first: nothing is to begin that it has not judged, and with bridged packets seen twice something might. */
static int backend_mend(struct backend *backend, const struct plan *plan)
{
	_strbuf_ struct strbuf ignored = {0};
	int holds = listing_holds(&backend->listing), ret = 0;

	if (holds <= 0) {
		ret = table_mend(&backend->listing, &backend->commands);
		backend_hold(backend, plan, !backend->let_go);
		/* What began while there was none. */
		backend->audit_due = ret || audit(backend);
	}
	for (int phase = SYSCTL_CLOSE; phase <= SYSCTL_OPEN && !ret; phase++)
		ret = sysctl_apply(plan, backend->state, (enum sysctl_phase)phase, &ignored);
	return ret;
}

static int backend_sweep(struct backend *backend)
{
	int ret = backend->audit_due ? audit(backend) : 0;

	if (!ret)
		backend->audit_due = false;
	return ret;
}

static int backend_status(struct backend *backend, struct backend_status *ret_status)
{
	*ret_status = (struct backend_status){
		.adopted = backend->adopted,
		.table_shared = true,
		.sessions_size = track_max(),
		.sessions_active = track_count(),
		.table_bytes = (__u64)track_count() * LIMIT_TRACKED_BYTES,
		.generation = backend->generation,
		.hold_why = hold_why(&backend->hold),
	};
	return 0;
}

static int backend_detach(const struct backend_options *options, struct strbuf *why)
{
	int settings = sysctl_restore(options->state, why), table = guard_remove(why);

	return settings ? settings : table;
}

const struct backend_ops backend_nftables = {
	.name = "nftables",
	.probe = backend_probe,
	.open = backend_open,
	.apply = backend_apply,
	.look = backend_look,
	.mend = backend_mend,
	.hold = backend_hold,
	.sweep = backend_sweep,
	.sessions = show_sessions,
	.mappings = show_mappings,
	.counters = show_counters,
	.stats = show_stats,
	.ports = show_ports,
	.hosts = show_hosts,
	.past = show_past,
	.status = backend_status,
	.lacks = lacks,
	.close = backend_close,
	.detach = backend_detach,
};
