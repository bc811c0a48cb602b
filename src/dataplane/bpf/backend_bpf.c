// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "guard_moved.h"
#include "internal.h"
#include "sysctl.h"

static void backend_close(struct backend *backend)
{
	if (!backend)
		return;
	tables_close(backend);
	hairpin_bpf__destroy(backend->skel);
	guard_fini(&backend->guard);
	hold_release(&backend->hold);
	attach_list_fini(&backend->attached);
	/* Never put in force: the old data plane stays, and the next start begins again. */
	if (backend->move)
		pins_remove(backend->path);
	move_close(backend->move);
	own_close(backend);
	fast_close(backend);
	sorter_close(&backend->sorter);
	free(backend->path);
	free(backend->state);
	free(backend);
}

static void backend_closep(struct backend **backend)
{
	backend_close(*backend);
}

static void backend_prepare(const struct backend_options *options, struct strbuf *why)
{
	struct sorter sorter;

	pins_ready(options->pins, why);
	sorter_open(&sorter, options->state);
	if (sorter.netns < 0)
		strbuf_add(why, "%s", strbuf_text(&sorter.why));
	sorter_close(&sorter);
}

static int backend_open(const struct backend_options *options, struct backend **ret_backend,
			struct strbuf *why)
{
	_cleanup_(backend_closep) struct backend *backend = calloc(1, sizeof(*backend));
	int ret;

	if (!backend)
		return -ENOMEM;
	memset(backend->inner, -1, sizeof(backend->inner));
	backend->sorter.netns = -1;
	backend->state = strdup(options->state);
	if (!backend->state)
		return -ENOMEM;
	text_start();
	ret = pins_ready(options->pins, why);
	if (!ret)
		ret = load(backend, options, why);
	if (!ret)
		ret = fast_open(backend);
	if (!ret)
		ret = attach_scan(backend);
	if (!ret && backend->move)
		ret = move_hold(backend->move, &backend->attached);
	if (ret)
		return ret;
	tables_open(backend);
	*ret_backend = TAKE_PTR(backend);
	return 0;
}

/* --- apply ---------------------------------------------------------------------------------------------- */

/* The state before, for the case that a step fails. */
struct before {
	struct strbuf guard; /* the table, empty: there was none */
	struct attached_list attached;
	bool flipped;
};

static void before_fini(struct before *before)
{
	strbuf_fini(&before->guard);
	attach_list_fini(&before->attached);
}

/* What failed is in the caller's `why` already; what cannot be put back on top of that is not the news. */
static void go_back(struct backend *backend, const struct before *before)
{
	_strbuf_ struct strbuf ignored = {0};

	if (before->guard.length)
		guard_restore(&before->guard, &ignored);
	else
		guard_remove(&ignored);
	guard_fini(&backend->guard);
	attach_restore(backend, &before->attached);
	if (backend->move)
		move_undo(backend->move);
	if (before->flipped) {
		tables_flip(backend);
		/* What the refused plan let in meanwhile has to end. */
		backend->audit_due = true;
		fast_changed(backend);
	}
	if (before->attached.n == 0)
		sysctl_restore(backend->state, &ignored);
}

/*
 * Each device is closed by its filter before the guard asks for the filter's mark, so that nothing is lost between the
 * two; forwarding opens when all of them stand.
 */
static int steps(struct backend *backend, const struct plan *plan, struct before *before,
		 struct strbuf *why)
{
	int ret = clock_start(backend);

