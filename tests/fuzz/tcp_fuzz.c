// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections between two honest ends through the core, from inside or from outside, over a wire that loses, repeats and reorders, beside a
 * forger who is not on the path: it can send anything in the name of the outside, but has seen no number.
 *
 * What must hold: every segment of the ends is let through; a forged one that does not hit on numbers of the moment changes nothing at
 * all; an established connection stays established until one of its own ends closes or resets it; one that is reset or closed keeps its mapping
 * for the transitory time.
 */
/* Requirements: 23, 28, 29, 49, 50. */
#include "cleanup.h"
#include "native/world.h"

#include "fuzz.h"
#include "nat/lan.h"
#include "nat/wan.h"

#define TCP 6
#define SESSIONS 8
#define NOW_S 1000
#define WIRE 8
/* A forger who comes so near is lucky, and the NAT may believe it: windows are not known to it. */
#define LUCKY (1u << 20)

#define FIN NAT_TCP_BIT_FIN
#define SYN NAT_TCP_BIT_SYN
#define RST NAT_TCP_BIT_RST
#define ACK NAT_TCP_BIT_ACK

enum side { INSIDE, OUTSIDE };

struct segment {
	enum side from;
	__u8 flags;
	__u32 seq, ack, octets;
};

/* One end, as far as its numbers go (RFC 9293 section 3.3.1). */
struct end {
	__u32 next, acked; /* SND.NXT, SND.UNA */
	__u32 expects; /* RCV.NXT */
	bool syn, synced, fin, reset; /* has sent SYN, has the other's SYN, has sent FIN, RST */
};

struct play {
	struct nat_world *world;
	struct fuzz_input *input;
	struct nat_ctx c;
	enum side initiator;
	struct end ends[2];
	struct segment wire[WIRE]; /* from outside, not arrived yet */
	unsigned int n_wire;
	__u32 now_s;
	bool established; /* the NAT has seen it, and no FIN or RST of the ends since */
	bool over; /* a FIN or RST of the ends was sent: when the NAT believes it is its own business */
	bool lucky; /* the forger was, once: it may have misled */
};

/* --- one segment at the NAT ---------------------------------------------------------------------------- */

static struct hp_session *session(struct play *p)
{
	for (__u32 i = 0; i < p->world->n_sessions; i++) {
		if (nat_word_life(p->world->sessions[i].word) == HP_LIFE_ACTIVE)
			return &p->world->sessions[i];
	}
	return NULL;
}

static int run(struct play *p, const struct segment *seg)
{
	const struct world_tuple out = {LAN_HOST(30), REMOTE(7), 40000, 443};
	const struct world_tuple in = {REMOTE(7), PUBLIC, 443, 40000};
	const struct world_tuple answer = {LAN_HOST(20), REMOTE(7), 80, 50000};
	const struct world_tuple client = {REMOTE(7), PUBLIC, 50000, 80};
	bool inside = seg->from == INSIDE;

	world_begin(&p->c, inside ? WORLD_LAN : WORLD_WAN, inside ? HP_SIDE_LAN : HP_SIDE_WAN,
		    p->now_s);
	if (p->initiator == OUTSIDE)
		world_packet(&p->c, TCP, inside ? &answer : &client);
	else
		world_packet(&p->c, TCP, inside ? &out : &in);
	p->c.in.tcp_flags = seg->flags;
	p->c.in.tcp_seq = htonl(seg->seq);
	p->c.in.tcp_ack = htonl(seg->ack);
	p->c.in.tcp_octets = seg->octets + !!(seg->flags & SYN) + !!(seg->flags & FIN);
	return inside ? nat_lan(p->world, &p->c) : nat_wan(NULL, &p->c);
}

static int state_of(struct play *p)
{
	return nat_word_tcp(session(p)->word);
}

