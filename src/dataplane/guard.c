// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "guard_moved.h"
#include "nft.h"
#include "questions.h"
#include "record.h"

#define UNJUDGED "meta mark & 0x%08x == 0"
#define DROP "counter name dropped drop"
#define QUESTIONS "chain " GUARD_TABLE " questions"

static const char list_table[] = "list table " GUARD_TABLE;
/* Added first, because deleting a table that is not there is an error. */
static const char delete_table[] = "add table " GUARD_TABLE "\ndelete table " GUARD_TABLE "\n";

/*
 * What is asked of the public address, or answered to it: without the segment's filter it is not translated, and the gateway itself would
 * end the connection (test watchdog_download).
 */
static void input_public_add(const struct plan *plan, const char *lan, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < plan->n_wan_addrs; i++) {
		if (!ip_addr_is_v4(&plan->wan_addrs[i]))
			continue;
		strbuf_add(out,
			   "add rule " GUARD_TABLE " input iifname \"%s\" " UNJUDGED
			   " ip daddr %s " DROP "\n",
			   lan, MARK_ADMITTED, ip_addr_format(&plan->wan_addrs[i], text));
	}
}

/* --- one arm ---------------------------------------------------------------------------------------- */

typedef void (*inside_fn)(const char *match, const char *arm, const struct plan *plan,
			  struct strbuf *out);

/* Once for each network of the LAN, "ip saddr 192.168.11.0/24" with that field. */
static void inside_each(const struct plan *plan, const char *field, inside_fn add,
			struct strbuf *out)
{
	const char *arm = plan->devices[0].name;
	char text[IP_TEXT_MAX], match[IP_TEXT_MAX + 16];

	for (size_t i = 0; i < plan->n_prefixes; i++) {
		struct ip_net net = plan_prefix_net(&plan->prefixes[i]);

		if (plan->prefixes[i].key.set || plan->prefixes[i].prefix.kind != HP_NET_LAN)
			continue;
		snprintf(match, sizeof(match), "%s %s %s", ip_addr_is_v4(&net.addr) ? "ip" : "ip6",
			 field, ip_net_format(&net, text));
		add(match, arm, plan, out);
	}
}

/*
 * Our address is the only one by which anybody can repair something, so what is inside reaches us; but what may be an answer to what the filter
 * translated would be ended by the gateway itself.
 */
static void inside_input(const char *match, const char *arm, const struct plan *plan,
			 struct strbuf *out)
{
	const struct hp_settings *settings = &plan->settings;

	if (!strncmp(match, "ip saddr", strlen("ip saddr")))
		strbuf_add(out,
			   "add rule " GUARD_TABLE " input iifname \"%s\" %s " UNJUDGED
			   " meta l4proto { tcp, udp } th dport %u-%u " DROP "\n",
			   arm, match, MARK_ADMITTED, settings->port_first, settings->port_last);
	strbuf_add(out, "add rule " GUARD_TABLE " input iifname \"%s\" %s accept\n", arm, match);
}

/*
 * Neighbours need nobody to judge them. Outwards it is closed: an untranslated segment of what was translated has another port behind the main router,
 * and the reset that it earns would end the connection of its host. Inwards it is, as on any WAN.
 */
static void inside_forward(const char *match, const char *arm, const struct plan *plan _unused_,
			   struct strbuf *out)
{
	strbuf_add(out, "add rule " GUARD_TABLE " forward iifname \"%s\" %s jump neighbours\n", arm,
		   match);
}

static void neighbour_add(const char *match, const char *arm _unused_,
			  const struct plan *plan _unused_, struct strbuf *out)
{
	strbuf_add(out, "add rule " GUARD_TABLE " neighbours %s accept\n", match);
}

static void one_arm_forward(const struct plan *plan, struct strbuf *out)
{
	strbuf_add(out, "add chain " GUARD_TABLE " neighbours\n");
	inside_each(plan, "daddr", neighbour_add, out);
	inside_each(plan, "saddr", inside_forward, out);
}

