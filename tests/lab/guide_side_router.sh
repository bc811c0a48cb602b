#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/guide/side-router.md, every block of it, behind a main router that forwards directly to the server, speaks none of the protocols by which it could be asked, and cannot loop back.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/pages.sh"

bypass_up
auth_serve <<<"home A $MAIN_ADDR"
echo "nameserver $AUTH_ADDR" >/etc/resolv.conf
main_forward 80/tcp $SRV_ADDR
http_serve srv 80
server_gateway gw
client_gateway gw
gw sysctl -qw net.ipv4.ip_forward=1
# As OpenWrt's fw4 does for a zone with masquerade: the fault.
nft add table ip side
nft add chain ip side forward '{ type filter hook forward priority filter; }'
nft add rule ip side forward ct state invalid drop
http_refused inet http://$MAIN_ADDR/
nft delete table ip side

page_open doc/guide/side-router.md
page_file $CONF
page_run gw
assert_match "$(http_get inet http://$MAIN_ADDR/)" "^$INET_ADDR:" "whom the server sees from outside"
wait_for 60 '[ "$(hp_json status -- .upstream.public.address)" = '$MAIN_ADDR' ]'
wait_for 60 '"$HAIRPIN" status | grep "its default gateway is this machine"'
page_run lan1
assert_match "$(cat "$PAGE_SAID")" "^$MAIN_ADDR:" "whom the server sees from the laptop"
wait_for 60 '! "$HAIRPIN" status | grep "is being asked"'
page_run gw
page_shows
page_run gw
assert_match "$(cat "$PAGE_SAID")" "proved: .*80.*directly to $SRV_ADDR" "a forward that goes past"

# As the page says: led to the side router.
main_forwards_flush
main_forward 80/tcp $SIDE_ADDR
assert_match "$(http_get inet http://$MAIN_ADDR/)" "^$INET_ADDR:" "whom the server sees then"
page_run gw
assert_match "$(cat "$PAGE_SAID")" "dnat" "rules"
page_run gw
assert_eq "$(filters eth0 ingress)" 0 "filters after detach"
page_end
