#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A filtering of its own, by nat.hosts or by its service, is that host's alone.
# Requirements: 10.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up <<END
nat:
  limits: { sessions: 16384 }
  filtering: address-and-port-dependent
  hosts:
    - address: $LAN1_ADDR
      filtering: { udp: endpoint-independent }
services:
  - name: game
    host: $SRV_ADDR
    ports: [7000/udp]
    filtering: { udp: address-dependent }
END
echo_serve inet 7001
declare -A port=([lan1]=5001 [srv]=5002 [guest]=5003)
for host in lan1 srv guest; do
	spawn "$host" $host ask -k -p "${port[$host]}" $INET_ADDR:7001
	wait_for 10 "grep -qx '$WAN_ADDR:${port[$host]}' '$LAB_DIR/$host.log'"
done

# reached HOST: by a stranger, and by another port of the address that it spoke to.
reached() {
	local to=$WAN_ADDR:${port[$1]}
	inet ask -b $INET_ADDR2 -w 700 "$to" >/dev/null && echo "by strangers" && return
	inet ask -b $INET_ADDR -w 700 "$to" >/dev/null && echo "by known addresses" && return
	echo "by known endpoints"
}
assert_eq "$(reached lan1)" "by strangers" "the host of nat.hosts"
assert_eq "$(reached srv)" "by known addresses" "the service's host"
assert_eq "$(reached guest)" "by known endpoints" "any other"
