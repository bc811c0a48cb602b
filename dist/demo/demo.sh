#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   hairpin demo        (from the sources: make demo)
#
# Plays the fault that hairpin mends, and the mending, with real programs in network namespaces; the host is not
# touched. Exit status: 0 if every act came out as told, 1 if one did not, 3 if it cannot be played here.
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
	in_ router mount -t sysfs sysfs /sys || stop "no sysfs of the router's own"
	write_configuration
	rehearse_hairpind
	publish_names
	start_web_server
	start_rustdesk_stand_ins
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

# --- act 1 -------------------------------------------------------------------------------------------

start_plain_router() {
	in_ router nft -f - <<-RULES
		table ip plain {
			chain to {
				type nat hook prerouting priority dstnat;
				ip daddr $PUBLIC tcp dport 80 dnat to $SERVER
			}
			chain from {
				type nat hook postrouting priority srcnat;
				oifname "wan" masquerade
			}
		}
	RULES
}

play_plain_router() {
	local page status
	act "1. A plain router: masquerade, and port 80 of $PUBLIC forwarded to $SERVER"
	start_plain_router
	page=$(ask_web outside 5 outside-plain)
	tell $? "from outside, http://$NAME/ answers: ${page:-nothing}"
	start_captures
	ask_web laptop 2 laptop-plain >/dev/null 2>$STAGE/curl.said
	status=$?
	[ $status = 28 ]
	tell $? "from the laptop at home the same name times out ($(cat $STAGE/curl.said))"
	printf '\n'
	say "Why, read from captures at the laptop, the router and the server:"
	tell_plain_journey "$(laptop_endpoint)"
	stop_captures
	print_journey
	in_ router nft delete table ip plain
}

tell_plain_journey() { # the laptop's endpoint
	local me=${1:-none} public="${PUBLIC//./\\.}\.80" server="${SERVER//./\\.}\.80"
	has_packet laptop "IP $me > $public: Flags \[S\]"
	tell $? "the laptop sends a SYN to the public address"
	has_packet router "IP $me > $public: Flags \[S\]" && has_packet router "IP $me > $server: Flags \[S\]"
	tell $? "the router translates the destination and leaves the source as it is"
	has_packet server "IP $me > $server: Flags \[S\]"
	tell $? "at the server the SYN comes from the laptop's own address, a neighbour"
	has_packet server "IP $server > $me: Flags \[S\.\]" && has_packet laptop "IP $server > $me: Flags \[S\.\]" &&
		! grep -q "Flags \[S\.\]" $STAGE/router.capture
	tell $? "so the server answers straight to the laptop, from its LAN address, past the router"
	has_packet laptop "IP $me > $server: Flags \[R"
	tell $? "the laptop asked $PUBLIC, knows of no connection with $SERVER, and resets it"
}

# --- act 2 -------------------------------------------------------------------------------------------

write_configuration() {
	cat >$STAGE/hairpin.yaml <<-CONF
		role: gateway
		wan:
		  interface: wan
		lan:
		  - interface: br-lan
		  - interface: lan2
		services:
		  - name: web
		    domain: $NAME
		    host: $SERVER
		    ports: [80/tcp]
		  - name: rustdesk
		    domain: $RUSTDESK
		    host: $SERVER
		    preset: rustdesk
		nat:
		  limits: { sessions: 16384 }
	CONF
	[ -z "${HAIRPIN_BACKEND:-}" ] || echo "  backend: $HAIRPIN_BACKEND" >>$STAGE/hairpin.yaml
}

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

play_hairpin() {
	local machine
	act "2. hairpind on the same router, with this and nothing else:"
	sed 's/^/    /' $STAGE/hairpin.yaml
	start_hairpind router
	tell $? "hairpind serves" || return
	printf '\n'
	say "The same request from everywhere, and the address that the server logged:"
	for machine in outside phone server; do
		tell_request $machine
	done
	start_captures
	tell_request laptop
	printf '\n'
	say "The laptop's request again, from the captures:"
	tell_loopback_journey "$(laptop_endpoint)"
	stop_captures
	print_journey
}