/* IPv6 has no setting for what send_redirects is to IPv4: hosts would be told of the way past us. */
static void one_arm_output(const char *arm, struct strbuf *out)
{
	strbuf_add(out,
		   "add chain " GUARD_TABLE
		   " output { type filter hook output priority -10; policy accept; }\n"
		   "add rule " GUARD_TABLE " output oifname \"%s\" icmpv6 type nd-redirect drop\n",
		   arm);
}

static void one_arm_rest(const char *chain, const char *arm, struct strbuf *out)
{
	strbuf_add(out, "add rule " GUARD_TABLE " %s iifname \"%s\" " UNJUDGED " " DROP "\n", chain,
		   arm, MARK_ADMITTED);
}

/* --- what comes in and goes through ------------------------------------------------------------------ */

/* Names instead of indices: they hold while a device is away, and for the next one of that name. */
static void input_add(const struct plan *plan, struct strbuf *out)
{
	strbuf_add(out, "add chain " GUARD_TABLE
			" input { type filter hook input priority -10; policy accept; }\n");
	if (plan->settings.one_arm && plan->n_devices) {
		inside_each(plan, "saddr", inside_input, out);
		inside_input("ip saddr 0.0.0.0", plan->devices[0].name, plan, out);
		inside_input("ip6 saddr { ::, fe80::/10 }", plan->devices[0].name, plan, out);
		one_arm_rest("input", plan->devices[0].name, out);
		one_arm_output(plan->devices[0].name, out);
		return;
	}
	for (size_t i = 0; i < plan->n_devices; i++) {
		const struct plan_device *device = &plan->devices[i];

		/* An open segment may use the gateway's services. */
		if (device->side == HP_SIDE_LAN && !device->isolated)
			input_public_add(plan, device->name, out);
		else
			strbuf_add(out,
				   "add rule " GUARD_TABLE " input iifname \"%s\" " UNJUDGED
				   " " DROP "\n",
				   device->name, MARK_ADMITTED);
	}
}

/* What a DHCP server offers us may have any destination, and is ours only if it is local or broadcast. */
static void dhcp_forward_add(const char *wan, struct strbuf *out)
{
	strbuf_add(out,
		   "add rule " GUARD_TABLE " forward iifname \"%s\" udp sport 67 udp dport 68 " DROP
		   "\n",
		   wan);
}

/* With bridge-nf-call-iptables, what a bridge carries from port to port comes by here as well, from the bridge to
 * itself; no filter of ours sees that, and none should. */
static void forward_add(const struct plan *plan, const char *wan, struct strbuf *out)
{
	strbuf_add(out, "add chain " GUARD_TABLE
			" forward { type filter hook forward priority -10; policy accept; }\n");
	if (*wan)
		dhcp_forward_add(wan, out);
	/* What a bridge carries is no exception there: such a device carries its answers both ways. Its frames do not come by here (settings.c). */
	if (plan->settings.one_arm && *wan) {
		one_arm_forward(plan, out);
		one_arm_rest("forward", wan, out);
		return;
	}
	for (size_t i = 0; i < plan->n_devices; i++) {
		const char *name = plan->devices[i].name;

		/* IPv4 that leaves by WAN is sent by the NAT and never comes by here, unless WAN is new to it. */
		if (plan->devices[i].side == HP_SIDE_LAN && *wan)
			strbuf_add(out,
				   "add rule " GUARD_TABLE
				   " forward meta nfproto ipv4 iifname \"%s\" oifname \"%s\" " DROP
				   "\n",
				   name, wan);
		strbuf_add(out,
			   "add rule " GUARD_TABLE
			   " forward iifname \"%s\" oifname != \"%s\" " UNJUDGED " " DROP "\n",
			   name, name, MARK_ADMITTED);
	}
}

/*
 * With bridge-nf-call-iptables, a translated flow meets conntrack at the bridge's ports, before our filter on the
 * bridge: it sees answers to what it never saw asked and calls them invalid. Only the unjudged, because
 * what the filter passed on to the stack (a container's published port, say) needs its conntrack.
 */
