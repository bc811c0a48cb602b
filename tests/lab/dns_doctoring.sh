#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A name that nobody declared, with our public address: inside it is the host's that everything is forwarded to, and follows our address when that changes.
. "$(dirname "$0")/lab.sh"

new=${WAN_ADDR%.*}.77
lab_up bridge
auth_serve <<-END
	home A $WAN_ADDR
	home AAAA $WAN_ADDR6
	home HTTPS 1 . alpn=h2 ipv4hint=$WAN_ADDR ipv6hint=$WAN_ADDR6
	home TXT "home"
	www CNAME home
	next A $new
END
hairpin_up <<END
services:
  - name: app
    domain: app.example.com
    host: $SRV_ADDR
    ports: [80/tcp]
dns:
  upstream: [$AUTH_ADDR]
END
http_serve srv 80

for again in first cached; do
	assert_eq "$(ask_name lan1 $LAN_GW home.example.com A)" $SRV_ADDR "A, $again"
	assert_eq "$(ask_name lan1 $LAN_GW home.example.com AAAA)" NOERROR "AAAA, $again"
	assert_eq "$(ask_name lan1 $LAN_GW home.example.com HTTPS)" "1 . alpn=\"h2\" ipv4hint=$SRV_ADDR" "HTTPS, $again"
	assert_eq "$(ask_name lan1 $LAN_GW www.example.com A)" "$(printf 'home.example.com.\n%s' $SRV_ADDR)" "an alias, $again"
	assert_eq "$(ask_name guest $GUEST_GW home.example.com A +tcp)" $SRV_ADDR "A for guests, $again"
done
assert_eq "$(ask_name lan1 $LAN_GW home.example.com TXT)" '"home"' "TXT"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "another's address"
assert_eq "$(ask_name lan1 $LAN_GW next.example.com A)" "$new" "an address that is not ours yet"
echo "nameserver $LAN_GW" >/etc/resolv.conf
sent=$(packets sent-hairpin)
assert_eq "$(http_get lan1 http://home.example.com/ --local-port 40001)" "$LAN1_ADDR:40001" "whom the server sees"
assert_counted sent-hairpin "$sent" 0

# The provider gives us another address: what was kept of either is asked for anew.
ip addr del "$WAN_ADDR/24" dev wan
ip addr add "$new/24" dev wan
ip route replace default via $INET_ADDR dev wan
wait_for 10 '[ "$(ask_name lan1 $LAN_GW next.example.com A)" = $SRV_ADDR ]'
assert_eq "$(ask_name lan1 $LAN_GW home.example.com A)" $WAN_ADDR "an address that is ours no more"

# A host that wants to be seen by its public address, and a network that wants nothing of all this.
gw_conf <<END
services:
  - { name: app, host: $SRV_ADDR, ports: [80/tcp], rewrite: off }
dns:
  upstream: [$AUTH_ADDR]
END
reload
assert_eq "$(ask_name lan1 $LAN_GW next.example.com A)" "$new" "with rewrite: off"
gw_conf <<END
services:
  - { name: app, host: $SRV_ADDR, ports: [80/tcp] }
dns:
  upstream: [$AUTH_ADDR]
END
reload
assert_eq "$(ask_name lan1 $LAN_GW next.example.com A)" $SRV_ADDR "with nothing said"
gw_conf <<END
services:
  - { name: app, host: $SRV_ADDR, ports: [80/tcp] }
dns:
  upstream: [$AUTH_ADDR]
  doctoring: off
END
reload
assert_eq "$(ask_name lan1 $LAN_GW next.example.com A)" "$new" "with doctoring: off"
