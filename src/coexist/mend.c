// SPDX-License-Identifier: GPL-2.0-or-later
#include "mend.h"

#include <string.h>

/* --- who wrote it ------------------------------------------------------------------------------------- */

enum owner { OWNER_NFT, OWNER_IPTABLES, OWNER_DOCKER, OWNER_UFW, OWNER_FIREWALLD, OWNER_FW4 };

static enum owner owner_of(const struct mend_place *place)
{
	const struct ruletable *table = place->table;

	if (!strcmp(table->name, "firewalld"))
		return OWNER_FIREWALLD;
	if (!strcmp(table->name, "fw4"))
		return OWNER_FW4;
	if (!table->program)
		return OWNER_NFT;
	if (strcmp(table->name, "filter"))
		return OWNER_IPTABLES;
	/* With both, ufw's own rules outlive a restart of the machine; Docker's chain does not. */
	if (rules_chain(table, "ufw-user-forward") || rules_chain(table, "ufw6-user-forward"))
		return OWNER_UFW;
	return rules_chain(table, "DOCKER-USER") ? OWNER_DOCKER : OWNER_IPTABLES;
}

static const char *proto_name(__u8 proto)
{
	return proto == IPPROTO_TCP ? "tcp" : "udp";
}

static bool is_established(const struct packet *packet)
{
	return packet->connection & CONNECTION_ESTABLISHED;
}

static bool is_translated(const struct packet *packet)
{
	return packet->connection & CONNECTION_DNAT;
}

/* An established connection was judged when it began; what is translated, by our own table. Else the port has to be said, where it came from outside or is for us. */
static bool says_port(const struct packet *packet)
{
	return !is_established(packet) && !is_translated(packet) && !packet->any_dport;
}

static void ports_add(const struct packet *packet, char separator, struct strbuf *out)
{
	strbuf_add(out, "%u", packet->dport_low);
	if (packet->dport_high != packet->dport_low)
		strbuf_add(out, "%c%u", separator, packet->dport_high);
}

static const char *destination(const struct packet *packet, char *text)
{
	return ip_addr_format(&packet->dst_first, text);
}

/* A destination that is one address of unicast. */
static bool has_destination(const struct packet *packet)
{
	return packet->dst_type != ADDRESS_OTHER &&
	       ip_addr_equal(&packet->dst_first, &packet->dst_last);
}

/* --- in nft's words ---------------------------------------------------------------------------------- */

static void nft_match(const struct packet *packet, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	if (*packet->iif)
		strbuf_add(out, "iifname \"%s\" ", packet->iif);
	if (*packet->oif)
		strbuf_add(out, "oifname \"%s\" ", packet->oif);
	if (is_translated(packet))
		strbuf_add(out, "ct status dnat ");
	else if (is_established(packet))
		strbuf_add(out, "ct state established,related ");
	if (!says_port(packet))
		return;
	if (has_destination(packet))
		strbuf_add(out, "%s daddr %s ", packet->is_v4 ? "ip" : "ip6",
			   destination(packet, text));
	strbuf_add(out, "%s dport ", proto_name(packet->proto));
	ports_add(packet, '-', out);
	strbuf_add(out, " ");
}

static void nft_add(const struct mend_place *place, const struct packet *packet, struct strbuf *out)
{
	strbuf_add(out, "nft 'insert rule %s %s %s ", place->table->family, place->table->name,
		   place->base->name);
	nft_match(packet, out);
	strbuf_add(out, "accept'");
}

/* --- in iptables' ------------------------------------------------------------------------------------ */

