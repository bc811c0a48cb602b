#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The WAN address changes while thousands of mappings are in use: wan_address_load.sh BUILD
#
# Nothing keeps the dead address: not a mapping, not a binding that rests, not a flow that goes on sending from the same port. Forwards answer at the
# new address within a second.
# Requirements: 14.
. "$(dirname "$0")/lab.sh"

new=198.51.100.2

# of_old MAP MEMBER: entries of that map that name the old address.
of_old() {
	gw bpftool -j map dump pinned "/sys/fs/bpf/hairpin/$(ls /sys/fs/bpf/hairpin)/$1" |
		jq "[.[].formatted.$2 | select(. == $(old_number))] | length"
}

# The address as the maps' dump prints a __be32 on this machine.
old_number() {
	python3 -c 'import socket, sys; print(int.from_bytes(socket.inet_aton(sys.argv[1]), sys.byteorder))' $WAN_ADDR
}

# One socket that asks again and again and notes each answer, as a tunnel would.
asker() {
	spawn "$1" "$2" python3 -u -c '
import select, socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 5555))
s.settimeout(0.2)
while True:
    s.sendto(b"x", (sys.argv[1], 7001))
    try:
        print("%.3f" % time.monotonic(), s.recv(100).decode(), flush=True)
    except OSError:
        pass
    select.select([], [], [], 0.02)' $INET_ADDR
}

lab_up bridge
gw_conf < <(standard_services; echo 'nat: { limits: { sessions: 65536 } }')
hairpind_start
echo_serve srv 7000
echo_serve inet 7001
spawn flows lan1 many_flows 3000 $INET_ADDR:7001
asker tunnel guest
wait_for 30 '[ "$(hp_json show mappings -- ".mappings | length")" -gt 3000 ]'
wait_for 5 "grep -q '$WAN_ADDR:5555' '$LAB_DIR/tunnel.log'"

began=$EPOCHREALTIME
ip addr del $WAN_ADDR/24 dev wan
ip addr add $new/24 dev wan
ip route replace default via $INET_ADDR dev wan
wait_for 5 "inet ask -w 100 -p 4000 $new:7000 | has -x $INET_ADDR:4000"
took=$(python3 -c "print(int(1000 * ($EPOCHREALTIME - $began)))")
assert_ge 1000 "$took" "milliseconds until the forward answers at the new address, at most"
wait_for 5 "grep -q '$new:5555' '$LAB_DIR/tunnel.log'"
assert_eq "$(awk -v new="$new:5555" '$2 == new { seen = 1 } seen && $2 != new' "$LAB_DIR/tunnel.log")" "" \
	"answers to the old address after the first to the new one"
if on_nftables; then
	wait_for 5 '[ "$(hp_json show mappings -- "[.mappings[] | select(.external == \"$WAN_ADDR\")] | length")" = 0 ]'
else
	wait_for 5 '[ "$(of_old hp_bindings key.addr)" = 0 ]'
	assert_eq "$(of_old hp_mappings value.ext_addr)" 0 "mappings of the old address"
fi
assert_eq "$(hp_json show sessions -- "[.sessions[] | select(.translated.source == \"$WAN_ADDR\")] | length")" 0 \
	"sessions of the old address"
assert_eq "$(guest ask -p 4002 $new:7000)" "$new:4002" "loopback at the new address"
