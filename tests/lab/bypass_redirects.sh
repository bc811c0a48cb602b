#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A router of one arm sees every packet of its hosts go back out where it came in, and the kernel tells hosts of the shorter way past it. With us they are told of none,
# and `hairpin detach` puts both settings back, with either of them on before: the kernel asks whether one of them is.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

settings() { echo "$(gw sysctl -n net.ipv4.conf.all.send_redirects) $(gw sysctl -n net.ipv4.conf.eth0.send_redirects)"; }

# told LEAST MOST WHAT: what the client was told since `capture`, of any destination.
told() {
	local count
	capture_stop told
	count=$(captured told "icmp[icmptype] == icmp-redirect")
	[ "$count" -ge "$1" ] && [ "$count" -le "$2" ] || fail "$3: $count"
}

capture() {
	capture_start told lan1 eth0 icmp
}

bypass_up
client_gateway gw
server_gateway gw
http_serve inet 81
main_forward 8443/tcp $SIDE_ADDR
http_serve srv 443
gw_conf <<-END
	wan: { interface: eth0, public-address: $MAIN_ADDR, map-upstream: off }
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp"], outside-source: client }
END

# To one address the kernel tells fewer and fewer of them: each round asks from another one.
ADDRESSES=(192.168.11.61 192.168.11.62 192.168.11.63)
round=0
for before in "0 1" "1 0" "1 1"; do
	address=${ADDRESSES[round++]}
	ip -n lan1 addr add $address/24 dev eth0
	lan1 ip route flush cache
	gw sysctl -qw net.ipv4.conf.all.send_redirects="${before% *}" net.ipv4.conf.eth0.send_redirects="${before#* }"
	# As the kernel has it, which forwards without us here.
	gw sysctl -qw net.ipv4.ip_forward=1
	capture
	lan1 ping -q -I $address -c 3 -i 0.3 -W 5 $INET_ADDR || true
	told 1 9 "redirects of a plain router with \"$before\""
	lan1 ip route flush cache
	gw sysctl -qw net.ipv4.ip_forward=0

	hairpind_start
	assert_eq "$(settings)" "0 0" "the settings"
	capture
	lan1 ping -q -c 3 -i 0.3 -W 5 $INET_ADDR
	assert_match "$(http_get lan1 http://$INET_ADDR:81/)" "^$MAIN_ADDR:" "outwards"
	assert_match "$(http_get lan1 http://$MAIN_ADDR:8443/)" "^$MAIN_ADDR:" "by the public address"
	# A neighbour, by us: passed to the kernel as it is.
	ip -n lan1 route add $SRV_ADDR/32 via $SIDE_ADDR
	lan1 ping -q -c 3 -i 0.3 -W 5 $SRV_ADDR
	ip -n lan1 route del $SRV_ADDR/32
	told 0 0 "redirects that a client is sent"

	hp detach
	finished hairpind
	assert_eq "$(settings)" "$before" "what detach puts back"
	assert_eq "$(gw sysctl -n net.ipv4.ip_forward)" 0 "forwarding"
done