static void iptables_add(const struct mend_place *place, const char *chain,
			 const struct packet *packet, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, "%s", place->table->program);
	if (strcmp(place->table->name, "filter"))
		strbuf_add(out, " -t %s", place->table->name);
	strbuf_add(out, " -I %s", chain);
	if (*packet->iif)
		strbuf_add(out, " -i %s", packet->iif);
	if (*packet->oif)
		strbuf_add(out, " -o %s", packet->oif);
	if (says_port(packet)) {
		if (has_destination(packet))
			strbuf_add(out, " -d %s", destination(packet, text));
		strbuf_add(out, " -p %s --dport ", proto_name(packet->proto));
		ports_add(packet, ':', out);
	}
	if (is_translated(packet))
		strbuf_add(out, " -m conntrack --ctstate DNAT");
	else if (is_established(packet))
		strbuf_add(out, " -m conntrack --ctstate RELATED,ESTABLISHED");
	strbuf_add(out, " -j ACCEPT");
}

static void docker_add(const struct mend_place *place, const struct packet *packet,
		       struct strbuf *out)
{
	iptables_add(place, packet->hook == HOOK_FORWARD ? "DOCKER-USER" : place->base->name,
		     packet, out);
}

/* --- ufw ------------------------------------------------------------------------------------------------ */

static void ufw_to(const struct packet *packet, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	/* From inside our own table decides; from outside both do, also while we are detached. */
	if (packet->way == WAY_LOOPBACK || packet->any_dport)
		return;
	strbuf_add(out, " proto %s to %s port ", proto_name(packet->proto),
		   has_destination(packet) ? destination(packet, text) : "any");
	ports_add(packet, ':', out);
}

/* Answers are let through by its before.rules; where those were changed, its own commands have no word for it. */
static void ufw_add(const struct mend_place *place, const struct packet *packet, struct strbuf *out)
{
	if (is_established(packet) ||
	    (packet->hook != HOOK_FORWARD && packet->hook != HOOK_INPUT)) {
		iptables_add(place, place->base->name, packet, out);
		return;
	}
	if (packet->hook == HOOK_INPUT)
		strbuf_add(out, "ufw prepend allow in on %s", packet->iif);
	else
		strbuf_add(out, "ufw route prepend allow in on %s out on %s", packet->iif,
			   packet->oif);
	ufw_to(packet, out);
}

/* --- firewalld ---------------------------------------------------------------------------------------- */

/* Its chains carry the names of zones: "iifname "eth0" goto filter_IN_public"; what has none is in that of the last rule, which asks for nothing. */
static const char *zone_find(const struct ruletable *table, const char *device)
{
	static const char chain_name[] = "filter_INPUT_ZONES", prefix[] = "filter_IN_";
	const struct chain *chain = rules_chain(table, chain_name);
	const char *otherwise = NULL;

	for (size_t i = 0; chain && i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];

		if (!rule->target || strncmp(rule->target, prefix, strlen(prefix)))
			continue;
		if (rule->n_matches == 0)
			otherwise = rule->target + strlen(prefix);
		for (size_t k = 0; k < rule->n_matches; k++) {
			const struct rule_match *match = &rule->matches[k];

			if (match->fields[0] == FIELD_IIF && match->n_rows == 1 &&
			    !strcmp(match->values[0].device, device))
				return rule->target + strlen(prefix);
		}
	}
	return otherwise ? otherwise : "public";
}

static void firewalld_port(const struct packet *packet, const char *option, struct strbuf *out)
{
	strbuf_add(out, " --add-%s=", option);
	ports_add(packet, '-', out);
	strbuf_add(out, "/%s", proto_name(packet->proto));
}

/* A policy between two zones for what begins there. Its name is short: firewalld has room for 17 letters. */
static void firewalld_forward(const struct mend_place *place, const struct packet *packet,
			      struct strbuf *out)
{
	const char *from = zone_find(place->table, packet->iif);
	const char *to = zone_find(place->table, packet->oif);
	char name[18], text[IP_TEXT_MAX];

