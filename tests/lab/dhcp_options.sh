#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Options by number arrive octet for octet, whatever form dnsmasq gives them. It ends texts that it has a form for with a NUL, which RFC 2132 section 2 lets servers do.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(leases_conf 'options:' '  - 42 ips 192.168.11.1,192.168.11.2' "  - '66 text a, \"b\\c\" # d'" '  - 224 hex 01:02:fe' \
	'  - 225 hex 1b' '  - 226 text http://x/?a=b,c' '  - 227 ips 192.168.11.3' '  - 26 hex 05:78')
{
	for code in 224 225 226 227; do
		echo "option o$code code $code = array of unsigned integer 8;"
	done
	echo 'option o66 code 66 = array of unsigned integer 8;'
	echo 'request subnet-mask, routers, domain-name-servers, ntp-servers, o66, interface-mtu, o224, o225, o226, o227;'
} >"$LAB_DIR/lan1.conf"
client_start lan1 -cf "$LAB_DIR/lan1.conf"
client_bound lan1
# dhclient writes a lease into its file only when what it started with it has ended.
wait_for 10 "grep -q '^}' '$LAB_DIR/client-lan1.leases'"

octets() { # TEXT
	printf '%s' "$1" | od -An -v -tu1 | tr -s ' \n' ',' | sed 's/^,//; s/,$//'
}
received() { # OPTION: its octets as dhclient wrote them into its file
	sed -n "s/^ *option $1 \(.*\);/\1/p" "$LAB_DIR/client-lan1.leases" | tail -n 1
}

assert_eq "$(received ntp-servers)" "192.168.11.1,192.168.11.2" "addresses"
assert_eq "$(received interface-mtu)" 1400 "a number of 16 bits"
assert_eq "$(received o66 | sed 's/,0$//')" "$(octets 'a, "b\c" # d')" "a text that dnsmasq has a form for"
assert_eq "$(received o224)" 1,2,254 "octets"
assert_eq "$(received o225)" 27 "one octet"
assert_eq "$(received o226)" "$(octets 'http://x/?a=b,c')" "a text"
assert_eq "$(received o227)" 192,168,11,3 "an address of an option that nobody knows"
