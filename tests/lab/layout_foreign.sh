#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A daemon that was built with another layout version takes over, or refuses, during a download that ends whole.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80
http_files srv 3000000
download forward inet http://$WAN_ADDR:8443/slow
download loopback lan1 http://$WAN_ADDR/slow
grows forward
grows loopback
hairpind_stop

# The other build refuses and says what stands and what to do.
assert_eq "$(exit_status gw timeout 20 "$LAB_BUILD/tests/lab/hairpind-layout" -f $CONF 2>"$LAB_DIR/refusal.txt")" 1 \
	"the daemon of another layout"
grep -i layout "$LAB_DIR/refusal.txt"
grep detach "$LAB_DIR/refusal.txt"
grows forward
assert_match "$(http_get guest http://$WAN_ADDR:8443/)" "^$WAN_ADDR:" "a new loopback after the refusal"

hairpind_start
assert_eq "$(hp_json status -- .backend.adopted)" true "adopted by its own build"
downloaded forward srv
downloaded loopback srv
