#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the process that reads strangers' messages may do: nothing but that.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "it works"

status() { # FIELD
	awk -v field="$1:" '$1 == field { $1 = ""; print substr($0, 2) }' "/proc/$(dns_pid)/status"
}

uid=$(id -u hairpin-dns 2>/dev/null || id -u nobody)
assert_eq "$(status Uid)" "$uid $uid $uid $uid" "its user"
assert_eq "$(status Groups)" "" "its groups"
for set in CapInh CapPrm CapEff CapAmb; do
	assert_eq "$(status $set)" 0000000000000000 "$set"
done
assert_eq "$(status NoNewPrivs)" 1 "no new privileges"
assert_eq "$(status Seccomp)" 2 "its system calls are filtered"
