#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One internal endpoint has one external port towards all destinations (RFC 4787 REQ-1, RFC 5382 REQ-1), also when another
# host holds the port that it would have preferred.
# Requirements: 1, 14, 22.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve inet 7001 7002

same_everywhere() { # NS ASK-OPTION...
	local ns=$1 answers
	shift
	answers=$(in_ns "$ns" ask "$@" -p 5000 $INET_ADDR:7001 $INET_ADDR:7002 $INET_ADDR2:7001 $INET_FAR:7001)
	assert_eq "$(wc -l <<<"$answers")" 4 "answers"
	assert_eq "$(sort -u <<<"$answers" | wc -l)" 1 "different external ports of $ns: $answers"
	head -n 1 <<<"$answers"
}

assert_eq "$(same_everywhere lan1)" "$WAN_ADDR:5000" "udp, the port is free"
assert_ne "$(same_everywhere guest)" "$WAN_ADDR:5000" "udp, the port is taken"
assert_eq "$(same_everywhere lan1 -t)" "$WAN_ADDR:5000" "tcp, the port is free"
assert_ne "$(same_everywhere guest -t)" "$WAN_ADDR:5000" "tcp, the port is taken"
