// SPDX-License-Identifier: GPL-2.0-or-later
/* What is said of the filtering of hosts: once is enough, twice must be the same. */
#include <string.h>

#include "alloc.h"
#include "check.h"

/* One word about one protocol of one host. */
struct opinion {
	struct ip_addr host;
	bool tcp;
	enum hp_filtering filtering;
	unsigned int line;
	const struct conf_service *service; /* NULL: nat.hosts */
};

struct opinions {
	struct opinion *opinions;
	size_t n;
};

static void opinions_add(struct opinions *opinions, const struct ip_addr *host,
			 const struct conf_filtering *filtering, const struct conf_service *service)
{
	struct opinion opinion = {.host = *host, .service = service};

	if (filtering->has_udp) {
		opinion.filtering = filtering->udp;
		opinion.line = filtering->udp_line;
		opinions->opinions[opinions->n++] = opinion;
	}
	if (filtering->has_tcp) {
		opinion.tcp = true;
		opinion.filtering = filtering->tcp;
		opinion.line = filtering->tcp_line;
		opinions->opinions[opinions->n++] = opinion;
	}
}

static int compare_opinions(const void *left, const void *right)
{
	const struct opinion *a = left, *b = right;
	int order = ip_addr_compare(&a->host, &b->host);

	if (order)
		return order;
	if (a->tcp != b->tcp)
		return a->tcp - b->tcp;
	return (a->line > b->line) - (a->line < b->line);
}

static void check_sorted(struct report *report, const struct opinion *opinions, size_t n)
{
	const struct opinion *first = opinions;
	char text[IP_TEXT_MAX];

	for (size_t i = 1; i < n; i++) {
		const struct opinion *opinion = &opinions[i];

		if (!ip_addr_equal(&first->host, &opinion->host) || first->tcp != opinion->tcp) {
			first = opinion;
			continue;
		}
		if (first->filtering != opinion->filtering)
			report_add(report,
				   (struct spot){opinion->line, opinion->tcp ? "tcp" : "udp",
						 ip_addr_format(&opinion->host, text)},
				   "its filtering is another one in %s%s on line %u; one for all "
				   "mappings of a host",
				   first->service ? "service " : "nat.hosts",
				   first->service ? first->service->name : "", first->line);
	}
}

static bool says_something(const struct conf_filtering *filtering)
{
	return filtering->has_udp || filtering->has_tcp;
}

/* Of what says nothing, or has no mappings that it could speak of. */
static void check_idle(const struct conf *conf, struct report *report)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < conf->n_hosts; i++) {
		const struct conf_host *host = &conf->hosts[i];

		if (!says_something(&host->filtering))
			report_add(report,
				   (struct spot){host->line, "filtering",
						 ip_addr_format(&host->address, text)},
				   "says nothing of this host; give it `udp`, `tcp` or one word "
				   "for both");
	}
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];
		const struct conf_filtering *filtering = &service->filtering;

		if (says_something(filtering) && !service->says_host)
			report_add(report,
				   (struct spot){filtering->has_udp ? filtering->udp_line
								    : filtering->tcp_line,
						 "filtering", service->name},
				   "has no `host`, and IPv6 has no mappings; leave it out");
	}
}

void conf_check_filtering(const struct conf *conf, struct report *report)
{
	_free_ struct opinion *memory =
		alloc_array(NULL, 2 * (conf->n_services + conf->n_hosts), sizeof(*memory));
	struct opinions opinions = {.opinions = memory};

	check_idle(conf, report);
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		if (service->has_host)
			opinions_add(&opinions, &service->host, &service->filtering, service);
	}
	for (size_t i = 0; i < conf->n_hosts; i++)
		opinions_add(&opinions, &conf->hosts[i].address, &conf->hosts[i].filtering, NULL);
	qsort(memory, opinions.n, sizeof(*memory), compare_opinions);
	check_sorted(report, memory, opinions.n);
}
