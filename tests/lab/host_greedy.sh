#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host inside that opens flows as fast as it can, by UDP and TCP, does not stop other hosts from opening theirs, meanwhile and afterwards:
# host_greedy.sh BUILD own|forged|forged6
#
# With its own address it comes to the limits of a host. With forged ones, of half of its segment, no limit of a host holds it, and still it leaves
# something: the table never fills. Over IPv6 it has as many addresses as it likes (forged6), which count together. What it had before goes on, and
# what it is refused is counted. With nftables forged addresses take all ports towards one destination, and the others have theirs
# towards the next.
# Requirements: 62, 63.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

more=
case $1 in
# A rate that every machine exceeds.
own) sources=$LAN1_ADDR/32 sessions=40000 refusal=drop-host-limit more=', new-per-host: 1000' ;;
forged) sources=192.168.11.128/25 sessions=40000 refusal=drop-host-limit ;;
# Room for more hosts than can be counted.
forged6) sources='[2001:db8:11::]/64' sessions=160000 refusal=drop-host-limit ;;
esac
least=10000
if on_nftables && [ "$1" = forged ]; then
	# What `ct count` costs would slow the flood down before anything is full.
	refusal=drop-no-port
	more=', sessions-per-host: unlimited, new-per-host: unlimited'
elif on_nftables && [ "$1" = forged6 ]; then
	sessions=40000 least=1000
fi
lab_up bridge
hairpin_up <<END
nat:
  limits: { sessions: $sessions$more }
END
echo_serve inet 7001
conn_serve inet 7002
conn_open held lan1 $INET_ADDR:7002
conn_lives held before

if [ "$1" = forged6 ]; then
	floods=(udp)
	spawn flood-udp lan1 forge -d 120 udp 20000000 "$sources" "[$INET_ADDR6]:9"
else
	floods=(udp S)
	for kind in "${floods[@]}"; do
		spawn "flood-$kind" lan1 forge -d 120 "$kind" 20000000 "$sources" $INET_FAR:9
	done
fi
wait_for 60 '[ "$(packets $refusal)" -ge $least ]'

# opens PORT: both others, in another segment and in its own, by both protocols.
opens() {
	local ns
	for ns in srv guest; do
		assert_match "$(in_ns $ns ask -p "$1" $INET_ADDR:7001)" "^$WAN_ADDR:" "UDP of $ns"
		assert_match "$(in_ns $ns ask -t -p "$1" $INET_ADDR:7001)" "^$WAN_ADDR:" "TCP of $ns"
	done
}
for port in 41001 41002 41003; do
	opens $port
done
for kind in "${floods[@]}"; do
	running "flood-$kind" || fail "the flood was over before it was measured"
	stop "flood-$kind" || true
done
opens 41004
conn_lives held after

for reason in drop-table-full drop-host-limit drop-no-port; do
	[ $reason = $refusal ] || on_nftables || assert_eq "$(packets $reason)" 0 "refused as $reason"
done
on_nftables || assert_lt "$(hp_json status -- .sessions.active)" $sessions "sessions"
[ "$1" = own ] || exit 0
assert_ge "$(packets drop-host-rate)" 1000 "refused for their rate"
# Netfilter counts no ports of a host.
on_nftables || assert_lt "$(hp_json show ports -- ".hosts[] | select(.address == \"$LAN1_ADDR\") | .mappings")" 4097 "ports of one host"
assert_lt "$(hp_json show ports -- ".hosts[] | select(.address == \"$LAN1_ADDR\") | .sessions")" $((sessions / 8 + 1)) "sessions of one host"
