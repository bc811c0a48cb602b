#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The sorter is the data plane's: it works on while hairpind is dead, and the next hairpind takes it over as it is. With nftables the kernel itself puts
# datagrams together, and there is none.
# Requirements: 20.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(pieces_service)
pieces_serve srv inet

exchange() {
	lan1 pieces -o reverse -s 8000 udp "$LAN1_ADDR:$1" $INET_ADDR:7000
	lan1 pieces -o reverse -s 8000 udp "$LAN1_ADDR:$1" $WAN_ADDR:7000
	inet pieces -o reverse -s 8000 udp "$INET_ADDR:$1" $WAN_ADDR:7000
}

# sorter: what it is made of; nothing, if there is none.
sorter() {
	[ ! -e /sys/class/net/hairpin-sort0 ] || cat /sys/class/net/hairpin-sort0/ifindex
	[ ! -e /var/lib/hairpin/sorter ] || stat -L -c %i /var/lib/hairpin/sorter
}

exchange 5000
before=$(sorter)
assert_eq "$(wc -w <<<"$before")" "$(on_nftables && echo 0 || echo 2)" "parts of the sorter"
hairpind_kill
exchange 5000
exchange 5001
hairpind_start
assert_eq "$(sorter)" "$before" "the sorter after a restart"
assert_eq "$(hp_json status -- '.warnings | length')" 0 "warnings"
exchange 5000
exchange 5002
