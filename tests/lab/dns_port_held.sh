#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody else has port 53: hairpind does not start and says so; a reload that asks for it changes nothing.
. "$(dirname "$0")/lab.sh"

lab_up bridge
spawn holder gw dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file --user=root \
	--bind-interfaces --listen-address=$LAN_GW
wait_for 10 'listens gw udp 53'
names_conf | gw_conf
hairpind_run
wait_for 30 '! running hairpind'
finished hairpind && fail "hairpind started"
assert_eq "$(grep -c "^error: dns: $LAN_GW port 53/udp: Address already in use" "$LAB_DIR/hairpind.log")" 1 "why"
assert_eq "$(ls $PINS 2>/dev/null)" "" "what a refused start left in the kernel"

standard_services | gw_conf
hairpind_start
names_conf | gw_conf
refute hp reload
assert_eq "$(hp_json status -- .dns.on)" false "dns, which was refused"
assert_eq "$(hp_json status -- '.services | length')" 2 "services of before"
stop holder || true
reload
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "once the port is free"
