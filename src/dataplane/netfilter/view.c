// SPDX-License-Identifier: GPL-2.0-or-later
/* Connections by the plan: whose they are, and whether they may go on. Pure. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "track.h"

#define NO_SERVICE 0xffffffffu
#define PORT_DOT 853

static void *copy_of(const void *items, size_t n, size_t size)
{
	void *copy = calloc(n + 1, size);

	if (copy && n)
		memcpy(copy, items, n * size);
	return copy;
}

int view_make(const struct plan *plan, struct view *ret_view)
{
	struct plan *copy = &ret_view->plan;
	int ret = -ENOMEM;

	*ret_view = (struct view){0};
	copy->settings = plan->settings;
	copy->rules = copy_of(plan->rules, plan->n_rules, sizeof(*plan->rules));
	copy->prefixes = copy_of(plan->prefixes, plan->n_prefixes, sizeof(*plan->prefixes));
	if (copy->rules && copy->prefixes) {
		copy->n_rules = plan->n_rules;
		copy->n_prefixes = plan->n_prefixes;
		ret = ranges_make(copy, 0, true, &ret_view->nets4);
		if (!ret)
			ret = ranges_make(copy, 0, false, &ret_view->nets6);
	}
	if (ret)
		view_fini(ret_view);
	return ret;
}

void view_fini(struct view *view)
{
	free(view->plan.rules);
	free(view->plan.prefixes);
	ranges_fini(&view->nets4);
	ranges_fini(&view->nets6);
	*view = (struct view){0};
}

const struct hp_prefix *view_net(const struct view *view, const struct ip_addr *addr)
{
	return ranges_find(ip_addr_is_v4(addr) ? &view->nets4 : &view->nets6, addr);
}

static int rule_compare(const void *key, const void *item)
{
	const struct plan_rule *rule = item;

	return memcmp(key, &rule->key, sizeof(rule->key));
}

const struct hp_rule *view_rule(const struct view *view, const struct hp_rule_key *key)
{
	const struct plan_rule *found = NULL;

	if (view->plan.n_rules)
		found = bsearch(key, view->plan.rules, view->plan.n_rules,
				sizeof(*view->plan.rules), rule_compare);
	return found ? &found->rule : NULL;
}

static enum hp_net_kind kind_of(const struct view *view, const struct ip_addr *addr)
{
	const struct hp_prefix *net = view_net(view, addr);

	return net ? (enum hp_net_kind)net->kind : 0;
}

static bool is_isolated(const struct view *view, const struct ip_addr *addr)
{
	const struct hp_prefix *net = view_net(view, addr);

	return net && net->kind == HP_NET_LAN && net->isolated;
}

static bool is_dnat(const struct tracked *t)
{
	return !ip_addr_equal(&t->orig_dst, &t->reply_src) || t->orig_dport != t->reply_sport;
}

static bool is_snat(const struct tracked *t)
{
	return !ip_addr_equal(&t->orig_src, &t->reply_dst) || t->orig_sport != t->reply_dport;
}

/* Who speaks by an address that another router has is that router, or somebody behind it. */
static enum hp_net_kind from_of(const struct view *view, const struct tracked *t)
{
	enum hp_net_kind kind = kind_of(view, &t->orig_src);

	return kind == HP_NET_PUBLIC ? 0 : kind;
}

/* To such an address: ours, where it led to something declared. */
static enum hp_net_kind to_of(const struct view *view, const struct tracked *t)
{
	enum hp_net_kind kind = kind_of(view, &t->orig_dst);

	if (kind != HP_NET_PUBLIC)
		return kind;
	return is_dnat(t) ? HP_NET_WAN_LOCAL : 0;
}

static const struct hp_rule *external_rule(const struct view *view, __u8 proto, __u16 port)
{
	const struct hp_rule_key key = {
		.port = htons(port), .proto = proto, .kind = HP_RULE_EXTERNAL};

	return view_rule(view, &key);
}

static const struct hp_rule *host_rule(const struct view *view, const struct ip_addr *host,
				       __u8 proto, __u16 port)
{
	struct hp_rule_key key = {.port = htons(port), .proto = proto, .kind = HP_RULE_HOST};

	memcpy(key.addr, host->b, sizeof(key.addr));
	return view_rule(view, &key);
}

/* --- whose it is -------------------------------------------------------------------------------------- */

static __u8 kind4(const struct view *view, const struct tracked *t)
{
	enum hp_net_kind from = from_of(view, t), to = to_of(view, t);

	if (to == HP_NET_WAN_LOCAL && is_dnat(t) && kind_of(view, &t->reply_src) == HP_NET_LAN)
		return from ? HP_KIND_HAIRPIN : HP_KIND_FORWARD;
	if (from == HP_NET_LAN && !to && is_snat(t))
		return HP_KIND_OUTGOING;
	if (from == HP_NET_LAN && !to && view->plan.settings.one_arm)
		return HP_KIND_ROUTED;
	if (from == HP_NET_WAN_LOCAL && !to)
		return HP_KIND_HOST;
	if (from == HP_NET_LAN && to == HP_NET_LAN && is_isolated(view, &t->orig_dst))
		return HP_KIND_ROUTED;
	return 0;
}

