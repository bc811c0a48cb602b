#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 at any moment of a start that makes the table anew in another size: the next start has one whole data plane, of the size asked for, and what
# was open before goes on by its external port.
. "$(dirname "$0")/lab.sh"

conf() { # SESSIONS
	gw_conf < <(standard_services && echo "nat: { limits: { sessions: $1 } }")
}

lab_up bridge
conf 4096
hairpind_start
echo_serve inet 7000
ask_from() { # NS
	in_ns "$1" ask -p 41000 $INET_ADDR:7000
}
# The second one could not keep its port.
first=$(ask_from lan1)
second=$(ask_from guest)
[ "$first" != "$second" ] || fail "two hosts share $first"

size=4096
for ms in 20 60 100 140 180 220 260 300 400 500; do
	size=$((size == 4096 ? 8192 : 4096))
	conf $size
	hairpind_stop
	# A start that was quick enough to be whole is killed all the same.
	hairpind_run
	timeout "0.$(printf %03d "$ms")" tail -f /dev/null || true
	hairpind_kill
	assert_eq "$(ask_from guest)" "$second" "the mapping after a start that was killed at $ms ms"
	# The child with which it tried the kernel may not have run yet, and so hold the lock for a moment more.
	wait_for 5 'flock -n /var/lib/hairpin/hairpind.lock true'
	hairpind_start
	if ! on_nftables; then
		assert_eq "$(hp_json status -- .sessions.size)" $size "room of the table"
		assert_match "$(ls $PINS)" '^v[0-9]*$' "the pins"
	fi
	assert_eq "$(ask_from guest)" "$second" "the mapping of the second host"
	assert_eq "$(ask_from lan1)" "$first" "the mapping of the first host"
done
