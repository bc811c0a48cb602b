#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hosts with the same source port never share an external port, not even towards different destinations (RFC 4787 REQ-3, RFC
# 5382 REQ-7).
# Requirements: 3, 31.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up </dev/null
echo_serve inet 7001 7002

for proto in udp tcp; do
	option=-w3000
	[ $proto = udp ] || option=-t
	first=$(lan1 ask $option -p 5000 $INET_ADDR:7001)
	second=$(srv ask $option -p 5000 $INET_ADDR2:7002)
	third=$(guest ask $option -p 5000 $INET_FAR:7001)
	assert_eq "$(printf '%s\n' "$first" "$second" "$third" | sort -u | wc -l)" 3 \
		"external endpoints of three hosts, $proto: $first $second $third"
	assert_eq "$(hp_json show mappings -- "[.mappings[] | select(.protocol == \"$proto\") | [.external, .external_port]] | length == (unique | length)")" \
		true "each external port belongs to one mapping"
done
