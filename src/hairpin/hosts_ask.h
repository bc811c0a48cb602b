/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks a gateway for its names. What comes back may be anybody's, in a LAN that nobody here knows: a process in a sandbox talks to it and looks at what it said, and hands the octets over if they
 * are right. They are checked once more here, against the same number and key, so that who has taken over that process has no names to give either.
 */
#pragma once

#include <sys/types.h>

#include "hosts_watch.h"
#include "hosts_wire.h"

struct hosts_ask {
	pid_t pid; /* 0: nobody is asked */
	int fd; /* readable when something has come; -1 */
	struct hosts_asked asked;
	__u8 key[HOSTS_KEY_BYTES];
	struct strbuf said; /* what has come so far */
};

#define HOSTS_ASK_NONE ((struct hosts_ask){.fd = -1})

/* As root: the process gives up what it has. @key: HOSTS_KEY_BYTES; NULL: whichever it has. 0 or -errno. */
int hosts_ask_start(struct hosts_ask *ask, const struct ip_addr *gateway, const __u8 *key);

/*
 * Takes what has come. -EAGAIN: the answer is not whole yet. Else it is over: 0, and *ret_answer lasts until hosts_ask_end(); or -errno: of a connection that did not come about; or what
 * hosts_answer_read() and hosts_answer_check() say.
 */
int hosts_ask_take(struct hosts_ask *ask, struct hosts_answer *ret_answer);
/* The same; waits for it. */
int hosts_ask_wait(struct hosts_ask *ask, struct hosts_answer *ret_answer);

/* Nobody is asked any more; fine where nobody is. */
void hosts_ask_end(struct hosts_ask *ask);

/* What an answer says of the place, by what hosts_ask_take() returned. */
enum hosts_event hosts_ask_event(int ret);
/* The same for people: "no answer: Connection refused". Adds it to @out. */
void hosts_ask_explain(int ret, struct strbuf *out);
