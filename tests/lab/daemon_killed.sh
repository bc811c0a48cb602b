#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of the daemon disturbs no download: from outside, to outside and through the loopback. New connections work
# without it, and the restarted daemon adopts what it finds.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80
http_serve inet 80
http_files srv 3000000
http_files inet 3000000
generation=$(generation)

download forward inet http://$WAN_ADDR:8443/slow
download outgoing lan1 http://$INET_ADDR/slow
download loopback lan1 http://$WAN_ADDR:8443/slow
grows forward
grows loopback
hairpind_kill
for name in forward outgoing loopback; do
	grows $name
done
assert_match "$(http_get inet http://$WAN_ADDR/)" "^$INET_ADDR:" "a new connection without a daemon"
assert_match "$(http_get guest http://$WAN_ADDR/)" "^$WAN_ADDR:" "a new loopback without a daemon"

hairpind_start
assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"
assert_ge "$(generation)" "$generation" "generation"
assert_ge "$(hp_json show sessions -- '[.sessions[] | select(.kind == "hairpin")] | length')" 1 "looped sessions that it shows"
downloaded forward srv
downloaded outgoing inet
downloaded loopback srv
