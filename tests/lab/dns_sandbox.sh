#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the process that reads strangers' messages may do: nothing but that.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "it works"
assert_confined "$(dns_pid)" hairpin-dns
