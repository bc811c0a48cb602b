#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A GRE tunnel without a remote of its own is no interface for us: its packets begin with the header around them. With a remote, it is.
. "$(dirname "$0")/lab.sh"

need_kernel gre
lab_up bridge
ip link add many type gre local $WAN_ADDR
ip link add one type gre local $WAN_ADDR remote $INET_ADDR
for dev in many one; do
	ip link set $dev up
	gw_conf <<-END
		lan:
		  - interface: $LAN_DEV
		  - interface: $dev
	END
	assert_eq "$(exit_status hp check $CONF)" "$([ $dev = one ] && echo 0 || echo 1)" "check of a LAN on $dev"
done
gw_conf <<-END
	lan:
	  - interface: many
END
assert_match "$(hp check $CONF 2>&1 || true)" "many: has a link header that is not Ethernet's" "what check says"
