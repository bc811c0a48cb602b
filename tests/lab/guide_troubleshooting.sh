#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What doc/troubleshooting.md and CONTRIBUTING.md ask to be run, on a gateway where nothing is wrong.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/pages.sh"

WAN_DEV=eth0
lab_up bridge
auth_serve <<<"home A $WAN_ADDR"
echo "nameserver $LAN_GW" >/etc/resolv.conf
http_serve srv 80
hairpin_up <<-END
	lan: [{ interface: br-lan }]
	services:
	  - { name: web, domain: home.example.com, host: $SRV_ADDR, ports: [80/tcp] }
	dns: { upstream: [$AUTH_ADDR] }
END
# What must be found later: a port that nobody forwards.
http_refused inet http://$WAN_ADDR:81/

page_open doc/troubleshooting.md
page_run gw
assert_match "$(cat "$PAGE_SAID")" "web +$SRV_ADDR .*serving" "what status says of the service"
assert_match "$(cat "$PAGE_SAID")" "drop-closed" "the reason of the packet that was dropped"
page_run lan1
assert_eq "$(awk '{ print $1 }' "$PAGE_SAID" | sort -u)" $SRV_ADDR "where the name leads to"
page_end

page_open CONTRIBUTING.md
page_run gw
assert_match "$(cat "$PAGE_SAID")" "^hairpin [0-9.]+" "the version"
page_end
