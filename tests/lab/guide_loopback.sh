#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/guide/loopback.md, every block of it: RustDesk's ports from outside, from the LAN and from the server itself, with the public address for the server to see.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/pages.sh"

WAN_DEV=eth0
lab_up bridge
auth_serve <<<"rustdesk A $WAN_ADDR"
echo "nameserver $AUTH_ADDR" >/etc/resolv.conf
echo_serve srv 21115 21116 21117

page_open doc/guide/loopback.md
page_file $CONF
page_run gw
page_shows
page_run gw
page_run gw
assert_match "$(cat "$PAGE_SAID")" "rustdesk +$SRV_ADDR .*serving" "the line of the service"
page_run lan1
page_shows
nsenter --net=/run/netns/srv bash -ec "$(cat "$PAGE_DIR/06.sh")" | diff - "$PAGE_DIR/07.text"
assert_match "$(inet ask $WAN_ADDR:21116)" "^$INET_ADDR:" "whom the ID server sees from outside"
assert_match "$(lan1 ask $WAN_ADDR:21116)" "^$WAN_ADDR:" "whom it sees from inside"
page_run gw
assert_match "$(cat "$PAGE_SAID")" "hairpin" "the kind of a session"
page_run gw
assert_eq "$(filters eth0 ingress)" 0 "filters after detach"
page_end
