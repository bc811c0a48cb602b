#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A NAT of the provider's in front of the main router: recognised by the main router's own address, said, and never called serving; inside the public address works all the same.
# bypass_public_cgnat.sh BUILD hides|tells|private: the main router says that it has no address and refuses to forward, as miniupnpd does; or it says which it has, the provider's or one of RFC 1918, and
# maps every port
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/public.sh"

PUBLIC_ADDR=$MAIN_ADDR

bypass_up cgnat
client_gateway gw
case $1 in
hides)
	main_miniupnpd_up
	nat=likely said="that says that it has no public address, and the internet sees $PUBLIC_ADDR"
	;;
tells | private)
	own=100.64.0.2
	[ "$1" = tells ] || own=10.20.30.2
	spawn natpmpd main natpmpd $LAN_GW $own
	wait_for 10 "listens main udp 5351"
	nat=proved said="its own address $own"
	;;
esac
stun_serve
gw_conf <<-END
	wan: { interface: eth0, stun: $INET_ADDR }
	services:
	  - { name: web, host: $SRV_ADDR, host6: $SRV_ADDR6, ports: ["8443:443/tcp"] }
	  - { name: six, host6: $SRV_ADDR6, ports: [22/tcp] }
END
hairpind_start
http_serve srv 443
# What is not known yet is no "serving" either.
judged() {
	assert_ne "$(verdict web)" serving "verdict"
	[ "$(hp_json status -- .upstream.public.nat)" = $nat ]
}
wait_for 90 judged
wait_for 30 '[ "$(verdict web)" = inside-only ]'
reason=$(hp_json show services -- '.services[0].reason')
assert_match "$reason" "another NAT is in front of your router.*$said" "why"
assert_match "$reason" "it works inside.*VPN.*over IPv6 at $SRV_ADDR6.*ask the provider for a public address" "what works"
assert_ne "$(verdict six)" inside-only "a pinhole of IPv6"
assert_match "$(hp status)" "another NAT is in front of your router: $said" "status"
if [ $nat = proved ]; then
	wait_for 60 '[ "$(hp_json status -- .upstream.rules[0].state)" = mapped ]'
	assert_match "$(hp status)" "8443/tcp \(web\)[^"$'\n'"]*: the router forwards it, [^"$'\n'"]*nobody on the internet gets as far" "status of what is mapped in vain"
fi
assert_match "$(hp status | grep "^web")" "8443:443/tcp  inside-only" "its line in status"
refute grep -qiwE "ok|serving" <(hp check "$CONF" || true)
assert_eq "$(exit_status hp check "$CONF")" 1 "exit status of check"
assert_eq "$(hp_json check "$CONF" -- '[.findings[] | select(.kind == "nat-in-front")] | length' || true)" 1 "check"

public_comes $PUBLIC_ADDR stun
assert_eq "$(hp_json check "$CONF" -- .would_apply.public_address || true)" $PUBLIC_ADDR "the public address in check"
assert_eq "$(exit_status http_get inet http://$PUBLIC_ADDR:8443/ 2>/dev/null)" "$(exit_status http_get inet http://$PUBLIC_ADDR:8444/ 2>/dev/null)" "from outside it is as closed as what nobody declared"
assert_eq "$(verdict web)" inside-only "verdict at the end"
