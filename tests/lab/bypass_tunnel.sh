#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A proxy beside us leads what comes from the LAN into its tunnel by a rule of routing. Answers of forwarded connections, by us or past us, are not its business, and
# loopback is not; what hosts open outwards is. (Netfilter's packets need the rule that asks for nat.mark: nftables_bypass_mark.)
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

bypass_up
server_gateway gw
client_gateway gw
main_forward 8443/tcp $SIDE_ADDR
main_forward 7000/udp $SIDE_ADDR
main_forward 443/tcp $SRV_ADDR
main_forward 7001/udp $SRV_ADDR
ip tuntap add dev tunnel mode tun
ip addr add 198.18.0.1/30 dev tunnel
ip link set tunnel up
ip route add default dev tunnel table 200
ip rule add pref 200 iif eth0 from 192.168.11.0/24 lookup 200
hairpin_up <<-END
	wan: { interface: eth0, public-address: $MAIN_ADDR, map-upstream: off }
	nat: { backend: bpf, limits: { sessions: 16384 } }
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp", 443/tcp, 7000/udp, 7001/udp], outside-source: client }
END
http_serve srv 443
http_files srv 400000
http_serve inet 81
echo_serve srv 7000 7001

assert_eq "$(http_get inet http://$MAIN_ADDR:8443/ --local-port 40000)" "$INET_ADDR:40000" "by us"
assert_eq "$(inet ask -p 40001 $MAIN_ADDR:7000)" "$INET_ADDR:40001" "by us, udp"
assert_eq "$(http_get inet http://$MAIN_ADDR:443/ --local-port 40002)" "$INET_ADDR:40002" "past us"
assert_eq "$(inet ask -p 40003 $MAIN_ADDR:7001)" "$INET_ADDR:40003" "past us, udp"
assert_match "$(http_get lan1 http://$MAIN_ADDR:8443/)" "^$MAIN_ADDR:" "from inside"
for port in 443 8443; do
	download big inet http://$MAIN_ADDR:$port/big
	downloaded big srv
done
# Nobody reads from the tunnel.
http_refused lan1 http://$INET_ADDR:81/
assert_ge "$(packets pass-other-device)" 1 "what the proxy gets"

# A proxy that takes what netfilter marks gets nothing from these programs: that is said, and said where rules of routing alone decide it is not.
noted() { hp_json check "$CONF" -- '.findings[] | select(.kind == "proxy") | .level + ": " + .text' || true; }
assert_eq "$(noted)" "" "what is said of a proxy that gets its own"
ip rule add pref 150 fwmark 0x162 lookup 200
noted >"$LAB_DIR/noted"
cat "$LAB_DIR/noted" >&2
has -F "note: likely: what rules of netfilter mark would leave by tunnel, the TUN device of a proxy or VPN: ip rule 150: from all fwmark 0x162 lookup 200; with the bpf backend what hosts open meets no such rule" <"$LAB_DIR/noted"
assert_eq "$(wc -l <"$LAB_DIR/noted")" 1 "notes"