static void notrack_public_add(const struct plan *plan, const char *wan, struct strbuf *out)
{
	static const char *const fields[] = {"daddr", "saddr"};

	for (size_t i = 0; i < plan->n_wan_addrs; i++) {
		char text[IP_TEXT_MAX];

		if (!ip_addr_is_v4(&plan->wan_addrs[i]))
			continue;
		ip_addr_format(&plan->wan_addrs[i], text);
		for (size_t field = 0; field < ARRAY_SIZE(fields); field++)
			strbuf_add(out,
				   "add rule " GUARD_TABLE " prerouting iifname != \"%s\" " UNJUDGED
				   " ip %s %s notrack\n",
				   wan, MARK_ADMITTED, fields[field], text);
	}
}

/* The same for what leaves by WAN. By route and not by address: a tunnel's masquerade needs conntrack for its own. */
static void notrack_outgoing_add(const struct plan *plan, const char *wan, struct strbuf *out)
{
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].side == HP_SIDE_LAN)
			strbuf_add(out,
				   "add rule " GUARD_TABLE
				   " prerouting meta nfproto ipv4 iifname \"%s\" " UNJUDGED
				   " fib daddr oifname \"%s\" notrack\n",
				   plan->devices[i].name, MARK_ADMITTED, wan);
	}
}

/* --- dns.redirect -------------------------------------------------------------------------------- */

/* Their answers are translated back by conntrack, so they need theirs also at the port of a bridge. */
static void questions_track_add(const struct plan *plan, const char *wan, struct strbuf *out)
{
	for (size_t i = 0; i < plan->n_leads; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(question_protos); k++) {
			strbuf_add(out, "add rule " GUARD_TABLE " prerouting ");
			question_match_add(plan, &plan->leads[i], question_protos[k], out);
			strbuf_add(out, "\"%s\" accept\n", wan);
		}
	}
}

/*
 * "dnat ip" and not "redirect": that would be to whatever address the device has first, and its rule would turn on conntrack for IPv6 as
 * well, which is all routed by the stack.
 */
static void questions_add(const struct plan *plan, const char *wan, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < plan->n_leads; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(question_protos); k++) {
			strbuf_add(out, "add rule " GUARD_TABLE " questions ");
			question_match_add(plan, &plan->leads[i], question_protos[k], out);
			strbuf_add(out, "\"%s\" dnat ip to %s:53\n", wan,
				   ip_addr_format(&plan->leads[i].server, text));
		}
	}
}

/* --- the whole -------------------------------------------------------------------------------------- */

static void notrack_add(const struct plan *plan, const char *wan, struct strbuf *out)
{
	strbuf_add(out,
		   "add chain " GUARD_TABLE
		   " prerouting { type filter hook prerouting priority -300; policy accept; }\n");
	/* What comes back from the sorter is hp_sorted's; without that filter it would be a stranger's that nobody judged. */
	if (plan->n_devices)
		strbuf_add(out, "add rule " GUARD_TABLE " prerouting iifname \"" SORTER_DEVICE
				"\" " DROP "\n");
	if (plan->settings.one_arm)
		return;
	guard_moved_track(plan, out);
	notrack_public_add(plan, wan, out);
	questions_track_add(plan, wan, out);
	notrack_outgoing_add(plan, wan, out);
}

void guard_compile(const struct plan *plan, struct strbuf *out)
{
	const char *wan = "";

	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].side == HP_SIDE_WAN)
			wan = plan->devices[i].name;
	}
	/* Flushed and not deleted: the counter goes on. */
	strbuf_add(out, "add table " GUARD_TABLE "\nadd counter " GUARD_TABLE
			" dropped\nflush table " GUARD_TABLE "\n");
	input_add(plan, out);
	forward_add(plan, wan, out);
	notrack_add(plan, wan, out);
	if (!plan->n_leads && !guard_moves(plan))
		return;
	strbuf_add(out, "add " QUESTIONS
			" { type nat hook prerouting priority -100; policy accept; }\n");
	questions_add(plan, wan, out);
	guard_moved_lead(plan, out);
}

/* --- in the kernel -------------------------------------------------------------------------------- */

