#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While LAN hosts hold 20,000 mappings, the gateway itself opens 1,000 TCP and 1,000 UDP flows and none fails. The mappings lie
# across the range that the gateway takes its own ports from. All is the default, but for the limits of a host.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
nat:
  limits: { mappings-per-host: unlimited, new-per-host: unlimited, sessions-per-host: unlimited }
END
echo_serve inet 7001

read -r first last </proc/sys/net/ipv4/ip_local_port_range
assert_eq "$first-$last" 32768-60999 "the kernel's default range of ports"
spawn lan1 lan1 many_flows -p 33000 10000 $INET_ADDR:7001
spawn guest guest many_flows -p 43000 10000 $INET_FAR:7001
wait_for 120 'grep -q answered "$LAB_DIR/lan1.log" && grep -q answered "$LAB_DIR/guest.log"'
grep -qx 'answered 10000 of 10000' "$LAB_DIR/lan1.log"
grep -qx 'answered 10000 of 10000' "$LAB_DIR/guest.log"
assert_ge "$(hp_json show mappings -- '.mappings | length')" 20000 "mappings"

spawn tcp gw many_flows -t 1000 $INET_ADDR:7001
spawn udp gw many_flows 1000 $INET_ADDR:7001
wait_for 60 'grep -q answered "$LAB_DIR/tcp.log" && grep -q answered "$LAB_DIR/udp.log"'
assert_eq "$(cat "$LAB_DIR/tcp.log")" 'answered 1000 of 1000' "tcp flows of the gateway"
assert_eq "$(cat "$LAB_DIR/udp.log")" 'answered 1000 of 1000' "udp flows of the gateway"
