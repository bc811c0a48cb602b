#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Types of a name of ours that the operator leaves to the public zone, and a name that is wholly there below a pattern of ours.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve <<-END
	vpn AAAA $INET_ADDR6
	vpn TXT "there"
END
hairpin_up <<END
services:
  - name: app
    domain: app.example.com
    host: $SRV_ADDR
    ports: [80/tcp]
dns:
  upstream: [$AUTH_ADDR]
  rewrites:
    - { domain: app.example.com, pass: [MX, TXT] }
    - { domain: "*.example.com", answer: $SRV_ADDR }
    - { domain: other.example.com, pass: all }
    - { domain: vpn.example.com, pass: AAAA }
END

assert_eq "$(ask_name lan1 $LAN_GW app.example.com MX)" "10 mail.example.com." "MX of the service's name"
assert_eq "$(ask_name lan1 $LAN_GW app.example.com TXT)" '"public"' "its TXT"
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "its A"
assert_eq "$(ask_name lan1 $LAN_GW app.example.com AAAA)" NOERROR "its AAAA"
assert_eq "$(ask_name lan1 $LAN_GW app.example.com HTTPS)" NOERROR "its HTTPS"

assert_eq "$(ask_name lan1 $LAN_GW any.example.com A)" $SRV_ADDR "a name of the pattern"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "A of the exception"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com AAAA)" $INET_ADDR6 "its AAAA"
assert_eq "$(ask_name lan1 $LAN_GW vpn.example.com AAAA)" $INET_ADDR6 "the one type of a name"
assert_eq "$(ask_name lan1 $LAN_GW vpn.example.com TXT)" NOERROR "what else the zone has of it"
assert_eq "$(ask_name lan1 $LAN_GW vpn.example.com A)" NOERROR "what the pattern would say"