tell_request() { # machine
	local page source
	page=$(ask_web "$1" 3 "$1-hairpin" 2>/dev/null)
	source=${page:+$(logged_source "$1-hairpin")}
	[ -n "$page" ] && [ "$source" = "$(expected_source "$1")" ]
	tell $? "$(printf '%-26s %-22s seen as %s' "$(place_of "$1")" "${page:-no answer}" "${source:-nobody}")"
}

tell_loopback_journey() { # the laptop's endpoint
	local me=${1:-none} public="${PUBLIC//./\\.}" server="${SERVER//./\\.}\.80"
	has_packet server "IP $public\.[0-9]+ > $server: Flags \[S\]"
	tell $? "at the server the SYN comes from the public address"
	has_packet server "IP $server > $public\.[0-9]+: Flags \[S\.\]" &&
		has_packet router "IP $server > $public\.[0-9]+: Flags \[S\.\]"
	tell $? "so the server's answer goes to the router"
	has_packet laptop "IP $public\.80 > $me: Flags \[S\.\]"
	tell $? "and the laptop is answered from where it asked"
}

place_of() {
	case $1 in
	outside) echo "from outside" ;;
	laptop) echo "from the laptop, same LAN" ;;
	phone) echo "from the phone, other LAN" ;;
	server) echo "from the server itself" ;;
	esac
}

# Who comes from outside keeps its address; a loop shows the public address, as RFC 4787 REQ-9 asks.
expected_source() {
	if [ "$1" = outside ]; then
		echo $OUTSIDE
	else
		echo $PUBLIC
	fi
}

play_rustdesk() {
	local machine port source said good
	local -a asked ports=(21115/tcp 21116/tcp 21116/udp 21117/tcp)
	act "3. RustDesk's four ports at $RUSTDESK, played by stand-ins that answer with the address they see"
	for machine in outside laptop phone server; do
		said="" good=0 asked=()
		# At once: where nothing answers, each takes its time.
		for port in "${ports[@]}"; do
			ask_port $machine "${port#*/}" "${port%/*}" >"$STAGE/asked-${port/\//-}" &
			asked+=($!)
		done
		wait "${asked[@]}"
		for port in "${ports[@]}"; do
			source=$(cat "$STAGE/asked-${port/\//-}")
			[ "$source" = "$(expected_source $machine)" ] || good=1
			said+="  $port ${source:-no answer}"
		done
		tell $good "$(printf '%-26s%s' "$(place_of $machine)" "$said")"
	done
}

play_status() {
	act "4. hairpin status"
	"$HAIRPIN" -s $STAGE/control.sock status >$STAGE/status 2>&1
	tell $? "the router says how it is:"
	sed 's/^/    /' $STAGE/status
}

play() {
	enter_stage
	play_plain_router
	play_hairpin && play_rustdesk && play_status
	if [ $untold != 0 ]; then
		act "${RED}$untold of $((told + untold)) did not come out as told."
		[ ! -s $STAGE/hairpind.log ] || sed 's/^/    hairpind: /' $STAGE/hairpind.log
		return 1
	fi
	act "${GREEN}All $told came out as told."
}

main() {
	if [ "${1:-}" = --on-stage ]; then
		play
		exit
	fi
	[ "$(id -u)" = 0 ] || stop "it needs root, for network namespaces. Run it with sudo; the host itself is not touched."
	need_programs
	find_programs
	need_feature "namespaces (CONFIG_NET_NS, CONFIG_PID_NS)" unshare --mount --net --pid --fork true
	# With the first process of the inner process namespace everything that was started there ends.
	exec unshare --mount --net --pid --fork --kill-child --mount-proc "$0" --on-stage
}

main "$@"
