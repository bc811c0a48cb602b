/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks the router upstream for what is wanted and knows what it said: which protocol is used, when to ask again, the sockets. The loop is whoever polls inquiry_polled().
 *
 * All protocols are asked at the same time whether they answer; forwards are asked for by the first of PCP, NAT-PMP and UPnP IGD that does, and by that one as long as it answers. After a
 * silence it begins with all of them anew.
 */
#pragma once

#include <poll.h>

#include "holds.h"
#include "igd_worker.h"
#include "natpmp_client.h"
#include "pcp_client.h"
#include "stun.h"

/* Protocols that make mappings; the order of enum portmap_protocol is the order of choice. */
#define INQUIRY_MAPPERS (PORTMAP_IGD + 1)

enum inquiry_socket { INQUIRY_PCP, INQUIRY_ANNOUNCED, INQUIRY_SSDP, INQUIRY_STUN, INQUIRY_SOCKETS };

/* Its own sockets, NAT-PMP's and the worker's event. */
#define INQUIRY_POLLED (INQUIRY_SOCKETS + 2)

struct inquiry {
	struct portmap_wanted wanted;
	struct holds holds;
	struct pcp_client pcp;
	struct natpmp_client natpmp;
	struct igd_worker worker;
	struct stun_client stun;
	struct portmap_listener listener;
	int fds[INQUIRY_SOCKETS]; /* -1: not open */
	unsigned int chosen; /* enum portmap_protocol; PORTMAP_PROTOCOLS: none answers */
	struct portmap_peer peers[PORTMAP_PROTOCOLS];

	/* The round of questions whether they answer. */
	__u64 round_ms; /* its begin */
	__u64 round_due_ms; /* the next one */
	unsigned int rounds_in_vain;
	bool is_heard[INQUIRY_MAPPERS]; /* in this round, or nothing comes any more */
	bool is_unusable[INQUIRY_MAPPERS]; /* answers, and makes no mappings */
	bool is_settled; /* one round was whole */

	/* UPnP. */
	char url[SSDP_URL_MAX]; /* "": not found */
	unsigned int searches; /* datagrams of this search */
	__u64 search_due_ms, job_due_ms; /* ~0: not */
	__u64 job_begun_ms; /* 0: none is under way */
	bool has_entries, is_cut;
	size_t n_entries;
	struct portmap_entry entries[LIMIT_UPSTREAM_ENTRIES];

	__u64 now_ms; /* of this turn of the loop */
	bool has_news; /* the report is another one since it was written last */
};

/* Starts the worker's thread: behind the way into the sandbox. 0 or -errno. Nothing is asked yet. */
int inquiry_init(struct inquiry *inquiry);

/* What is wanted from now on. */
void inquiry_set(struct inquiry *inquiry, const struct portmap_wanted *wanted, __u64 now_ms);

/* Fills @polled (INQUIRY_POLLED); -1 where there is nothing to wait for. How long to wait at most. */
int inquiry_polled(struct inquiry *inquiry, struct pollfd *polled, __u64 now_ms);
/* After poll(): what came, and what is due. */
void inquiry_serve(struct inquiry *inquiry, const struct pollfd *polled, __u64 now_ms);

/* What is known by now. `has_news` is false then. */
void inquiry_report(struct inquiry *inquiry, struct portmap_report *ret_report);
