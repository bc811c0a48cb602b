#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the main router speaks no protocol, STUN says the public address; nobody says that a port is forwarded, so nothing is called serving, and what is to be entered there is printed.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/public.sh"

bypass_up
client_gateway gw
stun_serve
hairpin_up <<-END
	wan: { interface: eth0, stun: $INET_ADDR }
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp"] }
	  - { name: voice, host: $SRV_ADDR, ports: [7000-7009/udp] }
END
http_serve srv 443

public_comes $MAIN_ADDR stun
wait_for 60 'hp_json status -- "[.upstream.rules[].state] | unique | join(\" \")" | grep -qx by-hand'
assert_eq "$(verdict web) $(verdict voice)" "unknown unknown" "verdicts"
hp status >"$LAB_DIR/status"
hp check "$CONF" >"$LAB_DIR/check" || true
for said in status check; do
	assert_match "$(cat "$LAB_DIR/$said")" "8443 +tcp +$SIDE_ADDR +8443 +neither PCP" "$said: one port"
	assert_match "$(cat "$LAB_DIR/$said")" "7000-7009 +udp +$SIDE_ADDR +7000-7009 +neither PCP" "$said: a range as one"
done
assert_eq "$(hp_json check "$CONF" -- '[.upstream[] | select(.state == "by-hand") | [.protocol, .external_first, .external_last, .address, .port_first, .port_last] | map(tostring) | join(" ")] | join(", ")')" \
	"tcp 8443 8443 $SIDE_ADDR 8443 8443, udp 7000 7009 $SIDE_ADDR 7000 7009" "as JSON"

# Entered as it says.
main_forward 8443/tcp $SIDE_ADDR
assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "." "from outside, with what was entered"

main_public_change 25.11.0.7
public_comes $MAIN_ADDR stun
