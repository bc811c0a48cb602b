#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon keeps no capability that it does not use: no file, module or tracing powers, and no new ones ever.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
field() {
	awk -v "name=$1:" '$1 == name { print $2 }' "/proc/${LAB_PIDS[hairpind]}/status"
}
has() { # CAPABILITY-NUMBER
	echo $((0x$(field CapPrm) >> $1 & 1))
}
assert_eq "$(field NoNewPrivs)" 1 "no_new_privs"
assert_eq "$(has 12)" 1 "CAP_NET_ADMIN, for filters, routes and netfilter"
assert_eq "$(has 10)" 1 "CAP_NET_BIND_SERVICE, for port 53"
assert_eq "$(has 13)" 1 "CAP_NET_RAW, for dnsmasq"
for unwanted in 1 2 16 18 19 22 25 33; do
	assert_eq "$(has $unwanted)" 0 "capability $unwanted"
done
assert_eq "$(field CapInh)" 0000000000000000 "inheritable capabilities"

# What it still must be able to do with what is left: a new plan, and going.
gw_conf <<END
services:
  - name: another
    host: $SRV_ADDR
    ports: [9000/udp]
END
reload
hp detach
assert_eq "$(filters wan ingress)" 0 "filters after detach"
