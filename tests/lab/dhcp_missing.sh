#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without dnsmasq a start that needs it is refused before anything is attached, and says what to install. One that dies at its start is said, and tried again.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
cp /usr/sbin/dnsmasq "$LAB_DIR/dnsmasq"
: >"$LAB_DIR/nothing"
mount --bind "$LAB_DIR/nothing" /usr/sbin/dnsmasq
gw_conf < <(leases_conf)
hairpind_run
wait_for 20 '! running hairpind'
has "dhcp: dnsmasq is not installed; Debian has it as dnsmasq-base" "$LAB_DIR/hairpind.log"
assert_eq "$(filters wan ingress)" 0 "filters"

# There, and no use: everything else goes on.
umount /usr/sbin/dnsmasq
printf '#!/bin/sh\necho "dnsmasq: cannot do that" >&2\nexit 3\n' >"$LAB_DIR/broken"
chmod +x "$LAB_DIR/broken"
mount --bind "$LAB_DIR/broken" /usr/sbin/dnsmasq
hairpind_start
wait_for 10 'has "ended with status 3: cannot do that; it is started again" "$LAB_DIR/hairpind.log"'
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "names meanwhile"
umount /usr/sbin/dnsmasq
wait_for 10 'listens gw udp 67'
client_start lan1
client_bound lan1
