# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rules of others, by the programs that make them.

foreign_nftables() {
	gw nft -f - <<-END
		table inet somebody {
			chain forward {
				type filter hook forward priority 10; policy drop
				ct state invalid drop
				iifname tun0 accept
			}
			chain input {
				type filter hook input priority 0; policy drop
				iifname lo accept
				ct state established,related accept
				tcp dport 22 accept
			}
		}
	END
}

foreign_iptables() {
	gw iptables -P FORWARD DROP
	gw iptables -A FORWARD -i tun0 -j ACCEPT
}

foreign_legacy() {
	gw iptables-legacy -P FORWARD DROP || skip "this kernel has no iptables of the old kind"
}

# The chains of dockerd 28 that has switched on forwarding itself, with one container that publishes a port: written by hand, in the order that listings
# of such machines show (FORWARD: DOCKER-USER, DOCKER-FORWARD; that: DOCKER-CT, then DOCKER-BRIDGE, then DOCKER). What matters here is the policy of
# FORWARD and that DOCKER-USER comes first, and both are documented (docs.docker.com, "Packet filtering and firewalls").
foreign_docker() {
	ip link add docker0 type bridge
	ip addr add 172.17.0.1/16 dev docker0
	ip link set docker0 up
	gw iptables-restore <<-END
		*filter
		:INPUT ACCEPT [0:0]
		:FORWARD DROP [0:0]
		:OUTPUT ACCEPT [0:0]
		:DOCKER - [0:0]
		:DOCKER-BRIDGE - [0:0]
		:DOCKER-CT - [0:0]
		:DOCKER-FORWARD - [0:0]
		:DOCKER-ISOLATION-STAGE-1 - [0:0]
		:DOCKER-ISOLATION-STAGE-2 - [0:0]
		:DOCKER-USER - [0:0]
		-A FORWARD -j DOCKER-USER
		-A FORWARD -j DOCKER-FORWARD
		-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
		-A DOCKER ! -i docker0 -o docker0 -j DROP
		-A DOCKER-BRIDGE -o docker0 -j DOCKER
		-A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
		-A DOCKER-FORWARD -j DOCKER-CT
		-A DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1
		-A DOCKER-FORWARD -j DOCKER-BRIDGE
		-A DOCKER-FORWARD -i docker0 -j ACCEPT
		-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
		-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
		COMMIT
		*nat
		:PREROUTING ACCEPT [0:0]
		:INPUT ACCEPT [0:0]
		:OUTPUT ACCEPT [0:0]
		:POSTROUTING ACCEPT [0:0]
		:DOCKER - [0:0]
		-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
		-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
		-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
		-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8088 -j DNAT --to-destination 172.17.0.2:80
		COMMIT
		*raw
		:PREROUTING ACCEPT [0:0]
		:OUTPUT ACCEPT [0:0]
		-A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP
		COMMIT
	END
}

# The program itself; its /etc is the lab's.
foreign_ufw() {
	command -v ufw >/dev/null || skip "ufw is not installed"
	gw ufw --force enable
}

# A ruleset in the shape that firewall4 prints for two zones, lan and wan, with forwarding from lan to wan allowed to nobody; its program
# reads the include folders and loads it again, as `fw4 reload` does.
foreign_fw4() {
	mkdir -p "$LAB_DIR/fw4" /run/share/upper /run/share/work
	mount -t overlay -o lowerdir=/usr/share,upperdir=/run/share/upper,workdir=/run/share/work lab-share /usr/share
	fw4_rules >"$LAB_DIR/fw4/rules"
	cat >"$LAB_DIR/fw4/fw4" <<-END
		#!/bin/sh
		mkdir -p /usr/share/nftables.d/chain-pre/input /usr/share/nftables.d/chain-pre/forward
		exec nft -f "$LAB_DIR/fw4/rules"
	END
	chmod +x "$LAB_DIR/fw4/fw4"
	PATH=$LAB_DIR/fw4:$PATH
	gw fw4 reload
}

fw4_rules() {
	cat <<-'END'
		table inet fw4
		flush table inet fw4
		table inet fw4 {
			chain input {
				type filter hook input priority filter; policy drop;
				iif "lo" accept comment "!fw4: Accept traffic from loopback"
				include "/usr/share/nftables.d/chain-pre/input/*.nft"
				ct state vmap { established : accept, related : accept } comment "!fw4: Handle inbound flows"
				iifname "wan" jump input_wan comment "!fw4: Handle wan IPv4/IPv6 input traffic"
				iifname { "br-lan", "lan2" } jump input_lan comment "!fw4: Handle lan IPv4/IPv6 input traffic"
				jump handle_reject
			}
			chain forward {
				type filter hook forward priority filter; policy drop;
				include "/usr/share/nftables.d/chain-pre/forward/*.nft"
				ct state vmap { established : accept, related : accept } comment "!fw4: Handle forwarded flows"
				iifname "wan" jump forward_wan comment "!fw4: Handle wan IPv4/IPv6 forward traffic"
				iifname { "br-lan", "lan2" } jump forward_lan comment "!fw4: Handle lan IPv4/IPv6 forward traffic"
				jump handle_reject
			}
			chain handle_reject {
				meta l4proto tcp reject with tcp reset comment "!fw4: Reject TCP traffic"
				reject comment "!fw4: Reject any other traffic"
			}
			chain input_lan {
				iifname { "br-lan", "lan2" } counter accept comment "!fw4: accept lan IPv4/IPv6 traffic"
			}
			chain input_wan {
				meta nfproto ipv4 icmp type echo-request counter accept comment "!fw4: Allow-Ping"
				iifname "wan" counter jump handle_reject comment "!fw4: reject wan IPv4/IPv6 traffic"
			}
			chain forward_lan {
				oifname "tun0" counter accept comment "!fw4: accept lan to vpn forwarding"
			}
			chain forward_wan {
				meta l4proto esp counter accept comment "!fw4: Allow-IPSec-ESP"
			}
			chain srcnat {
				type nat hook postrouting priority srcnat; policy accept;
				oifname "wan" meta nfproto ipv4 masquerade comment "!fw4: Masquerade IPv4 wan traffic"
			}
		}
	END
}
