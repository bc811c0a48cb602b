#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Rules of others that translate or do not track what is ours: the service is missed or sees somebody else, `hairpin check` names the rule, and with the line that it prints
# all is as declared: coexist_nat.sh BUILD lead|hide|untrack
. "$(dirname "$0")/lab.sh"

cell=$1
declare -A words=([lead]="leads elsewhere what comes from WAN for echo; loopback to echo" [hide]="hides the clients of what comes from WAN for web, echo; loopback to web, echo"
	[untrack]="takes from connection tracking what comes from WAN for echo; loopback to echo")

foreign() {
	case $cell in
	lead) gw iptables -t nat -A PREROUTING -p udp -m udp --dport 7000 -m addrtype --dst-type LOCAL -j DNAT --to-destination $GUEST_ADDR:7000 ;;
	hide) gw iptables -t nat -A POSTROUTING -j MASQUERADE ;;
	untrack) gw iptables -t raw -A PREROUTING -p udp -m udp --dport 7000 -j CT --notrack ;;
	esac
}

# What whoever asks sees while the rule is in force.
harmed() {
	case $cell in
	lead) assert_eq "$(guest_is_asked)" yes "who answers" ;;
	hide) assert_match "$(inet ask $WAN_ADDR:7000)" "^$LAN_GW:" "whom the server sees" ;;
	untrack) refute inet ask -w 500 $WAN_ADDR:7000 ;;
	esac
}

guest_is_asked() {
	capture_start guest guest eth0 'udp dst port 7000'
	inet ask -w 500 $WAN_ADDR:7000 >&2 || true
	capture_stop guest
	[ "$(captured guest 'udp')" -gt 0 ] && echo yes
}

lab_up bridge
{
	standard_services
	printf 'nat:\n  backend: nftables\n  limits: { sessions: 16384 }\n'
} | gw_conf
echo_serve srv 7000
echo_serve guest 7000
hairpind_start
# Behind us: of chains at one priority the one that was made last is asked first.
foreign
hp_json check "$CONF" -- '.findings[] | select(.kind == "other-rules") | .text' >"$LAB_DIR/before" || true
cat "$LAB_DIR/before" >&2
has -F "${words[$cell]}" <"$LAB_DIR/before"
harmed

hp_json check "$CONF" -- '.findings[] | select(.kind == "other-rules") | .fix' >"$LAB_DIR/fixes" || true
while read -r line; do
	gw sh -ec "$line" </dev/null
done <"$LAB_DIR/fixes"
assert_eq "$(inet ask -p 5000 $WAN_ADDR:7000)" "$INET_ADDR:5000" "a forward"
assert_eq "$(lan1 ask -p 5001 $WAN_ADDR:7000)" "$WAN_ADDR:5001" "loopback"
assert_eq "$(hp_json check "$CONF" -- '[.findings[] | select(.kind == "other-rules")] | length' || true)" 0 "findings that are left"
