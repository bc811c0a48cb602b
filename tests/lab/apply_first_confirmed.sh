#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A first attach that is confirmed stays, with a daemon in the background that outlives the command.
. "$(dirname "$0")/lab.sh"

lab_up bridge
standard_services | gw_conf "$LAB_DIR/new.yaml"
echo_serve srv 7000

hp apply --confirm 10s "$LAB_DIR/new.yaml"
hp confirm
cmp "$LAB_DIR/new.yaml" $CONF
assert_eq "$(hp_json status -- .pending)" null "what is pending"
inet ask $WAN_ADDR:7000
hp reload
hp detach
wait_for 10 '! "$HAIRPIN" status'
