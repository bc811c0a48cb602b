#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is too big for the next link and allows fragments is cut, in order, with its identification: fragments_too_big.sh BUILD udp|later|tcp
#
# The WAN carries 1400 octets, the second LAN 1300; with `later` since just now, while hairpind runs. TCP that allows fragments is rare, and is what is left where path MTU discovery is off.
# Requirements: 19.
. "$(dirname "$0")/lab.sh"

narrow() {
	ip link set wan mtu 1400
	ip -n inet link set eth0 mtu 1400
	ip link set lan2 mtu 1300
	ip -n guest link set eth0 mtu 1300
}

lab_up bridge
[ "$1" = later ] || narrow
hairpin_up <<-END
	nat:
	  mss-clamp: off
	  limits: { sessions: 16384 }
	services:
	  - name: back
	    host: $GUEST_ADDR
	    ports: [7000/udp]
	  - name: web
	    host: $SRV_ADDR
	    ports: [80/tcp]
END
pieces_serve inet guest

udp() {
	capture_start inside lan1 eth0 'src 192.168.11.2 and (udp or ip[6:2] & 0x3fff != 0)'
	capture_start outside inet eth0 'src 198.51.100.1 and (udp or ip[6:2] & 0x3fff != 0)'
	# One datagram of the LAN's full size in one piece, and one in pieces that are each too large.
	lan1 pieces -k -s 1472 udp $LAN1_ADDR:5000 $INET_ADDR:7000
	lan1 pieces -k -s 8000 udp $LAN1_ADDR:5000 $INET_ADDR:7000
	lan1 pieces -k -s 1472 udp $LAN1_ADDR:5000 $WAN_ADDR:7000
	capture_stop inside
	capture_stop outside
	assert_eq "$(captured outside 'ip[2:2] > 1400')" 0 "packets on WAN that are too large"
	assert_ge "$(captured outside 'ip[6:2] & 0x3fff != 0')" 8 "pieces"
	# Identifications and offsets: the first piece of each before the others.
	tcpdump -n -v -r "$LAB_DIR/outside.pcap" | sed -nE 's/.* id ([0-9]+), offset ([0-9]+),.*/\1 \2/p' >"$LAB_DIR/pieces.txt"
	assert_eq "$(sort -s -k1,1n -k2,2n "$LAB_DIR/pieces.txt" | sort -s -k1,1n)" "$(sort -s -k1,1n "$LAB_DIR/pieces.txt")" "the order of the pieces"
	tcpdump -n -v -r "$LAB_DIR/inside.pcap" 'dst 198.51.100.10' | sed -nE 's/.* id ([0-9]+), .*/\1/p' | sort -un >"$LAB_DIR/ids.txt"
	assert_eq "$(cut -d ' ' -f 1 "$LAB_DIR/pieces.txt" | sort -un)" "$(cat "$LAB_DIR/ids.txt")" "the identifications"
}

later() {
	local before
	lan1 pieces -k -s 1472 udp $LAN1_ADDR:5000 $INET_ADDR:7000
	before=$(generation)
	narrow
	wait_for 10 "[ \$(generation) -gt $before ]"
	on_nftables || wait_for 10 "[ \$(nsenter --net=/var/lib/hairpin/sorter ip route show default | grep -c 'mtu 1300') = 1 ]"
	udp
}

tcp() {
	local ns
	for ns in lan1 srv inet; do
		nsenter --net=/run/netns/$ns sysctl -qw net.ipv4.ip_no_pmtu_disc=1
	done
	http_serve inet 80
	http_serve srv 80
	http_files srv 200000
	capture_start outside inet eth0 'src 198.51.100.1 and ip[6:2] & 0x3fff != 0'
	# The server sends segments that are too large for WAN, since nothing tells it better.
	ip -n inet route replace 198.51.100.0/24 dev eth0 advmss 1460
	download down inet http://$WAN_ADDR/big
	downloaded down srv
	capture_stop outside
	assert_ge "$(captured outside ip)" 100 "segments in pieces"
}

"$1"
