// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole data plane (shim/): frames of any content through the three programs, in any order, with time, sweeps and plans between them.
 *
 * Of every packet: what was right in it is right afterwards (lengths, sums, the sums in the packet that an ICMP error quotes); what is passed
 * is not touched; no private source leaves by WAN. Of every packet that is translated: the answer to it comes back to who sent it, and so does
 * an ICMP error about it, with the quote as it was sent, and the error changes no session. After each, the tables agree (world_check).
 */
/* Requirements: 1, 3, 15, 16, 17, 31, 33, 34, 38, 40, 41, 42, 43, 44. */
#include <linux/pkt_cls.h>
#include <netinet/in.h>

#include "cleanup.h"
#include "native/world.h"

#include "fuzz.h"
#include "packet.h"
#include "shim/shim.h"

#define SESSIONS 24
#define SLICE 8 /* of them, looked at in one tick of the clock */
#define START_S 5000
#define SORTER 9 /* device */
#define SORTER_MTU 1300
#define ICMP_ERROR_TRANSPORT 8

struct run {
	struct nat_world *world;
	struct fuzz_input *input;
	struct shim_skb skb;
	struct frame in, out;
	int verdict;
	uint64_t errors; /* HP_SENT_ICMP_ERROR before the packet */
};

static uint8_t roll(struct run *r, uint8_t n)
{
	return (uint8_t)(fuzz_u8(r->input) % n);
}

static __u16 any_port(struct run *r)
{
	static const __u16 ports[] = {443, 6000, 6001, 40000, 40001, 40002, 53, 0};

	return ports[roll(r, ARRAY_SIZE(ports))];
}

static __be32 any_address(struct run *r)
{
	const __be32 addresses[] = {
		LAN_HOST(20), LAN_HOST(21), LAN_HOST(22), GUEST(20),   PUBLIC,		 PUBLIC2,
		REMOTE(7),    REMOTE(8),    REMOTE(9),	  LAN_HOST(1), V4(224, 0, 0, 1), 0,
	};

	return addresses[roll(r, ARRAY_SIZE(addresses))];
}

/* Who sends on a device, most of the time. */
static __be32 any_source(struct run *r, uint32_t device)
{
	uint8_t host = roll(r, 8);

	if (host == 7)
		return any_address(r);
	if (device == WORLD_LAN)
		return LAN_HOST(20 + host % 3);
	return device == WORLD_ISO ? GUEST(20 + host % 2) : REMOTE(7 + host % 3);
}

/* Whom somebody on a device sends to, most of the time. */
static __be32 any_destination(struct run *r, uint32_t device)
{
	uint8_t host = roll(r, 8);

	if (host == 7)
		return any_address(r);
	if (device == WORLD_WAN || host < 4)
		return host % 4 ? PUBLIC : PUBLIC2;
	return REMOTE(7 + host % 3);
}

static void any_packet(struct run *r, uint32_t device, struct packet *ret_packet)
{
	static const __u8 protocols[] = {6, 6, 17, 17, 17, 1, 1, 47};
	static const __u8 flags[] = {0x02, 0x02, 0x12, 0x10, 0x10, 0x11, 0x04, 0x14};
	uint8_t odd = fuzz_u8(r->input);

	*ret_packet = (struct packet){
		.saddr = any_source(r, device),
		.daddr = any_destination(r, device),
		.sport = any_port(r),
		.dport = any_port(r),
		.proto = protocols[roll(r, ARRAY_SIZE(protocols))],
		.flags = flags[roll(r, ARRAY_SIZE(flags))],
		.seq = 1000,
		.ack = 2000,
		.ttl = 64,
		.payload = roll(r, 40),
		.mss = roll(r, 4) ? 0 : 1460,
		.reply = odd & 1,
		.nocheck = odd & 2,
	};
	if (odd & 4)
		ret_packet->seq = fuzz_u32(r->input);
	if (odd & 8)
		ret_packet->ack = fuzz_u32(r->input);
	if (odd & 16)
		ret_packet->frag_off = fuzz_u16(r->input);
	if (odd & 32)
		ret_packet->payload = fuzz_u16(r->input) % 1500;
	if (odd & 64)
		ret_packet->options = roll(r, 11);
	if (odd & 128)
		ret_packet->ttl = roll(r, 4);
}

/* --- what must hold of one packet ---------------------------------------------------------------------- */

static bool is_inside(__be32 addr)
{
	__u32 net = ntohl(addr) & 0xffffff00;

	return net == ntohl(LAN_HOST(0)) || net == ntohl(GUEST(0));
}

