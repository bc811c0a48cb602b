#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the routes send to a device that is neither WAN nor LAN (a tunnel to another site, say) is excepted from translation: hosts are seen there by their
# own addresses, nothing of it is noted or leaves on WAN, and it does not get in the way of what is translated. An isolated segment does not get there.
. "$(dirname "$0")/lab.sh"

SITE=10.99.0.0/24 SITE_ADDR=10.99.0.2
lab_up bridge
host_up site gw site0 $SITE_ADDR/24 2001:db8:99:1::2/64
ip addr add 10.99.0.1/24 dev site0
ip -n site route add default via 10.99.0.1
hairpin_up <<-END
	lan:
	  - interface: $LAN_DEV
	  - interface: lan2
	    isolate: yes
END
echo_serve site 7001
echo_serve inet 7001
capture_start outside inet eth0 "net $SITE"

before=$(packets pass-other-device)
assert_eq "$(lan1 ask -p 5000 $SITE_ADDR:7001)" "$LAN1_ADDR:5000" "UDP, as the other site sees it"
assert_eq "$(srv ask -t -p 5000 $SITE_ADDR:7001)" "$SRV_ADDR:5000" "TCP, as the other site sees it"
lan1 ping -n -c 1 -W 2 $SITE_ADDR >/dev/null
assert_counted pass-other-device "$before" 3
assert_eq "$(left sessions)" 0 "sessions"

assert_eq "$(lan1 ask -p 5000 $INET_ADDR:7001)" "$WAN_ADDR:5000" "the same socket's port towards the internet"
assert_eq "$(lan1 ask -p 5000 $SITE_ADDR:7001)" "$LAN1_ADDR:5000" "and back to the other site"

before=$(packets drop-isolated)
refute guest ask -w 500 $SITE_ADDR:7001
assert_counted drop-isolated "$before"

# The route goes to WAN now: the destination is one like any other.
ip link set site0 down
refute lan1 ask -w 500 -p 5001 $SITE_ADDR:7001
wait_for 5 '[ "$(captured outside "src $WAN_ADDR")" -ge 1 ]'
assert_eq "$(captured outside 'src net 192.168.0.0/16')" 0 "packets on WAN with a private source"
