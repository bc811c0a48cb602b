#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/guide/dns.md, every block of it: behind a router without loopback the name leads to the server, from the LAN and from the server itself, and no other record of it gets past; then the same
# by dnsmasq.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/pages.sh"

# The router is not ours: it forwards what comes from outside, and cannot loop back.
router_up() {
	sysctl -qw net.ipv4.ip_forward=1
	nft -f - <<-END
		table ip router {
			chain prerouting {
				type nat hook prerouting priority -100
				iifname wan tcp dport 21115-21117 dnat to $SRV_ADDR
			}
			chain postrouting {
				type nat hook postrouting priority 100
				oifname wan masquerade
			}
		}
	END
}

AUTH_ADDR=192.0.2.53
lab_up bridge
ip -n inet addr add $AUTH_ADDR/32 dev lo
router_up
auth_serve <<-END
	rustdesk A $WAN_ADDR
	rustdesk AAAA $WAN_ADDR6
	rustdesk HTTPS 1 . alpn=h2 ipv4hint=$WAN_ADDR
END
echo_serve srv 21115 21116 21117
assert_eq "$(ask_name lan1 $AUTH_ADDR rustdesk.example.com A)" $WAN_ADDR "the name outside"
refute lan1 timeout 2 ask -t $WAN_ADDR:21116

page_open doc/guide/dns.md
page_file $CONF
page_run srv
page_run srv
page_shows
echo "nameserver $SRV_ADDR" >/etc/resolv.conf
page_run lan1
page_shows
refute grep -v "^$SRV_ADDR " "$PAGE_SAID"
page_run lan1
assert_eq "$(cat "$PAGE_SAID")" "" "records of the public zone"
assert_eq "$(ask_name lan1 $SRV_ADDR other.example.com A)" $INET_ADDR "A of another name"
for from in lan1 srv; do
	in_ns $from timeout 5 bash -c "</dev/tcp/rustdesk.example.com/21116" || fail "$from does not reach the service by its name"
done

# The other server in its place, with nothing of ours running.
page_run srv
wait_for 10 '! listens srv udp 53'
mkdir -p /etc/dnsmasq.d
page_run srv
spawn dnsmasq srv dnsmasq --keep-in-foreground --conf-file=/etc/dnsmasq.d/hairpin.conf --user=root --pid-file= --log-facility=- \
	--no-resolv --server=$AUTH_ADDR
wait_for 10 'listens srv udp 53'
assert_eq "$(ask_name lan1 $SRV_ADDR rustdesk.example.com A)" $SRV_ADDR "A by dnsmasq"
assert_match "$(ask_name lan1 $SRV_ADDR rustdesk.example.com AAAA)" "^NO" "AAAA by dnsmasq"
page_run srv
assert_match "$(cat "$PAGE_SAID")" "local-zone.*/api/config/dns/hosts.*/control/rewrite/add" "what the others are told"
page_end
