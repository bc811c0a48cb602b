/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connections of the process of hosts_process.h: one question in, one answer out, and a bound on everything. Its loop says what can be read and written. */
#pragma once

#include "hosts_process.h"
#include "hosts_rate.h"

enum hosts_conn_state {
	HOSTS_CONN_READING,
	HOSTS_CONN_SIGNING, /* waits for the daemon */
	HOSTS_CONN_SENDING,
};

struct hosts_conn {
	int fd; /* -1: free */
	enum hosts_conn_state state;
	struct ip_addr client;
	__u32 listener, serial;
	__u64 deadline_ms;
	__u8 request[sizeof(struct hosts_request)];
	size_t have; /* of it */
	struct hosts_answer_head head;
	size_t sent; /* of head and lines */
};

struct hosts_conns {
	struct hosts_conn list[LIMIT_HOSTS_CONNECTIONS];
	__u32 serial;
	struct hosts_rate rate;
	__u64 counts[HOSTS_COUNT_MAX];
	char *lines; /* owned; what is answered */
	size_t length;
};

void hosts_conns_init(struct hosts_conns *conns);
/* Closes all; who waited asks again. */
void hosts_conns_clear(struct hosts_conns *conns);

/* @fd, the connections' from here on, has come in at @listener. One that comes when there is no room takes that of the oldest that has asked nothing yet. */
void hosts_conns_add(struct hosts_conns *conns, int fd, const struct ip_addr *client,
		     __u32 listener, __u64 now_ms);

/* Reads what has come. True: a question is whole, and *ret_message asks the daemon to sign for it. */
bool hosts_conn_read(struct hosts_conns *conns, struct hosts_conn *conn, __u64 now_ms,
		     struct hosts_message *ret_message);

/* What the daemon said; a connection that is gone, or another one by now, is left alone. */
void hosts_conns_signed(struct hosts_conns *conns, const struct hosts_message *message);

/* Sends as much as goes. */
void hosts_conn_write(struct hosts_conns *conns, struct hosts_conn *conn);

/* Closes those that have taken too long. In how many milliseconds the next one will have; -1: there is none. */
int hosts_conns_expire(struct hosts_conns *conns, __u64 now_ms);
