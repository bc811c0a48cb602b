#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A service's name is answered inside with its LAN address, and nothing of what the public zone says about it gets through.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
http_serve srv 80

for client in lan1 guest; do
	server=$LAN_GW
	[ $client = lan1 ] || server=$GUEST_GW
	assert_eq "$(ask_name $client $server app.example.com A)" $SRV_ADDR "A as $client hears it"
	for type in AAAA HTTPS SVCB MX TXT TYPE4711; do
		assert_eq "$(ask_name $client $server app.example.com $type)" NOERROR "$type as $client hears it"
	done
	assert_eq "$(ask_name $client $server APP.Example.COM A +tcp)" $SRV_ADDR "A over TCP as $client hears it"
done

# What is not ours is as the zone has it.
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "A of another name"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com AAAA)" $INET_ADDR6 "AAAA of another name"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com HTTPS)" "1 . alpn=\"h2\" ipv4hint=$INET_ADDR" "HTTPS of another name"
assert_eq "$(ask_name lan1 $LAN_GW alias.example.com A)" "$(printf 'other.example.com.\n%s' $INET_ADDR)" "a CNAME of the zone"
assert_eq "$(ask_name lan1 $LAN_GW absent.example.com A)" NXDOMAIN "a name that there is not"
assert_eq "$(ask_name lan1 $LAN_GW example.com MX)" "10 mail.example.com." "MX of the domain"

# Programs use it: by name, and past the NAT.
echo "nameserver $LAN_GW" >/etc/resolv.conf
sent=$(packets sent-hairpin)
assert_eq "$(http_get lan1 http://app.example.com/ --local-port 40001)" "$LAN1_ADDR:40001" "whom the server sees"
assert_eq "$(lan1 getent ahosts app.example.com | awk '{ print $1 }' | sort -u)" $SRV_ADDR "getaddrinfo"
assert_counted sent-hairpin "$sent" 0

# From outside nothing answers.
refute inet dig @$WAN_ADDR +tries=1 +time=2 app.example.com A
refute inet dig @$WAN_ADDR +tcp +tries=1 +time=2 app.example.com A

# A name that keeps its public address is an exception under a pattern that does not.
gw_conf <<END
services:
  - name: all
    domain: "*.example.com"
    host: $SRV_ADDR
    ports: [80/tcp]
  - name: other
    domain: other.example.com
    host: $SRV_ADDR
    ports: ["8443:443/tcp"]
dns:
  upstream: [$AUTH_ADDR]
END
reload
assert_eq "$(ask_name lan1 $LAN_GW any.example.com A)" $SRV_ADDR "a name of the pattern"
assert_eq "$(ask_name lan1 $LAN_GW any.example.com AAAA)" NOERROR "its AAAA"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "A of the exception"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com AAAA)" $INET_ADDR6 "AAAA of the exception"
assert_eq "$(ask_name lan1 $LAN_GW example.com MX)" "10 mail.example.com." "what stands above"
