// SPDX-License-Identifier: GPL-2.0-or-later
#include "facts.h"

#include <string.h>

struct facts *facts_free(struct facts *facts)
{
	if (!facts)
		return NULL;
	for (size_t i = 0; i < facts->n_links; i++)
		free(facts->links[i].addrs);
	free(facts->links);
	free(facts->routes);
	free(facts->neighs);
	free(facts->others);
	free(facts);
	return NULL;
}

const struct fact_link *facts_link(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_links; i++) {
		if (!strcmp(facts->links[i].name, name))
			return &facts->links[i];
	}
	return NULL;
}
