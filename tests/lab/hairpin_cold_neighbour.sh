#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The first packet of a loopback waits for the server's hardware address and is not lost, though the hosts answer
# ARP only to askers of their own network.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000

# The server may be asking for the gateway just then, and be known again.
forgotten() {
	ip neigh flush dev br-lan
	! ip neigh show dev br-lan $SRV_ADDR | grep -q lladdr
}
for client in lan1 guest inet; do
	wait_for 10 forgotten
	in_ns $client ask -w 2500 $WAN_ADDR:7000
done
