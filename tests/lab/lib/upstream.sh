# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What hairpind asks of the main router (bypass.sh), as it says itself.

# upstream JQ: of what the daemon knows of the router upstream.
upstream() {
	hp status -j | jq -r ".upstream | $1"
}

# forward_of PORT/PROTOCOL: "mapped pcp", "refused pcp not authorized", "conflict upnp 192.168.11.2:80" ...
forward_of() {
	upstream ".forwards[] | select(\"\(.external_port)/\(.proto)\" == \"$1\") | [.state, .protocol, .holder, .words] | map(select(. != null and . != \"\")) | join(\" \")"
}

# await_forward PORT/PROTOCOL REGEX: what is said of it.
await_forward() {
	# shellcheck disable=SC2016 # for wait_for, which evaluates it
	FORWARD_PORT=$1 FORWARD_WANTED=$2
	wait_for 60 '[[ $(forward_of $FORWARD_PORT) =~ $FORWARD_WANTED ]]' ||
		fail "of $1 is said: $(forward_of "$1"), not $2"
}

# await_mappings LINES: what the main router forwards, sorted.
await_mappings() {
	MAPPINGS_WANTED=$1
	wait_for 60 '[ "$(main_mappings | sort)" = "$MAPPINGS_WANTED" ]'
}