	fast_yield(backend);
	if (ret)
		strbuf_add(why, "the timer by which sessions end cannot be started: %s",
			   strerror(-ret));
	else
		ret = sysctl_apply(plan, backend->state, SYSCTL_CLOSE, why);
	if (!ret)
		ret = tables_flip(backend);
	before->flipped = !ret;
	if (!ret && backend->move)
		ret = move_copy(backend, &backend->taken);
	if (!ret)
		ret = attach_plan(backend, plan, why);
	/* What the old programs opened while we copied. */
	if (!ret && backend->move)
		ret = move_copy(backend, &backend->taken);
	if (!ret)
		ret = guard_apply(&backend->guard, plan, why);
	if (!ret)
		ret = sysctl_apply(plan, backend->state, SYSCTL_OPEN, why);
	if (!ret)
		ret = own_attach(backend);
	/* Last, as all of the above goes back if it fails: from here on a start takes ours for the data plane. */
	if (!ret && backend->move) {
		ret = load_commit(backend);
		if (ret)
			strbuf_add(why, "%s cannot be completed: %s", backend->path,
				   strerror(-ret));
	}
	return ret;
}

/* Netfilter translates what the guard leads, and nothing else. */
static void backend_hold(struct backend *backend, const struct plan *plan, bool on)
{
	_strbuf_ struct strbuf commands = {0};

	backend->let_go = !on;
	if (!on || (!plan->n_leads && !guard_moves(plan))) {
		hold_release(&backend->hold);
		return;
	}
	hold_compile_guard(&commands);
	hold_put(&backend->hold, &commands);
}

/* Nothing of the plan in force depends on it but the size to which the sorter cuts, which does no harm before its time. */
static int prepare_sorter(struct backend *backend, const struct plan *plan, struct strbuf *why)
{
	if (!backend->sorter.path)
		sorter_open(&backend->sorter, backend->state);
	sorter_up(&backend->sorter, plan->settings.sorter_mtu);
	return attach_sorter(backend, why);
}

static int backend_apply(struct backend *backend, const struct plan *plan, __u32 generation,
			 struct strbuf *why)
{
	_cleanup_(before_fini) struct before before = {0};
	int ret;

	text_start();
	ret = prepare_sorter(backend, plan, why);
	if (!ret)
		ret = tables_write(backend, plan, generation, why);
	if (!ret)
		ret = guard_save(&before.guard);
	if (!ret)
		ret = attach_save(backend, &before.attached);
	/* Until here nothing in force was touched, and `before` may be incomplete: there is nothing to go back from. */
	if (!ret) {
		ret = steps(backend, plan, &before, why);
		if (ret)
			go_back(backend, &before);
	}
	if (ret) {
		if (!why->length)
			strbuf_add(why, "the plan cannot be put in force: %s", strerror(-ret));
		return ret;
	}
	if (backend->move)
		move_done(backend);
	attach_prune(backend, plan);
	/* The long way is right whatever comes of this, and the next tick tries again. */
	fast_apply(backend, plan);
	backend_hold(backend, plan, !backend->let_go);
	/* The plan is in force; an audit that does not end is taken up by the next sweep. */
	backend->audit_due = true;
	if (!sweep_audit(backend))
		backend->audit_due = false;
	tables_final(backend);
	return 0;
}

/* --- the rest of the contract ------------------------------------------------------------------------------ */

/* One that cannot be made is told by `status`, not as a failure here. */
static int mend_sorter(struct backend *backend, const struct plan *plan)
{
	_strbuf_ struct strbuf ignored = {0};
	int ret;

	sorter_up(&backend->sorter, plan->settings.sorter_mtu);
	ret = attach_sorter(backend, &ignored);
	return ret ? ret : tables_put_sorter(backend);
}

static bool sorter_is_lost(const struct sorter *sorter)
{
	return sorter->ifindex && !sorter_holds(sorter);
}

static int backend_look(struct backend *backend, const struct plan *plan,
			struct backend_losses *ret_losses)
{
	int ret = backend_losses_add_table(ret_losses, listing_holds(&backend->guard.listing));

