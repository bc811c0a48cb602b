#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The process that reads what servers answer: it has no right to anything, and what is proved outlives it.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

probe() { # KEY
	hp_json status -- ".gateway_probe.$1"
}

proof() {
	hp_json show services -- '.services[0].outside_source.proof'
}

bypass_up
server_gateway gw
main_forward 7001/tcp $SIDE_ADDR
conn_serve srv 7001
hairpin_up < <(
	standard_services
	echo "  - { name: lasting, host: $SRV_ADDR, ports: [7001/tcp] }"
)
wait_for 30 '[ "$(proof)" = proved ]'
conn_open kept inet $MAIN_ADDR:7001
conn_lives kept one

assert_confined "$(probe process)" hairpin-probe
assert_eq "$(find "/proc/$(probe process)/fd" -lname 'socket:*' -name '[3-9]*' | wc -l)" 1 "the channel is all that it has"

for round in 1 2 3; do
	kill -KILL "$(probe process)"
	wait_for 10 "[ \"\$(probe restarts)\" = $round ] && [ \"\$(probe process)\" -gt 1 ]"
done
kill -STOP "$(probe process)"
wait_for 30 '[ "$(probe restarts)" = 4 ]'
# One that hangs is silent for longer than a proof lasts.
wait_for 30 '[ "$(proof)" = proved ]'

# The daemon knows nothing when it starts; connections know their source.
conn_lives kept "goes on"
hairpind_kill
hairpind_start
conn_lives kept "goes on, whatever is proved now"
wait_for 30 '[ "$(proof)" = proved ]'
conn_lives kept "and then"
hairpind_stop
hairpind_start
conn_lives kept "goes on once more"

# Without a service there is nobody to ask.
gw_conf <<-END
	services: []
END
reload
assert_eq "$(hp_json status -- .gateway_probe)" null "no server, no process"
