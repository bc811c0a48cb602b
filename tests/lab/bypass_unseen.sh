#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main router forwards to a server whose gateway we are: its answers, whose questions we never saw, go on as they are.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

bypass_up
server_gateway gw
main_forward 443/tcp $SRV_ADDR
main_forward 7000/udp $SRV_ADDR
main_forward 7000/tcp $SRV_ADDR
hairpin_up <<-END
	services:
	  - { name: web, host: $SRV_ADDR, ports: [443/tcp, 7000/udp, 7000/tcp], outside-source: gateway }
END
http_serve srv 443
http_serve inet 81
http_files srv 400000
echo_serve srv 7000

before=$(packets pass-unseen)
assert_eq "$(http_get inet http://$MAIN_ADDR:443/ --local-port 40000)" "$INET_ADDR:40000" "tcp"
download big inet http://$MAIN_ADDR:443/big
downloaded big srv
assert_eq "$(inet ask -p 40001 $MAIN_ADDR:7000)" "$INET_ADDR:40001" "udp"
assert_eq "$(inet ask -t -p 40002 $MAIN_ADDR:7000)" "$INET_ADDR:40002" "tcp, another service"
assert_counted pass-unseen "$before" 10

# Nobody is there any more: the error that says so finds back, too.
stop echo-srv-7000 || true
capture_start refusal inet eth0 icmp
refute inet ask -w 1000 $MAIN_ADDR:7000
wait_for 10 '[ "$(captured refusal "icmp[icmptype] == icmp-unreach and src $MAIN_ADDR")" -ge 1 ]'
capture_stop refusal

# Through us at the same time, and outwards.
assert_match "$(http_get srv http://$INET_ADDR:81/)" "^$MAIN_ADDR:" "outwards"
assert_ge "$(packets sent-outgoing)" 3 "packets of what the server opened"
main_forwards_flush
main_forward 443/tcp $SIDE_ADDR
assert_match "$(http_get inet http://$MAIN_ADDR:443/)" "^$SIDE_ADDR:" "and by us"
