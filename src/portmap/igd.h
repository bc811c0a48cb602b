/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UPnP IGD by libminiupnpc: all that is wanted of a router at one time, in one call that waits for each answer. Without state: the description is read anew each time, as routers change
 * its address and their own with each start.
 *
 * Everything is asked of the router's address alone, whatever its description says.
 */
#pragma once

#include "request.h"
#include "ssdp.h"

struct igd_job {
	/* What is to be done. */
	char url[SSDP_URL_MAX]; /* of the description; at @router */
	struct ip_addr router, own;
	bool lists; /* reads its list of mappings */
	size_t n_requests;
	struct portmap_request requests[LIMIT_UPSTREAM_FORWARDS];

	/* What came of it. */
	struct portmap_peer peer;
	struct portmap_reply replies[LIMIT_UPSTREAM_FORWARDS];
	bool has_entries, is_cut;
	size_t n_entries;
	struct portmap_entry entries[LIMIT_UPSTREAM_ENTRIES];
};

/* Seconds may pass. All is answered then, with PORTMAP_NO_ANSWER or PORTMAP_UNUSABLE if need be. */
void igd_job_run(struct igd_job *job);

/* The name of the device in the description @xml, for people: "friendlyName (modelName)". "" if there is none. */
void igd_name_read(const char *xml, size_t length, char name[LIMIT_UPSTREAM_TEXT]);
