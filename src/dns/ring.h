/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of answered queries from the DNS process to the writer of the query log: a ring of records in a file in memory that both map. One writes, one reads.
 *
 * To write costs a copy and two words: no system call, no lock. What does not fit is dropped and counted, since no query waits for the log. The ring is the daemon's, so
 * that what stands in it survives both ends: what was begun and not finished was never there, and what was read is there until the reader has let go of it.
 *
 * The reader trusts nothing in it: at the other end is a process that reads strangers' octets. It copies a record out before it looks at it.
 */
#pragma once

#include "outcome.h"

/* A new empty ring. Its descriptor, for both ends; or -errno. */
int dns_ring_create(void);

/* --- writing -------------------------------------------------------------------------------------------- */

/* NULL with errno: EINVAL: not what dns_ring_create() makes. Goes on behind whatever stands there. @fd may be closed. */
struct dns_ring *dns_ring_open(int fd);
struct dns_ring *dns_ring_close(struct dns_ring *ring); /* NULL is fine; returns NULL */

void dns_ring_put(struct dns_ring *ring, const struct dns_note *note);
/* For the queries behind it. False: there is no room, and nobody has counted that. */
bool dns_ring_put_label(struct dns_ring *ring, const struct dns_label *label);

/* --- reading -------------------------------------------------------------------------------------------- */

enum dns_ring_kind { DNS_RING_QUERY = 1, DNS_RING_LABEL };

/* A record that was looked over: the name is one, enums have one of their values, text is printable. */
struct dns_ring_record {
	enum dns_ring_kind kind;
	/* DNS_RING_QUERY */
	struct ip_addr client;
	struct dns_name name; /* length 0: none could be read */
	__u16 type, rcode;
	struct dns_outcome outcome;
	__u32 took_us;
	__u64 at_ms; /* CLOCK_MONOTONIC */
	/* DNS_RING_LABEL */
	struct dns_label label;
};

/* What is written down of a ring, to go on there: nothing is read twice, nothing left out, whichever end died. */
struct dns_ring_place {
	__u64 ring; /* which one it is; 0: none */
	__u64 at;
};

struct dns_ring_reader;

/*
 * Reads from @place on if that is a place in this ring, else from where the reader before has let go. NULL with errno. A reader that is opened for the third time
 * without one dns_ring_release() between takes nothing of what is there: that seems to be what kills it.
 */
struct dns_ring_reader *dns_ring_reader_open(int fd, struct dns_ring_place place);
struct dns_ring_reader *dns_ring_reader_close(struct dns_ring_reader *reader);

/* 1: *ret_record is the next; 0: there is none at present. What is no record is skipped with all that stands behind it then, and counted. */
int dns_ring_next(struct dns_ring_reader *reader, struct dns_ring_record *ret_record);

/* Behind the last record that was read. */
struct dns_ring_place dns_ring_place(const struct dns_ring_reader *reader);

/* What was read since the last release comes again. */
void dns_ring_rewind(struct dns_ring_reader *reader);

/* The room of what was read so far may be written over. */
void dns_ring_release(struct dns_ring_reader *reader);

struct dns_ring_state {
	__u64 dropped; /* by the writer, since the ring is there */
	__u64 skipped_octets; /* by this reader: no records */
	__u64 waiting_octets; /* not yet read */
};

struct dns_ring_state dns_ring_state(const struct dns_ring_reader *reader);
