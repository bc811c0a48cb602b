#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Requirements: 7.
# Timers, limits and filtering change by a reload, `status` says what is in force, and a new session has the new time; a timer under its
# floor changes nothing.
. "$(dirname "$0")/lab.sh"

# conf_with TEXT: keys of nat beside a small table
conf_with() {
	gw_conf < <(standard_services && printf 'nat:\n  limits: { sessions: 16384%s }\n%s\n' "${2:-}" "$1")
}

expires() { # SOURCE-PORT
	hp_json show sessions -- "[.sessions[] | select(.protocol == \"udp\" and .original.source_port == $1) | .expires_s] | max"
}

lab_up bridge
conf_with ""
hairpind_start
assert_eq "$(hp_json status -- .nat.timeouts.udp_s)" 300 "the timer of UDP"
assert_eq "$(hp_json status -- .nat.filtering.udp)" address-dependent "filtering of UDP"
assert_eq "$(hp_json status -- .nat.filtering.tcp)" address-and-port-dependent "filtering of TCP"
echo_serve inet 9000
lan1 ask -p 5000 $INET_ADDR:9000
[ "$(expires 5000)" -le 300 ] || fail "the session lives for $(expires 5000) s"

conf_with "  timeouts: { udp: 10m }
  filtering: endpoint-independent" ", mappings-per-host: 100, new-per-host: unlimited"
reload
assert_eq "$(hp_json status -- .nat.timeouts.udp_s)" 600 "the timer of UDP"
assert_eq "$(hp_json status -- .nat.limits.mappings_per_host)" 100 "ports of one host"
assert_eq "$(hp_json status -- .nat.limits.new_per_host)" null "new sessions of one host"
hp status | has "ports 100, sessions 2048, new ones a second unlimited"
hp status | has "udp endpoint-independent, tcp endpoint-independent"
lan1 ask -p 5001 $INET_ADDR:9000
[ "$(expires 5001)" -gt 300 ] || fail "a new session lives for $(expires 5001) s"

conf_with "  timeouts: { udp: 119s }"
assert_eq "$(exit_status reload 2>"$LAB_DIR/refused.txt")" 1 "a reload with a timer under its floor"
grep -q "udp: 119s: shorter than RFC 4787 REQ-5 allows" "$LAB_DIR/refused.txt" || fail "said: $(cat "$LAB_DIR/refused.txt")"
assert_eq "$(hp_json status -- .nat.timeouts.udp_s)" 600 "the timer after the refused reload"