/* What was right is right: of the packet, and of the packet that it quotes. */
static void check_sums(const struct frame *in, const struct frame *out)
{
	struct frame quote_in, quote_out;

	if (frame_fault(in))
		return;
	assert_null(frame_fault(out));
	if (!packet_read_quote(in, &quote_in) || !packet_read_quote(out, &quote_out))
		return;
	if (packet_header_fits(&quote_in))
		assert_true(packet_header_fits(&quote_out));
	if (!frame_fault(&quote_in))
		assert_null(frame_fault(&quote_out));
}

/* Into the sorter: untouched, but for the Ethernet addresses and the hop that it will take. */
static void check_to_sorter(const struct run *r)
{
	const uint8_t *in = r->in.octets + FRAME_L3, *out = r->out.octets + FRAME_L3;

	assert_int_equal(r->out.length, r->in.length);
	assert_memory_equal(out, in, 8);
	assert_int_equal(out[8], in[8] == 255 ? 255 : in[8] + 1);
	assert_int_equal(out[9], in[9]);
	assert_int_equal(packet_header_fits(&r->out), packet_header_fits(&r->in));
	assert_memory_equal(out + 12, in + 12, r->in.length - FRAME_L3 - 12);
}

static void check_redirected(struct run *r)
{
	bool answered = shim_count(HP_SENT_ICMP_ERROR) != r->errors;
	struct packet p;

	if (r->skb.redirect == SORTER) {
		check_to_sorter(r);
		return;
	}
	check_sums(&r->in, &r->out);
	/* A wrong sum of the header stays wrong: nobody may make it look right, but in a packet of our own. */
	assert_int_equal(packet_header_fits(&r->out), answered || packet_header_fits(&r->in));
	if (!answered)
		assert_int_equal(r->out.length, r->in.length);
	if (r->skb.to_stack)
		return;
	assert_true(packet_read(&r->out, &p));
	if (r->skb.redirect == WORLD_WAN) {
		assert_true(p.saddr == PUBLIC || p.saddr == PUBLIC2);
		assert_false(is_inside(p.daddr));
	} else {
		assert_true(is_inside(p.daddr));
	}
}

static void check_result(struct run *r)
{
	switch (r->verdict) {
	case TC_ACT_SHOT:
		break;
	case TC_ACT_REDIRECT:
		check_redirected(r);
		break;
	default:
		assert_int_equal(r->verdict, TC_ACT_UNSPEC);
		assert_int_equal(r->out.length, r->in.length);
		/* What the gateway itself sends may have been given another port. */
		if (r->skb.skb.ifindex != WORLD_WAN)
			assert_memory_equal(r->out.octets, r->in.octets, r->in.length);
		else
			check_sums(&r->in, &r->out);
	}
	shim_check();
}

/* Runs r->in through the program of the device (WAN: arriving). */
static void run_on(struct run *r, uint32_t ifindex, enum shim_program program)
{
	shim_skb_init(&r->skb, &r->in, ifindex);
	r->errors = shim_count(HP_SENT_ICMP_ERROR);
	r->verdict = shim_run(program, &r->skb);
	shim_skb_frame(&r->skb, &r->out);
	check_result(r);
}

static void run_arriving(struct run *r, uint32_t ifindex)
{
	run_on(r, ifindex, ifindex == WORLD_WAN ? SHIM_WAN_INGRESS : SHIM_LAN_INGRESS);
}

/* --- what must hold of the answer ------------------------------------------------------------------------ */

/* Whether r->in was translated into r->out, with a transport that can be answered. */
static bool was_translated(const struct run *r, struct packet *ret_in, struct packet *ret_out)
{
	if (r->verdict != TC_ACT_REDIRECT || r->skb.redirect == SORTER || r->skb.to_stack ||
	    shim_count(HP_SENT_ICMP_ERROR) != r->errors || frame_fault(&r->in) ||
	    !packet_read(&r->in, ret_in) || !packet_read(&r->out, ret_out))
		return false;
	if (ret_in->frag_off & 0x3fff)
		return false;
	return ret_in->proto == 6 || ret_in->proto == 17 ||
	       (ret_in->proto == 1 && ret_in->sport && !ret_in->reply);
}

/* The answer to what left finds the way back to who sent it, from whom that one had asked. */
static void run_answer(struct run *r, const struct packet *in, const struct packet *out)
{
	const struct packet answer = {
		.saddr = out->daddr,
		.daddr = out->saddr,
		.sport = out->dport,
		.dport = out->sport,
		.proto = out->proto,
		.flags = 0x12,
		.ttl = 64,
		.reply = out->proto == 1,
	};
	struct packet got;

	packet_build(&r->in, &answer);
	run_arriving(r, r->skb.redirect);
	assert_int_equal(r->verdict, TC_ACT_REDIRECT);
	assert_true(packet_read(&r->out, &got));
	assert_int_equal(got.saddr, in->daddr);
	assert_int_equal(got.daddr, in->saddr);
	assert_int_equal(got.sport, in->dport);
	assert_int_equal(got.dport, in->sport);
}