static void check(struct play *p)
{
	world_check(p->world);
	if (!session(p))
		return;
	assert_in_range(state_of(p), HP_TCP_SYN, HP_TCP_STATE_MAX - 1);
	if (state_of(p) == HP_TCP_ESTABLISHED && !p->over)
		p->established = true;
	if (p->established && !p->over && !p->lucky)
		assert_int_equal(state_of(p), HP_TCP_ESTABLISHED);
}

/* A segment of the ends: it is let through, unless the SYN before it was lost. */
static bool pass(struct play *p, const struct segment *seg)
{
	bool begun = session(p) || (seg->flags & (SYN | ACK | RST)) == SYN;
	int action = run(p, seg);

	assert_int_equal(action, begun ? NAT_SEND : NAT_DROP);
	check(p);
	return begun;
}

/* --- the ends --------------------------------------------------------------------------------------------- */

static void receive(struct play *p, const struct segment *seg)
{
	struct end *end = &p->ends[!seg->from];
	__u32 length = seg->octets + !!(seg->flags & SYN) + !!(seg->flags & FIN);

	if ((seg->flags & SYN) && !end->synced) {
		end->synced = true;
		end->expects = seg->seq;
	}
	if (!end->synced)
		return;
	/* In order only: what came too early is sent again. */
	if (seg->seq == end->expects)
		end->expects += length;
	if ((seg->flags & ACK) && seg->ack - end->acked <= end->next - end->acked)
		end->acked = seg->ack;
}

/* From inside it is at the NAT at once; what the outside sends is on the wire first. */
static void emit(struct play *p, const struct segment *seg, bool lost)
{
	if (seg->from == INSIDE) {
		if (lost)
			return;
		if (pass(p, seg))
			receive(p, seg);
		return;
	}
	if (!lost && p->n_wire < WIRE)
		p->wire[p->n_wire++] = *seg;
}

static void send_syn(struct play *p, enum side from, bool lost)
{
	struct end *end = &p->ends[from];
	/* Who has the other's SYN answers it, and sends its own again as it was. */
	const struct segment seg = {from, end->synced ? SYN | ACK : SYN, end->acked, end->expects,
				    0};

	if (from != p->initiator && !end->synced)
		return;
	if (!end->syn)
		end->next++;
	end->syn = true;
	emit(p, &seg, lost);
}

static void send_data(struct play *p, enum side from, __u32 octets, bool lost)
{
	struct end *end = &p->ends[from];
	const struct segment seg = {from, ACK, end->next, end->expects, octets};

	/* The responder waits for the acknowledgement of its SYN. */
	if (!end->syn || !end->synced || end->fin || end->reset || end->acked == end->next - 1)
		return;
	end->next += octets;
	emit(p, &seg, lost);
}

static void send_ack(struct play *p, enum side from, bool lost)
{
	const struct end *end = &p->ends[from];
	const struct segment seg = {from, ACK, end->next, end->expects, 0};

	if (end->syn && end->synced && !end->reset)
		emit(p, &seg, lost);
}

static void send_fin(struct play *p, enum side from, bool lost)
{
	struct end *end = &p->ends[from];
	const struct segment seg = {from, FIN | ACK, end->next, end->expects, 0};

	if (!end->syn || !end->synced || end->fin || end->reset)
		return;
	end->fin = p->over = true;
	end->next++;
	emit(p, &seg, lost);
}

static void send_reset(struct play *p, enum side from, bool lost)
{
	struct end *end = &p->ends[from];
	const struct segment seg = {from, RST | ACK, end->next, end->expects, 0};

	if (!end->syn || end->reset)
		return;
	end->reset = p->over = true;
	emit(p, &seg, lost);
}

static void deliver(struct play *p, unsigned int which, bool again)
{
	struct segment seg;

	if (!p->n_wire)
		return;
	which %= p->n_wire;
	seg = p->wire[which];
	if (!again)
		memmove(&p->wire[which], &p->wire[which + 1], (--p->n_wire - which) * sizeof(seg));
	if (pass(p, &seg))
		receive(p, &seg);
}

/* --- the forger --------------------------------------------------------------------------------------------- */

static bool is_near(__u32 a, __u32 b)
{
	return a - b + LUCKY <= 2 * LUCKY;
}

