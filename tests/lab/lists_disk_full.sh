#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No room for a copy: the list is in force all the same, it is said that none is kept, and the copy before stays whole.
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/lib/blocklists.sh"

lab_up bridge
auth_serve </dev/null
http_serve inet 80
root=$LAB_DIR/nginx-inet/root
mount -t tmpfs -o size=512k lab-state /var/lib/hairpin
echo one.example.com >"$root/ads.txt"
hairpin_up < <(lists_conf "blocklists: [ { name: ads, url: \"http://$INET_ADDR/ads.txt\" } ]")
wait_for 20 '[ "$(list_is ads .names)" = 1 ]'
cp $COPIES/block-ads "$LAB_DIR/before"

refute cp /dev/zero /var/lib/hairpin/full 2>/dev/null
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "host%d.example.com\n", i }' >"$root/ads.txt"
reload
wait_for 20 '[ "$(list_is ads .names)" = 20000 ]'
assert_eq "$(list_is ads .error)" "no copy can be kept: No space left on device" "what is said"
cmp $COPIES/block-ads "$LAB_DIR/before"

rm /var/lib/hairpin/full
touch "$root/ads.txt"
reload
wait_for 20 '[ "$(list_is ads .error)" = "" ]'
assert_eq "$(($(wc -l <$COPIES/block-ads)))" 20001 "lines of the copy"
