#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main router says one public address and STUN another, as behind a proxy or a second NAT: the router's counts, the other is reported once, and no service is called serving.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/public.sh"

bypass_up
client_gateway gw
main_miniupnpd_up
stun_serve -a 25.11.0.99
hairpin_up <<-END
	wan: { interface: eth0, stun: $INET_ADDR }
	services: [{ name: web, host: $SRV_ADDR, ports: ["8443:443/tcp"] }]
END
http_serve srv 443

public_comes $MAIN_ADDR router
wait_for 60 '[ -n "$(hp_json status -- .upstream.public.disagreement)" ]'
said="the public address is $MAIN_ADDR by the router upstream, and 25.11.0.99 by STUN"
assert_match "$(hp status)" "$said" "status"
wait_for 60 '[ "$(hp_json status -- ".upstream.rules[0].state")" = mapped ]'
assert_eq "$(verdict web)" unknown "verdict"
assert_match "$(hp_json show services -- '.services[0].reason')" "25.11.0.99" "why"
assert_eq "$(exit_status hp check "$CONF")" 1 "exit status of check"
assert_eq "$(hp_json check "$CONF" -- '[.findings[] | select(.level == "finding") | .kind] | map(select(. == "public-address" or . == "nat-in-front")) | sort | join(" ")' || true)" \
	"nat-in-front public-address" "findings"
assert_eq "$(times "$said")" 1 "lines in the log"

# What is said and is not so any more is not said any more.
stop stund || true
stun_serve
wait_for 90 '[ -z "$(hp_json status -- .upstream.public.disagreement)" ] && [ "$(verdict web)" = serving ]'
