#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What we say is what unbound says, which asks the same server: nothing that passes through us is changed but by what we are there for.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/compare/zone.sh"

lab_up bridge
compare_serve
cat >"$LAB_DIR/unbound.conf" <<END
server:
	interface: $LAN_GW
	port: 5353
	access-control: 0.0.0.0/0 allow
	chroot: ""
	username: ""
	directory: "$LAB_DIR"
	pidfile: "$LAB_DIR/unbound.pid"
	use-syslog: no
	module-config: "iterator"
	edns-buffer-size: 1232
	max-udp-size: 1232
	minimal-responses: no
	deny-any: yes
	hide-version: yes
	hide-identity: yes
forward-zone:
	name: "."
	forward-addr: $AUTH_ADDR
END
spawn unbound gw unbound -d -p -c "$LAB_DIR/unbound.conf"
hairpin_up < <(names_conf | sed "s/app.example.com/app.plain.example.com/")
wait_for 20 "listens gw udp 5353"
# Debian's, which has the module from Debian's package.
lan1 /usr/bin/python3 "$LAB_SRC/compare/compare.py" $LAN_GW:53 $LAN_GW:5353
