#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing is written down of flows, at the most talkative level either: not whom the hosts speak to, not which ports they have, not one
# line for any of them (RFC 6888 REQ-12 to 14).
# Requirements: 69.
. "$(dirname "$0")/lab.sh"

log="$LAB_DIR/hairpind.log"

lab_up bridge
gw_conf < <(
	standard_services
	# Netfilter knows no mappings, but sessions.
	echo "nat: { limits: { sessions: 16384, $(on_nftables && echo sessions || echo mappings)-per-host: 300 } }"
)
hairpind_start -v
echo_serve srv 7000
echo_serve inet 7001
has ready <"$log"
lines=$(wc -l <"$log")

# Outgoing, incoming, looped back, refused by filter and by limit; one more for each of which nobody could say that it was not seen.
spawn crowd lan1 many_flows 200 $INET_FAR:7001
lan1 ask -t $INET_FAR:7001 $INET_ADDR2:7001
inet ask -p 4321 $WAN_ADDR:7000
guest ask $WAN_ADDR:7000
refute inet ask -w 300 -p 4321 $WAN_ADDR:7999
spawn greedy guest many_flows 400 $INET_FAR:7001
wait_for 30 'grep -q "answered 200" "$LAB_DIR/crowd.log" && grep -q answered "$LAB_DIR/greedy.log"'
assert_ge "$(hp_json show sessions -- "[.sessions[] | select(.original.destination == \"$INET_FAR\")] | length")" 400 "flows"
assert_counted drop-host-limit 0 50
external=$(hp_json show mappings -- ".mappings[0].external_port")

assert_eq "$(wc -l <"$log")" "$lines" "lines in the log, of which flows make none"
reload
hairpind_stop
# All but the sorter's namespace, which stands among them.
find /var/lib/hairpin -type f ! -name sorter -exec cat "$log" {} + >"$LAB_DIR/written"
has -F $SRV_ADDR <"$LAB_DIR/written"
for text in $INET_FAR $INET_ADDR2 $LAN1_ADDR "$external" 4321; do
	refute has -awF "$text" <"$LAB_DIR/written"
done
