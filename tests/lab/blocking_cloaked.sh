#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A name that nobody blocks and that leads to one that is: by a CNAME, an address, a target or a hint of HTTPS; from upstream, and from the cache for another client.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve <<END
tracker A $INET_ADDR
shop CNAME tracker
far CNAME shop
wanted CNAME tracker
direct A 198.51.100.66
direct AAAA 2001:db8:bad::1
target HTTPS 1 tracker.example.com. alpn=h2
hint HTTPS 1 . alpn=h2 ipv4hint=198.51.100.66
plain CNAME other
END
cat >/etc/hairpin/ads.txt <<END
||tracker.example.com^
198.51.100.66
2001:db8:bad::/48
END
conf() {
	names_conf
	cat <<-END
		  blocklists: [ { name: ads, path: /etc/hairpin/ads.txt } ]
		  allow: [wanted.example.com]
		  rewrites: [ { domain: ours.example.com, answer: tracker.example.com } ]
		  groups: [ { name: guests, clients: [192.168.12.0/24], blocking: no } ]
	END
}
heard() { # CLIENT NAME TYPE
	local server=$LAN_GW said
	[ "$1" != guest ] || server=$GUEST_GW
	said=$(ask_name "$1" $server "$2.example.com" "$3")
	echo "${said//$'\n'/ }"
}
hairpin_up < <(conf)
wait_for 20 '[ "$(heard lan1 tracker A)" = 0.0.0.0 ]'
for round in "from upstream" "from the cache"; do
	assert_eq "$(heard lan1 shop A)" 0.0.0.0 "a CNAME $round"
	assert_eq "$(heard lan1 far A)" 0.0.0.0 "two CNAMEs $round"
	assert_eq "$(heard lan1 direct A)" 0.0.0.0 "an address $round"
	assert_eq "$(heard lan1 direct AAAA)" :: "an IPv6 address $round"
	assert_eq "$(heard lan1 target HTTPS)" NOERROR "a target $round"
	assert_eq "$(heard lan1 hint HTTPS)" NOERROR "a hint $round"
	assert_eq "$(heard lan1 plain A)" "other.example.com. $INET_ADDR" "a CNAME to what nobody blocks $round"
	# A name that is allowed is, with all that it leads to; and what the operator rewrites, too.
	assert_eq "$(heard lan1 wanted A)" "tracker.example.com. $INET_ADDR" "a name that is allowed $round"
	assert_eq "$(heard lan1 ours A)" "tracker.example.com. $INET_ADDR" "a CNAME of the operator's $round"
	# Another group's answers are in the same cache.
	assert_eq "$(heard guest shop A)" "tracker.example.com. $INET_ADDR" "a CNAME for a guest $round"
	assert_eq "$(heard guest direct A)" 198.51.100.66 "an address for a guest $round"
done

hp blocking off
assert_eq "$(heard lan1 shop A)" "tracker.example.com. $INET_ADDR" "a CNAME while blocking is off"
hp blocking on
assert_eq "$(heard lan1 shop A)" 0.0.0.0 "a CNAME when it is on again"
