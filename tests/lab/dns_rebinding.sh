#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A stranger's zone with addresses inside the house: clients hear none of them, by A, AAAA or the hints of HTTPS. What the configuration exempts, they do.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve <<END
evil A $SRV_ADDR
evil AAAA fd00::20
evil HTTPS 1 . alpn=h2 ipv4hint=$SRV_ADDR
here A 127.0.0.1
mixed A $INET_ADDR
mixed A $SRV_ADDR
abc.direct A $SRV_ADDR
kept A $SRV_ADDR
END
hairpin_up < <(
	names_conf
	echo "  private-domains: [direct.example.com]"
)
for question in "evil A" "evil AAAA" "evil HTTPS" "here A" "mixed A"; do
	read -r name type <<<"$question"
	assert_eq "$(ask_name lan1 $LAN_GW "$name.example.com" "$type")" NOERROR "$question"
	assert_eq "$(ask_name lan1 $LAN_GW "$name.example.com" "$type" +tcp)" NOERROR "$question again"
done
# Statistics come once a second.
wait_for 20 '[ $(hp_json status -- .dns.queries.inward) = 5 ]'
assert_eq "$(ask_name lan1 $LAN_GW abc.direct.example.com A)" $SRV_ADDR "a name that is exempt"
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "a name of ours"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "a name of the internet"

# A service's name that keeps its public address is its owner's, whatever the zone says.
gw_conf <<END
services:
  - name: kept
    domain: kept.example.com
    host: $SRV_ADDR
    ports: ["8443:443/tcp"]
dns:
  upstream: [$AUTH_ADDR]
END
reload
assert_eq "$(ask_name lan1 $LAN_GW kept.example.com A)" $SRV_ADDR "a service's name that is asked upstream"
