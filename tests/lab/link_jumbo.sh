#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Jumbo frames inside (9000 octets) and an ordinary WAN: TCP works both ways, large datagrams stay whole between the segments and through
# the loopback, and who sends one to WAN that must not be cut is told the size.
. "$(dirname "$0")/lab.sh"

lab_up bridge
for ns in lan1 srv guest; do
	ip -n $ns link set eth0 mtu 9000
done
for dev in p-lan1 p-srv lan2 br-lan; do
	ip link set $dev mtu 9000
done
hairpin_up < <(standard_services)
http_serve srv 443
http_serve inet 8080
http_files srv 1000000
http_files inet 1000000

download out lan1 http://$INET_ADDR:8080/big
downloaded out inet
download in inet http://$WAN_ADDR:8443/big
downloaded in srv
download loop guest http://$WAN_ADDR:8443/big
downloaded loop srv

# Segments through the loopback are as large as the segments are: 8960 octets, and never 1460.
capture_start server srv eth0 "src host $WAN_ADDR and tcp dst port 443 and tcp[tcpflags] & tcp-syn != 0"
http_get guest http://$WAN_ADDR:8443/ >/dev/null
capture_stop server
assert_match "$(tcpdump -n -v -r "$LAB_DIR/server.pcap" 2>/dev/null)" 'mss 8960' "the size through the loopback"

# A datagram of 8000 octets that nobody may cut.
head -c 8000 /dev/zero | tr '\0' x >"$LAB_DIR/datagram"
spawn sink srv socat -u -b 65000 UDP4-RECV:7000 "CREATE:$LAB_DIR/got"
wait_for 5 'listens srv udp 7000'
guest socat -u -b 65000 "FILE:$LAB_DIR/datagram" "UDP4-SENDTO:$WAN_ADDR:7000,ip-mtu-discover=2"
wait_for 5 "cmp '$LAB_DIR/datagram' '$LAB_DIR/got'"
assert_eq "$(packets drop-too-big)" 0 "datagrams that were too big"

capture_start told lan1 eth0 'icmp[icmptype] == icmp-unreach and icmp[icmpcode] == 4'
lan1 socat -u -b 65000 "FILE:$LAB_DIR/datagram" "UDP4-SENDTO:$INET_ADDR:7001,ip-mtu-discover=2"
wait_for 5 '[ "$(captured told "icmp[6:2] == 1500")" -eq 1 ]'
assert_eq "$(packets drop-too-big)" 1 "datagrams that were too big for WAN"
# And has understood: the second one does not even leave.
refute lan1 socat -u -b 65000 "FILE:$LAB_DIR/datagram" "UDP4-SENDTO:$INET_ADDR:7001,ip-mtu-discover=2"
