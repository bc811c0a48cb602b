#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A timer that changes by a reload counts for a session that is there already, with its next packet too.
. "$(dirname "$0")/lab.sh"

conf_with() { # TIMER
	gw_conf < <(standard_services && printf 'nat:\n  limits: { sessions: 16384 }\n  timeouts: { udp: %s }\n' "$1")
}
expires() {
	hp_json show sessions -- '[.sessions[] | select(.protocol == "udp" and .kind == "outgoing") | .expires_s] | max'
}

lab_up bridge
conf_with 5m
hairpind_start
echo_serve inet 9000
lan1 ask -p 5000 $INET_ADDR:9000
[ "$(expires)" -le 300 ] || fail "the session lives for $(expires) s"
conf_with 10m
reload
[ "$(expires)" -gt 300 ] || fail "the session of before lives for $(expires) s"
lan1 ask -p 5000 $INET_ADDR:9000
[ "$(expires)" -gt 300 ] || fail "after a packet the session of before lives for $(expires) s"
