# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is asked about the public address that the main router has; behind lib/bypass.sh.

# public_is ADDRESS [SOURCE]: what hairpind takes it for, and by whom.
public_is() {
	[ "$(hp_json status -- '[.upstream.public.address, .upstream.public.source] | join(" ")')" = "$1${2:+ $2}" ] ||
		{ [ -z "${2:-}" ] && [ "$(hp_json status -- .upstream.public.address)" = "$1" ]; }
}

# public_comes ADDRESS SOURCE: it is in force within a minute, and lan1 reaches the service there, which has to be `web` of standard_services.
public_comes() {
	wait_for 60 "public_is $1 $2"
	wait_for 10 "http_get lan1 http://$1:8443/"
}

# verdict SERVICE
verdict() {
	hp_json show services -- ".services[] | select(.name == \"$1\") | .verdict"
}

# stun_serve [STUND-OPTION...]: on $INET_ADDR.
stun_serve() {
	spawn stund inet stund "$@" $INET_ADDR
	wait_for 10 "listens inet udp 3478"
}

# times TEXT: how often the log of hairpind has it.
times() {
	grep -cF -- "$1" "$LAB_DIR/hairpind.log" || true
}
