#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients ask over TLS and over HTTPS, are told of both, and of what is really there; a certificate that nobody would believe never gets in force.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/certificates.sh"

PEM=$LAB_DIR/dns.pem KEY=$LAB_DIR/dns.key

# conf [HTTPS [NAME]]: with the certificate of use().
conf() {
	names_conf
	printf '  tls: { certificate: %s, key: %s, name: %s, https: %s }\n' "$PEM" "$KEY" "${2:-dns.example.net}" "${1:-443}"
}

# use NAME: what certificate_make() made, where the configuration says.
use() {
	cp "$LAB_DIR/$1.pem" "$PEM"
	cp "$LAB_DIR/$1.key" "$KEY"
	chmod 600 "$KEY"
}

# asked NS SERVER OPTION...: the data of what kdig gets, under TLS as dns.example.net, if nothing else is said.
asked() {
	local ns=$1 server=$2
	shift 2
	in_ns "$ns" kdig "@$server" +tls-ca="$CA" +tls-hostname=dns.example.net +retry=0 +time=5 +short "$@"
}

designated() {
	ask_name lan1 $LAN_GW _dns.resolver.arpa TYPE64
}

lab_up bridge
auth_serve </dev/null
authority_make
certificate_make good <<<$'dns_name = "dns.example.net"\nexpiration_days = 5'
certificate_make renewed <<<$'dns_name = "dns.example.org"\ndns_name = "dns.example.net"\nexpiration_days = 5'
certificate_make other <<<$'dns_name = "dns.example.com"\nexpiration_days = 5'
certificate_make expired <<<$'dns_name = "dns.example.net"\nactivation_date = "2020-01-01 00:00:00"\nexpiration_date = "2021-01-01 00:00:00"'

hairpin_up < <(names_conf)
process=$(dns_pid)
assert_eq "$(designated)" NOERROR "nothing is designated where nothing is served"
refute listens gw tcp 853

use good
conf | gw_conf
reload
for way in +tls +https +https-get; do
	assert_eq "$(asked lan1 $LAN_GW $way app.example.com A)" $SRV_ADDR "a name of ours by $way"
	assert_eq "$(asked lan1 $LAN_GW $way other.example.com A)" $INET_ADDR "a name of upstream by $way"
	assert_eq "$(asked guest $GUEST_GW $way app.example.com A)" $SRV_ADDR "from another segment by $way"
	assert_match "$(asked lan1 $LAN_GW $way +noshort +stats +edns app.example.com A)" "Received 468 B" "padded by $way"
done
assert_eq "$(designated | sed 's/ dohpath=/ key7=/' | sort)" "1 dns.example.net. alpn=\"dot\" port=853 ipv4hint=$LAN_GW
2 dns.example.net. alpn=\"h2\" port=443 ipv4hint=$LAN_GW key7=\"/dns-query{?dns}\"" "told of both"
assert_match "$(ask_name guest $GUEST_GW _dns.resolver.arpa TYPE64)" "ipv4hint=$GUEST_GW" "each segment of its own address"
assert_match "$(hp status)" "the certificate for dns.example.net ends in 4 days" "what status says of its last days"

# From outside nothing answers, at no address of ours.
for address in $WAN_ADDR $LAN_GW; do
	refute inet kdig "@$address" +tls +retry=0 +time=1 app.example.com A
	refute inet kdig "@$address" +https +retry=0 +time=1 app.example.com A
done

# kept TEXT: files that nobody would believe do not come in force, and a reload says so, with the place where it was written; what was goes on, and status has it too.
kept() {
	conf | gw_conf
	assert_match "$(hp reload 2>&1)" "; dns.tls goes on with the certificate before: $CONF:[0-9]+: $1" "said by reload"
	assert_match "$(hp status)" "dns.tls goes on with .*$1" "said by status"
	assert_match "$(hp check 2>&1 || true)" "finding +$CONF:[0-9]+: $1" "said by check"
	assert_eq "$(asked lan1 $LAN_GW +tls app.example.com A)" $SRV_ADDR "and what was goes on"
}

use other
kept "certificate: $PEM: the certificate is not for dns.example.net; "
use expired
kept "certificate: $PEM: the certificate ended at 2021-01-01"
use good
cp "$LAB_DIR/renewed.key" "$KEY"
kept "certificate: $PEM: .*$KEY"
rm "$KEY"
kept "key: $KEY: No such file"

# Another certificate in the same file, as those have it whose certificates live for weeks.
conf | gw_conf
reload
use renewed
reload
wait_for 10 '[ "$(asked lan1 $LAN_GW +tls +tls-hostname=dns.example.org app.example.com A)" = $SRV_ADDR ]'

# Another port, and none.
conf 8443 | gw_conf
reload
assert_eq "$(asked lan1 $LAN_GW +https -p 8443 app.example.com A)" $SRV_ADDR "HTTPS at another port"
assert_match "$(designated)" 'alpn="h2" port=8443 ' "and clients are told"
wait_for 20 "! listens gw tcp 443"
conf off | gw_conf
reload
wait_for 20 "! listens gw tcp 8443"
assert_eq "$(designated | wc -l)" 1 "DNS over TLS alone"
assert_eq "$(asked lan1 $LAN_GW +tls app.example.com A)" $SRV_ADDR "DNS over TLS still"

# Not by itself did it live so long: a call that the sandbox does not have would have ended it. And one that is started anew has it all.
assert_eq "$(dns_pid)" "$process" "the process"
kill -KILL "$process"
wait_for 20 '[ "$(asked lan1 $LAN_GW +tls app.example.com A)" = $SRV_ADDR ]'

names_conf | gw_conf
reload
wait_for 20 "! listens gw tcp 853"
assert_eq "$(designated)" NOERROR "nothing is designated any more"

# Somebody else has the port.
spawn holder gw socat TCP-LISTEN:853,bind=$LAN_GW,fork,reuseaddr EXEC:cat
wait_for 10 'listens gw tcp 853'
conf | gw_conf
assert_match "$(hp check 2>&1 || true)" "$LAN_GW port 853/tcp: socat .* holds it" "check says so before"
assert_match "$(hp reload 2>&1 || true)" "dns.tls: $LAN_GW port 853/tcp: Address already in use: " "the port is taken"
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "and what was goes on"
