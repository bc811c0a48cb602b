#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The public address by name, asked outside although our own DNS server answers that very name with the host inside; a change is followed, and silence takes nothing away.
# bypass_public_name.sh BUILD configured|services: the name in wan.public-address, or those of the services where nobody else knows
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/public.sh"

zone_serve() { # ADDRESS
	auth_serve <<-END
		home 1 A $1
	END
}

bypass_up
client_gateway gw
zone_serve $MAIN_ADDR
case $1 in
configured) public="public-address: home.example.com," source=name ;;
services) public="" source=services ;;
esac
hairpin_up <<-END
	wan: { interface: eth0, $public stun: off, map-upstream: off }
	services: [{ name: web, domain: home.example.com, host: $SRV_ADDR, ports: ["8443:443/tcp"], rewrite: on }]
	dns: { upstream: [$AUTH_ADDR] }
END
http_serve srv 443 80

public_comes $MAIN_ADDR $source
assert_eq "$(ask_name lan1 $SIDE_ADDR home.example.com A)" "$SRV_ADDR" "what our own server says of the name"

stop nsd || true
main_public_change 25.11.0.7
zone_serve $MAIN_ADDR
public_comes $MAIN_ADDR $source

# Nobody answers: longer than a name is asked for again.
stop nsd || true
wait_for 60 '[ "$(hp_json status -- "[.upstream.public.sources[] | select(.source == \"'$source'\") | .answers] | first")" = false ]'
assert_eq "$(hp_json status -- .upstream.public.address)" "$MAIN_ADDR" "while nobody answers"
assert_match "$(http_get lan1 http://$MAIN_ADDR:8443/)" "." "the service by it"

# A start knows it before anybody has said anything.
hairpind_stop
hairpind_start
assert_eq "$(hp_json status -- .wan.public_address)" "$MAIN_ADDR" "behind a start"
assert_match "$(http_get lan1 http://$MAIN_ADDR:8443/)" "." "the service behind a start"
