/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in the file that both ends of a ring map. */
#pragma once

#include <hairpin/limits.h>
#include <stdatomic.h>

#include "ring.h"

#define RING_MAGIC 0x68707172u /* "hpqr" */
#define RING_LAYOUT 1
#define RING_BYTES LIMIT_DNS_RING_BYTES
#define RING_ALIGN 8u
#define RING_HEAD_BYTES 4096u

_Static_assert((RING_BYTES & (RING_BYTES - 1)) == 0, "places are cut to size by a mask");

/* Places count octets since the ring is there, and never go round. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): that is what the lines are for */
struct ring_head {
	__u32 magic, layout;
	__u64 id; /* random: says that a place is one of this ring */
	/* Each end has a line of the CPU's cache that it alone writes. */
	_Alignas(64) _Atomic __u64 written; /* all before it is whole */
	_Atomic __u64 dropped;
	_Alignas(64) _Atomic __u64 released; /* all before it may be written over */
	_Atomic __u32 opened; /* readers since the last release */
};

_Static_assert(sizeof(struct ring_head) <= RING_HEAD_BYTES, "the records begin on a page");

/* Kinds besides those of enum dns_ring_kind. */
#define RING_SKIP 0 /* up to the end of the ring, where the next record does not fit */

/* In front of each record. */
struct ring_record {
	__u16 length; /* with this; a multiple of RING_ALIGN */
	__u8 kind;
	__u8 name_length; /* of the octets behind a query */
};

struct ring_query {
	struct ring_record record;
	__u16 type, rcode;
	__u64 at_ms;
	__u32 took_us;
	__u8 count, upstream, list, zero;
	struct ip_addr client;
	__u8 name[];
};

struct ring_label {
	struct ring_record record;
	__u8 kind, number;
	char text[DNS_LABEL_TEXT_MAX];
};

#define RING_RECORD_MAX (sizeof(struct ring_query) + DNS_NAME_MAX + RING_ALIGN)

_Static_assert(sizeof(struct ring_label) < RING_RECORD_MAX, "the longest is a query");

/* The whole file, for both ends. NULL with errno. */
struct ring_head *ring_map(int fd);
void ring_unmap(struct ring_head *head);

static inline __u8 *ring_data(struct ring_head *head)
{
	return (__u8 *)head + RING_HEAD_BYTES;
}

static inline size_t ring_align(size_t length)
{
	return (length + RING_ALIGN - 1) & ~(size_t)(RING_ALIGN - 1);
}