/* What the quote has to be: the packet as it was sent, but for the hops that it has made. */
static void check_quote(const struct frame *quote, const struct frame *sent)
{
	struct packet got, wanted;
	__u16 check, wanted_check;

	assert_true(packet_read(quote, &got));
	assert_true(packet_read(sent, &wanted));
	assert_true(packet_header_fits(quote));
	wanted.ttl = got.ttl;
	got.mss = wanted.mss;
	assert_memory_equal(&got, &wanted, sizeof(got));
	/* The segment size of a SYN may have been lowered on the way. */
	if (wanted.mss || !packet_check(quote, &check) || !packet_check(sent, &wanted_check))
		return;
	/* Zero and all ones are the same number. */
	assert_int_equal(check % 0xffff, wanted_check % 0xffff);
	assert_int_equal(check == 0, wanted_check == 0);
}

/* An ICMP error about what left reaches who sent it, as if there were no translation, and no session minds. */
static void run_error(struct run *r, const struct packet *in, const struct packet *out)
{
	static const __u8 kinds[][2] = {{3, 3}, {3, 1}, {3, 4}, {11, 0}, {12, 0}, {3, 13}};
	const __u8 *kind = kinds[roll(r, ARRAY_SIZE(kinds))];
	/* From whom it was sent to, or from a router on the way, which no filter may mind. */
	const struct packet_error error = {
		.from = r->skb.redirect == WORLD_WAN && roll(r, 2) ? REMOTE(200) : out->daddr,
		.to = out->saddr,
		.type = kind[0],
		.code = kind[1],
		.octets = (__u16)(20 + out->options * 4 + ICMP_ERROR_TRANSPORT + fuzz_u8(r->input)),
	};
	const struct frame sent = r->in, left = r->out;
	struct hp_session before[SESSIONS];
	struct frame quote;
	struct packet got;

	memcpy(before, r->world->sessions, sizeof(before));
	packet_build_error(&r->in, &error, &left);
	run_arriving(r, r->skb.redirect);
	assert_memory_equal(before, r->world->sessions, sizeof(before));
	assert_int_equal(r->verdict, TC_ACT_REDIRECT);
	assert_int_equal(shim_count(HP_SENT_ICMP_ERROR), r->errors);
	assert_true(packet_read(&r->out, &got));
	assert_int_equal(got.daddr, in->saddr);
	assert_memory_equal(r->out.octets + FRAME_L3 + 20, kind, 2);
	assert_true(packet_read_quote(&r->out, &quote));
	check_quote(&quote, &sent);
}

static void follow_up(struct run *r)
{
	struct packet in, out;

	if (!was_translated(r, &in, &out))
		return;
	switch (roll(r, 4)) {
	case 0:
		run_answer(r, &in, &out);
		break;
	case 1:
		run_error(r, &in, &out);
		break;
	}
}

/* --- steps --------------------------------------------------------------------------------------------------- */

static uint32_t any_device(struct run *r)
{
	static const uint32_t devices[] = {WORLD_LAN, WORLD_LAN, WORLD_ISO, WORLD_WAN};

	return devices[roll(r, ARRAY_SIZE(devices))];
}

static void step_packet(struct run *r)
{
	uint32_t device = any_device(r);
	struct packet packet;

	any_packet(r, device, &packet);
	packet_build(&r->in, &packet);
	run_arriving(r, device);
	/* What went to the sorter is back. */
	if (r->verdict == TC_ACT_REDIRECT && r->skb.redirect == SORTER)
		run_on(r, SORTER, SHIM_SORTED);
	follow_up(r);
}

/* What the sorter gives back, as it likes: it has its own idea of the order, and of what belongs together. */
static void step_sorted(struct run *r)
{
	struct packet packet;

	any_packet(r, any_device(r), &packet);
	if (roll(r, 2))
		packet.frag_off = roll(r, 2) ? 0x2000 : 0x0005;
	packet_build(&r->in, &packet);
	run_on(r, SORTER, SHIM_SORTED);
	follow_up(r);
}

static void step_host(struct run *r)
{
	struct packet packet;

	any_packet(r, WORLD_WAN, &packet);
	packet.saddr = roll(r, 4) ? PUBLIC : packet.saddr;
	packet.daddr = roll(r, 4) ? REMOTE(7) : packet.daddr;
	packet_build(&r->in, &packet);
	run_on(r, WORLD_WAN, SHIM_WAN_EGRESS);
}

/* Octets changed anywhere, and the end cut off: an IP packet is all that it still may be. */
static void step_spoilt(struct run *r)
{
	uint32_t device = any_device(r);
	uint8_t changes = roll(r, 8);
	struct packet packet;

	any_packet(r, device, &packet);
	packet_build(&r->in, &packet);
	for (uint8_t i = 0; i < changes; i++) {
		size_t at = FRAME_L3 + fuzz_u16(r->input) % (r->in.length - FRAME_L3);

		r->in.octets[at] = fuzz_u8(r->input);
	}
	if (roll(r, 2))
		r->in.length -= fuzz_u16(r->input) % (r->in.length - FRAME_L3);
	run_arriving(r, device);
}

