#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What hosts open outwards through us: bypass_outgoing.sh BUILD masquerade|route
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

bypass_up
client_gateway gw
hairpin_up <<-END
	nat: { outgoing: $1, limits: { sessions: 16384 } }
END
http_serve inet 81
http_serve srv 82
echo_serve inet 7001
http_files inet 200000
case $1 in
masquerade) source=$SIDE_ADDR counter=sent-outgoing ;;
route) source=$LAN1_ADDR counter=pass-routed4 ;;
esac

mac=$(mac_of gw)
capture_start side gw eth0
assert_match "$(http_get lan1 http://$INET_ADDR:81/)" "^$MAIN_ADDR:" "outwards"
assert_match "$(lan1 ask $INET_ADDR:7001)" "^$MAIN_ADDR:" "by udp"
lan1 ping -q -c 2 -W 5 $INET_ADDR
download big lan1 http://$INET_ADDR:81/big
downloaded big inet
capture_stop side
for what in "tcp dst port 81" "udp dst port 7001" "icmp[icmptype] == icmp-echo"; do
	assert_ge "$(captured side "ether src $mac and src $source and $what")" 1 "what we send on of \"$what\""
done
assert_eq "$(captured side "ether src $mac and not src $source and dst $INET_ADDR and (tcp or udp or icmp)")" 0 "what we send on by another name"
assert_eq "$(captured side "ether src $mac and icmp[icmptype] == icmp-redirect")" 0 "other ways that we tell of"
assert_ge "$(packets $counter)" 8 "packets counted as $counter"

# Neighbours that speak by us are left as they are.
ip -n lan1 route add $SRV_ADDR/32 via $SIDE_ADDR
assert_match "$(http_get lan1 http://$SRV_ADDR:82/)" "^$LAN1_ADDR:" "to a neighbour"
assert_ge "$(packets pass-lan)" 1 "packets between neighbours"
