#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines of the house have names and their addresses too; what nobody here has is not asked for outside.
. "$(dirname "$0")/lab.sh"

reverse() {
	local IFS=. octets
	read -ra octets <<<"$1"
	echo "${octets[3]}.${octets[2]}.${octets[1]}.${octets[0]}.in-addr.arpa"
}

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)

assert_eq "$(ask_name lan1 $LAN_GW "$(reverse $SRV_ADDR)" PTR)" app.example.com. "whose address the service's is"
assert_eq "$(lan1 dig @$LAN_GW +short -x $LAN_GW)" gateway.home.arpa. "whose the gateway's is"
assert_eq "$(ask_name lan1 $LAN_GW gateway.home.arpa A)" $LAN_GW "the gateway as its LAN hears it"
assert_eq "$(ask_name guest $GUEST_GW gateway.home.arpa A)" $GUEST_GW "the gateway as the guests hear it"
assert_eq "$(ask_name lan1 $LAN_GW gateway.home.arpa MX)" NOERROR "what it has not"

# Upstream hears nothing of these, and everything of others: the counter that says so is seen to count.
forwarded() {
	hp_json status -- .dns.queries.forwarded
}
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "another's name"
wait_for 10 '[ "$(forwarded)" = 1 ]'
assert_eq "$(ask_name lan1 $LAN_GW nobody.home.arpa A)" NXDOMAIN "a name that nobody has"
assert_eq "$(ask_name lan1 $LAN_GW "$(reverse "${LAN_GW%.*}.213")" PTR)" NXDOMAIN "an address that nobody has"
assert_eq "$(ask_name lan1 $LAN_GW alias.example.com A)" "$(printf 'other.example.com.\n%s' $INET_ADDR)" "one more of another's"
wait_for 10 '[ "$(forwarded)" = 2 ]'
assert_eq "$(hp_json status -- .dns.queries.host)" 7 "questions for machines of the house"
