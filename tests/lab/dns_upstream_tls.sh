#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   dns_upstream_tls.sh [BUILD] tls|https
#
# An upstream that is asked over TLS answers, many questions over few connections, from a process that may open no file; and not one question is said to a
# server that cannot prove its name.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/certificates.sh"

case ${1:-tls} in
tls) upstream="tls://$AUTH_ADDR" ;;
https) upstream="https://$AUTH_ADDR/dns-query" ;;
esac

conf() { # UPSTREAM
	names_conf | sed "s|upstream: .*|upstream: \"$1\"\n  upstream-ca: $CA|"
}

# A server with another certificate.
serve() { # NAME
	stop unbound || true
	unbound_tls "$1"
}

lab_up bridge
authority_make
certificate_make good <<<$'dns_name = "dns.example.net"\nip_address = "'"$AUTH_ADDR"$'"\nexpiration_days = 5'
certificate_make byname <<<$'dns_name = "dns.example.com"\nexpiration_days = 5'
certificate_make named <<<$'dns_name = "dns.example.net"\nexpiration_days = 5'
certificate_make other <<<$'dns_name = "dns.example.org"\nexpiration_days = 5'
certificate_make expired <<<$'dns_name = "dns.example.net"\nactivation_date = "2020-01-01 00:00:00"\nexpiration_date = "2021-01-01 00:00:00"'
certificate_make selfmade self <<<$'dns_name = "dns.example.net"\nexpiration_days = 5'

unbound_tls good
conf "$upstream#dns.example.net" | hairpin_up
process=$(dns_pid)
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "a name of ours"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "a name that upstream knows"
assert_eq "$(ask_name lan1 $LAN_GW none.example.com A)" NXDOMAIN "one that nobody has"

# Many at once.
for ((i = 0; i < 200; i++)); do echo "n$i.example.com A"; done >"$LAB_DIR/many.txt"
lan1 dnsperf -s $LAN_GW -d "$LAB_DIR/many.txt" -n 1 -q 100 -t 10 >"$LAB_DIR/many.log" 2>&1
assert_eq "$(awk '/Response codes/ { print $3, $4 }' "$LAB_DIR/many.log")" "NOERROR 200" "many at once"
assert_eq "$(hp_json status -- '.dns.upstreams[0].fault')" "" "and nothing is wrong"

# By its address, where no name is written.
conf "$upstream" | gw_conf
reload
assert_eq "$(ask_name lan1 $LAN_GW second.example.com A)" $INET_ADDR2 "proved by its address"

# By its name, whose address another server knows.
auth_serve <<<'dns.example.com. A '$AUTH_ADDR
serve byname
conf "${upstream/$AUTH_ADDR/dns.example.com}" | sed "s|^  upstream-ca|  bootstrap: $AUTH_ADDR\n&|" | gw_conf
reload
assert_eq "$(ask_name lan1 $LAN_GW third.example.com A)" $INET_ADDR "asked by its name"

# It comes back after it was gone.
serve good
conf "$upstream" | gw_conf
reload
assert_eq "$(ask_name lan1 $LAN_GW none1.example.com A)" NXDOMAIN "the first again"
serve good
assert_eq "$(ask_name lan1 $LAN_GW none2.example.com A)" NXDOMAIN "after it was started anew"

# refused CERTIFICATE UPSTREAM TEXT
refused() {
	serve "$1"
	conf "$upstream#somebody.example.net" | gw_conf
	reload
	conf "$2" | gw_conf
	reload
	assert_eq "$(ask_name lan1 $LAN_GW "asked-$1.example.com" A)" SERVFAIL "a server whose certificate is $1"
	wait_for 10 "hp status | grep -q 'upstream $upstream: .*$3'"
	assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "and names of ours answer"
}

refused other "$upstream#dns.example.net" "name in the certificate"
refused expired "$upstream#dns.example.net" "expired"
refused selfmade "$upstream#dns.example.net" "issuer is unknown"
refused named "$upstream" "name in the certificate"

# Not by itself did it live so long: a call that the sandbox does not have would have ended it.
assert_eq "$(dns_pid)" "$process" "the process"

# What cannot be read takes nothing but upstreams under TLS away, and is refused to who could mend it.
conf "$upstream" | sed "s|upstream-ca: .*|upstream-ca: $LAB_DIR/nothing.pem|" | gw_conf
assert_match "$(hp apply 2>&1 || true)" "dns.upstream-ca: $LAB_DIR/nothing.pem: No such file" "apply"
assert_match "$(hp check 2>&1 || true)" "finding +dns.upstream-ca: $LAB_DIR/nothing.pem: No such file" "check"
assert_match "$(hp reload 2>&1)" "; dns.upstream-ca: $LAB_DIR/nothing.pem: No such file.* no upstream is asked over TLS" "a file that is not there"
assert_match "$(hp status)" "dns.upstream-ca: $LAB_DIR/nothing.pem: No such file" "status"
assert_eq "$(ask_name lan1 $LAN_GW none3.example.com A)" SERVFAIL "nobody is asked"
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "names of ours answer"
cp "$CA" "$LAB_DIR/nothing.pem"
serve good
wait_for 60 '[ "$(ask_name lan1 $LAN_GW none4.example.com A)" = NXDOMAIN ]'
conf "$upstream" | sed "s|upstream-ca: .*|upstream-ca: $LAB_DIR/ca.tmpl|" | gw_conf
assert_match "$(hp reload 2>&1)" "has no certificate in it" "a file of something else"
