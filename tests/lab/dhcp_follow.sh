#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `show leases --follow` tells of leases as they come and change, for people and as JSON.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(leases_conf)
spawn text gw "$HAIRPIN" show leases --follow
spawn json gw "$HAIRPIN" -j show leases --follow
client_start lan1
client_bound lan1
address=$(told_to lan1 ip_address)
wait_for 10 'grep -q "^leased  *$address  *$(mac_of lan1)" "$LAB_DIR/text.log"'
wait_for 10 '[ "$(jq -r "select(.event == \"leased\") | .address" <"$LAB_DIR/json.log")" = "$address" ]'

stop client-lan1 || true
dhclient_conf lan1 'send host-name "laptop"'
client_start lan1 -cf "$LAB_DIR/lan1.conf"
client_bound lan1
wait_for 10 'grep -q "^changed  *$address .*laptop.home.arpa" "$LAB_DIR/text.log"'
wait_for 10 '[ "$(jq -r "select(.event == \"changed\") | .name" <"$LAB_DIR/json.log")" = laptop ]'

lan1 dhclient -4 -r -sf "$LAB_DIR/configure-lan1" -lf "$LAB_DIR/client-lan1.leases" -pf "$LAB_DIR/client-lan1.pid" eth0
wait_for 10 'grep -q "^gone  *$address" "$LAB_DIR/text.log"'
wait_for 5 '[ "$(ask_name guest $GUEST_GW laptop.home.arpa A)" = NXDOMAIN ]'
# It ends with the daemon.
hairpind_stop
wait_for 10 '! running text && ! running json'