	if (!strcmp(from, to)) {
		strbuf_add(out, "firewall-cmd --permanent --zone=%s --add-forward", from);
		return;
	}
	snprintf(name, sizeof(name), "hp-%.6s-%.6s", from, to);
	strbuf_add(out,
		   "{ firewall-cmd --permanent --info-policy=%s >/dev/null 2>&1 || "
		   "firewall-cmd --permanent --new-policy=%s; } && "
		   "firewall-cmd --permanent --policy=%s --add-ingress-zone=%s && "
		   "firewall-cmd --permanent --policy=%s --add-egress-zone=%s && ",
		   name, name, name, from, name, to);
	strbuf_add(out, "firewall-cmd --permanent --policy=%s", name);
	if (packet->way == WAY_FORWARD && !is_established(packet)) {
		strbuf_add(out,
			   " --add-rich-rule='rule family=ipv%d destination address=%s port port=",
			   packet->is_v4 ? 4 : 6, destination(packet, text));
		ports_add(packet, '-', out);
		strbuf_add(out, " protocol=%s accept'", proto_name(packet->proto));
	} else {
		strbuf_add(out, " --set-target=ACCEPT");
	}
}

static void firewalld_unlead(const struct mend_place *place, const struct packet *packet,
			     struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, "firewall-cmd --permanent --zone=%s --remove-forward-port=port=",
		   zone_find(place->table, packet->iif));
	ports_add(packet, '-', out);
	strbuf_add(out, ":proto=%s", proto_name(packet->proto));
	if (place->rule && place->rule->to_port)
		strbuf_add(out, ":toport=%u", place->rule->to_port);
	if (place->rule && place->rule->has_to)
		strbuf_add(out, ":toaddr=%s", ip_addr_format(&place->rule->to, text));
}

static void firewalld_add(const struct mend_place *place, const struct packet *packet,
			  struct strbuf *out)
{
	switch (place->effect) {
	case COEXIST_LEADS_ELSEWHERE:
		firewalld_unlead(place, packet, out);
		return;
	case COEXIST_HIDES_CLIENT:
		strbuf_add(out, "firewall-cmd --permanent --zone=%s --remove-masquerade",
			   zone_find(place->table, packet->oif));
		return;
	default:
		break;
	}
	if (packet->hook == HOOK_INPUT) {
		strbuf_add(out, "firewall-cmd --permanent --zone=%s",
			   zone_find(place->table, packet->iif));
		firewalld_port(packet, "port", out);
	} else if (packet->hook == HOOK_FORWARD) {
		firewalld_forward(place, packet, out);
	}
}

/* --- OpenWrt ------------------------------------------------------------------------------------------- */

/* What stands in its include folders is loaded with every reload. Once is enough, also where two rules are mended by the same line. */
static void fw4_add(const struct mend_place *place, const struct packet *packet, struct strbuf *out)
{
	const char *chain = place->base->name;
	_strbuf_ struct strbuf line = {0};

	nft_match(packet, &line);
	strbuf_add(&line, "accept");
	strbuf_add(out,
		   "f=/usr/share/nftables.d/chain-pre/%s/hairpin.nft; mkdir -p ${f%%/*}; "
		   "grep -qsxF '%s' $f || echo '%s' >>$f",
		   chain, line.text, line.text);
}

/* --- all -------------------------------------------------------------------------------------------------- */

void mend_add(const struct mend_place *place, const struct packet *packet, struct strbuf *out)
{
	switch (owner_of(place)) {
	case OWNER_NFT:
		nft_add(place, packet, out);
		break;
	case OWNER_IPTABLES:
		iptables_add(place, place->base->name, packet, out);
		break;
	case OWNER_DOCKER:
		docker_add(place, packet, out);
		break;
	case OWNER_UFW:
		ufw_add(place, packet, out);
		break;
	case OWNER_FIREWALLD:
		firewalld_add(place, packet, out);
		break;
	case OWNER_FW4:
		fw4_add(place, packet, out);
		break;
	}
}

void mend_end(const struct mend_place *place, struct strbuf *out)
{
	if (out->length == 0)
		return;
	if (owner_of(place) == OWNER_FIREWALLD)
		strbuf_add(out, " && firewall-cmd --reload");
	if (owner_of(place) == OWNER_FW4)
		strbuf_add(out, " && fw4 reload");
}