/* As they come, of either family. */
static void step_octets(struct run *r)
{
	memset(&r->in, 0, sizeof(r->in));
	r->in.length = FRAME_L3 + roll(r, 128);
	for (size_t i = FRAME_L3; i < r->in.length; i++)
		r->in.octets[i] = fuzz_u8(r->input);
	r->in.octets[12] = roll(r, 2) ? 0x08 : 0x86;
	r->in.octets[13] = r->in.octets[12] == 0x08 ? 0x00 : 0xdd;
	run_arriving(r, any_device(r));
}

/* An error that quotes what nobody sent. */
static void step_error(struct run *r)
{
	struct packet_error error = {.from = any_address(r),
				     .to = any_address(r),
				     .type = roll(r, 20),
				     .code = roll(r, 16)};
	uint32_t device = any_device(r);
	struct frame about;
	struct packet packet;

	any_packet(r, device, &packet);
	packet_build(&about, &packet);
	error.octets = fuzz_u8(r->input);
	packet_build_error(&r->in, &error, &about);
	run_arriving(r, device);
}

static void step_plan(struct run *r)
{
	__u32 slot = !r->world->slot;
	struct hp_settings *settings = &r->world->settings[slot];

	world_plan(r->world, slot);
	settings->port_first = 40000;
	settings->port_last = (__u16)(40000 + roll(r, 8));
	for (__u16 i = 0; i < 2; i++) {
		const struct world_forward forward = {
			.proto = roll(r, 2) ? 6 : 17,
			.port = (__u16)(6000 + i),
			.host = LAN_HOST(20 + roll(r, 3)),
			.host_port = (__u16)(443 + i),
			.source = roll(r, 3),
		};

		world_forward(r->world, slot, &forward);
	}
	settings->filtering_udp = roll(r, 3);
	settings->filtering_tcp = roll(r, 3);
	settings->peers_udp = settings->filtering_udp == HP_FILTER_ADDRESS_DEPENDENT;
	settings->peers_tcp = settings->filtering_tcp == HP_FILTER_ADDRESS_DEPENDENT;
	settings->hairpin_filtered = roll(r, 2);
	settings->silent = roll(r, 2);
	settings->pickup = roll(r, 2);
	settings->sorter_ifindex = roll(r, 8) ? SORTER : 0;
	settings->sorter_mtu = SORTER_MTU;
	settings->mss_wan = roll(r, 2) ? 0 : 1360;
	settings->port_parity = roll(r, 2);
	settings->mappings_per_host = roll(r, 2) ? 2 + roll(r, 4) : 0;
	settings->sessions_per_host = roll(r, 2) ? 3 + roll(r, 6) : 0;
	settings->new_per_host = roll(r, 3) ? 0 : 1 + roll(r, 4);
	r->world->slot = slot;
	shim_sweep(true);
	shim_check();
}

static void step(struct run *r)
{
	void (*const steps[])(struct run *) = {
		step_packet, step_packet, step_packet, step_packet, step_packet, step_packet,
		step_sorted, step_host,	  step_spoilt, step_octets, step_error,	 step_plan,
	};
	uint8_t kind = roll(r, ARRAY_SIZE(steps) + 2);

	if (kind < ARRAY_SIZE(steps)) {
		steps[kind](r);
	} else if (kind == ARRAY_SIZE(steps)) {
		shim_advance(fuzz_u8(r->input));
	} else {
		shim_tick();
		shim_check();
	}
}

/* When every time is up, the clock alone has put everything away. */
static void check_end(struct run *r)
{
	shim_advance(TIMEOUT_TCP_ESTABLISHED_S);
	for (unsigned int i = 0; i < 2 * (SESSIONS / SLICE + 1); i++)
		shim_tick();
	shim_check();
	assert_int_equal(world_active(r->world), 0);
	assert_int_equal(r->world->mappings.n + world_bound(r->world), 0);
	assert_int_equal(world_peers(r->world) + r->world->hosts.n, 0);
	shim_advance(PORT_REST_S);
	shim_tick();
	shim_check();
	assert_int_equal(r->world->bindings.n + r->world->rest_n, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct run r = {.input = &input};
	void *world;

	world = r.world = world_new(SESSIONS);
	shim_reset(START_S);
	shim_clock_start(SLICE, SWEEP_PERIOD_S * 1000000 / (SESSIONS / SLICE));
	step_plan(&r);
	while (!fuzz_over(&input))
		step(&r);
	check_end(&r);
	world_teardown(&world);
	return 0;
}
