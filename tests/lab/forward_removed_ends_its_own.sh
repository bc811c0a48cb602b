#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A forward that a reload removes ends its own sessions, and no session of any other service.
. "$(dirname "$0")/lab.sh"

lab_up bridge
two() {
	cat <<-END
		services:
		  - name: stays
		    host: $SRV_ADDR
		    ports: [80/tcp]
		  - name: goes
		    host: $SRV_ADDR
		    ports: [${1}]
	END
}
hairpin_up < <(two 81/tcp)
http_serve srv 80 81
http_files srv 2000000

download stays inet http://$WAN_ADDR/slow
download goes inet http://$WAN_ADDR:81/slow
grows stays
grows goes
two 82/tcp | gw_conf
reload
grows stays
size=$(stat -c %s "$LAB_DIR/goes")
grows stays
assert_eq "$(stat -c %s "$LAB_DIR/goes")" "$size" "octets of the session that its forward ended"
downloaded stays srv