/* @anew: a chain that somebody made differently would stay as it is in a table that is only flushed. */
static int guard_write(struct guard *guard, const struct strbuf *commands, bool anew,
		       struct strbuf *why)
{
	_strbuf_ struct strbuf all = {0};
	int ret;

	strbuf_add(&all, "%s%s", anew ? delete_table : "", strbuf_text(commands));
	ret = nft_run(strbuf_text(&all), 0, NULL, why);
	return ret ? ret : listing_note(&guard->listing);
}

/*
 * Whether the table, as it is there, has the chain that leads and is not to have it any longer. A flush leaves chains, and that one hooks
 * the kernel's NAT in; so the whole table is made anew then, and its counter begins again.
 */
static bool loses_questions(const struct guard *guard, const struct plan *plan)
{
	_strbuf_ struct strbuf text = {0};

	if (plan->n_leads || guard_moves(plan))
		return false;
	if (guard->listing.text.length)
		return strstr(guard->listing.text.text, "chain questions");
	return !nft_run(list_table, NFT_OUTPUT_STATELESS, &text, NULL) &&
	       strstr(strbuf_text(&text), "chain questions");
}

/* nft's words name no part of the kernel: which rule it was, if it was one that leads, and what would make it work. */
static void explain(const struct plan *plan, struct strbuf *why)
{
	_strbuf_ struct strbuf lacks = {0};

	if ((!plan->n_leads && !guard_moves(plan)) || !why || !guard_probe_questions(&lacks))
		return;
	strbuf_reset(why);
	strbuf_add(why, "%s: %s",
		   plan->n_leads ? "dns.redirect"
				 : "a port of `host: self` that is another one outside",
		   strbuf_text(&lacks));
}

int guard_apply(struct guard *guard, const struct plan *plan, struct strbuf *why)
{
	_strbuf_ struct strbuf commands = {0};
	bool known = guard->listing.text.length > 0;
	int holds = known ? listing_holds(&guard->listing) : 0, ret = -EAGAIN;

	guard_compile(plan, &commands);
	if (holds > 0 && !strcmp(strbuf_text(&commands), strbuf_text(&guard->commands)))
		return 0;
	/* One that was here before this process is flushed as well, if its chains are like ours: its counter goes on. */
	if ((holds > 0 || !known) && !loses_questions(guard, plan))
		ret = guard_write(guard, &commands, false, NULL);
	if (ret)
		ret = guard_write(guard, &commands, true, why);
	if (ret) {
		explain(plan, why);
		return ret;
	}
	strbuf_fini(&guard->commands);
	guard->commands = commands;
	commands = (struct strbuf){0};
	return 0;
}

int guard_save(struct strbuf *ret_text)
{
	int ret = nft_run(list_table, 0, ret_text, NULL);

	return ret == -ENOENT ? 0 : ret;
}

int guard_restore(const struct strbuf *text, struct strbuf *why)
{
	_strbuf_ struct strbuf commands = {0};

	strbuf_add(&commands, "%s%s", delete_table, strbuf_text(text));
	return nft_run(strbuf_text(&commands), 0, NULL, why);
}

int guard_remove(struct strbuf *why)
{
	return nft_run(delete_table, 0, NULL, why);
}

int guard_dropped(__u64 *ret_packets)
{
	_strbuf_ struct strbuf text = {0};
	_json_ json_t *root = NULL;
	json_int_t packets = 0;
	json_t *item;
	size_t i;
	int ret = nft_run("list counter " GUARD_TABLE " dropped", NFT_OUTPUT_JSON, &text, NULL);

	if (ret == -ENOENT) {
		*ret_packets = 0;
		return 0;
	}
	if (ret)
		return ret;
	root = json_loads(strbuf_text(&text), 0, NULL);
	json_array_foreach (json_object_get(root, "nftables"), i, item) {
		const json_t *count = json_object_get(json_object_get(item, "counter"), "packets");

		packets += json_integer_value(count);
	}
	*ret_packets = (__u64)packets;
	return 0;
}

void guard_fini(struct guard *guard)
{
	listing_fini(&guard->listing);
	strbuf_fini(&guard->commands);
}
