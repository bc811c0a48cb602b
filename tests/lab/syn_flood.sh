#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A flood of SYNs with invented sources at an open forward replaces itself: meanwhile a host inside opens connections, a new client outside reaches
# the service, and a download goes on. The table is small, so that without the quota it would be full after a fraction of a second.
# The long one is tests/soak/syn_flood.sh. With nftables it is the kernel's table that fills, and what nobody has answered makes room.
# Requirements: 68.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

sessions=1024 flood=(-r 2000) count=120000
if on_nftables; then
	# As fast as it can: the kernel's table is large.
	flood=() count=20000000
fi
lab_up bridge
hairpin_up < <(
	standard_services
	printf 'nat:\n  limits: { sessions: %s }\n' $sessions
)
http_serve srv 80
http_serve inet 80
http_files inet 1500000
echo_serve inet 7001
download file guest http://$INET_ADDR/slow
grows file

spawn flood inet forge "${flood[@]}" -d 60 S $count 10.0.0.0/8 $WAN_ADDR:80
wait_for 60 '[ "$(statistic replaced)" -ge 500 ]'
for port in 41001 41002 41003; do
	lan1 ask -t -p $port $INET_ADDR:7001
	assert_eq "$(http_get inet http://$WAN_ADDR/ --local-port $port)" "$INET_ADDR:$port" "an honest client"
done
running flood || fail "the flood was over before it was measured"
if ! on_nftables; then
	assert_lt "$(hp_json status -- .sessions.active)" $((sessions / 8 + 100)) "sessions under the flood"
	assert_eq "$(packets drop-table-full)" 0 "refused for want of room"
fi
stop flood || true
downloaded file inet
