#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `hairpin detach` leaves a machine of one arm as it was before, but for its own folders: all that lib/left.sh looks at.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/left.sh"

bypass_up
server_gateway gw
main_forward 8443/tcp $SIDE_ADDR
http_serve srv 443
rm -rf /var/lib/hairpin /run/hairpin /etc/hairpin
left_seen >"$LAB_DIR/before.txt"
mkdir /etc/hairpin
hairpin_up <<-END
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp"], outside-source: client }
END
assert_match "$(http_get inet http://$MAIN_ADDR:8443/)" "^$INET_ADDR:" "from outside"
for name in all eth0; do
	assert_eq "$(sysctl -n net.ipv4.conf.$name.send_redirects)" 0 "redirects of $name"
done
# The kernel takes the larger one.
assert_eq "$(sysctl -n net.ipv4.conf.eth0.rp_filter)" 2 "the check of sources"

left_objects >"$LAB_DIR/objects.txt"
hp detach
finished hairpind
rm -rf /var/lib/hairpin /run/hairpin /etc/hairpin
left_seen >"$LAB_DIR/after.txt"
diff -u "$LAB_DIR/before.txt" "$LAB_DIR/after.txt"
wait_for 20 'left_objects_gone "$LAB_DIR/objects.txt"'
http_refused inet http://$MAIN_ADDR:8443/
