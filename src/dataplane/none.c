// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The data plane of role resolver: none. It takes every plan and touches nothing, so that the daemon need not ask at each step whether there is one. What would have to be
 * read from it fails with -EOPNOTSUPP; the verbs that show such things are refused before (verbs.c).
 */
#include <errno.h>
#include <stdlib.h>

#include "backend.h"

struct backend {
	__u32 generation;
};

static int none_probe(struct strbuf *why _unused_)
{
	return 0;
}

static int none_open(const struct backend_options *options _unused_, struct backend **ret_backend,
		     struct strbuf *why _unused_)
{
	*ret_backend = calloc(1, sizeof(**ret_backend));
	return *ret_backend ? 0 : -ENOMEM;
}

static int none_apply(struct backend *backend, const struct plan *plan _unused_, __u32 generation,
		      struct strbuf *why _unused_)
{
	backend->generation = generation;
	return 0;
}

static int none_look(struct backend *backend _unused_, const struct plan *plan _unused_,
		     struct backend_losses *ret_losses _unused_)
{
	return 0;
}

static int none_mend(struct backend *backend _unused_, const struct plan *plan _unused_)
{
	return 0;
}

static void none_hold(struct backend *backend _unused_, const struct plan *plan _unused_,
		      bool on _unused_)
{
}

static int none_sweep(struct backend *backend _unused_)
{
	return 0;
}

static int none_sessions(struct backend *backend _unused_, __u64 *cursor _unused_,
			 unsigned int max _unused_, backend_session_cb cb _unused_,
			 void *data _unused_)
{
	return -EOPNOTSUPP;
}

static int none_mappings(struct backend *backend _unused_, __u64 *cursor _unused_,
			 unsigned int max _unused_, backend_mapping_cb cb _unused_,
			 void *data _unused_)
{
	return -EOPNOTSUPP;
}

static int none_numbers(struct backend *backend _unused_, __u64 *ret_numbers _unused_)
{
	return -EOPNOTSUPP;
}

static int none_ports(struct backend *backend _unused_,
		      struct backend_ports_list *ret_list _unused_)
{
	return -EOPNOTSUPP;
}

static int none_hosts(struct backend *backend _unused_, struct backend_hosts *ret_hosts _unused_)
{
	return -EOPNOTSUPP;
}

static int none_status(struct backend *backend, struct backend_status *ret_status)
{
	*ret_status = (struct backend_status){.generation = backend->generation};
	return 0;
}

static void none_close(struct backend *backend)
{
	free(backend);
}

static int none_detach(const struct backend_options *options _unused_, struct strbuf *why _unused_)
{
	return 0;
}

const struct backend_ops backend_none = {
	.name = "none",
	.probe = none_probe,
	.open = none_open,
	.apply = none_apply,
	.look = none_look,
	.mend = none_mend,
	.hold = none_hold,
	.sweep = none_sweep,
	.sessions = none_sessions,
	.mappings = none_mappings,
	.counters = none_numbers,
	.stats = none_numbers,
	.ports = none_ports,
	.hosts = none_hosts,
	.status = none_status,
	.close = none_close,
	.detach = none_detach,
};
