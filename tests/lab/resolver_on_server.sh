#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A router that cannot loop back and is not ours, with its own DHCP server: with role resolver on the server itself, a client of the LAN that is told of it by DHCP
# reaches the service by its name.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
http_serve srv 80

# The router: translates and forwards as most do, for what comes from outside only.
sysctl -qw net.ipv4.ip_forward=1
nft -f - <<-END
	table ip router {
		chain prerouting {
			type nat hook prerouting priority -100
			iifname wan tcp dport 80 dnat to $SRV_ADDR
		}
		chain postrouting {
			type nat hook postrouting priority 100
			oifname wan masquerade
		}
	}
END
# What `hairpin status` says is to be entered there: this address, and no second one.
spawn router gw dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --user=root --pid-file= --log-facility=- --interface=br-lan \
	--dhcp-range=192.168.11.100,192.168.11.120,1h --dhcp-leasefile="$LAB_DIR/router.leases" --dhcp-authoritative \
	--dhcp-option=option:router,$LAN_GW --dhcp-option=option:dns-server,$SRV_ADDR
wait_for 10 'listens gw udp 67'

cat >$CONF <<END
role: resolver
services:
  - name: app
    domain: app.example.com
    host: $SRV_ADDR
    ports: [80/tcp]
dns:
  listen: $SRV_ADDR
  upstream: [$AUTH_ADDR]
END
spawn hairpind srv "$HAIRPIND" -f "$CONF"
wait_for 30 '! running hairpind || "$HAIRPIN" status'
running hairpind || fail "hairpind ended by itself, see its log"

ip -n lan1 -4 addr flush dev eth0
cat >"$LAB_DIR/configure" <<'END'
#!/bin/sh
case $reason in
BOUND | RENEW | REBIND | REBOOT)
	ip addr replace "$new_ip_address/24" dev "$interface"
	ip route replace default via "$new_routers" dev "$interface"
	for server in $new_domain_name_servers; do
		echo "nameserver $server"
	done >/etc/resolv.conf
	;;
esac
END
chmod +x "$LAB_DIR/configure"
spawn client lan1 dhclient -4 -d -v -sf "$LAB_DIR/configure" -lf "$LAB_DIR/client.leases" -pf "$LAB_DIR/client.pid" eth0
wait_for 30 'grep -q "^bound to" "$LAB_DIR/client.log" && [ -s /etc/resolv.conf ]'
leased=$(sed -n 's/^bound to \([0-9.]*\).*/\1/p' "$LAB_DIR/client.log" | head -n 1)
assert_eq "$(cat /etc/resolv.conf)" "nameserver $SRV_ADDR" "the client's servers"

# The service is there from outside, and not from inside by the public address.
assert_match "$(http_get inet http://$WAN_ADDR/)" "^$INET_ADDR:" "whom the server sees from outside"
refute http_get lan1 http://$WAN_ADDR/ --connect-timeout 2

assert_eq "$(http_get lan1 http://app.example.com/ --local-port 40001)" "$leased:40001" "whom the server sees, by name"
assert_eq "$(http_get srv http://app.example.com/ --local-port 40002)" "$SRV_ADDR:40002" "the server itself, by name"
for type in AAAA HTTPS; do
	assert_eq "$(ask_name lan1 $SRV_ADDR app.example.com $type)" NOERROR "$type of the name"
done
assert_eq "$(ask_name lan1 $SRV_ADDR other.example.com A)" $INET_ADDR "A of another name"

# Word for word what somebody has to enter.
hp status | tee "$LAB_DIR/status.txt" >&2
grep -q "^router .*DHCP" "$LAB_DIR/status.txt"
grep -q "and not the DNS servers of its WAN" "$LAB_DIR/status.txt"
grep -q "first server *$SRV_ADDR *(for 192.168.11.0/24)" "$LAB_DIR/status.txt"
grep -q "second server *none" "$LAB_DIR/status.txt"
grep -q "because " "$LAB_DIR/status.txt"
assert_eq "$(hp_json status -- '.router.servers | map(.address) | join(" ")')" $SRV_ADDR "what programs are told"
assert_eq "$(hp_json show services -- '.services[0].verdict')" serving "the verdict"
