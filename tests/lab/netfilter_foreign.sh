#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Foreign netfilter rules that the bpf backend would bypass make the daemon refuse, with the list, before it touches anything:
# netfilter_foreign.sh BUILD policy|drop|reject|masquerade|snat|iptables
#
# With nat.ignore-netfilter: yes the same configuration starts. With nat.backend: auto it is the nftables backend that starts, and status
# says why.
# With nat.backend: nftables it starts beside them and leaves them alone. What they drop is dropped, since a drop is final, until the line is added that
# lets ours pass.
. "$(dirname "$0")/lab.sh"

foreign() {
	case $1 in
	policy) nft -f - <<<'table inet foreign { chain filtering { type filter hook forward priority 0; policy drop; }; }' ;;
	drop) nft -f - <<<'table inet foreign { chain filtering { type filter hook forward priority 0; tcp dport 25 drop; }; }' ;;
	reject) nft -f - <<<'table inet foreign { chain filtering { type filter hook forward priority 0; jump deep; }; chain deep { ip daddr 192.0.2.1 reject; }; }' ;;
	masquerade) nft -f - <<<'table ip foreign { chain post { type nat hook postrouting priority 100; oifname "wan" masquerade; }; }' ;;
	snat) nft -f - <<<'table ip foreign { chain post { type nat hook postrouting priority 100; oifname "wan" snat to 198.51.100.1; }; }' ;;
	iptables) iptables-nft -P FORWARD DROP ;;
	esac
}
# The word by which the list must name it.
declare -A words=([policy]=policy [drop]=drop [reject]=reject [masquerade]=masquerade [snat]=snat [iptables]=FORWARD)

# mend policy|iptables: the line that lets ours pass.
mend() {
	case $1 in
	policy) nft add rule inet foreign filtering ct status dnat accept ;;
	iptables) iptables-nft -A FORWARD -m conntrack --ctstate DNAT -j ACCEPT ;;
	esac
}

# its_own: the ruleset without what mend adds, and without counters.
its_own() {
	nft list ruleset | sed 's/counter packets [0-9]* bytes [0-9]*/counter/' | grep -v dnat || true
}

beside() {
	hairpin_up < <(standard_services)
	echo_serve srv 7000
	case $1 in
	policy | iptables)
		refute inet ask -w 500 $WAN_ADDR:7000
		mend "$1"
		;;
	esac
	assert_match "$(lan1 ask $WAN_ADDR:7000)" "^$WAN_ADDR:" "loopback beside the foreign rule"
	assert_match "$(inet ask -t $WAN_ADDR:7000)" "^$INET_ADDR:" "forward beside the foreign rule"
	hp detach
	its_own | diff "$LAB_DIR/before.txt" -
}

lab_up bridge
foreign "$1"
if on_nftables; then
	its_own >"$LAB_DIR/before.txt"
	beside "$1"
	exit 0
fi
{
	standard_services
	printf 'nat:\n  backend: bpf\n  limits: { sessions: 16384 }\n'
} | gw_conf
nft list ruleset >"$LAB_DIR/before.txt"
assert_eq "$(exit_status gw timeout 20 "$HAIRPIND" -f $CONF 2>"$LAB_DIR/refusal.txt")" 1 "the refusal"
grep -i "${words[$1]}" "$LAB_DIR/refusal.txt"
grep 'ignore-netfilter' "$LAB_DIR/refusal.txt"
nft list ruleset | diff "$LAB_DIR/before.txt" -
assert_eq "$(filters wan ingress)" 0 "filters after the refusal"
[ -z "$(find $PINS -type f 2>/dev/null || true)" ]

assert_eq "$(exit_status hp check $CONF)" 1 "check finds the same"

standard_services | gw_conf
hairpind_start
assert_eq "$(hp_json status -- .backend.name)" nftables "what auto takes"
hp_json status -- .backend.why | has "${words[$1]}"
hp_json status -- '.backend.unavailable[]' | has "endpoint-independent mapping"
assert_eq "$(filters wan ingress)" 0 "filters beside the rules"
hairpind_stop
hp detach
nft list ruleset | diff "$LAB_DIR/before.txt" -

{
	standard_services
	printf 'nat:\n  ignore-netfilter: yes\n  limits: { sessions: 16384 }\n'
} | gw_conf
hairpind_start
echo_serve srv 7000
assert_match "$(lan1 ask $WAN_ADDR:7000)" "^$WAN_ADDR:" "loopback beside the foreign rule"
assert_match "$(inet ask $WAN_ADDR:7000)" "^$INET_ADDR:" "forward beside the foreign rule"
