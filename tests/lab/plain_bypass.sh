#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fault that `role: bypass` exists for: where a plain side router is the server's gateway and the main router forwards to the server, the answers pass a machine that
# never saw the question. Its rules are those that fw4 writes for a zone with masquerade.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

bypass_up
gw sysctl -qw net.ipv4.ip_forward=1
gw nft -f - <<-END
	table ip side {
		chain forward {
			type filter hook forward priority filter; policy drop
			ct state vmap { established : accept, related : accept }
			oifname eth0 ct state invalid drop comment "prevent NAT leakage"
			iifname eth0 accept
		}
		chain postrouting {
			type nat hook postrouting priority srcnat
			oifname eth0 ip daddr != 192.168.11.0/24 masquerade
		}
	}
END
main_forward 443/tcp $SRV_ADDR
main_forward 7000/udp $SRV_ADDR
http_serve srv 443
http_serve inet 81
echo_serve srv 7000

assert_eq "$(http_get inet http://$MAIN_ADDR:443/ --local-port 40000)" "$INET_ADDR:40000" "while the server's gateway is the main router"
assert_match "$(inet ask $MAIN_ADDR:7000)" "^$INET_ADDR:" "the same by udp"

server_gateway gw
assert_match "$(http_get srv http://$INET_ADDR:81/)" "^$MAIN_ADDR:" "outwards it carries the server"
capture_start side gw eth0
http_refused inet http://$MAIN_ADDR:443/
assert_eq "$(exit_status inet ask -w 500 $MAIN_ADDR:7000)" 1 "udp"
capture_stop side
mac=$(mac_of gw)
answers="src host $SRV_ADDR and tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)"
assert_ge "$(captured side "$answers and ether dst $mac")" 1 "answers that come to the side router"
assert_eq "$(captured side "$answers and ether src $mac")" 0 "answers that it sends on"
assert_ge "$(captured side "udp and src $SIDE_ADDR and dst $INET_ADDR and ether src $mac")" 1 "datagrams that it sends on with its own address"
