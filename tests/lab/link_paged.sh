#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets whose headers are not where programs look for them: of what is larger than a page these devices put 14 octets into the linear part, and
# the rest into pages. With 9000 octets on each link they are translated as others are, by UDP and TCP, over IPv4 and IPv6: out, in, and
# through the loopback.
LAB_LINKS="wan=paged lan2=paged"
. "$(dirname "$0")/lab.sh"

lab_up bridge
for ns in inet lan1 srv guest; do
	ip -n $ns link set eth0 mtu 9000
done
for dev in wan lan2 p-lan1 p-srv br-lan; do
	ip link set $dev mtu 9000
done
hairpin_up <<-END
	services:
	  - name: back
	    host: $SRV_ADDR
	    ports: [7000/udp, "8080:80/tcp"]
END
for ns in inet srv; do
	http_serve $ns 80
	http_files $ns 500000
	spawn pieces-$ns $ns pieces serve 7000
	wait_for 5 "listens $ns udp 7000"
done

# whole CLIENT ADDRESS DESTINATION SERVER SEEN: a datagram of 8000 octets there and back, in one piece
whole() {
	capture_start "$1-$4" "$4" eth0 "udp dst port 7000 and greater 8000"
	in_ns "$1" pieces -c 65504 -s 8000 udp "$2:5000" "$3:7000"
	wait_for 5 "grep -qx 'from $5:5000 8000' '$LAB_DIR/pieces-$4.log'"
	wait_for 5 "[ \"\$(captured $1-$4 'src host $5')\" -eq 1 ]"
}
whole guest $GUEST_ADDR $INET_ADDR inet $WAN_ADDR
whole inet $INET_ADDR $WAN_ADDR srv $INET_ADDR
whole guest $GUEST_ADDR $WAN_ADDR srv $WAN_ADDR
assert_eq "$(packets sent-to-sorter)" 0 "packets that were sorted"

while read -r client server url; do
	download "$client-$server" "$client" "$url"
	downloaded "$client-$server" "$server"
done <<-END
	guest inet http://$INET_ADDR/big
	inet srv http://$WAN_ADDR:8080/big
	guest srv http://$WAN_ADDR:8080/big
	guest inet http://[$INET_ADDR6]/big
END
assert_eq "$(packets drop-malformed)" 0 "packets that did not parse"
