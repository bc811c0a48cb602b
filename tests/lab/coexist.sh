#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Rules of others that win over ours: traffic fails, `hairpin check` names the rule and what it drops, and with the line that it prints traffic works:
# coexist.sh BUILD nftables|iptables|legacy|docker|ufw|fw4
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/lib/coexist.sh"

cell=$1

# --- each of them as it drops what routers forward --------------------------------------------------

# The line of the finding is found by this word.
declare -A words=([nftables]="table inet somebody, chain forward: policy drop" [iptables]="table ip filter, chain FORWARD: policy drop"
	[legacy]="iptables-legacy, table filter, chain FORWARD: policy drop" [docker]="table ip filter, chain FORWARD: policy drop"
	[ufw]="table ip filter, chain FORWARD: policy drop" [fw4]="table inet fw4, chain handle_reject: ")
# Whose means the line has to use.
declare -A means=([nftables]="nft 'insert rule inet somebody forward " [iptables]="iptables -I FORWARD " [legacy]="iptables-legacy -I FORWARD "
	[docker]="iptables -I DOCKER-USER " [ufw]="ufw route prepend allow " [fw4]="/usr/share/nftables.d/chain-pre/forward/hairpin.nft")

lab_up bridge
"foreign_$cell"
{
	standard_services
	printf 'dns:\n  upstream: [9.9.9.9]\n'
} | gw_conf
echo_serve srv 7000
echo_serve inet 9000

hp_json check "$CONF" -- '.findings[] | select(.kind == "other-rules") | .text' >"$LAB_DIR/before" || true
cat "$LAB_DIR/before" >&2
grep -F "${words[$cell]}" "$LAB_DIR/before" | grep 'WAN for web, echo' | grep 'loopback to web, echo' | has 'what goes out'

hairpind_start
assert_eq "$(hp_json status -- .backend.name)" nftables "what auto takes"
hp_json status -- .backend.why | has "rules of others"
hp status | has "netfilter rules of others win over it"
refute inet ask -w 500 $WAN_ADDR:7000
refute lan1 ask -w 500 $WAN_ADDR:7000
refute guest ask -w 500 -t $WAN_ADDR:7000
refute lan1 ask -w 500 $INET_ADDR:9000

hp_json check "$CONF" -- '.findings[] | select(.kind == "other-rules") | .fix' >"$LAB_DIR/fixes" || true
# Each time: beside our table that belongs to hairpind, libnftables 1.0.6 lists the ruleset in JSON well only at times.
for _ in 1 2 3 4 5 6; do
	hp_json check "$CONF" -- '.findings[] | select(.kind == "other-rules") | .fix' >"$LAB_DIR/again" || true
	assert_eq "$(cat "$LAB_DIR/again")" "$(cat "$LAB_DIR/fixes")" "what check says again"
done
has -F "${means[$cell]}" <"$LAB_DIR/fixes"
while read -r line; do
	gw sh -ec "$line" </dev/null
done <"$LAB_DIR/fixes"

assert_eq "$(inet ask -p 5000 $WAN_ADDR:7000)" "$INET_ADDR:5000" "a forward"
assert_eq "$(lan1 ask -p 5001 $WAN_ADDR:7000)" "$WAN_ADDR:5001" "loopback on one segment"
assert_eq "$(guest ask -t -p 5002 $WAN_ADDR:7000)" "$WAN_ADDR:5002" "loopback from another"
assert_match "$(lan1 ask $INET_ADDR:9000)" "^$WAN_ADDR:" "outwards"
assert_eq "$(hp_json check "$CONF" -- '[.findings[] | select(.kind == "other-rules")] | length' || true)" 0 "findings that are left"
assert_eq "$(hp_json status -- .backend.other_rules)" 0 "what status counts then"
