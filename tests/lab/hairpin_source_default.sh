#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nat.hairpin-source holds for every service that has none of its own.
. "$(dirname "$0")/lab.sh"

lab_up bridge
{
	standard_services
	printf '    hairpin-source: external\nnat:\n  hairpin-source: gateway\n  limits: { sessions: 16384 }\n'
} | gw_conf
hairpind_start
http_serve srv 443 80
echo_serve srv 7000

assert_match "$(http_get lan1 http://$WAN_ADDR:8443/)" "^$LAN_GW:" "web: as nat says"
assert_match "$(lan1 ask $WAN_ADDR:7000)" "^$WAN_ADDR:" "echo: as the service says"
