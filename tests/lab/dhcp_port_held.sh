#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Another program on the port of DHCP: nothing is attached, and the message names the program. A reload that would need it changes nothing.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
spawn holder gw dnsmasq -k -C /dev/null -p 0 --log-facility=- --user=root --pid-file= --dhcp-range=192.168.12.50,192.168.12.60,2m \
	--dhcp-leasefile="$LAB_DIR/holder.leases"
wait_for 10 'listens gw udp 67'
gw_conf < <(leases_conf)
hairpind_run
wait_for 20 '! running hairpind'
has -F "port 67/udp: Address already in use; dnsmasq (process ${LAB_PIDS[holder]}) holds it" "$LAB_DIR/hairpind.log"
assert_eq "$(filters wan ingress)" 0 "filters"

hairpin_up < <(names_conf)
before=$(generation)
gw_conf < <(leases_conf)
assert_eq "$(exit_status hp reload)" 1 "what reload exits with"
assert_eq "$(generation)" "$before" "the generation"
assert_eq "$(hp_json status -- .dhcp.on)" false "DHCP"
stop holder || true
reload
client_start lan1
client_bound lan1