/* What an observer on the path would know, and the forger may hit on. */
static bool is_lucky(const struct play *p, const struct segment *seg)
{
	const struct end *in = &p->ends[INSIDE], *out = &p->ends[OUTSIDE];
	bool acknowledges = (seg->flags & ACK) && is_near(seg->ack, in->next);

	if (seg->flags & RST)
		return is_near(seg->seq, in->expects) || is_near(seg->seq, out->next) ||
		       acknowledges;
	return acknowledges;
}

static void step_forge(struct play *p)
{
	const struct segment seg = {
		.from = OUTSIDE,
		.flags = fuzz_u8(p->input) & 0x1f,
		.seq = fuzz_u32(p->input),
		.ack = fuzz_u32(p->input),
		.octets = fuzz_u8(p->input),
	};
	struct hp_session *s = session(p), before;

	/* A SYN of nobody begins a connection of its own, and says nothing of this one. */
	if (!s || (seg.flags & (SYN | ACK | RST)) == SYN)
		return;
	if (is_lucky(p, &seg)) {
		p->lucky = true;
		return;
	}
	before = *s;
	run(p, &seg);
	assert_memory_equal(&before, s, sizeof(before));
	check(p);
}

/* --- steps --------------------------------------------------------------------------------------------------- */

static void step_send(struct play *p)
{
	uint8_t how = fuzz_u8(p->input);
	enum side from = how & 1;
	bool lost = (how & 0xe) == 0xe;

	switch (how >> 4) {
	case 0:
	case 1:
	case 2:
		send_syn(p, from, lost);
		break;
	case 13:
		send_fin(p, from, lost);
		break;
	case 14:
		send_reset(p, from, lost);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		send_ack(p, from, lost);
		break;
	default:
		send_data(p, from, fuzz_u8(p->input) * 4u, lost);
	}
}

static void step(struct play *p)
{
	uint8_t kind = fuzz_u8(p->input) % 16;

	if (kind < 7) {
		step_send(p);
	} else if (kind < 12) {
		deliver(p, 0, false);
	} else if (kind == 12) {
		deliver(p, fuzz_u8(p->input), fuzz_u8(p->input) & 1);
	} else if (kind < 15) {
		step_forge(p);
	} else if (!session(p)) {
		p->now_s += 1;
	} else if (p->established && !p->over) {
		/* RFC 5382 REQ-5: idle for as long as two hours and four minutes. */
		p->now_s = session(p)->last_seen_s + fuzz_u8(p->input) * 29u;
	} else {
		p->now_s = session(p)->last_seen_s + fuzz_u8(p->input) % 240u;
	}
}

/* What is closed, reset or never finished goes after four minutes and not before; what is established after two hours and four. */
static void check_end(struct play *p)
{
	struct hp_session *s = session(p);
	__u32 least_s = p->established && !p->over ? 7440 : 240;

	if (!s)
		return;
	world_begin(&p->c, 0, 0, s->last_seen_s + least_s - 1);
	assert_false(nat_session_expired(&p->c, s, s->word));
	world_begin(&p->c, 0, 0, s->last_seen_s + 7440);
	assert_true(nat_session_expired(&p->c, s, s->word));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	void *world = world_new(SESSIONS);
	struct play p = {.world = world, .input = &input, .now_s = NOW_S};
	const struct world_forward rule = {
		.proto = TCP, .port = 80, .host = LAN_HOST(20), .host_port = 80};

	memset(&p.c, 0x5a, sizeof(p.c));
	p.initiator = fuzz_u8(&input) & 1;
	if (p.initiator == OUTSIDE)
		world_forward(p.world, 0, &rule);
	p.ends[INSIDE].next = p.ends[INSIDE].acked = fuzz_u32(&input);
	p.ends[OUTSIDE].next = p.ends[OUTSIDE].acked = fuzz_u32(&input);
	while (!fuzz_over(&input))
		step(&p);
	check_end(&p);
	world_teardown(&world);
	return 0;
}
