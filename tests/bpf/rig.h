/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test rig: a network namespace with the devices of one gateway, the programs loaded with small tables, and packets that
 * are run through them one at a time with BPF_PROG_TEST_RUN.
 *
 *   lan0  192.168.11.1/24                   wan0  203.0.113.5/24, 203.0.113.6/24
 *   lan1  192.168.12.1/24                         default route via 203.0.113.1, 198.18.0.0/15 unreachable
 *   iso0  192.168.13.1/24  isolated         other0  10.99.0.1/24, neither WAN nor LAN
 *   iso1  192.168.14.1/24  isolated
 *
 * IPv6: 2001:db8:11::1/64 to 2001:db8:14::1/64 in the same order, 2001:db8:ff::5/64 on wan0 with the default route via
 * 2001:db8:ff::1, 2001:db8:99::1/64 on other0, 2001:db8:dead::/48 unreachable. MTU: wan0 1400, lan1 1300, towards
 * 192.0.2.128/25 1350.
 *
 * No filter is attached and nothing is sent: a redirect ends in its verdict. What the kernel is asked for on the way
 * (routes, MTU, sockets) is the namespace's.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hairpin/dataplane.h>
#include <hairpin/limits.h>

#include "cleanup.h"
#include "frame.h"
#include "strbuf.h"

enum rig_device {
	RIG_WAN,
	RIG_LAN,
	RIG_LAN1,
	RIG_ISO,
	RIG_ISO1,
	RIG_OTHER,
	RIG_DEVICE_MAX,
};

/* Where a packet comes in; FROM_HOST is the gateway's own stack, at the WAN device's egress. */
enum rig_from {
	FROM_WAN = RIG_WAN,
	FROM_LAN = RIG_LAN,
	FROM_LAN1 = RIG_LAN1,
	FROM_ISO = RIG_ISO,
	FROM_ISO1 = RIG_ISO1,
	FROM_OTHER = RIG_OTHER, /* runs the LAN program on a device that is no LAN's */
	FROM_HOST,
	FROM_SORTER, /* fragments in order, and what else comes back from the sorter */
	FROM_ARM, /* the WAN device, of a plan in which it is the LAN too */
};

/* The verdict with the mark that goes with it: what is passed is admitted, what is sent to WAN is marked sent. */
enum rig_verdict {
	PASS, /* TC_ACT_UNSPEC; admitted, but for what leaves WAN: no mark of ours stays on it */
	DROP, /* TC_ACT_SHOT; the mark as it was */
	TO_LAN, /* TC_ACT_REDIRECT, not marked */
	TO_WAN, /* TC_ACT_REDIRECT, marked sent */
	TO_SORTER, /* TC_ACT_REDIRECT, the mark as it was; in the sorter's frame, with one hop more unless it says so */
	TO_STACK, /* TC_ACT_REDIRECT, marked sorted: to the ingress of the device that it came by, as it is */
};

struct hairpin_bpf; /* the generated skeleton */

struct rig {
	struct hairpin_bpf *skel;
	unsigned int ifindex[RIG_DEVICE_MAX];
	unsigned int sessions; /* size of the table */
	__u64 reasons[HP_REASON_MAX]; /* as last read */
	unsigned int checksum_flag; /* BPF_F_TEST_SKB_CHECKSUM_COMPLETE where the kernel has it */
};

/* One packet and what has to become of it. */
struct step {
	enum rig_from from;
	const char *in; /* frame.h; NULL ends a list of steps */
	enum rig_verdict verdict;
	enum hp_reason reason; /* the one counter that moves ... */
	const char *
		out; /* NULL: as it came in. A packet that is sent has one hop less, unless it says so. */
	const char *state; /* rig_state(); NULL: not compared */
	enum hp_reason also; /* ... or two, if this is not 0: an answer */
	__u32 mark; /* on arrival, beside RIG_FOREIGN_MARK */
	__u16 gso_size; /* of a packet that stands for several: the payload of each */
	bool nocheck; /* UDP without a checksum, whose sum in the kernel nothing keeps right */
};

