#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 in the middle of reloads: the next daemon adopts the data plane, has the newest configuration in force, and standing
# connections go on.
. "$(dirname "$0")/lab.sh"

lab_up bridge
conf() {
	gw_conf <<-END
		services:
		  - name: stays
		    host: $SRV_ADDR
		    ports: [80/tcp]
		  - name: moves
		    host: $SRV_ADDR
		    ports: ["$((9000 + $1)):7000/udp"]
	END
}
conf 0
hairpind_start
echo_serve srv 7000
http_serve srv 80
http_files srv 4000000
download file lan1 http://$WAN_ADDR/slow
for ((i = 1; i <= 12; i++)); do
	conf $i
	"$HAIRPIN" reload >>"$LAB_DIR/reload.log" 2>&1 &
	asker=$!
	timeout 0.0$((i % 6))5 tail -f /dev/null || true
	hairpind_kill
	wait $asker || true
	hairpind_start
	assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"
	assert_eq "$(inet ask -p 4000 $WAN_ADDR:$((9000 + i)))" "$INET_ADDR:4000" "the newest configuration"
	refute inet ask -w 200 $WAN_ADDR:$((9000 + i - 1))
done
downloaded file srv
