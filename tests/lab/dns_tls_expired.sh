#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A certificate that has ended, or is not there, takes nothing but DNS over TLS away: the gateway starts and reloads, answers names and forwards. It says what is
# wrong once in its log, in status and in check; nobody is left waiting at the ports; and what comes right is taken without a word from anybody.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/certificates.sh"

PEM=$LAB_DIR/dns.pem KEY=$LAB_DIR/dns.key

conf() { # [NAME]
	names_conf
	printf '  tls: { certificate: %s, key: %s, name: %s }\n' "$PEM" "$KEY" "${1:-dns.example.net}"
}

use() {
	cp "$LAB_DIR/$1.key" "$KEY"
	cp "$LAB_DIR/$1.pem" "$PEM"
}

is_asked() {
	[ "$(in_ns lan1 kdig @$LAN_GW +tls-ca="$CA" +tls-hostname=dns.example.net +retry=0 +time=5 +short app.example.com A)" = $SRV_ADDR ]
}

works() {
	assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "names are answered, $1"
	refute listens gw tcp 853
	refute listens gw tcp 443
	assert_eq "$(ask_name lan1 $LAN_GW _dns.resolver.arpa TYPE64)" NOERROR "and nobody is told of TLS, $1"
}

# warned TEXT TIMES: in the log.
warned() {
	assert_eq "$(grep -c "$1" "$LAB_DIR/hairpind.log" || true)" "$2" "times in the log: $1"
}

lab_up bridge
auth_serve </dev/null
authority_make
certificate_make good <<<$'dns_name = "dns.example.net"\nexpiration_days = 5'
certificate_make expired <<<$'dns_name = "dns.example.net"\nactivation_date = "2020-01-01 00:00:00"\nexpiration_date = "2021-01-01 00:00:00"'

use expired
hairpin_up < <(conf)
works "with a certificate that has ended"
assert_match "$(hp status)" "dns.tls is off: $CONF:[0-9]+: certificate: $PEM: the certificate ended at 2021-01-01 .*; a certificate for dns.example.net that is valid today, and the key $KEY" "status"
assert_match "$(hp check 2>&1 || true)" "finding +$CONF:[0-9]+: certificate: $PEM: the certificate ended at 2021-01-01" "check"
warned "dns.tls is off: .*the certificate ended at" 1

# The network changes; that a file is bad is not said each time, nor does it keep the plan from following.
in_ns gw ip addr add 192.168.77.1/24 dev $LAN_DEV
wait_for 30 'in_ns gw ss -Hlnu src 192.168.77.1 | has :53'
works "while the network is followed"
warned "dns.tls is off" 1
warned "the running plan stays" 0

# It is renewed, and whoever did that told nobody.
use good
wait_for 60 is_asked
assert_eq "$(hp_json status -- .dns.tls.fault)" null "nothing is wrong any more"
warned "the certificate and its key are right again" 1

# Gone while it is in force.
rm "$PEM"
assert_match "$(hp reload 2>&1)" "dns.tls goes on with the certificate before" "reload"
is_asked

# And not there at a start; what somebody applies who could mend it is refused.
hairpind_stop
hairpin_up < <(conf)
works "without a certificate"
assert_match "$(hp status)" "dns.tls is off: .*$PEM: No such file or directory" "status"
conf dns.example.com | gw_conf
assert_match "$(hp apply 2>&1 || true)" "$CONF:[0-9]+: certificate: $PEM: No such file or directory; a certificate for dns.example.com" "apply"
conf | sed 's/app.example.com/app2.example.com/' | gw_conf
hp apply
assert_eq "$(ask_name lan1 $LAN_GW app2.example.com A)" $SRV_ADDR "what has nothing to do with it is applied"