static __u8 kind6(const struct view *view, const struct tracked *t)
{
	enum hp_net_kind from = kind_of(view, &t->orig_src), to = kind_of(view, &t->orig_dst);

	if ((from == HP_NET_LAN && !to) || (!from && to == HP_NET_LAN))
		return HP_KIND_ROUTED;
	if (from == HP_NET_LAN && to == HP_NET_LAN && is_isolated(view, &t->orig_dst))
		return HP_KIND_ROUTED;
	return from == HP_NET_WAN_LOCAL && !to ? HP_KIND_HOST : 0;
}

__u8 view_kind(const struct view *view, const struct tracked *tracked)
{
	return ip_addr_is_v4(&tracked->orig_src) ? kind4(view, tracked) : kind6(view, tracked);
}

static __u32 service_of(const struct view *view, const struct tracked *t, __u8 kind)
{
	const struct hp_rule *rule = NULL;

	if (kind == HP_KIND_FORWARD || kind == HP_KIND_HAIRPIN)
		rule = external_rule(view, t->proto, t->orig_dport);
	else if (kind == HP_KIND_ROUTED)
		rule = host_rule(view, &t->orig_dst, t->proto, t->orig_dport);
	return rule && rule->action != HP_ACTION_PASS ? rule->service : NO_SERVICE;
}

static __u32 timeout_s(const struct hp_settings *settings, const struct tracked *t)
{
	switch (t->proto) {
	case IPPROTO_UDP:
		return t->orig_dport == 53 && settings->udp_s > TIMEOUT_QUESTION_S
			       ? TIMEOUT_QUESTION_S
			       : settings->udp_s;
	case IPPROTO_TCP:
		return t->tcp_state >= HP_TCP_ESTABLISHED && t->tcp_state < HP_TCP_CLOSED
			       ? settings->tcp_established_s
			       : settings->tcp_transitory_s;
	case IPPROTO_ICMP:
		return settings->icmp_s;
	default:
		return settings->other_s;
	}
}

struct backend_session view_session(const struct view *view, const struct tracked *tracked)
{
	__u32 whole_s = timeout_s(&view->plan.settings, tracked);
	__u8 kind = view_kind(view, tracked);

	return (struct backend_session){
		.proto = tracked->proto,
		.kind = kind,
		.tcp_state = tracked->tcp_state,
		.replied = tracked->replied,
		.orig_src = tracked->orig_src,
		.orig_dst = tracked->orig_dst,
		.xlat_src = tracked->reply_dst,
		.xlat_dst = tracked->reply_src,
		.orig_sport = tracked->orig_sport,
		.orig_dport = tracked->orig_dport,
		.xlat_sport = tracked->reply_dport,
		.xlat_dport = tracked->reply_sport,
		.idle_s = whole_s > tracked->expires_s ? whole_s - tracked->expires_s : 0,
		.age_s = tracked->age_s,
		.expires_s = tracked->expires_s,
		.service = service_of(view, tracked, kind),
	};
}

/* --- whether it may go on ------------------------------------------------------------------------- */

static bool is_allowed(const struct view *view, __u32 allow, const struct ip_addr *addr)
{
	_ranges_ struct ranges list = {0};

	if (!allow)
		return true;
	/* Without memory to look it goes on: packets of it were admitted once. */
	if (ranges_make(&view->plan, allow, ip_addr_is_v4(addr), &list))
		return true;
	return ranges_find(&list, addr) != NULL;
}

/* Somebody translated its destination, from an address that is or was public, to a host inside. */
static bool admits_forward(const struct view *view, const struct tracked *t)
{
	const struct hp_rule *rule = external_rule(view, t->proto, t->orig_dport);
	bool from_outside = !from_of(view, t);

	if (to_of(view, t) != HP_NET_WAN_LOCAL || !rule || rule->action != HP_ACTION_FORWARD)
		return false;
	if (rule->host != ip_addr_v4(&t->reply_src) || ntohs(rule->host_port) != t->reply_sport)
		return false;
	return !from_outside || is_allowed(view, rule->allow, &t->orig_src);
}

static bool is_blocked_dot(const struct view *view, const struct tracked *t)
{
	return view->plan.settings.block_dot && t->orig_dport == PORT_DOT &&
	       (t->proto == IPPROTO_TCP || t->proto == IPPROTO_UDP);
}

