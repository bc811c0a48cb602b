#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab shows the fault that hairpin exists for: behind a plain router with masquerade and a dst-nat for the
# public address, the forward works from outside and fails from the LAN, because the server answers the client directly.
. "$(dirname "$0")/lab.sh"

lab_up bridge
sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=0
nft -f - <<END
table ip plain {
	chain pre {
		type nat hook prerouting priority dstnat
		ip daddr $WAN_ADDR tcp dport 8443 dnat to $SRV_ADDR:443
		ip daddr $WAN_ADDR udp dport 7000 dnat to $SRV_ADDR:7000
	}
	chain post {
		type nat hook postrouting priority srcnat
		oifname wan masquerade
	}
}
END
http_serve srv 443
echo_serve srv 7000
echo_serve inet 7001

assert_match "$(http_get inet http://$WAN_ADDR:8443/)" "^$INET_ADDR:[0-9]+$" "the server sees the outside client"
assert_match "$(lan1 ask -t $INET_ADDR:7001)" "^$WAN_ADDR:[0-9]+$" "masquerade"
assert_match "$(lan1 ask $INET_FAR:7001)" "^$WAN_ADDR:[0-9]+$" "masquerade"
assert_match "$(inet ask $WAN_ADDR:7000)" "^$INET_ADDR:[0-9]+$" "forward"

capture_start client lan1 eth0
http_refused lan1 http://$WAN_ADDR:8443/
capture_stop client
assert_ge "$(captured client "src $SRV_ADDR and tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)")" 1 \
	"the answer that comes straight from the server"
assert_ge "$(captured client "src $LAN1_ADDR and tcp[tcpflags] & tcp-rst != 0")" 1 "the client's reset"
assert_eq "$(exit_status lan1 ask -w 500 $WAN_ADDR:7000)" 1 "udp loopback"
