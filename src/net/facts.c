// SPDX-License-Identifier: GPL-2.0-or-later
#include "facts.h"

#include <errno.h>
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
	free(facts->publics);
	free(facts->answering);
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

static int addrs_copy(const struct ip_addr *from, size_t n, struct ip_addr **ret_to, size_t *ret_n)
{
	struct ip_addr *to = n ? reallocarray(NULL, n, sizeof(*to)) : NULL;

	if (n && !to)
		return -ENOMEM;
	if (n)
		memcpy(to, from, n * sizeof(*to));
	free(*ret_to);
	*ret_to = to;
	*ret_n = n;
	return 0;
}

int facts_observe(struct facts *facts, const struct facts_observed *observed)
{
	int ret;

	if (!observed)
		return 0;
	ret = addrs_copy(observed->publics, observed->n_publics, &facts->publics,
			 &facts->n_publics);
	return ret ? ret
		   : addrs_copy(observed->answering, observed->n_answering, &facts->answering,
				&facts->n_answering);
}

bool facts_holds(const struct ip_addr *list, size_t n, const struct ip_addr *addr)
{
	for (size_t i = 0; i < n; i++) {
		if (ip_addr_equal(&list[i], addr))
			return true;
	}
	return false;
}

bool facts_has_own(const struct facts *facts, const struct ip_addr *addr)
{
	for (size_t i = 0; i < facts->n_links; i++) {
		for (size_t k = 0; k < facts->links[i].n_addrs; k++) {
			if (ip_addr_equal(&facts->links[i].addrs[k].addr, addr))
				return true;
		}
	}
	return facts_holds(facts->others, facts->n_others, addr);
}
