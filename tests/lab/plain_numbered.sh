#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The account of numbered packets that other tests rely on is right: all arrive on a clean path, and loss is seen.
. "$(dirname "$0")/lab.sh"

lab_up bridge
sysctl -qw net.ipv4.ip_forward=1

# account: two seconds of traffic from inet to the gateway itself; prints the account.
account() {
	spawn serve gw numbered serve 7100
	wait_for 10 'listens gw tcp 7100'
	spawn ask inet numbered ask 10000 $WAN_ADDR:7100
	wait_for 20 '[ "$(client_seconds)" -ge 2 ]'
	stop ask TERM || true
	stop serve || true
	tail -n 1 "$LAB_DIR/ask.log"
}

# How long the client has run, in whole seconds.
client_seconds() {
	ps -o etimes= -p "${LAB_PIDS[ask]}" | tr -d ' '
}

clean=$(account)
assert_eq "$(jq '.up.sent == .up.received and .down.sent == .down.received' <<<"$clean")" true "clean path"
assert_ge "$(jq .per_second <<<"$clean")" 9000 "datagrams a second"
assert_ge "$(jq .stream.received <<<"$clean")" 1000000 "octets of the stream"

nft -f - <<END
table ip lossy {
	chain input {
		type filter hook input priority 0
		udp dport 7100 numgen inc mod 1000 == 0 drop
	}
}
END
lossy=$(account)
assert_lt "$(jq .up.received <<<"$lossy")" "$(jq .up.sent <<<"$lossy")" "lossy path"
