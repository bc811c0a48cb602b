// SPDX-License-Identifier: GPL-2.0-or-later
#include "igd.h"

#include <arpa/inet.h>
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/miniwget.h>
#include <miniupnpc/upnpcommands.h>
#include <miniupnpc/upnperrors.h>
#include <netinet/in.h>
#include <string.h>

#include "cleanup.h"

/* Codes of UPnP (WANIPConnection section 2.4). */
#define NO_SUCH_ENTRY 714
#define CONFLICT 718
#define ONLY_PERMANENT 725
#define CONFLICT_OTHER_MECHANISM 729
/* Descriptions have some kilobytes. */
#define DESCRIPTION_MAX (256 * 1024)

/* Room that libminiupnpc's functions write to. */
#define TEXT_ADDR 16
#define TEXT_PORT 6
#define TEXT_PROTO 4
#define TEXT_DESCRIPTION 80
#define TEXT_ENABLED 4
#define TEXT_HOST 64
#define TEXT_DURATION 16

struct service {
	struct UPNPUrls urls;
	struct IGDdatas data;
};

/* --- the description ------------------------------------------------------------------------------------- */

/* The text of the first <@tag>. Nothing is decoded: what is not plain is for nobody to act on. */
static size_t element_read(const char *xml, size_t length, const char *tag, const char **ret_text)
{
	char open[32];
	const char *from, *to;
	int n = snprintf(open, sizeof(open), "<%s>", tag);

	from = memmem(xml, length, open, (size_t)n);
	if (!from)
		return 0;
	from += n;
	to = memchr(from, '<', length - (size_t)(from - xml));
	*ret_text = from;
	return to ? (size_t)(to - from) : 0;
}

void igd_name_read(const char *xml, size_t length, char name[LIMIT_UPSTREAM_TEXT])
{
	const char *friendly = "", *model = "";
	size_t n = element_read(xml, length, "friendlyName", &friendly);
	size_t n_model = element_read(xml, length, "modelName", &model);
	char both[2 * LIMIT_UPSTREAM_TEXT + 8];
	int n_both;

	n = n < LIMIT_UPSTREAM_TEXT ? n : LIMIT_UPSTREAM_TEXT;
	n_model = n_model < LIMIT_UPSTREAM_TEXT ? n_model : LIMIT_UPSTREAM_TEXT;
	if (!n || !n_model || memmem(friendly, n, model, n_model))
		n_both = snprintf(both, sizeof(both), "%.*s", (int)(n ? n : n_model),
				  n ? friendly : model);
	else
		n_both = snprintf(both, sizeof(both), "%.*s (%.*s)", (int)n, friendly, (int)n_model,
				  model);
	portmap_text_clean(name, LIMIT_UPSTREAM_TEXT, both, (size_t)n_both);
}

static void refuse(struct igd_job *job, enum portmap_answer answer, const char *words)
{
	job->peer.answer = answer;
	snprintf(job->peer.words, sizeof(job->peer.words), "%s", words);
}

/* False: `peer` says why. */
static bool description_read(struct igd_job *job, struct service *service)
{
	char own[IP_TEXT_MAX];
	int length = 0, status = 0;
	_free_ char *xml = miniwget_getaddr(job->url, &length, own, sizeof(own), 0, &status);

	if (!xml || length <= 0) {
		refuse(job, PORTMAP_SILENT, "");
		return false;
	}
	if (status != 200 || length > DESCRIPTION_MAX) {
		refuse(job, PORTMAP_REFUSES, "its description cannot be read");
		return false;
	}
	igd_name_read(xml, (size_t)length, job->peer.name);
	parserootdesc(xml, length, &service->data);
	if (!service->data.first.servicetype[0]) {
		refuse(job, PORTMAP_REFUSES, "has no service for forwards");
		return false;
	}
	return true;
}

/* The address that its actions are asked at, which the description may place anywhere. */
static bool urls_make(struct igd_job *job, struct service *service)
{
	FreeUPNPUrls(&service->urls);
	GetUPNPUrls(&service->urls, &service->data, job->url, 0);
	if (service->urls.controlURL && ssdp_url_is_at(service->urls.controlURL, &job->router))
		return true;
	refuse(job, PORTMAP_REFUSES, "its description leads to another machine");
	return false;
}

/* --- its address ----------------------------------------------------------------------------------------- */

static bool external_read(struct igd_job *job, const struct service *service)
{
	char text[TEXT_ADDR] = "";
	struct in_addr external = {0};
	int code = UPNP_GetExternalIPAddress(service->urls.controlURL,
					     service->data.first.servicetype, text);

	if (code < 0) {
		refuse(job, PORTMAP_SILENT, "");
		return false;
	}
	job->peer.answer = PORTMAP_ANSWERS;
	if (!code && inet_pton(AF_INET, text, &external) == 1 && external.s_addr)
		job->peer.external = ip_addr_from_v4(external.s_addr);
	return true;
}

