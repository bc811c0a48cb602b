#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A GRE tunnel from a LAN host to a server outside carries pings and a download under the public address; the second host towards the same
# server is told that it may not, and so is a tunnel of the gateway's own. With nftables it is the kernel that drops what it cannot tell apart, and nobody is told.
. "$(dirname "$0")/lab.sh"

need_kernel gre
lab_up bridge
hairpin_up </dev/null

tunnel() { # NS LOCAL REMOTE ADDRESS
	ip -n "$1" link add tunnel type gre local "$2" remote "$3" ttl 64
	ip -n "$1" addr add "$4" dev tunnel
	ip -n "$1" link set tunnel up
}
capture_start leaked inet eth0 'src net 192.168.0.0/16'
http_serve inet 8080
http_files inet 200000
tunnel inet $INET_ADDR $WAN_ADDR 10.77.0.1/24
tunnel lan1 $LAN1_ADDR $INET_ADDR 10.77.0.2/24
lan1 ping -n -c 3 -i 0.1 -W 2 10.77.0.1 >/dev/null
# Not before that: a tunnel speaks as soon as it is up, by IPv6, and the first of them has the server.
tunnel guest $GUEST_ADDR $INET_ADDR 10.77.0.3/24
tunnel gw $WAN_ADDR $INET_ADDR 10.77.0.4/24
download file lan1 http://10.77.0.1:8080/big
downloaded file inet
assert_ge "$(packets sent-unknown)" 10 "packets counted as sent-unknown"

if on_nftables; then
	before=$(packets drop-no-port)
	refute guest ping -n -c 1 -W 1 10.77.0.1
	assert_counted drop-no-port "$before"
	lan1 ping -n -c 1 -W 2 10.77.0.1 >/dev/null
	capture_stop leaked
	assert_eq "$(captured leaked '')" 0 "packets with a private source on the provider's link"
	exit 0
fi
before=$(packets drop-clash)
capture_start told guest eth0 'icmp[icmptype] == icmp-unreach and icmp[icmpcode] == 13'
refute guest ping -n -c 1 -W 1 10.77.0.1
wait_for 5 '[ "$(captured told "")" -ge 1 ]'
refute gw ping -n -c 1 -W 1 10.77.0.1
assert_counted drop-clash "$before" 2
lan1 ping -n -c 1 -W 2 10.77.0.1 >/dev/null
capture_stop leaked
assert_eq "$(captured leaked '')" 0 "packets with a private source on the provider's link"
