#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A name that is added by command is answered at once and after a restart, and what the parser would refuse is refused in its words.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
refused() { # WORDS TEXT
	# shellcheck disable=SC2086
	assert_eq "$(exit_status hp rewrite add $1 2>"$LAB_DIR/refused.txt")" 1 "rewrite add $1"
	grep -qF "$2" "$LAB_DIR/refused.txt" || fail "rewrite add $1: $(cat "$LAB_DIR/refused.txt")"
}

assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "before"
generation=$(generation)
hp rewrite add other.example.com 192.168.11.77
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" 192.168.11.77 "A"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com AAAA)" NOERROR "AAAA, which the zone has"
hp rewrite add "*.lab.example.com" 192.168.11.78 2001:db8:11::78
assert_eq "$(ask_name lan1 $LAN_GW any.lab.example.com A)" 192.168.11.78 "A below the pattern"
assert_eq "$(ask_name lan1 $LAN_GW any.lab.example.com AAAA)" 2001:db8:11::78 "AAAA below the pattern"
hp rewrite add OTHER.example.com 192.168.11.79
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" 192.168.11.79 "A, replaced"
assert_eq "$(generation)" "$generation" "the data plane"
assert_eq "$(hp_json rewrite list -- '[.rewrites[] | "\(.domain) \(.answers | join(","))"] | sort | join(" ")')" \
	"*.lab.example.com 192.168.11.78,2001:db8:11::78 OTHER.example.com 192.168.11.79" "the list"

refused "no_name..example 192.168.11.1" "rewrite: domain: no_name..example: "
refused "x.example.com 192.168.11.1000" "rewrite: answer: 192.168.11.1000: "
refused "x.example.com a.example.com 192.168.11.1" "a name beside others"
refused "x.example.com x.example.com" "leads back to x.example.com"
assert_eq "$(ask_name lan1 $LAN_GW x.example.com A)" NXDOMAIN "what was refused"

reload
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" 192.168.11.79 "A after a reload"
hairpind_stop
hairpind_start
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" 192.168.11.79 "A after a restart"
assert_eq "$(ask_name lan1 $LAN_GW any.lab.example.com A)" 192.168.11.78 "the pattern after a restart"

hp rewrite remove other.example.com
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "A, removed"
assert_eq "$(exit_status hp rewrite remove other.example.com 2>/dev/null)" 1 "removed twice"
