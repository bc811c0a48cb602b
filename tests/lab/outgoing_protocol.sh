#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Protocols without ports: one host at a time has each of them towards one destination, under the public address; what cannot be
# translated is dropped and counted. Of all 256 numbers, none leaves with a private source.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
capture_start leaked inet eth0 'src net 192.168.0.0/16'
capture_start gre inet eth0 "src $WAN_ADDR and ip proto 47"
capture_start answers lan1 eth0 "src $INET_ADDR and ip proto 47"

# Out, and its answer back.
lan1 raw_send 47 $LAN1_ADDR $INET_ADDR
inet raw_send 47 $INET_ADDR $WAN_ADDR
wait_for 5 '[ "$(captured answers "dst host $LAN1_ADDR")" -eq 1 ]'
assert_eq "$(packets sent-unknown)" 2 "packets counted as sent-unknown"

# Another host towards the same destination has to wait; towards another one, or by another protocol, not.
before=$(packets drop-clash)
guest raw_send 47 $GUEST_ADDR $INET_ADDR
wait_for 5 "[ \$(packets drop-clash) -gt $before ]"
guest raw_send 47 $GUEST_ADDR $INET_ADDR2
wait_for 5 '[ "$(captured gre "dst host $INET_ADDR2")" -eq 1 ]'
assert_eq "$(captured gre "dst host $INET_ADDR")" 1 "GRE packets of the first host"

before=$(packets drop-protocol)
for proto in 33 51 136; do
	lan1 raw_send $proto $LAN1_ADDR $INET_ADDR
done
wait_for 5 "[ \$(packets drop-protocol) -eq $((before + 3)) ]"

for proto in {0..255}; do
	lan1 raw_send "$proto" $LAN1_ADDR $INET_ADDR
done 2>/dev/null
lan1 ping -n -c 1 -W 2 $INET_ADDR >/dev/null
wait_for 5 '[ "$(packets sent-unknown)" -ge 240 ]'
capture_stop leaked
assert_eq "$(captured leaked '')" 0 "packets with a private source on the provider's link"