/* Bits of the mark that are somebody else's. Every packet of a step carries them, in and out. */
#define RIG_FOREIGN_MARK 0x00800042u

/* What a program gets beside the octets, and what it did to them. */
struct rig_input {
	__u32 mark;
	__u16 gso_size;
	bool no_device_checksum; /* as if the device had not computed one */
};
struct rig_result {
	int verdict; /* TC_ACT_* */
	__u32 mark;
	struct frame out;
};

/*
 * Group fixtures of cmocka, with a table of LIMIT_SESSIONS_MIN sessions. Without root the program says so as a skipped test and
 * ends. A group with tables of another size calls rig_open() from a fixture of its own.
 */
int rig_setup(void **state);
int rig_teardown(void **state);
struct rig *rig_open(unsigned int sessions);
/* Ends the program, as a skipped test, where the kernel lets nobody load programs. */
void rig_need_root(void);

/* Empties the tables and puts @plan in force in slot 0. Each test starts with it. */
void rig_reset(struct rig *rig, const char *plan);

/*
 * Writes @plan into @slot. One entry a line:
 *   wan ADDRESS [ports FIRST-LAST] [echo] [silent] [nodot] [lead] [pickup] [parity] [source client|gateway] [same] [udp FILTERING] [tcp FILTERING] [mss OCTETS]
 *       [arm] [loop ADDRESS] [routed]
 *                                                                        same: nat.hairpin-filtering. addr "-": there is none now
 *   limits [mappings N] [sessions N] [new N]                             for each host
 *   timeouts [udp S] [tcp-established S] [tcp-transitory S] [icmp S] [other S]
 *   link DEVICE ADDRESS [isolated]
 *   net PREFIX lan|local|wan|public DEVICE [isolated]
 *   forward PROTO PORT ADDRESS:PORT [source client|gateway] [allow SET] [service N] [gateway ADDRESS] [outside]
 *   pass PROTO PORT [service N] [allow SET] [inside PORT]      without a service it is wan.pass
 *   pinhole PROTO ADDRESS PORT [allow SET] [service N]                  an IPv6 address
 *   allow SET PREFIX
 *   filter PROTO ADDRESS FILTERING                                      of one host
 * with FILTERING one of: independent address port
 *   asker ADDRESS                                                       a host that dns.redirect leaves alone
 *   sorter MTU
 */
void rig_plan_write(struct rig *rig, __u32 slot, const char *plan);
/* The one write that swaps plans. */
void rig_plan_activate(struct rig *rig, __u32 slot);

/* The gateway of the picture above, without services; RIG_NETS without the line that names the public address. */
#define RIG_NETS                                   \
	"link wan0 203.0.113.5\n"                  \
	"link lan0 192.168.11.1\n"                 \
	"link lan1 192.168.12.1\n"                 \
	"link iso0 192.168.13.1 isolated\n"        \
	"link iso1 192.168.14.1 isolated\n"        \
	"net 192.168.11.0/24 lan lan0\n"           \
	"net 192.168.12.0/24 lan lan1\n"           \
	"net 192.168.13.0/24 lan iso0 isolated\n"  \
	"net 192.168.14.0/24 lan iso1 isolated\n"  \
	"net 192.168.11.1 local lan0\n"            \
	"net 192.168.12.1 local lan1\n"            \
	"net 192.168.13.1 local iso0 isolated\n"   \
	"net 192.168.14.1 local iso1 isolated\n"   \
	"net 203.0.113.5 wan wan0\n"               \
	"net 203.0.113.6 wan wan0\n"               \
	"net 2001:db8:11::/64 lan lan0\n"          \
	"net 2001:db8:12::/64 lan lan1\n"          \
	"net 2001:db8:13::/64 lan iso0 isolated\n" \
	"net 2001:db8:14::/64 lan iso1 isolated\n" \
	"net 2001:db8:11::1 local lan0\n"          \
	"net 2001:db8:12::1 local lan1\n"          \
	"net 2001:db8:13::1 local iso0 isolated\n" \
	"net 2001:db8:14::1 local iso1 isolated\n" \
	"net 2001:db8:ff::5 wan wan0\n"