/* Some have a service for IP and one for PPP, of which one is connected. */
static bool service_choose(struct igd_job *job, struct service *service)
{
	struct IGDdatas_service first = service->data.first;
	bool answers;

	if (!urls_make(job, service))
		return false;
	answers = external_read(job, service);
	if (!service->data.second.servicetype[0] || !ip_addr_is_zero(&job->peer.external))
		return answers;
	service->data.first = service->data.second;
	if (urls_make(job, service) && external_read(job, service) &&
	    !ip_addr_is_zero(&job->peer.external))
		return true;
	service->data.first = first;
	if (!urls_make(job, service))
		return false;
	return external_read(job, service);
}

/* --- its list -------------------------------------------------------------------------------------------- */

static __u16 port_read(const char *text)
{
	unsigned long port = strtoul(text, NULL, 10);

	return port <= 65535 ? (__u16)port : 0;
}

static bool client_read(const char *text, struct ip_addr *ret_addr)
{
	struct in_addr addr;

	if (inet_pton(AF_INET, text, &addr) != 1)
		return false;
	*ret_addr = ip_addr_from_v4(addr.s_addr);
	return true;
}

static __u32 lease_read(const char *text)
{
	unsigned long lease = strtoul(text, NULL, 10);

	return lease <= 0xffffffffUL ? (__u32)lease : 0;
}

/* One of its list. 0; what the router says else. */
static int entry_read(const struct service *service, unsigned int index,
		      struct portmap_entry *ret_entry, bool *ret_is_good)
{
	char number[12], port[TEXT_PORT] = "", client[TEXT_ADDR] = "", inside[TEXT_PORT] = "";
	char proto[TEXT_PROTO] = "", description[TEXT_DESCRIPTION] = "", enabled[TEXT_ENABLED] = "";
	char host[TEXT_HOST] = "", duration[TEXT_DURATION] = "";
	struct portmap_entry entry = {0};
	int code;

	snprintf(number, sizeof(number), "%u", index);
	code = UPNP_GetGenericPortMappingEntry(
		service->urls.controlURL, service->data.first.servicetype, number, port, client,
		inside, proto, description, enabled, host, duration);
	if (code)
		return code;
	entry.proto = strcasecmp(proto, "TCP") == 0 ? IPPROTO_TCP : IPPROTO_UDP;
	entry.external_port = port_read(port);
	entry.internal_port = port_read(inside);
	entry.lease_s = lease_read(duration);
	portmap_text_clean(entry.description, sizeof(entry.description), description,
			   sizeof(description));
	*ret_is_good = client_read(client, &entry.client) && strcmp(enabled, "0") != 0;
	*ret_entry = entry;
	return 0;
}

static void list_read(struct igd_job *job, const struct service *service)
{
	int code = 0;

	for (unsigned int i = 0; i < LIMIT_UPSTREAM_ENTRIES && !code; i++) {
		bool is_good = false;

		code = entry_read(service, i, &job->entries[job->n_entries], &is_good);
		job->n_entries += is_good;
	}
	/* The end of it is an error of its own, and not the same one everywhere. */
	job->has_entries = code >= 0;
	job->is_cut = !code;
}

/* --- forwards -------------------------------------------------------------------------------------------- */

struct mapping {
	char external[TEXT_PORT], internal[TEXT_PORT], own[IP_TEXT_MAX];
	const char *proto;
};

/* Whom the port is mapped to now: 0, an error of the router, or less than 0 without an answer. */
static int holder_read(const struct service *service, const struct mapping *mapping,
		       char client[TEXT_ADDR], __u32 *ret_lease_s)
{
	char inside[TEXT_PORT] = "", description[TEXT_DESCRIPTION] = "", enabled[TEXT_ENABLED] = "";
	char duration[TEXT_DURATION] = "";
	int code = UPNP_GetSpecificPortMappingEntry(
		service->urls.controlURL, service->data.first.servicetype, mapping->external,
		mapping->proto, NULL, client, inside, description, enabled, duration);

	*ret_lease_s = lease_read(duration);
	return code;
}

static void refuse_by_code(struct portmap_reply *reply, int code)
{
	const char *words = code > 0 ? strupnperror(code) : NULL;

	reply->outcome = PORTMAP_REFUSED;
	if (code < 0)
		reply->outcome = PORTMAP_NO_ANSWER;
	else if (code == CONFLICT || code == CONFLICT_OTHER_MECHANISM)
		reply->outcome = PORTMAP_TAKEN;
	if (code > 0 && words)
		snprintf(reply->words, sizeof(reply->words), "%s (%d)", words, code);
	else if (code > 0)
		snprintf(reply->words, sizeof(reply->words), "UPnP error %d", code);
}

