#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The end of the daemon leaves the main router's forwards, as it leaves the data plane; the next one renews them, though the router lets nobody but their maker; and so does
# the same daemon, again and again, where the router grants seconds only.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/upstream.sh"

left() {
	upstream ".forwards[0].left_s"
}

bypass_up
http_serve srv 443
conn_serve srv 7000
server_gateway gw
main_miniupnpd_up pcp min_lifetime=10 max_lifetime=24
gw_conf <<-END
	services:
	  - name: web
	    host: $SRV_ADDR
	    ports: ["8443:443/tcp", 7000/tcp]
	    outside-source: client
END
hairpind_start
mappings=$(printf '%s\n' "7000/tcp $SIDE_ADDR:7000" "8443/tcp $SIDE_ADDR:8443")
await_forward 8443/tcp "^mapped"
await_forward 7000/tcp "^mapped"
await_mappings "$mappings"
conn_open outside inet $MAIN_ADDR:7000
conn_lives outside one

# Twice renewed, and never gone.
for _ in 1 2; do
	wait_for 30 '[ "$(left)" -lt 15 ]'
	wait_for 30 '[ "$(left)" -gt 18 ]'
	assert_eq "$(main_mappings | sort)" "$mappings" "while it is renewed"
done

hairpind_stop
assert_eq "$(main_mappings | sort)" "$mappings" "without a daemon"
assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "^$INET_ADDR:" "from outside without a daemon"
hairpind_start
await_forward 8443/tcp "^mapped pcp$"
assert_eq "$(main_mappings | sort)" "$mappings" "the next one's is the same"
conn_lives outside two

# A process that is killed is started again, and nothing is lost by that.
process=$(upstream .process)
kill -9 "$process"
wait_for 20 '[ "$(upstream .restarts)" = 1 ]'
await_forward 8443/tcp "^mapped pcp$"
assert_eq "$(main_mappings | sort)" "$mappings" "after the process was killed"
conn_lives outside three
hp detach
assert_eq "$(main_mappings)" "" "after detach"
