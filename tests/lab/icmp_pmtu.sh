#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TCP through a link with a smaller MTU than its ends: who sends learns it, from whichever router says so, and all arrives. The way of the data:
#   outgoing        from a LAN out; a router outside says it
#   gateway         the gateway's own, out
#   answer          out, from the server of a forward
#   forward         in by a forward, into a segment with the smaller MTU: the gateway says it
#   forward-router  the same; a router inside says it
#   hairpin         between two segments by the public address: the gateway says it
#   hairpin-router  the same; a router inside says it
# Requirements: 17, 18, 33, 40, 41, 43, 44.
. "$(dirname "$0")/lab.sh"

MTU=1300
lab_up bridge
beyond_up $MTU
case $1 in
*-router) deep_up $MTU ;;
forward | hairpin) ip link set lan2 mtu $MTU ;;
esac
hairpin_up <<END
services:
  - name: lan
    host: $SRV_ADDR
    ports: ["8443:443/tcp"]
  - name: guest
    host: $GUEST_ADDR
    ports: ["9001:9000/tcp"]
$([ "${1#*-}" != router ] || printf '  - name: deep\n    host: %s\n    ports: ["9002:9000/tcp"]\n' $DEEP_ADDR)
END

learnt() { # NS ADDRESS
	assert_eq "$(path_mtu "$1" "$2")" $MTU "what $1 has learnt of the path to $2"
}
related=$(packets sent-related)
answers=$(packets sent-icmp-error)
case $1 in
outgoing)
	upload lan1 far 9000 $FAR_ADDR 9000
	learnt lan1 $FAR_ADDR
	;;
gateway)
	upload gw far 9000 $FAR_ADDR 9000
	learnt gw $FAR_ADDR
	;;
answer)
	http_serve srv 443
	http_files srv 262144
	download big far http://$WAN_ADDR:8443/big
	downloaded big srv
	learnt srv $FAR_ADDR
	;;
forward)
	upload far guest 9000 $WAN_ADDR 9001
	# The link outside has that MTU as well: who is beside the gateway learns of the inner one only.
	upload inet guest 9000 $WAN_ADDR 9001
	learnt inet $WAN_ADDR
	;;
forward-router)
	upload inet deep 9000 $WAN_ADDR 9002
	learnt inet $WAN_ADDR
	;;
hairpin)
	upload srv guest 9000 $WAN_ADDR 9001
	learnt srv $WAN_ADDR
	;;
hairpin-router)
	upload guest deep 9000 $WAN_ADDR 9002
	learnt guest $WAN_ADDR
	;;
esac
case $1 in
outgoing | answer | *-router) assert_counted sent-related "$related" ;;
forward | hairpin) assert_counted sent-icmp-error "$answers" ;;
esac
