#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   hairpin demo [gateway|bypass]        (from the sources: make demo ACT=bypass)
#
# Plays the fault that hairpin mends, and the mending, with real programs in network namespaces; the host is not
# touched. gateway, which is played if none is named: a router without loopback. bypass: a side router behind the main one. Exit status: 0 if every act came out as told, 1 if one did not, 3 if it cannot be played here.
#
# HAIRPIN_BIN names a directory with hairpin and hairpind; without it they are those installed with this script, or
# those in PATH. HAIRPIN_BACKEND is nat.backend of the configuration that it plays with; without it that is auto.
set -uo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=stage.sh
. "$here/stage.sh"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
case $here in
*/share/hairpin/demo) PATH=${here%/share/hairpin/demo}/bin:${here%/share/hairpin/demo}/sbin:$PATH ;;
esac

find_programs() {
	local name path
	for name in hairpin hairpind; do
		path=${HAIRPIN_BIN:+$HAIRPIN_BIN/}$name
		path=$(command -v "$path") || stop "$name is not in ${HAIRPIN_BIN:-PATH}"
		# The name is kept: what it links to may have another.
		export "${name^^}=$(cd "$(dirname "$path")" && pwd)/$name"
	done
}

# The second start, inside: its own network, mounts and processes. /run is where ip keeps namespaces by name.
enter_stage() {
	# The first process of a process namespace is deaf to signals that it does not ask for.
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	mount --make-rprivate /
	mount -t tmpfs -o mode=755 tmpfs /run || stop "no tmpfs for /run"
	mkdir -p $STAGE/state $STAGE/bpf /run/netns
	[ "${HAIRPIN_BACKEND:-}" = nftables ] ||
		need_feature "the BPF file system (CONFIG_BPF_SYSCALL)" mount -t bpf bpf $STAGE/bpf
	need_features
	build_network
	# What names devices below /sys then means the router's, and never the host's.
	in_ $ROUTER mount -t sysfs sysfs /sys || stop "no sysfs of the router's own"
	write_configuration
	rehearse_hairpind
	publish_names
	start_web_server
}

# hairpind knows best what it needs of the kernel: it is started once where nothing is connected, and says so.
rehearse_hairpind() {
	local lacks
	ip netns add rehearsal
	if ! start_hairpind rehearsal; then
		lacks=$(grep -oE 'this kernel lacks .*|bpf\(2\) is not permitted.*' $STAGE/hairpind.log | head -n 1)
		[ -z "$lacks" ] || stop "it cannot be played here: $lacks"
	fi
	kill "$daemon" 2>/dev/null
	wait "$daemon" 2>/dev/null
	rm -rf $STAGE/bpf/rehearsal
	ip netns delete rehearsal
}

# --- what the acts share -----------------------------------------------------------------------------

start_hairpind() { # namespace
	# The ssh session that plays the demo is none of the router's.
	start_in "$1" env -u SSH_CONNECTION "$HAIRPIND" -f $STAGE/hairpin.yaml -s $STAGE/control.sock \
		-b "$STAGE/bpf/$1" -d "$STAGE/state/$1" 2>$STAGE/hairpind.log
	daemon=$!
	wait_for 15 daemon_has_decided && "$HAIRPIN" -s $STAGE/control.sock status >/dev/null 2>&1
}

# It serves, or it has ended and its log says why.
daemon_has_decided() {
	"$HAIRPIN" -s $STAGE/control.sock status || ! kill -0 "$daemon"
}

tell_request() { # machine
	local page source
	page=$(ask_web "$1" 3 "$1-$REQUEST" 2>/dev/null)
	source=${page:+$(logged_source "$1-$REQUEST")}
	[ -n "$page" ] && [ "$source" = "$(expected_source "$1")" ]
	tell $? "$(printf '%-26s %-22s seen as %s' "$(place_of "$1")" "${page:-no answer}" "${source:-nobody}")"
}

play_status() {
	act "$1. hairpin status"
	"$HAIRPIN" -s $STAGE/control.sock status >$STAGE/status 2>&1
	tell $? "the router says how it is:"
	sed 's/^/    /' $STAGE/status
}

play() {
	enter_stage
	play_story
	if [ $untold != 0 ]; then
		act "${RED}$untold of $((told + untold)) did not come out as told."
		[ ! -s $STAGE/hairpind.log ] || sed 's/^/    hairpind: /' $STAGE/hairpind.log
		return 1
	fi
	act "${GREEN}All $told came out as told."
}

main() {
	local story=gateway
	if [ "${1:-}" = --on-stage ]; then
		story=$2
		# shellcheck source=gateway.sh
		. "$here/$story.sh"
		play
		exit
	fi
	case ${1:-gateway} in
	gateway | bypass) story=${1:-gateway} ;;
	*)
		printf 'hairpin demo: %s: there is no such act; there are: gateway, bypass\n' "$1" >&2
		exit 2
		;;
	esac
	[ "$(id -u)" = 0 ] || stop "it needs root, for network namespaces. Run it with sudo; the host itself is not touched."
	need_programs
	find_programs
	need_feature "namespaces (CONFIG_NET_NS, CONFIG_PID_NS)" unshare --mount --net --pid --fork true
	# With the first process of the inner process namespace everything that was started there ends.
	exec unshare --mount --net --pid --fork --kill-child --mount-proc "$0" --on-stage "$story"
}

main "$@"