#define RIG_PLAN "wan 203.0.113.5 echo\n" RIG_NETS

/* Role bypass: one arm, wan0, in the LAN 203.0.113.0/24 of the main router 203.0.113.1, which has the public address 192.0.2.1. */
#define RIG_ARM_NETS                      \
	"link wan0 203.0.113.5 arm\n"     \
	"net 203.0.113.0/24 lan wan0\n"   \
	"net 203.0.113.5 wan wan0\n"      \
	"net 192.0.2.1 public wan0\n"     \
	"net 2001:db8:ff::/64 lan wan0\n" \
	"net 2001:db8:ff::5 wan wan0\n"
#define RIG_ARM_PLAN "wan 203.0.113.5 arm loop 192.0.2.1 echo\n" RIG_ARM_NETS

/* Runs one frame, or one step; the step checks verdict, every octet, mark, counters, tables and, if told, the state. */
void rig_run(struct rig *rig, enum rig_from from, const struct frame *in,
	     const struct rig_input *input, struct rig_result *ret_result);
void rig_step(struct rig *rig, const struct step *step);
void rig_steps(struct rig *rig, const struct step *steps);

/*
 * Sessions in the order of their index, then mappings sorted, one a line:
 *   outgoing tcp lan 192.168.11.30:40000>198.51.100.7:443 wan 203.0.113.5:40000>198.51.100.7:443 syn
 *   mapping tcp 192.168.11.30:40000 = 203.0.113.5:40000 x1
 *   peer udp 203.0.113.5:40000 < 198.51.100.7 x1
 * (peers last) with the words replied, self, gateway (pool), serviceN on sessions, and host, fixed, gateway on mappings.
 */
void rig_state(struct rig *rig, struct strbuf *ret_text);
void rig_expect_state(struct rig *rig, const char *text);

/*
 * That the tables agree: every active session has just its flows, with its generation and direction; every flow a session; every
 * mapping the references that it counts and just its binding; hosts hold what they are said to; free and active sessions are the whole
 * table; what began outside is counted, and what of it is unproven has a place in the ring.
 */
void rig_check_tables(struct rig *rig);

/* How many packets had @reason since rig_reset() or the last step. */
__u64 rig_count(struct rig *rig, enum hp_reason reason);
/* A statistic, since the rig was opened. */
__u64 rig_stat(struct rig *rig, enum hp_stat stat);
void rig_expect_counts(struct rig *rig, enum hp_reason reason, enum hp_reason also);

struct bpf_program;

/* Runs a program that takes its arguments in cb, and puts its results there. */
void rig_work(const struct bpf_program *program, void *args, size_t size);

/* Runs hp_sweep over the whole table; how many sessions it ended. */
__u32 rig_sweep(struct rig *rig, bool audit);
/* Sets the clock of the session at @index back by @seconds. */
void rig_age(struct rig *rig, __u32 index, __u32 seconds);
/* The same for the one note of an unsolicited packet that there is; ends the test if there is none, or more. */
void rig_age_note(struct rig *rig, __u32 seconds);
size_t rig_count_notes(struct rig *rig);
/* Sets the clock of all ports that rest back by @seconds. */
void rig_age_rest(struct rig *rig, __u32 seconds);
/* The session at @index. */
struct hp_session rig_session(struct rig *rig, __u32 index);

/* Cases that are a table: each becomes a test of its own. */
#define RIG_CASE_STEPS 10
struct rig_case {
	const char *name;
	const char *plan; /* lines beside `base`, may be NULL */
	struct step steps[RIG_CASE_STEPS + 1];
	const char *base; /* NULL: RIG_PLAN */
};
int rig_run_cases(const char *group, const struct rig_case *cases, size_t n_cases);
#define RIG_RUN_CASES(group, cases) rig_run_cases(group, cases, ARRAY_SIZE(cases))

/* Runs a shell command in the namespace; ends the test if it fails. */
void rig_shell(const char *format, ...) _printf_(1, 2);
