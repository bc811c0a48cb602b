#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Links that are no plain Ethernet, as WAN, as a LAN and as both: link_ways.sh BUILD tun|offload|gre|vlan|stick|pppoe wan|lan|both
#
# Every way between such a device, an ordinary one and the gateway itself: outgoing, forward, loopback, ICMP, the NAT's own errors, IPv6, a large
# transfer. lib/links.sh says what the kinds are.
. "$(dirname "$0")/lab.sh"

case $1 in
vlan | stick) need_kernel vlan ;;
pppoe | gre) need_kernel "$1" ;;
esac
case $2 in
wan) LAB_LINKS="wan=$1" ;;
lan) LAB_LINKS="lan2=$1" ;;
both) LAB_LINKS="wan=$1 lan2=$1" ;;
esac
lab_up bridge
hairpin_up < <(
	standard_services
	cat <<-END
		  - name: guests
		    host: $GUEST_ADDR
		    ports: [9000/tcp, 9000/udp, "9080:80/tcp", "6001:6000/udp"]
		  - name: files
		    host: $SRV_ADDR
		    ports: [6000/udp]
	END
)
http_serve srv 443 80
http_serve guest 80
http_serve inet 8080
for ns in srv guest inet; do
	http_files $ns 500000
done
echo_serve guest 9000
echo_serve inet 7001
echo_serve srv 7000

port=40000
asks() { # NS DESTINATION WHAT: UDP and TCP, and each time the public address is seen with the port that was sent from
	port=$((port + 1))
	assert_eq "$(in_ns "$1" ask -p $port "$2")" "$WAN_ADDR:$port" "UDP, $3"
	assert_eq "$(in_ns "$1" ask -t -p $port "$2")" "$WAN_ADDR:$port" "TCP, $3"
}
for ns in lan1 guest; do
	asks $ns $INET_ADDR:7001 "from $ns to the internet"
	asks $ns $WAN_ADDR:7000 "from $ns through the loopback to srv"
	asks $ns $WAN_ADDR:9000 "from $ns through the loopback to guest"
	in_ns $ns ping -n -c 1 -W 2 $INET_FAR >/dev/null
	in_ns $ns ping -6 -n -c 1 -W 2 $INET_ADDR6 >/dev/null
	http_get $ns "http://[$INET_ADDR6]:8080/" >/dev/null
done
assert_eq "$(inet ask -p 50001 $WAN_ADDR:9000)" "$INET_ADDR:50001" "forward to guest"
assert_eq "$(inet ask -t -p 50001 $WAN_ADDR:7000)" "$INET_ADDR:50001" "forward to srv"
inet ping -n -c 1 -W 2 $WAN_ADDR >/dev/null
gw ping -n -c 1 -W 2 $INET_ADDR >/dev/null
gw ask -t $INET_ADDR:7001 >/dev/null
lan1 ping -n -c 1 -W 2 $GUEST_ADDR >/dev/null

# Both ways over each link.
while read -r client from url; do
	download "from-$from-to-$client" "$client" "$url"
	downloaded "from-$from-to-$client" "$from"
done <<-END
	lan1 inet http://$INET_ADDR:8080/big
	guest inet http://$INET_ADDR:8080/big
	inet srv http://$WAN_ADDR:8443/big
	inet guest http://$WAN_ADDR:9080/big
	guest srv http://$WAN_ADDR:8443/big
	lan1 guest http://$WAN_ADDR:9080/big
	guest inet http://[$INET_ADDR6]:8080/big
END

# Datagrams in fragments: out, in, and through the loopback.
head -c 5000 /dev/urandom >"$LAB_DIR/datagram"
while read -r from to address port; do
	rm -f "$LAB_DIR/got"
	spawn "sink-$from-$to" "$to" socat -u -b 65000 UDP4-RECV:6000 "CREATE:$LAB_DIR/got"
	wait_for 5 "listens $to udp 6000"
	in_ns "$from" socat -u -b 65000 "FILE:$LAB_DIR/datagram" "UDP4-SENDTO:$address:$port"
	wait_for 5 "cmp '$LAB_DIR/datagram' '$LAB_DIR/got'"
	stop "sink-$from-$to" || true
done <<-END
	lan1 inet $INET_ADDR 6000
	guest inet $INET_ADDR 6000
	inet srv $WAN_ADDR 6000
	inet guest $WAN_ADDR 6001
	guest srv $WAN_ADDR 6000
	lan1 guest $WAN_ADDR 6001
END

# Errors of the gateway's own, to each side.
lan1_errors="src $LAN_GW and dst $LAN1_ADDR"
guest_errors="src $GUEST_GW and dst $GUEST_ADDR"
# With nftables what the gateway says of a flow through the loopback comes from the address that was asked (decision 025).
! on_nftables || guest_errors="(src $GUEST_GW or src $WAN_ADDR) and dst $GUEST_ADDR"
inet_errors="src $WAN_ADDR and dst $INET_ADDR"
for ns in lan1 guest inet; do
	capture_start errors-$ns $ns eth0 'icmp[icmptype] == icmp-timxceed or icmp[icmptype] == icmp-unreach'
done
lan1 raw_send -t 1 udp $LAN1_ADDR:5000 $INET_ADDR:7001
guest raw_send -t 1 udp $GUEST_ADDR:5000 $INET_ADDR:7001
guest raw_send -t 1 udp $GUEST_ADDR:5001 $WAN_ADDR:7000
inet raw_send -t 1 udp $INET_ADDR:5000 $WAN_ADDR:7000
inet raw_send -t 1 udp $INET_ADDR:5000 $WAN_ADDR:9000
wait_for 5 '[ "$(captured errors-lan1 "icmp[0] == 11 and $lan1_errors")" -eq 1 ]'
wait_for 5 '[ "$(captured errors-guest "icmp[0] == 11 and $guest_errors")" -eq 2 ]'
wait_for 5 '[ "$(captured errors-inet "icmp[0] == 11 and $inet_errors")" -eq 2 ]'
ip link set wan mtu 1400
# On a stick the guests come by that very link: nothing larger reaches us from there.
[ "$1" = stick ] && large=lan1 || large="lan1 guest"
for ns in $large; do
	in_ns $ns ping -n -c 1 -W 1 -M "do" -s 1400 $INET_FAR >/dev/null || true
	wait_for 5 "[ \"\$(captured errors-$ns 'icmp[0] == 3 and icmp[1] == 4 and icmp[6:2] == 1400')\" -eq 1 ]"
done
for ns in lan1 guest inet; do
	capture_stop errors-$ns
	tcpdump -n -v -r "$LAB_DIR/errors-$ns.pcap" >"$LAB_DIR/errors-$ns.txt" 2>/dev/null
	refute grep -E 'wrong|bad|incorrect' "$LAB_DIR/errors-$ns.txt"
done
