#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# HTTPS records of names of ours say what the service offers and where it is inside, never what the public zone says.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve <<-END
	quic HTTPS 1 . alpn=h3,h2 ipv4hint=$WAN_ADDR
	said HTTPS 1 . alpn=h3,h2 ipv4hint=$WAN_ADDR ech=AAAA
END
hairpin_up <<END
services:
  - { name: quic, domain: quic.example.com, host: $SRV_ADDR, preset: https }
  - { name: said, domain: said.example.com, host: $SRV_ADDR, ports: [8443/tcp] }
  - { name: app, domain: app.example.com, host: $SRV_ADDR, ports: [80/tcp] }
dns:
  upstream: [$AUTH_ADDR]
  rewrites:
    - { domain: said.example.com, answer: "HTTPS 1 . alpn=h2 no-default-alpn port=8443" }
    - { domain: own.example.com, answer: [$SRV_ADDR, "HTTPS 2 . alpn=http/1.1", "HTTPS 1 . alpn=h2"] }
END

assert_eq "$(ask_name lan1 $LAN_GW quic.example.com HTTPS)" "1 . alpn=\"h3,h2\" ipv4hint=$SRV_ADDR" "by the ports"
assert_eq "$(ask_name lan1 $LAN_GW said.example.com HTTPS)" \
	"1 . alpn=\"h2\" no-default-alpn port=8443 ipv4hint=$SRV_ADDR" "as it is said"
assert_eq "$(ask_name lan1 $LAN_GW said.example.com A)" $SRV_ADDR "the service's address beside that"
assert_eq "$(ask_name lan1 $LAN_GW own.example.com HTTPS | sort)" "1 . alpn=\"h2\" ipv4hint=$SRV_ADDR
2 . alpn=\"http/1.1\" ipv4hint=$SRV_ADDR" "two of one name"
assert_eq "$(ask_name lan1 $LAN_GW app.example.com HTTPS)" NOERROR "of a service without them"
assert_eq "$(ask_name lan1 $LAN_GW _8443._https.said.example.com HTTPS)" NOERROR "of a port of its own"
assert_eq "$(ask_name lan1 $LAN_GW quic.example.com SVCB)" NOERROR "SVCB"