/* To WAN. Its port is taken from it by a forward that came since, as with the other backend. */
static bool admits_outgoing(const struct view *view, const struct tracked *t)
{
	const struct hp_rule *rule = external_rule(view, t->proto, t->reply_dport);

	if (is_blocked_dot(view, t) || kind_of(view, &t->reply_dst) != HP_NET_WAN_LOCAL)
		return false;
	return !rule || rule->action != HP_ACTION_FORWARD;
}

static bool is_basic_service(const struct tracked *t)
{
	return (t->proto == IPPROTO_UDP && (t->orig_dport == 53 || t->orig_dport == 67)) ||
	       (t->proto == IPPROTO_TCP && t->orig_dport == 53);
}

/* A service of the gateway itself: by its port outside at the public address, and elsewhere only where both are one. */
static bool is_declared_self(const struct view *view, const struct tracked *t, enum hp_net_kind to)
{
	const struct hp_rule *rule = external_rule(view, t->proto, t->orig_dport);

	return rule && rule->action == HP_ACTION_PASS && rule->service != HP_SERVICE_NONE &&
	       (to == HP_NET_WAN_LOCAL || ntohs(rule->host_port) == t->orig_dport);
}

/* Inside, to no host by the public address, from an isolated segment. */
static bool admits_isolated(const struct view *view, const struct tracked *t, enum hp_net_kind to)
{
	if (to == HP_NET_LAN)
		return host_rule(view, &t->orig_dst, t->proto, t->orig_dport) != NULL;
	return (to == HP_NET_LOCAL && is_basic_service(t)) || is_declared_self(view, t, to);
}

/* From outside to the gateway itself. */
static bool admits_own(const struct view *view, const struct tracked *t)
{
	const struct hp_rule *rule = external_rule(view, t->proto, t->orig_dport);

	if (t->proto != IPPROTO_TCP && t->proto != IPPROTO_UDP)
		return true;
	return rule && rule->action == HP_ACTION_PASS && ntohs(rule->host_port) == t->reply_sport &&
	       is_allowed(view, rule->allow, &t->orig_src);
}

/* From outside to a container, by somebody else's translation: a list is asked all the same. */
static bool is_shut_out(const struct view *view, const struct tracked *t)
{
	const struct hp_rule *rule = external_rule(view, t->proto, t->orig_dport);

	return rule && rule->action == HP_ACTION_PASS &&
	       !is_allowed(view, rule->allow, &t->orig_src);
}

/* To ourselves by a port that is forwarded now. Whoever goes on sending would never be led there. */
static bool is_forwarded_now(const struct view *view, const struct tracked *t)
{
	const struct hp_rule *rule = external_rule(view, t->proto, t->orig_dport);

	return rule && rule->action == HP_ACTION_FORWARD;
}

static bool admits4(const struct view *view, const struct tracked *t)
{
	enum hp_net_kind from = from_of(view, t), to = to_of(view, t);

	/* One that is led to our DNS server ends at us, not inside; and so does a moved port of our own. */
	if (is_dnat(t) && !from && kind_of(view, &t->reply_src) == HP_NET_WAN_LOCAL)
		return admits_own(view, t);
	if (is_dnat(t) && !from && is_shut_out(view, t))
		return false;
	if (is_dnat(t))
		return kind_of(view, &t->reply_src) != HP_NET_LAN || admits_forward(view, t);
	if (from == HP_NET_LAN && to == HP_NET_WAN_LOCAL && is_forwarded_now(view, t))
		return false;
	if (from == HP_NET_LAN && !to)
		return !is_snat(t) || admits_outgoing(view, t);
	if (is_isolated(view, &t->orig_src) && to)
		return admits_isolated(view, t, to);
	if (!from && to == HP_NET_LAN)
		return false;
	return from || to != HP_NET_WAN_LOCAL || admits_own(view, t);
}

static bool admits6(const struct view *view, const struct tracked *t)
{
	enum hp_net_kind from = kind_of(view, &t->orig_src), to = kind_of(view, &t->orig_dst);
	const struct hp_rule *rule;

	if (from == HP_NET_LAN && !to)
		return !is_blocked_dot(view, t);
	if (!from && to == HP_NET_LAN) {
		rule = host_rule(view, &t->orig_dst, t->proto, t->orig_dport);
		return rule && rule->action == HP_ACTION_PINHOLE &&
		       is_allowed(view, rule->allow, &t->orig_src);
	}
	if (is_isolated(view, &t->orig_src) && to == HP_NET_LAN)
		return admits_isolated(view, t, to);
	return from || to != HP_NET_WAN_LOCAL || admits_own(view, t);
}

bool view_admits(const struct view *view, const struct tracked *tracked)
{
	return ip_addr_is_v4(&tracked->orig_src) ? admits4(view, tracked) : admits6(view, tracked);
}
