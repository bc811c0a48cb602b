#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The example configuration of the design, unchanged: https://example.com:8443/ works from outside and from inside. Its name keeps the
# public address everywhere, since 8443 is 443 at the host; inside, loopback carries it.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/certificates.sh"

EXAMPLE=$LAB_SRC/../conf/205-example.yaml
URL=https://example.com:8443/
WEB_ADDR=192.168.11.21
AUTH_ADDR=1.1.1.1
DOT_ADDR=9.9.9.9
WAN_DEV=eth0

# The interfaces and hosts that the example speaks of, and its upstreams.
example_up() {
	ip netns attach gw $$
	ns_settle gw
	sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.ip_forward=0
	inet_up
	ip -n inet addr add $AUTH_ADDR/32 dev lo
	ip -n inet addr add $DOT_ADDR/32 dev lo
	lan_up bridge
	host_up web gw p-web $WEB_ADDR/24 2001:db8:11::21/64
	ip link set p-web master br-lan
	bridge_up gw br-guest
	host_up guest gw p-guest $GUEST_ADDR/24 $GUEST_ADDR6/64
	ip link set p-guest master br-guest
	ip addr add $GUEST_GW/24 dev br-guest
	ip addr add $GUEST_GW6/64 dev br-guest nodad
	ip -n web route add default via $LAN_GW
	default_routes
	capture_links
}

# The upstreams answer with certificates that this machine believes, as the real ones do.
upstreams_serve() {
	authority_make
	certificate_make quad9 <<<$'dns_name = "dns.quad9.net"\nexpiration_days = 5'
	mkdir -p /etc/ssl/certs
	cp "$CA" /etc/ssl/certs/ca-certificates.crt
	auth_serve "ip-address: $DOT_ADDR@853" "tls-port: 853" "tls-service-key: \"$LAB_DIR/quad9.key\"" \
		"tls-service-pem: \"$LAB_DIR/quad9.pem\"" <<-END
			www A $WAN_ADDR
			rustdesk A $WAN_ADDR
		END
	wait_for 10 "listens inet tcp 853"
}

# sees NS SERVER ADDRESS [CURL-OPTION...]: the web server logs that address when NS asks by name, with SERVER for names.
sees() {
	local ns=$1 server=$2 address=$3 port=$((++PORT))
	shift 3
	echo "nameserver $server" >/etc/resolv.conf
	assert_eq "$(http_get "$ns" $URL --cacert "$CA" --local-port $port "$@")" "$address:$port" "whom the server sees from $ns"
	grep -q "^$address:$port $WEB_ADDR:443 " "$LAB_DIR/web.access.log" || fail "not in the server's log: $address:$port"
}

# named NS SERVER: the name is the public address to whoever asks there.
named() {
	assert_eq "$(ask_name "$1" "$2" example.com A)" $WAN_ADDR "example.com as $1 hears it"
	assert_eq "$(ask_name "$1" "$2" www.example.com A)" $WAN_ADDR "www.example.com as $1 hears it"
}

PORT=40000
example_up
upstreams_serve
printf '%s\n' ads.example.net >/etc/hairpin/ads.txt
cp "$EXAMPLE" $CONF
hairpind_start
certificate_make web <<<$'dns_name = "example.com"\nexpiration_days = 5'
HTTP_CERTIFICATE=$LAB_DIR/web http_serve web "443 ssl"

# From outside: who is allowed, as the server sees them, and nobody else.
sees inet $AUTH_ADDR $INET_FAR --interface $INET_FAR
refused=$(packets drop-not-allowed)
http_refused inet $URL --cacert "$CA" --interface $INET_ADDR
assert_counted drop-not-allowed "$refused"

# From inside. The client's own address is kept between segments (hairpin-source: client); within one it cannot be, or the server would
# answer past us.
named lan1 $LAN_GW
named guest $GUEST_GW
for client in lan1 web guest gw; do
	server=$LAN_GW address=$WAN_ADDR
	[ $client != guest ] || server=$GUEST_GW address=$GUEST_ADDR
	[ $client != gw ] || address=$LAN_GW
	before=$(packets sent-hairpin)
	sees $client $server $address
	[ $client = gw ] || assert_counted sent-hairpin "$before" 4
done

# The rest of the file acts as well.
assert_eq "$(ask_name lan1 $LAN_GW rustdesk.example.com A)" $SRV_ADDR "A of a name without other ports"
assert_eq "$(ask_name lan1 $LAN_GW rustdesk.example.com AAAA)" $SRV_ADDR6 "its AAAA"
assert_eq "$(ask_name guest $GUEST_GW any.lab.example.com A)" 192.168.11.30 "a rewrite"
wait_for 30 '[ "$(ask_name lan1 $LAN_GW ads.example.net A)" = 0.0.0.0 ]'
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "a name of upstream"
assert_eq "$(hp_json status -- '[.dns.upstreams[] | select(.fault != "")] | length')" 0 "upstreams with a fault"
assert_match "$(hp status)" "fast path   eth0: tc \(veth" "what is said of the fast path"
client_start lan1
client_bound lan1
assert_match "$(told_to lan1 ip_address)" '^192\.168\.11\.1[0-9][0-9]$' "a lease"
assert_eq "$(told_to lan1 domain_name_servers)" $LAN_GW "the DNS server of the lease"
sees lan1 "$(told_to lan1 domain_name_servers)" $WAN_ADDR
