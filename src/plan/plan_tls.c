// SPDX-License-Identifier: GPL-2.0-or-later
/* DNS over TLS and HTTPS for clients. Whether the files are good is the daemon's to say: the plan reads none. */
#include <stdlib.h>
#include <string.h>

#include "draft.h"

static char *copy(struct draft *draft, const char *text)
{
	char *made = strdup(text);

	draft->no_memory = draft->no_memory || !made;
	return made;
}

void draft_tls(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	const struct conf_tls *from = &conf->tls;

	if (!conf->has_tls)
		return;
	draft->plan->dns.tls = (struct plan_tls){
		.on = true,
		.certificate = copy(draft, from->certificate),
		.key = copy(draft, from->key),
		.name = copy(draft, from->name),
		.https = (__u16)from->https,
		.path = copy(draft, conf->path),
		.certificate_line = from->certificate_line,
		.key_line = from->key_line,
		.name_line = from->name_line,
	};
}

bool plan_tls_equal(const struct plan_tls *a, const struct plan_tls *b)
{
	if (!a->on || !b->on)
		return a->on == b->on;
	return a->https == b->https && !strcmp(a->certificate, b->certificate) &&
	       !strcmp(a->key, b->key) && !strcmp(a->name, b->name);
}

void plan_tls_fini(struct plan_tls *tls)
{
	free(tls->certificate);
	free(tls->key);
	free(tls->name);
	free(tls->path);
}
