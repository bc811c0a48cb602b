#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A name that a list blocks hears what `mode` says, and says why; names of ours are beyond all lists.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve <<END
ads A $INET_ADDR
ads AAAA $INET_ADDR6
ads HTTPS 1 . alpn=h2
x.ads A $INET_ADDR
fine.ads A $INET_ADDR
END
cat >/etc/hairpin/ads.txt <<END
||ads.example.com^
||app.example.com^
END
conf() { # THE DNS SECTION'S REST
	names_conf
	echo "  blocklists: [ { name: ads, path: /etc/hairpin/ads.txt } ]"
	printf '  %s\n' "$@"
}
heard() { # NAME TYPE
	local said
	said=$(ask_name lan1 $LAN_GW "$1" "$2")
	echo "${said//$'\n'/ }"
}
hairpin_up < <(conf)
wait_for 20 '[ "$(heard ads.example.com A)" = 0.0.0.0 ]'
assert_eq "$(heard ads.example.com AAAA)" :: "AAAA"
assert_eq "$(heard ads.example.com HTTPS)" NOERROR "HTTPS"
assert_eq "$(heard x.ads.example.com A)" 0.0.0.0 "below it"
assert_eq "$(heard X.Ads.Example.com A)" 0.0.0.0 "in other letters"
lan1 dig @$LAN_GW ads.example.com A >"$LAB_DIR/dig.txt"
grep -q "EDE: 15 (Blocked)" "$LAB_DIR/dig.txt"
assert_eq "$(heard other.example.com A)" $INET_ADDR "another name"
assert_eq "$(heard app.example.com A)" $SRV_ADDR "a name of ours that a list has too"
assert_eq "$(heard app.example.com AAAA)" NOERROR "its AAAA"

row() { # MODE A AAAA TXT
	conf "blocking: { $1 }" | gw_conf
	reload
	wait_for 10 "[ \"\$(heard ads.example.com A)\" = \"$2\" ]"
	assert_eq "$(heard ads.example.com AAAA)" "$3" "AAAA, $1"
	assert_eq "$(heard ads.example.com TXT)" "$4" "TXT, $1"
	assert_eq "$(heard app.example.com A)" $SRV_ADDR "a name of ours, $1"
}
row "mode: nxdomain" NXDOMAIN NXDOMAIN NXDOMAIN
row "mode: refused" REFUSED REFUSED REFUSED
row "mode: nodata" NOERROR NOERROR NOERROR
row "mode: custom, answer: [192.168.11.8, 192.168.11.9]" "192.168.11.8 192.168.11.9" NOERROR NOERROR
row "mode: null" 0.0.0.0 :: NOERROR

# Words of the operator's.
conf "allow: [fine.ads.example.com]" "block: [other.example.com]" | gw_conf
reload
wait_for 20 '[ "$(heard fine.ads.example.com A)" = $INET_ADDR ]'
assert_eq "$(heard other.example.com A)" 0.0.0.0 "what the operator blocks"
assert_eq "$(heard x.ads.example.com A)" 0.0.0.0 "beside what the operator allows"
wait_for 20 '[ "$(hp_json status -- .dns.queries.blocked)" -gt 10 ]'
