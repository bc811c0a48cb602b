#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is asked of a name server by UDP is over after 20 seconds, also where it was answered; other UDP lasts.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve inet 53 7001

# lasts PROTO PORT: how many seconds more the session to that port has.
lasts() {
	hp_json show sessions -- "[.sessions[] | select(.protocol == \"$1\" and .original.destination_port == $2) | .expires_s] | first // 0"
}

lan1 ask -p 5000 $INET_ADDR:53
lan1 ask -p 5000 $INET_ADDR:53
lan1 ask -p 5000 $INET_ADDR:7001
assert_ge 20 "$(lasts udp 53)" "seconds of a question, at most"
assert_ge "$(lasts udp 53)" 1 "seconds of a question"
assert_ge "$(lasts udp 7001)" 200 "seconds of other UDP"
age 20
wait_for 45 '[ "$(lasts udp 53)" = 0 ]'
assert_ge "$(lasts udp 7001)" 200 "seconds of other UDP, later"
