#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A WAN address that changes is followed at once: forwards answer at the new one, mappings of the old one go, and loopback
# is by the new one too. One that goes is reported and nothing leaves; when it comes back everything does.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
echo_serve srv 7000
echo_serve inet 7001
assert_eq "$(lan1 ask -p 5000 $INET_ADDR:7001)" "$WAN_ADDR:5000" "at first"

new=198.51.100.2
ip addr del $WAN_ADDR/24 dev wan
ip addr add $new/24 dev wan
ip route replace default via $INET_ADDR dev wan
wait_for 2 "lan1 ask -w 200 -p 5000 $INET_ADDR:7001 | has -x $new:5000"
assert_eq "$(inet ask -p 4000 $new:7000)" "$INET_ADDR:4000" "forward at the new address"
assert_eq "$(guest ask -p 4000 $new:7000)" "$new:4000" "loopback at the new address"
assert_eq "$(hp_json show mappings -- "[.mappings[] | select(.external == \"$WAN_ADDR\")] | length")" 0 \
	"mappings of the old address"

ip addr del $new/24 dev wan
ip route replace default dev wan
wait_for 2 '[ -n "$(hp_json status -- ".waits[]?")" ]'
before=$(packets drop-no-wan)
refute lan1 ask -w 300 $INET_ADDR:7001
assert_counted drop-no-wan "$before"

ip addr add $WAN_ADDR/24 dev wan
ip route replace default via $INET_ADDR dev wan
wait_for 2 "lan1 ask -w 200 -p 5000 $INET_ADDR:7001 | has -x $WAN_ADDR:5000"
assert_eq "$(lan1 ask -p 4001 $WAN_ADDR:7000)" "$WAN_ADDR:4001" "loopback at the address that came back"