	text_start();
	attach_look(backend, plan, ret_losses);
	if (sorter_is_lost(&backend->sorter))
		backend_losses_add(ret_losses, BACKEND_LOSS_SORTER,
				   "the cable " SORTER_DEVICE " was taken away");
	sysctl_look(plan, false, ret_losses);
	/* Where there was none there is nothing that somebody took. */
	if (!backend->sorter.ifindex) {
		sorter_up(&backend->sorter, plan->settings.sorter_mtu);
		if (backend->sorter.ifindex)
			mend_sorter(backend, plan);
	}
	return ret;
}

/* All parts are tried, whatever one of them says; the first failure is the answer. */
static int backend_mend(struct backend *backend, const struct plan *plan)
{
	_strbuf_ struct strbuf ignored = {0};
	int rets[5], first = 0;

	text_start();
	rets[0] = guard_apply(&backend->guard, plan, &ignored);
	backend_hold(backend, plan, !backend->let_go);
	rets[1] = sorter_is_lost(&backend->sorter) ? mend_sorter(backend, plan) : 0;
	rets[2] = attach_mend(backend, plan);
	/* What is watched of these is set before forwarding on one arm alone. */
	rets[3] = plan->settings.one_arm
			  ? sysctl_apply(plan, backend->state, SYSCTL_CLOSE, &ignored)
			  : 0;
	rets[4] = sysctl_apply(plan, backend->state, SYSCTL_OPEN, &ignored);
	for (size_t i = 0; i < ARRAY_SIZE(rets) && !first; i++)
		first = rets[i];
	return first;
}

static int backend_sweep(struct backend *backend)
{
	int ret = clock_check(backend);

	fast_tick(backend);
	tables_tick(backend);
	if (backend->audit_due && !ret) {
		ret = sweep_audit(backend);
		backend->audit_due = ret != 0;
	}
	return ret;
}

static int backend_status(struct backend *backend, struct backend_status *ret_status)
{
	struct backend_status status = {
		.adopted = backend->adopted,
		.moving = backend->move,
		.taken = backend->taken,
		.own_why = own_why(backend),
		.sorter_why = sorter_why(&backend->sorter),
		.hold_why = hold_why(&backend->hold),
		.sessions_size = sweep_sessions(backend),
		.table_bytes = dump_memory(backend),
	};
	__u64 free = 0;
	int ret = tables_generation(backend, &status.generation);

	if (!ret)
		ret = sweep_total(backend, HP_TOTAL_FREE, &free);
	if (ret)
		return ret;
	status.sessions_active = status.sessions_size - (__u32)free;
	*ret_status = status;
	return 0;
}

/* All parts are tried, whatever one of them says; the first failure is the answer. Forwarding ends first, the guard last. */
static int backend_detach(const struct backend_options *options, struct strbuf *why)
{
	int rets[5], first = 0;

	text_start();
	rets[0] = sysctl_restore(options->state, why);
	pins_remove_fast(options->pins);
	rets[1] = attach_remove_all(options->state, why);
	rets[2] = pins_remove_all(options->pins);
	if (rets[2])
		strbuf_add(why, "%s: cannot be removed: %s", options->pins, strerror(-rets[2]));
	rets[3] = sorter_remove(options->state, why);
	rets[4] = guard_remove(why);
	for (size_t i = 0; i < ARRAY_SIZE(rets) && !first; i++)
		first = rets[i];
	return first;
}

const struct backend_ops backend_bpf = {
	.name = "bpf",
	.probe = probe,
	.prepare = backend_prepare,
	.open = backend_open,
	.apply = backend_apply,
	.look = backend_look,
	.mend = backend_mend,
	.hold = backend_hold,
	.sweep = backend_sweep,
	.watched = fast_watched,
	.follow = fast_follow,
	.sessions = dump_sessions,
	.mappings = dump_mappings,
	.counters = dump_counters,
	.stats = dump_stats,
	.ports = dump_ports,
	.hosts = dump_hosts,
	.past = dump_past,
	.fast = fast_list,
	.status = backend_status,
	.close = backend_close,
	.detach = backend_detach,
};
