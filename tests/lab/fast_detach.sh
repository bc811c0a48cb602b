#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No XDP program and no pin stays behind: after a detach by the daemon, after one without a daemon, and after an interface left the configuration. A daemon that ends
# leaves them, and the next one takes them over without a gap: fast_detach.sh BUILD
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/fast.sh"

lab_up bridge
fast_ends
fast_up on < <(standard_services)
echo_serve srv 7000
outside=(40001 inet "$WAN_ADDR:7000" "$INET_ADDR:40001")
all=(wan lan2 p-lan1 p-srv)
assert_xdp "wan br-lan" "${outside[@]}"
assert_eq "$(programs_on "${all[@]}")" 4 "XDP programs"

say "an interface leaves the configuration"
cp $CONF "$LAB_DIR/whole.yaml"
sed -i '/interface: lan2/d' $CONF
reload
assert_eq "$(programs_on lan2)" 0 "XDP programs on the interface that left"
assert_eq "$(programs_on "${all[@]}")" 3 "XDP programs on the others"
cp "$LAB_DIR/whole.yaml" $CONF
reload
assert_eq "$(programs_on "${all[@]}")" 4 "XDP programs when it is there again"

say "another daemon takes over"
before=$(program_of wan)
hairpind_kill
assert_eq "$(program_of wan)" "$before" "the program without a daemon"
hairpind_start
assert_ne "$(program_of wan)" "$before" "the program of the next daemon"
assert_eq "$(programs_on "${all[@]}")" 4 "XDP programs of the next daemon"
assert_xdp "wan br-lan" "${outside[@]}"

say "an interface is made anew"
pins=$(find $PINS -name 'xdp_*' | wc -l)
ip link del lan2
ip link add lan2 type veth peer name lan2-peer
ip link set lan2-peer up
ip link set lan2 up
ip addr add $GUEST_GW/24 dev lan2
wait_for 10 '[ "$(programs_on lan2)" = 1 ]'
assert_eq "$(find $PINS -name 'xdp_*' | wc -l)" "$pins" "pins of programs"

say "detached by the daemon, and without one"
hp detach
wait_for 10 '! running hairpind'
assert_eq "$(programs_on "${all[@]}")" 0 "XDP programs after a detach"
[ ! -e $PINS ] || fail "pins are left: $(find $PINS)"
hairpind_start
assert_eq "$(programs_on "${all[@]}")" 4 "XDP programs again"
hairpind_kill
hp detach
assert_eq "$(programs_on "${all[@]}")" 0 "XDP programs after a detach without a daemon"
[ ! -e $PINS ] || fail "pins are left: $(find $PINS)"
