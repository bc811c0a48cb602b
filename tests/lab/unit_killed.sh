#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A daemon that crashes, and one that goes round no more, is started again by the service manager and takes the data plane over; connections go on. Nothing secret is in the log, and there is no
# core that could hold any.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/certificates.sh"
. "$LAB_SRC/lib/systemd.sh"

TOKEN=4f2a6d19c07b

conf() {
	gw_conf <<-END
		services:
		  - name: app
		    domain: app.example.com
		    host: $SRV_ADDR
		    ports: [80/tcp]
		hosts-service: yes
		dns:
		  upstream: ["https://$AUTH_ADDR/$TOKEN/dns-query"]
	END
}

restarted() { # COUNT
	[ "$(unit_property NRestarts)" = "$1" ] && [ "$(unit_property ActiveState)" = active ]
}

lab_up bridge
http_serve srv 80
http_files srv 4000000
manager_up
# Time enough for a busy machine.
# Without the sanitizer's word on a crash that is asked for.
unit_install "WatchdogSec=$((4 * LAB_TIME_FACTOR))" "Environment=ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0:handle_segv=0"
conf
unit_start
pid=$(unit_property MainPID)
assert_match "$(manager_sees cat "/proc/$pid/limits")" "Max core file size +0 +0" "the room for a core"
wait_for 10 '[ -s /var/lib/hairpin/hosts-key ]'
# It cannot ask there, and says so; by the name of the server and not by what stands behind it.
lan1 dig +time=1 +tries=1 other.example.com @$LAN_GW >/dev/null || true
download file lan1 http://$WAN_ADDR/slow
grows file
generation=$(generation)

say "crashes"
manager_sees nsenter --target 1 --pid kill -SEGV "$pid"
wait_for 20 'restarted 1'
assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"
assert_ge "$(generation)" "$generation" "generation"
grows file

say "goes round no more"
pid=$(unit_property MainPID)
manager_sees nsenter --target 1 --pid kill -STOP "$pid"
wait_for 30 'restarted 2'
assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"
downloaded file srv
refute inet ask -t -w 300 $WAN_ADDR:81

say "hangs while an apply waits for its confirmation"
sed 's/^    ports: .*/    ports: [80\/tcp, 81\/tcp]/' $CONF >"$LAB_DIR/next.yaml"
cp $CONF "$LAB_DIR/before.yaml"
hp apply --confirm 3s "$LAB_DIR/next.yaml"
pid=$(unit_property MainPID)
manager_sees nsenter --target 1 --pid kill -STOP "$pid"
wait_for 30 'cmp "$LAB_DIR/before.yaml" $CONF && [ "$(hp_json status -- .pending)" = null ]'
# The guardian leaves it to the manager to start one, which waits less long than the guardian does for that.
assert_eq "$(unit_property ActiveState) $(unit_property MainPID)" "active $(hp_json status -- .pid)" "the unit and its daemon"
assert_ne "$(unit_property MainPID)" "$pid" "its process"

say "its log"
assert_ge "$(grep -c 'ready: generation' "$LAB_DIR/hairpind.log")" 4 "starts"
refute grep "$TOKEN" "$LAB_DIR/hairpind.log"
refute grep -F "$(sed -n 2p /var/lib/hairpin/hosts-key)" "$LAB_DIR/hairpind.log"
[ -z "$(find / -xdev -maxdepth 1 -name 'core*' -newer "$LAB_DIR/nginx-srv")" ] || fail "there is a core"
