#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The sorter's cable is made anew where somebody removed it, took it down or took its filter; a foreign device of its name is left alone, and named.
# With nftables there is no cable: fragments pass again as soon as the table is back that somebody removed, and a device of that name is nobody's business.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
pieces_serve inet

exchange() {
	lan1 pieces -o reverse -s 8000 -w 300 udp $LAN1_ADDR:5000 $INET_ADDR:7000
}

exchange
if on_nftables; then
	nft delete table inet hairpin
	wait_for 10 exchange
	ip link add hairpin-sort0 type bridge
	exchange
	assert_match "$(ip -d link show hairpin-sort0)" bridge "the foreign device"
	assert_eq "$(hp_json status -- '.warnings | length')" 0 "warnings"
	exit 0
fi
ip link del hairpin-sort0
wait_for 10 exchange
ip link set hairpin-sort0 down
wait_for 10 exchange
tc qdisc del dev hairpin-sort0 clsact
wait_for 10 exchange

# Else it would be back before the other one is there.
hp pause
ip link del hairpin-sort0
ip link add hairpin-sort0 type bridge
hp resume
wait_for 10 "hp_json status -- '.warnings[]' | grep 'hairpin-sort0: .* not ours'"
before=$(packets drop-fragment)
refute exchange
assert_counted drop-fragment "$before" 6
lan1 ask -w 300 $WAN_ADDR:7000 || true
assert_match "$(ip -d link show hairpin-sort0)" bridge "the foreign device"
ip link del hairpin-sort0
wait_for 10 exchange
assert_eq "$(hp_json status -- '.warnings | length')" 0 "warnings"
