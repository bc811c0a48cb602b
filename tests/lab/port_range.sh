#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ten ports for everybody (nat.ports), and all of them in use: port_range.sh BUILD udp|tcp
#
# Who comes then is refused, told so, and counted; nobody loses a port for it, and what there is goes on. A port that is free again serves the next one. One
# host cannot take the last of them. With nftables a port is in use towards one destination at a time, and one host may take them all.
# Requirements: 1, 22, 45, 68.
. "$(dirname "$0")/lab.sh"

tcp=()
[ "$1" = udp ] || tcp=(-t)
lab_up bridge
hairpin_up <<END
nat:
  ports: 20000-20009
  limits: { sessions: 256 }
END
echo_serve inet 7001

# asks NS PORT [DESTINATION]
asks() {
	in_ns "$1" ask "${tcp[@]}" -w 2000 -p "$2" "${3:-$INET_ADDR}:7001"
}

# searched_in_vain: searches for a port without a result, so far.
searched_in_vain() {
	hp_json show ports -- '.search[] | select(.found == "port-none") | .mappings'
}

for port in {20000..20008}; do
	assert_eq "$(asks lan1 $port)" "$WAN_ADDR:$port" "the port of the first host"
done
if ! on_nftables; then
	before=$(packets drop-host-limit)
	refute asks lan1 20009
	assert_counted drop-host-limit "$before"
fi
assert_eq "$(asks srv 20009)" "$WAN_ADDR:20009" "the port of the second host"
assert_eq "$(packets drop-no-port)" 0 "refused while there were ports"

# hold: connections by all ten ports; one that is closed gives its port up at once where it is asked for.
hold() {
	local port host=lan1
	conn_serve inet 7003
	for port in {20000..20009}; do
		[ $port != 20009 ] || host=srv
		conn_open "held-$port" $host $INET_ADDR:7003 "sourceport=$port,reuseaddr"
		conn_lives "held-$port" before
	done
}

by_destination() {
	local port taken=$INET_ADDR:7001
	[ "$1" = udp ] || {
		hold
		taken=$INET_ADDR:7003
	}
	refute in_ns guest ask "${tcp[@]}" -w 2000 -p 30000 $taken
	refute in_ns guest ask "${tcp[@]}" -w 2000 -p 20000 $taken
	assert_counted drop-no-port 0 2
	assert_match "$(asks guest 30001 $INET_ADDR2)" "^$WAN_ADDR:2000[0-9]\$" "a port towards another destination"
	for port in {20000..20008}; do
		if [ "$1" = udp ]; then
			assert_eq "$(asks lan1 $port)" "$WAN_ADDR:$port" "the port of the first host, still"
		else
			conn_lives "held-$port" still
			stop "held-$port" || true
		fi
	done
	if [ "$1" = udp ]; then
		age 301
		asks guest 30002
		return
	fi
	# Ended on both sides: what the server still has, it would answer as that.
	stop held-20009 || true
	wait_for 10 '[ -z "$(in_ns inet ss -Htn "sport = :7003")" ]'
	age 10000
	conn_open again guest $taken sourceport=30002
	conn_lives again now
}
if on_nftables; then
	by_destination "$1"
	exit 0
fi
capture_start refused guest eth0 'icmp[0] = 3 and icmp[1] = 13'
none=$(searched_in_vain)
refute asks guest 30000
refute asks guest 20000
assert_counted drop-no-port 0 2
assert_ge "$(searched_in_vain)" $((none + 2)) "searches without a result"
wait_for 5 '[ "$(captured refused "src $GUEST_GW and dst $GUEST_ADDR")" -ge 2 ]'

for port in {20000..20008}; do
	assert_eq "$(asks lan1 $port $INET_ADDR2)" "$WAN_ADDR:$port" "the port of the first host, to another destination"
done
assert_eq "$(asks srv 20009 $INET_ADDR2)" "$WAN_ADDR:20009" "the port of the second host, to another destination"
assert_eq "$(hp_json show mappings -- '.mappings | length')" 10 "mappings"
refute asks guest 30000

age 301
wait_for 45 '[ "$(left sessions)" = 0 ]'
rest 121
assert_match "$(asks guest 30000)" "^$WAN_ADDR:2000[0-9]\$" "the port of the third host, now that there is one"
