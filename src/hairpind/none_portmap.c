// SPDX-License-Identifier: GPL-2.0-or-later
/* In a build without `portmap`: no router upstream is asked for anything, and nobody outside which address we come from. */
#include "feature.h"
#include "log.h"
#include "upstream_parent.h"
#include "upstream_process.h"

struct upstream_parent {
	struct portmap_wanted nothing;
};

struct upstream_parent *upstream_parent_make(struct children *children _unused_,
					     const char *state _unused_)
{
	return calloc(1, sizeof(struct upstream_parent));
}

void upstream_parent_free(struct upstream_parent *parent)
{
	free(parent);
}

void upstream_parent_on_change(struct upstream_parent *parent _unused_,
			       upstream_changed_fn *changed _unused_, void *data _unused_)
{
}

void upstream_parent_apply(struct upstream_parent *parent _unused_,
			   const struct candidate *now _unused_)
{
}

void upstream_parent_stun(struct upstream_parent *parent _unused_,
			  const struct portmap_server *servers _unused_, size_t n _unused_)
{
}

void upstream_parent_tick(struct upstream_parent *parent _unused_)
{
}

size_t upstream_parent_detach(struct upstream_parent *parent _unused_)
{
	return 0;
}

const struct portmap_wanted *upstream_parent_wanted(const struct upstream_parent *parent)
{
	return &parent->nothing;
}

const struct portmap_report *upstream_parent_report(const struct upstream_parent *parent _unused_)
{
	return NULL;
}

size_t upstream_parent_left_out(const struct upstream_parent *parent _unused_)
{
	return 0;
}

json_t *upstream_parent_process(const struct upstream_parent *parent _unused_)
{
	return json_pack("{s:b, s:b, s:i, s:i}", "on", 0, "maps", 0, "process", 0, "restarts", 0);
}

int upstream_process_run(int daemon _unused_)
{
	log_error("%s", feature_lacks(FEATURE_PORTMAP));
	return 2;
}
