#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What proves nothing: an answer that comes by another machine, and one with another number. The counter-check is that the server's own one would be believed.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

proof() {
	hp_json show services -- '.services[0].outside_source.proof'
}

bypass_up
# The main router hands us what the server answers: right in all but who sent the frame.
main sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0
main nft insert rule ip main forward ip daddr 192.0.2.213 accept
ip -n main route add 192.0.2.213 via $SIDE_ADDR
capture_start answers gw eth0 icmp and dst 192.0.2.213
hairpin_up < <(standard_services)
wait_for 30 '[ "$(proof)" = elsewhere ]'
wait_for 30 '[ "$(captured answers "icmp and dst 192.0.2.213 and ether dst $(mac_of gw) and ether src $(mac_of main)")" -ge 5 ]'
assert_eq "$(proof)" elsewhere "by the main router's Ethernet address"

# The server answers by us, and something in it moves two octets of the number to where there are none (the sequence), so that all sums remain right.
srv nft -f - <<-END
	table ip forger {
		chain output {
			type filter hook output priority filter
			icmp type echo-reply ip daddr 192.0.2.213 @th,48,16 set @th,176,16 @th,176,16 set 0
		}
	}
END
server_gateway gw
from_srv="icmp and dst 192.0.2.213 and ether dst $(mac_of gw) and ether src $(mac_of srv) and icmp[6:2] != 0"
wait_for 30 '[ "$(captured answers "$from_srv")" -ge 5 ]'
assert_eq "$(proof)" elsewhere "with another number"
assert_eq "$(tcpdump -n -vv -r "$LAB_DIR/answers.pcap" "$from_srv" 2>/dev/null | grep -c 'wrong icmp')" 0 "which is all that is wrong with them"

srv nft delete table ip forger
wait_for 30 '[ "$(proof)" = proved ]'
