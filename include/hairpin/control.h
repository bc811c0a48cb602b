/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control protocol: one fixed-size request on a Unix stream socket, with a descriptor attached where the verb
 * takes a file, or words (REWRITE, RESERVATION, BLOCKING: a file in memory with a JSON list of them); the answer is a fixed header and then one JSON document until end of file.
 *
 * Size, magic and version are checked on receipt, on both sides. Verbs that change something need uid 0 (SO_PEERCRED).
 */
#pragma once

#include <linux/types.h>

#define CONTROL_MAGIC 0x68706e31 /* "hpn1" */
#define CONTROL_VERSION 1
#define CONTROL_SOCKET "/run/hairpin/control.sock"
#define CONTROL_PINS "/sys/fs/bpf/hairpin"
#define CONTROL_STATE "/var/lib/hairpin"
#define CONTROL_CONF "/etc/hairpin/hairpin.yaml"

/* X(symbol, "name", changes something) */
#define CONTROL_VERBS(X)                            \
	X(CONTROL_STATUS, "status", false)          \
	X(CONTROL_SHOW_SERVICES, "services", false) \
	X(CONTROL_SHOW_MAPPINGS, "mappings", false) \
	X(CONTROL_SHOW_SESSIONS, "sessions", false) \
	X(CONTROL_SHOW_DROPS, "drops", false)       \
	X(CONTROL_SHOW_FACTS, "facts", false)       \
	X(CONTROL_RELOAD, "reload", true)           \
	X(CONTROL_APPLY, "apply", true)             \
	X(CONTROL_CONFIRM, "confirm", true)         \
	X(CONTROL_REVERT, "revert", true)           \
	X(CONTROL_DETACH, "detach", true)           \
	X(CONTROL_SHOW_PORTS, "ports", false)       \
	X(CONTROL_SHOW_LEASES, "leases", false)     \
	X(CONTROL_OPERATOR, "operator", false)      \
	X(CONTROL_REWRITE, "rewrite", true)         \
	X(CONTROL_BLOCKING, "blocking", true)       \
	X(CONTROL_RESERVATION, "reservation", true) \
	X(CONTROL_SHOW_LISTS, "lists", false)       \
	X(CONTROL_SHOW_QUERIES, "queries", false)   \
	X(CONTROL_SHOW_TOP, "top", false)           \
	X(CONTROL_PAUSE, "pause", true)             \
	X(CONTROL_RESUME, "resume", true)           \
	X(CONTROL_LOG_LEVEL, "log-level", true)

enum control_verb {
#define X(symbol, name, changes) symbol,
	CONTROL_VERBS(X)
#undef X
		CONTROL_VERB_MAX,
};

#define CONTROL_FLAG_FORCE 0x1 /* APPLY: also if it cuts the session that asks */
#define CONTROL_FLAG_SHARED \
	0x2 /* APPLY: the asker runs in a tmux or screen: any ssh session may be the one that asks */

#define CONTROL_FLAG_BLOCKED 0x4 /* SHOW_QUERIES: those only */
#define CONTROL_FLAG_FOLLOW 0x8 /* SHOW_QUERIES: the answer goes on with what comes */

/* What of it is asked for; CONTROL_TOP_ALL: each. */
enum control_top { CONTROL_TOP_ALL, CONTROL_TOP_CLIENTS, CONTROL_TOP_NAMES, CONTROL_TOP_BLOCKED };

/* SHOW_QUERIES and SHOW_TOP */
struct control_queries {
	__u8 client[16]; /* a prefix, IPv4 as ::ffff:a.b.c.d */
	__u8 client_bits; /* of the 128; 0: any client */
	__u8 top; /* enum control_top */
	__u16 zero;
	__u32 last; /* at most so many, the last of them; 0: all */
	__u32 since_s; /* TOP: of so many seconds */
	char name
		[76]; /* NUL-terminated: a name and all below it, or with '*' or '?' a pattern; "": any */
};

struct control_request {
	__u32 magic, version;
	__u32 verb; /* enum control_verb */
	__u32 flags; /* CONTROL_FLAG_* */
	__u32 confirm_s; /* APPLY: seconds until it goes back; 0: at once for good. PAUSE: until it ends; 0: not by itself */
	__u32 log_level; /* LOG_LEVEL: enum log_level (log.h) */
	union {
		char ssh[104]; /* APPLY: $SSH_CONNECTION of the asker, NUL-terminated; "" for none */
		struct control_queries queries;
	};
};

struct control_response {
	__u32 magic, version;
	__s32 exit_code; /* enum control_exit: what the command exits with */
	__u32 zero;
};

enum control_exit {
	CONTROL_EXIT_OK = 0,
	CONTROL_EXIT_FINDING = 1, /* refused, or something was found */
	CONTROL_EXIT_USAGE = 2,
	CONTROL_EXIT_UNREACHABLE = 3,
};

_Static_assert(sizeof(struct control_request) == 128, "request");
_Static_assert(sizeof(struct control_response) == 16, "response");
