#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The first packet of a loopback waits for the server's hardware address and is not lost, though the hosts answer
# ARP only to askers of their own network.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000

for client in lan1 guest inet; do
	ip neigh flush dev br-lan
	assert_eq "$(ip -j neigh show dev br-lan $SRV_ADDR | jq 'map(select(.lladdr)) | length')" 0 "known neighbours"
	in_ns $client ask -w 2500 $WAN_ADDR:7000
done
