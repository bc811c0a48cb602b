#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `hairpin check` in role bypass names servers whose default gateway is another machine, before hairpind was ever started and beside it; of those that answer nothing it says that, and
# nobody but root asks anything.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

# said LEVEL: what it says about it, a line each: text, and of findings the fix.
said() {
	("$HAIRPIN" -j check || true) | jq -r ".findings[] | select(.kind == \"gateway\" and .level == \"$1\") | .text + \" | \" + (.fix // \"\")"
}

# asked FILTER: what came to the server from us.
asked() {
	captured questions "($1) and ether src $(mac_of gw)"
}

bypass_up
gw_conf < <(standard_services)
capture_start questions srv eth0 icmp or arp

# Nobody but root asks. The counter-check is root's own check below.
install -m 755 "$HAIRPIN" /run/hairpin-for-all
chmod 755 "$(dirname "$CONF")"
chmod 644 "$CONF"
text=$( (setpriv --reuid 65534 --regid 65534 --clear-groups /run/hairpin-for-all -j check || true) | jq -r '.findings[] | select(.kind == "gateway") | .level + ": " + .text')
assert_eq "$text" "note: servers are asked for their default gateway where root checks" "as nobody"
assert_eq "$(asked "icmp or arp")" 0 "what was sent for nobody"

text=$(said finding)
assert_eq "$(wc -l <<<"$text")" 1 "two services, one server"
assert_match "$text" "^service web: clients from outside come to $SRV_ADDR with this machine's address $SIDE_ADDR, not with their own: its default gateway is another machine" "what is so"
assert_match "$text" "set the default gateway of $SRV_ADDR to $SIDE_ADDR; or accept it: .outside-source: gateway.; or" "what mends it"
assert_eq "$(exit_status gw "$HAIRPIN" check)" 1 "a finding"
wait_for 10 '[ "$(asked "icmp and dst $SRV_ADDR")" -ge 2 ] && [ "$(asked "arp and dst $SRV_ADDR")" -ge 1 ]'

# That nothing is known is no fault.
srv nft -f - <<-END
	table ip deaf {
		chain input {
			type filter hook input priority filter
			icmp type echo-request drop
		}
	}
END
assert_match "$(said note)" "^service web: whose the default gateway of $SRV_ADDR is cannot be told, since it answers no echo request; .* with this machine's address $SIDE_ADDR" "a firewall that drops ping"
assert_eq "$(said finding)" "" "which is no finding"
srv nft delete table ip deaf
gw_conf <<-END
	services: [{ name: off, host: 192.168.11.77, ports: [80/tcp] }]
END
assert_match "$(said note)" "^service off: .* since it is not there now" "one that is switched off"
assert_eq "$(exit_status gw "$HAIRPIN" check)" 0 "nor that"

gw_conf < <(standard_services)
server_gateway gw
assert_eq "$(said finding)$(said note)" "" "it is us"
server_gateway main
gw_conf <<-END
	services: [{ name: web, host: $SRV_ADDR, ports: [80/tcp], outside-source: gateway }]
END
assert_eq "$(said finding)$(said note)" "" "accepted"

# Beside a data plane that takes what comes.
hairpin_up < <(standard_services)
assert_match "$(said finding)" "^service web: clients from outside come to $SRV_ADDR with" "the same while it runs"
server_gateway gw
assert_eq "$(said finding)$(said note)" "" "it is us, while it runs"
