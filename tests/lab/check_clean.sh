#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `check` finds nothing to say about a good configuration on a clean machine, without a daemon and with one, and does nothing.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_conf() {
	gw_conf <<-END
		services:
		  - name: echo
		    host: $SRV_ADDR
		    ports: [7000/udp, 7000/tcp]
	END
}
hairpin_conf
hp check $CONF
assert_eq "$(filters wan ingress)" 0 "filters after check"
hairpind_start
before=$(generation)
hp check
assert_eq "$(generation)" "$before" "generation"
sed -i 's#7000/udp#0/udp#' $CONF
assert_eq "$(exit_status hp check $CONF)" 1 "check of a wrong one"
