#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who knows the addresses of a connection but not its numbers cannot end it: tcp_forged.sh BUILD outgoing|forward|download
#
# Resets, FINs, SYNs and data with the server's (the client's) address and invented numbers. They are translated and sent, as RFC 7857
# section 2.2 asks, and the connection outlives the transitory time idle; a download goes on while they come. Netfilter does not translate what
# does not fit: with nftables resets are dropped and counted.
# Requirements: 28, 50.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)

# forge_all SOURCE DESTINATION: everything that might end a connection, many times.
forge_all() {
	local flags
	for flags in R RA FA SA S A; do
		inet forge $flags 3000 "$1" "$2"
	done
}

# ignored: resets that ended nothing, so far.
ignored() {
	if on_nftables; then
		echo $(($(packets drop-no-session) + $(packets drop-closed)))
	else
		statistic reset-ignored
	fi
}

before=$(ignored)
case $1 in
outgoing)
	conn_serve inet 7001
	conn_open held lan1 $INET_ADDR:7001 sourceport=40000
	conn_lives held before
	capture_start forged lan1 eth0 "src $INET_ADDR and tcp[13] & 4 != 0"
	forge_all $INET_ADDR:7001 $WAN_ADDR:40000
	assert_eq "$(tcp_state $LAN1_ADDR 40000)" established "state"
	on_nftables || wait_for 10 '[ "$(captured forged tcp)" -ge 6000 ]'
	;;
forward)
	conn_serve srv 7000
	conn_open held inet $WAN_ADDR:7000 "bind=$INET_ADDR:40000"
	conn_lives held before
	forge_all $INET_ADDR:40000 $WAN_ADDR:7000
	assert_eq "$(tcp_state $INET_ADDR 40000)" established "state"
	;;
download)
	http_serve inet 80
	http_files inet 1500000
	download file lan1 "http://$INET_ADDR/slow" --local-port 40000
	grows file
	forge_all $INET_ADDR:80 $WAN_ADDR:40000
	downloaded file inet
	;;
esac
assert_ge $(($(ignored) - before)) 6000 "resets ignored"
[ "$1" = download ] && exit

# Longer than any transitory time, and the sweep has been by.
age 1000
reload
wait_for 40 "[ \$(hp_json show sessions -- '.sessions | map(select(.idle_s > 900)) | length') -ge 1 ]"
conn_lives held after
