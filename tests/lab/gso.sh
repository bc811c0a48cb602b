#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Large TCP segments (GSO) in every direction: gso.sh BUILD kept|cut|none
#
# Out of a LAN, into a forward, round in the gateway on one segment and between two, and the gateway's own; in each of them octets both ways arrive whole
# and no checksum is wrong.
#   kept  everybody has offloads: large segments come in and go out as such
#   cut   the gateway's devices have none: large segments come in, and the gateway cuts them to what the link carries
#   none  nobody has any: only what the link carries, on every link
# WAN carries 1400 octets, so that what is cut for a LAN would not fit it.
. "$(dirname "$0")/lab.sh"

mode=$1
lab_up bridge
ip link set wan mtu 1400
ip -n inet link set eth0 mtu 1400
hairpin_up <<-END
	services:
	  - name: files
	    host: $SRV_ADDR
	    ports: [6000/tcp, "8080:80/tcp"]
END
for ns in srv inet; do
	http_serve $ns 80
	http_files $ns 500000
done

offload_off() { # NS DEVICE
	in_ns "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
}
if [ "$mode" != kept ]; then
	for dev in wan p-lan1 p-srv lan2 br-lan; do
		offload_off gw $dev
	done
fi
if [ "$mode" = none ]; then
	for ns in lan1 srv guest inet; do
		offload_off $ns eth0
	done
fi

# wrong_checksums NS
wrong_checksums() {
	in_ns "$1" nstat -asz TcpInCsumErrors | awk '/TcpInCsumErrors/ { print $2 }'
}

# The end of a way: its address, the device that it is seen by, the gateway's device towards it, and the longest frame of its link.
ends() {
	case $1 in
	inet) echo $INET_ADDR eth0 wan 1414 ;;
	gw) echo $WAN_ADDR wan wan 1414 ;;
	lan1) echo $LAN1_ADDR eth0 p-lan1 1514 ;;
	srv) echo $SRV_ADDR eth0 p-srv 1514 ;;
	guest) echo $GUEST_ADDR eth0 lan2 1514 ;;
	esac
}

# judge WAY END: what came to that end, and by which size it passed the gateway's device.
judge() {
	local address device passed longest large
	read -r address device passed longest < <(ends "$2")
	large=$(captured "$1-$2" "dst host $address and greater 3000")
	case $mode-$2 in
	kept-*) assert_ge "$large" 1 "$1: large segments that came to $2" ;;
	cut-gw) ;; # nobody has cut them on their way
	*) assert_eq "$(captured "$1-$2" "dst host $address and greater $((longest + 1))")" 0 "$1: frames for $2 that its link does not carry" ;;
	esac
	large=$(captured "$1-passed-$2" 'greater 3000')
	case $mode in
	none) assert_eq "$large" 0 "$1: large segments at $passed" ;;
	*) assert_ge "$large" 1 "$1: large segments at $passed" ;;
	esac
	assert_eq "$(in_ns "$2" nstat -asz TcpInCsumErrors | awk '/TcpInCsumErrors/ { print $2 }')" 0 "$1: wrong checksums at $2"
}

# way NAME CLIENT SERVER ADDRESS DOWNLOAD-PORT
way() {
	local name=$1 client=$2 server=$3 end address device passed longest
	for end in "$client" "$server"; do
		read -r address device passed longest < <(ends "$end")
		capture_start "$name-$end" "$end" "$device" tcp
		capture_start "$name-passed-$end" gw "$passed" tcp
	done
	upload "$client" "$server" 6000 "$4" 6000
	download "$name-file" "$client" "http://$4:$5/big"
	downloaded "$name-file" "$server"
	for end in "$client" "$server"; do
		capture_stop "$name-$end"
		capture_stop "$name-passed-$end"
		judge "$name" "$end"
	done
}

way outgoing lan1 inet $INET_ADDR 80
way forward inet srv $WAN_ADDR 8080
way hairpin lan1 srv $WAN_ADDR 8080
way hairpin2 guest srv $WAN_ADDR 8080
way own gw inet $INET_ADDR 80
