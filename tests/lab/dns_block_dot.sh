#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dns.block-dot: hosts inside reach no server of DNS over TLS or QUIC outside, and are told so at once; the gateway itself does.
. "$(dirname "$0")/lab.sh"

dns_conf() {
	cat <<-END
		services:
		  - { name: app, host: $SRV_ADDR, ports: [80/tcp] }
		dns:
		  upstream: [$AUTH_ADDR]
		  block-dot: $1
	END
}

lab_up bridge
hairpin_up < <(dns_conf no)
http_serve inet 853
echo_serve inet 7001
assert_eq "$(http_get lan1 http://$INET_ADDR:853/ --local-port 40001)" "$WAN_ADDR:40001" "without it"

gw_conf < <(dns_conf yes)
reload
before=$(packets drop-dot)
said=$(refute http_get lan1 http://$INET_ADDR:853/ 2>&1)
assert_match "$said" "Connection refused|Couldn't connect" "TCP from a host inside"
assert_counted drop-dot "$before"
before=$(packets drop-dot)
refute http_get lan1 "http://[$INET_ADDR6]:853/" --max-time 3
assert_counted drop-dot "$before"
before=$(packets drop-dot)
refute lan1 ask -w 2000 $INET_ADDR:853
assert_counted drop-dot "$before"
before=$(packets drop-dot)
refute http_get guest http://$INET_ADDR:853/
assert_counted drop-dot "$before"

before=$(packets drop-dot)
assert_eq "$(http_get gw http://$INET_ADDR:853/ --local-port 40002)" "$WAN_ADDR:40002" "the gateway's own"
assert_eq "$(lan1 ask -p 5000 $INET_ADDR:7001)" "$WAN_ADDR:5000" "another port"
assert_counted drop-dot "$before" 0
