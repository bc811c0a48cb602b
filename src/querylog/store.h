/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The query log on disk: one SQLite database, queries.db, in the working directory of the one process that has it.
 *
 * Names, clients and words are there once; a query is a row of numbers. Rows come in transactions, and with them the place in the ring up to which they
 * are there: a killed writer goes on where the disk says. What is damaged is set aside and begun anew.
 */
#pragma once

#include <stdbool.h>

#include "ring.h"

struct store_settings {
	bool is_anonymised; /* clients as networks: /24, /56; what was written before too */
	__u32 retention_s;
	__u64 size; /* octets */
};

struct store;

/* 0; -errno. What was set aside, and why, is said in the log. */
int store_open(const struct store_settings *settings, struct store **ret_store);
struct store *store_close(struct store *store); /* NULL is fine; returns NULL */

/* The database, which nobody has open, gives way to a new one. Says so in the log. */
void store_set_aside(void);

/* Where to go on in the ring; nowhere in particular for a new store. */
struct dns_ring_place store_place(const struct store *store);

/* A transaction. Each 0 or -errno, and then all since store_begin() is gone, also of what store_add() has taken. -EBADMSG: the store is damaged. */
int store_begin(struct store *store);
/* @at_ms: of the wall clock. */
int store_add(struct store *store, const struct dns_ring_record *record, __u64 at_ms);
int store_commit(struct store *store, struct dns_ring_place place);

/* Takes some of what is too old or too much away. 1: there is more to do; 0: not now; -errno. */
int store_trim(struct store *store, __u64 now_ms);

struct store_size {
	__u64 octets; /* of the database itself */
	__u64 queries; /* some, by their numbers */
};

struct store_size store_size(struct store *store);

/* As it is written where the log is anonymised: its network, /24 or /56. */
struct ip_net store_client_net(const struct ip_addr *client);
