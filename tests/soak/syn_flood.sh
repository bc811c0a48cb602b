#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 50,000 SYNs a second with invented sources at an open forward, for a minute: syn_flood.sh BUILD [SECONDS [RATE]]
#
# One after the other meanwhile a host inside opens a connection to outside and an honest client outside one to the service, as often as they can; a connection that was there before
# goes on. The last line is the result.
LAB_PCAP=no
. "$(dirname "$0")/../lab/lab.sh"

seconds=${1:-60}
rate=${2:-50000}
lab_up bridge
hairpin_up < <(
	standard_services
	# One host opens some thousand connections in that minute here, each with a port of its own that it then keeps for four minutes.
	printf 'nat:\n  limits: { sessions: 262144, mappings-per-host: unlimited }\n'
)
http_serve srv 80
echo_serve inet 7001
conn_serve inet 7002
conn_open held lan1 $INET_ADDR:7002
conn_lives held before

# One sender for each core.
cores=$(nproc)
for ((i = 1; i <= cores; i++)); do
	spawn "flood$i" inet forge -r $((rate / cores)) -s $i -d "$seconds" S $((seconds * rate / cores)) 10.0.0.0/8 $WAN_ADDR:80
done
wait_for 20 '[ "$(statistic replaced)" -gt 0 ]'
rounds=0 inside=0 outside=0
while running flood1; do
	rounds=$((rounds + 1))
	! lan1 ask -t -w 3000 $INET_ADDR:7001 || inside=$((inside + 1))
	! http_get inet http://$WAN_ADDR/ --max-time 5 >&2 || outside=$((outside + 1))
done
for ((i = 1; i <= cores; i++)); do
	finished "flood$i" || fail "sender $i ended with status $?"
done
sent=$(cat "$LAB_DIR"/flood*.log | awk '$1 == "sent" { n += $2 } END { print n }')
conn_lives held after
assert_ge "$rounds" 5 "rounds"
assert_eq "$inside" "$rounds" "connections from inside"
assert_eq "$outside" "$rounds" "honest clients outside"
assert_eq "$(packets drop-table-full)" 0 "refused for want of room"
[ "$sent" -ge $((seconds * rate * 9 / 10)) ] || skip "this machine sent only $((sent / seconds)) of $rate SYNs a second"
echo "$((sent / seconds)) SYNs a second for $seconds s; $inside of $rounds from inside and $outside of $rounds from outside got through," \
	"$(statistic replaced) sessions replaced"
