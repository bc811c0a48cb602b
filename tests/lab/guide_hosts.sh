#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/guide/hosts.md, every block of it: lines for a machine without hairpin, on the gateway itself, and on a laptop that has them at home and not when its cable is pulled.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/pages.sh"

WAN_DEV=eth0
lab_up bridge
cp /etc/hosts "$LAB_DIR/hosts.before"

page_open doc/guide/hosts.md
page_file $CONF
page_run gw
page_shows
page_run gw
page_shows
page_run gw
cmp /etc/hosts "$LAB_DIR/hosts.before" || fail "something of ours is left in the hosts file"

page_run gw
key=$(hp_json status -- .hosts_service.key)
grep -qF "$key:" "$PAGE_SAID" || fail "status does not say the key"
page_machine laptop
laptop=$LAB_DIR/machine-laptop/etc/hosts
page_run lan1
grep -qF "$key" "$PAGE_SAID" || fail "the laptop does not say which key it believes"
grep -q "^$SRV_ADDR rustdesk.example.com" "$laptop"
page_spawn watch lan1
wait_for 30 'grep -q "^in its LAN" "$LAB_DIR/watch.log"'
ip link set p-lan1 down
wait_for 60 'cmp "$laptop" "$LAB_DIR/hosts.before"'
ip link set p-lan1 up
wait_for 90 'grep -q "^$SRV_ADDR rustdesk.example.com" "$laptop"'
page_run lan1
cmp "$laptop" "$LAB_DIR/hosts.before" || fail "something of ours is left on the laptop"
page_end
