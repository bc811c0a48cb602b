#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A LAN that changes so that one service cannot be right any more does not stop the others: they follow the WAN address at once,
# status names what is at fault, the log names it once, and all is as before when the LAN is: lan_changed.sh BUILD
# renumbered|boot|port|overlap
. "$(dirname "$0")/lab.sh"

how=$1
new=198.51.100.2
case $how in
renumbered | boot) fault="host: $SRV_ADDR: outside every LAN" ;;
port) fault="interface: br-lan: a port of br-other; name br-other instead" ;;
overlap) fault="lan: 192.168.11.0/24: overlaps 192.168.11.128/25 of the WAN interface" ;;
esac

wan_address() { # OLD NEW
	ip addr del "$1/24" dev wan
	ip addr add "$2/24" dev wan
	ip route replace default via $INET_ADDR dev wan
}

change() {
	case $how in
	renumbered | boot) ip addr add 192.168.21.1/24 dev br-lan ;;&
	renumbered) ip addr del $LAN_GW/24 dev br-lan ;;
	port)
		bridge_up gw br-other
		# A bridge is no port of a bridge: the device of that name is another one now.
		ip link del br-lan
		ip link add br-lan type veth peer name far
		ip link set br-lan up master br-other
		;;
	overlap) ip addr add 192.168.11.200/25 dev wan ;;
	esac
}

change_back() {
	case $how in
	renumbered | boot)
		ip addr del 192.168.21.1/24 dev br-lan
		ip addr add $LAN_GW/24 dev br-lan
		;;
	port)
		ip link del br-lan
		device_make br-lan
		;;
	overlap) ip addr del 192.168.11.200/25 dev wan ;;
	esac
}

waits() {
	hp_json status -- '.waits[]'
}

lab_up bridge
capture_stop_all
echo_serve srv 7000
echo_serve guest 7002
gw_conf <<END
services:
  - name: srv
    host: $SRV_ADDR
    ports: [7000/udp]
  - name: guest
    host: $GUEST_ADDR
    ports: [7002/udp]
END
# The unit starts before the network: the plan in force is the one without addresses.
if [ "$how" = boot ]; then
	ip addr del $LAN_GW/24 dev br-lan
	ip addr del $WAN_ADDR/24 dev wan
	hairpind_start
	ip addr add $WAN_ADDR/24 dev wan
	ip route replace default via $INET_ADDR dev wan
else
	hairpind_start
	assert_eq "$(inet ask -p 4000 $WAN_ADDR:7000)" "$INET_ADDR:4000" "at first"
fi

change
wait_for 2 "waits | has '$fault'"
wan_address $WAN_ADDR $new
wait_for 2 "inet ask -w 200 -p 4000 $new:7002 | has -x $INET_ADDR:4000"
refute srv ask -w 300 -p 4000 $new:7002
waits | has "$fault"
assert_eq "$(hp_json show services -- '[.services[] | .verdict] | join(" ")')" "waiting serving" "verdicts"
assert_eq "$(grep -cF "$fault" "$LAB_DIR/hairpind.log")" 1 "lines in the log"

# Not to where the default route would now take it, either.
capture_start outside inet eth0 "dst host $SRV_ADDR"
refute inet ask -w 300 $new:7000
capture_stop outside
assert_eq "$(captured outside ip)" 0 "packets for the host that left by WAN"

wan_address $new $WAN_ADDR
change_back
wait_for 5 "inet ask -w 200 -p 4001 $WAN_ADDR:7000 | has -x $INET_ADDR:4001"
assert_eq "$(hp_json status -- '.waits | length')" 0 "what status still waits for"
