#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Services of the gateway itself (host: self): from outside who is allowed, from every segment, from the gateway; by name and by public address;
# at the port as it is and at one that is another inside; a program's and a container's.
. "$(dirname "$0")/lab.sh"

CONTAINER=172.20.0.2

# conf NETWORK: that may use the web from outside.
conf() {
	cat <<-END
		lan:
		  - interface: $LAN_DEV
		  - { interface: lan2, isolate: yes }
		services:
		  - name: web
		    domain: app.example.com
		    host: self
		    ports: [80/tcp, 7000/udp]
		    allow: [$1, "2001:db8:99::/64"]
		  - name: moved
		    domain: other.example.com
		    host: self
		    ports: ["8443:443/tcp", "7001:7002/udp"]
		  - name: container
		    host: self
		    ports: [8080/tcp]
		dns:
		  upstream: [$AUTH_ADDR]
		nat:
		  ignore-netfilter: yes
		  limits: { sessions: 16384 }
	END
}

# A container as others have it: behind a bridge of its own, with a published port by rules that are not ours, and a table that forwards by
# connection state alone.
container_up() {
	bridge_up gw br-box
	ip addr add 172.20.0.1/24 dev br-box
	host_up box gw p-box $CONTAINER/24 2001:db8:20::2/64
	ip link set p-box master br-box
	ip -n box route add default via 172.20.0.1
	nft -f - <<-END
		table ip box {
			chain prerouting {
				type nat hook prerouting priority -100
				fib daddr type local tcp dport 8080 dnat to $CONTAINER:80
			}
			chain forward {
				type filter hook forward priority 0; policy accept
				oifname br-box ct state established,related accept
				oifname br-box ct status dnat accept
				oifname br-box drop
			}
		}
	END
}

# sees NS URL ADDRESS: the server sees that address.
sees() {
	local port=$((++PORT))
	assert_eq "$(http_get "$1" "$2" --local-port $port)" "$3:$port" "whom $2 sees from $1"
}

PORT=40000
lab_up bridge
auth_serve </dev/null
container_up
hairpin_up < <(conf 203.0.113.0/24)
http_serve gw 80 443 8444
http_serve box 80
echo_serve gw 7000 7002

# From outside: who is on the list. Nothing translates: the server sees whoever asks.
assert_eq "$(http_get inet http://$WAN_ADDR/ --interface $INET_FAR --local-port 40900)" "$INET_FAR:40900" "who is allowed"
refused=$(packets drop-not-allowed)
http_refused inet http://$WAN_ADDR/
refute inet ask -w 500 $WAN_ADDR:7000
assert_counted drop-not-allowed "$refused" 2
assert_eq "$(inet ask -b $INET_FAR -p 40901 $WAN_ADDR:7000)" "$INET_FAR:40901" "datagrams of who is allowed"
assert_eq "$(http_get inet "http://[$WAN_ADDR6]/" --interface 2001:db8:99::10 --local-port 40902)" "2001:db8:99::10:40902" "over IPv6"
http_refused inet "http://[$WAN_ADDR6]/"
sees inet http://$WAN_ADDR:8443/ $INET_ADDR
assert_eq "$(inet ask -p 40903 $WAN_ADDR:7001)" "$INET_ADDR:40903" "datagrams to a port that is another inside"
sees inet http://$WAN_ADDR:8080/ $INET_ADDR
# Nothing else is open: the port inside, another program's, and over IPv6 the port that is moved.
http_refused inet http://$WAN_ADDR:443/
http_refused inet http://$WAN_ADDR:8444/
http_refused inet "http://[$WAN_ADDR6]:8443/"
http_refused inet "http://[$WAN_ADDR6]:443/"

# From inside, where nobody is asked for the list: the name leads to the gateway in one's own segment, or stays public where a port is moved.
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $LAN_GW "the name as lan1 hears it"
assert_eq "$(ask_name guest $GUEST_GW app.example.com A)" $GUEST_GW "the name as guest hears it"
assert_eq "$(ask_name guest $GUEST_GW app.example.com AAAA)" NOERROR "nothing of the public zone gets through"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "a name with a moved port is asked upstream"
for client in lan1 guest; do
	server=$LAN_GW address=$LAN1_ADDR
	[ $client = lan1 ] || server=$GUEST_GW address=$GUEST_ADDR
	echo "nameserver $server" >/etc/resolv.conf
	sees $client http://app.example.com/ $address
	for port in "" :8443 :8080; do
		sees $client http://$WAN_ADDR$port/ $address
	done
	sees $client http://$server:8080/ $address
	assert_eq "$($client ask -p 40904 $WAN_ADDR:7001)" "$address:40904" "datagrams to a moved port"
done
# A segment that is isolated reaches what is declared and no other program, nor by another address of the gateway.
sees guest http://$LAN_GW/ $GUEST_ADDR
http_refused guest http://$WAN_ADDR:8444/
http_refused guest http://$GUEST_GW:8444/
http_refused guest http://$GUEST_GW:443/

# The gateway itself.
assert_match "$(http_get gw http://$WAN_ADDR/)" "^$WAN_ADDR:" "the gateway by its public address"
assert_match "$(http_get gw http://$WAN_ADDR:8443/)" "^$WAN_ADDR:" "the gateway, at a moved port"
assert_match "$(gw ask -t $WAN_ADDR:7000)" "^$WAN_ADDR:" "the gateway, at a port of no service"

# What people see.
assert_eq "$(hp_json show services -- '[.services[] | .host + " " + .verdict] | unique | join(",")')" "self serving" "services"
assert_eq "$(hp_json show services -- '.services[0].hairpin_source')" null "nothing is translated"
assert_match "$(hp check $CONF 2>&1 || true)" "container is of the gateway itself, and no program listens on 8080/tcp" "what check notes"
refute grep -q "no program listens on 80/tcp" < <(hp check $CONF 2>&1 || true)

# A list that is narrowed ends connections at once; what was let in goes on.
conn_serve gw 9000
conf 203.0.113.0/24 | sed 's|80/tcp, 7000/udp|80/tcp, 7000/udp, 9000/tcp|' | gw_conf
reload
conn_open held inet $WAN_ADDR:9000 bind=$INET_FAR
conn_lives held first
conf 192.0.2.0/24 | sed 's|80/tcp, 7000/udp|80/tcp, 7000/udp, 9000/tcp|' | gw_conf
reload
refused=$(packets drop-not-allowed)
echo second >"$LAB_DIR/held.in"
wait_for 10 '[ $(packets drop-not-allowed) -gt '"$refused"' ]'
refute grep -q second "$LAB_DIR/held.out"

# And with the last of them the kernel's NAT chain goes, where nothing else needs one.
if ! on_nftables; then
	assert_match "$(nft list table inet hairpin)" "chain questions" "the chain while a port is moved"
	names_conf | gw_conf
	reload
	refute nft list chain inet hairpin questions
fi