static int mapping_add(const struct service *service, const struct mapping *mapping,
		       const struct portmap_request *request, __u32 *lease_s)
{
	char description[sizeof("hairpin ") + LIMIT_SERVICE_NAME], lease[12];
	int code;

	snprintf(description, sizeof(description), "hairpin %s", request->forward.service);
	snprintf(lease, sizeof(lease), "%u", request->lifetime_s);
	code = UPNP_AddPortMapping(service->urls.controlURL, service->data.first.servicetype,
				   mapping->external, mapping->internal, mapping->own, description,
				   mapping->proto, NULL, lease);
	*lease_s = request->lifetime_s;
	if (code != ONLY_PERMANENT)
		return code;
	*lease_s = 0;
	return UPNP_AddPortMapping(service->urls.controlURL, service->data.first.servicetype,
				   mapping->external, mapping->internal, mapping->own, description,
				   mapping->proto, NULL, "0");
}

/* Looks whose it is first: many routers give a port to whoever asked last. */
static void mapping_make(const struct service *service, const struct mapping *mapping,
			 const struct portmap_request *request, struct portmap_reply *reply)
{
	char client[TEXT_ADDR] = "";
	__u32 lease_s;
	int code = holder_read(service, mapping, client, &lease_s);

	if (!code && strcmp(client, mapping->own) != 0) {
		reply->outcome = PORTMAP_TAKEN;
		return;
	}
	code = mapping_add(service, mapping, request, &reply->lifetime_s);
	if (code) {
		refuse_by_code(reply, code);
		return;
	}
	reply->outcome = PORTMAP_GRANTED;
	reply->external_port = request->forward.external_port;
	code = holder_read(service, mapping, client, &lease_s);
	if (!code && strcmp(client, mapping->own) != 0) {
		reply->outcome = PORTMAP_TAKEN;
	} else if (!code) {
		reply->lifetime_s = lease_s;
	} else if (code == NO_SUCH_ENTRY) {
		reply->outcome = PORTMAP_REFUSED;
		snprintf(reply->words, sizeof(reply->words), "said yes and did not do it");
	}
}

/* What is another's by now is not ours to take away. */
static void mapping_end(const struct service *service, const struct mapping *mapping,
			struct portmap_reply *reply)
{
	char client[TEXT_ADDR] = "";
	__u32 lease_s;
	int code = holder_read(service, mapping, client, &lease_s);

	reply->outcome = PORTMAP_GRANTED;
	if (code == NO_SUCH_ENTRY || (!code && strcmp(client, mapping->own) != 0))
		return;
	code = UPNP_DeletePortMapping(service->urls.controlURL, service->data.first.servicetype,
				      mapping->external, mapping->proto, NULL);
	if (code && code != NO_SUCH_ENTRY)
		refuse_by_code(reply, code);
}

static void request_serve(const struct igd_job *job, const struct service *service,
			  const struct portmap_request *request, struct portmap_reply *reply)
{
	struct mapping mapping = {.proto = request->forward.proto == IPPROTO_TCP ? "TCP" : "UDP"};

	snprintf(mapping.external, sizeof(mapping.external), "%u", request->forward.external_port);
	snprintf(mapping.internal, sizeof(mapping.internal), "%u", request->forward.internal_port);
	ip_addr_format(&job->own, mapping.own);
	reply->external = job->peer.external;
	if (request->lifetime_s)
		mapping_make(service, &mapping, request, reply);
	else
		mapping_end(service, &mapping, reply);
}

static void requests_serve(struct igd_job *job, const struct service *service)
{
	bool is_gone = job->peer.answer != PORTMAP_ANSWERS;

	for (size_t i = 0; i < job->n_requests; i++) {
		struct portmap_reply *reply = &job->replies[i];

		*reply = (struct portmap_reply){.token = job->requests[i].token,
						.outcome = PORTMAP_NO_ANSWER};
		/* Each wait takes seconds: a router that went away is not asked for all the others. */
		if (!is_gone)
			request_serve(job, service, &job->requests[i], reply);
		else if (job->peer.answer == PORTMAP_REFUSES)
			reply->outcome = PORTMAP_UNUSABLE;
		is_gone |= reply->outcome == PORTMAP_NO_ANSWER;
	}
}

void igd_job_run(struct igd_job *job)
{
	struct service service = {0};

	job->peer = (struct portmap_peer){0};
	job->n_entries = 0;
	job->has_entries = job->is_cut = false;
	if (description_read(job, &service) && service_choose(job, &service) && job->lists)
		list_read(job, &service);
	requests_serve(job, &service);
	FreeUPNPUrls(&service.urls);
}
