#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A build without the nftables backend has nothing to take where rules of others would be passed by: with `auto` it does not start, and names the rule, as
# check does; with nat.ignore-netfilter it does.
. "$(dirname "$0")/lab.sh"

lab_up bridge
gw nft -f - <<-END
	table inet somebody {
		chain forward {
			type filter hook forward priority 0; policy drop;
		}
	}
END
gw_conf < <(standard_services)
hp check "$CONF" >"$LAB_DIR/check.txt" || true
has 'table inet somebody, chain forward: policy drop' <"$LAB_DIR/check.txt"
has 'refuses the start' <"$LAB_DIR/check.txt"
hairpind_run
finished hairpind && fail "it has started"
has 'eBPF would pass by rules of others: table inet somebody, chain forward: policy drop; this build has no nftables' <"$LAB_DIR/hairpind.log"
refute gw nft list table inet hairpin

gw_conf < <(standard_services && echo "nat: { ignore-netfilter: yes, limits: { sessions: 16384 } }")
hairpind_start
echo_serve srv 7000
assert_match "$(lan1 ask $WAN_ADDR:7000)" "^$WAN_ADDR:" "the loopback"
