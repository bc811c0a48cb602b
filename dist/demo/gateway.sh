# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The act `gateway`: a router whose loopback is missing. Sourced by demo.sh.
#
#     outside                   router                      laptop  .2
#   198.51.100.10 ─────── wan 198.51.100.1          ┌────── server .20
#                         br-lan 192.168.11.1 ──────┘
#                         lan2   192.168.12.1 ───────────── phone 192.168.12.2

PHONE=192.168.12.2
RUSTDESK=rustdesk.example.com
NAMES+=("$RUSTDESK")
ROUTER=router
WITNESSES=(laptop router server)

# --- the network --------------------------------------------------------------------------------

# A cable from the router to a machine. The machine's end is always eth0.
cable() { # router's device, machine, machine's address with length, its router or ""
	ip link add "$1" netns router type veth peer name eth0 netns "$2"
	ip -n "$2" address add "$3" dev eth0
	ip -n "$2" link set eth0 up
	ip -n "$2" link set lo up
	ip -n router link set "$1" up
	[ -z "$4" ] || ip -n "$2" route add default via "$4"
}

build_network() {
	local machine
	for machine in router outside laptop server phone; do
		ip netns add "$machine"
	done
	ip -n router link set lo up
	cable wan outside $OUTSIDE/24 ""
	cable port-laptop laptop $LAPTOP/24 192.168.11.1
	cable port-server server $SERVER/24 192.168.11.1
	cable lan2 phone $PHONE/24 192.168.12.1
	ip -n router address add $PUBLIC/24 dev wan
	ip -n router address add 192.168.12.1/24 dev lan2
	ip -n router link add br-lan type bridge
	ip -n router link set port-laptop master br-lan
	ip -n router link set port-server master br-lan
	ip -n router address add 192.168.11.1/24 dev br-lan
	ip -n router link set br-lan up
	in_ router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	# Where this is on, netfilter sees what the bridge carries from port to port and mends the plain router's fault by chance.
	in_ router sh -c 'test ! -e /proc/sys/net/bridge || echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables'
}

# Stand-ins for RustDesk's hbbs and hbbr: on its ports, they answer with the address that they see.
start_rustdesk_stand_ins() {
	local port answer='SYSTEM:read -r line; echo "$SOCAT_PEERADDR"'
	for port in 21115 21116 21117; do
		start_in server socat "TCP4-LISTEN:$port,reuseaddr,fork" "$answer"
	done
	start_in server socat UDP4-RECVFROM:21116,fork "$answer"
	for port in 21115 21116 21117; do
		wait_for 10 is_listening server -t $port || stop "the stand-in on $port/tcp does not start"
	done
	wait_for 10 is_listening server -u 21116 || stop "the stand-in on 21116/udp does not start"
}

# One line to a port and back, with bash's own sockets. head, as read takes a datagram for one character.
ask_port() { # machine, tcp or udp, port
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_ "$1" timeout 3 bash -c 'exec 3<>"/dev/$0/$1/$2" && echo hello >&3 && head -n 1 <&3' \
		"$2" $RUSTDESK "$3" 2>/dev/null
}

start_captures() {
	start_capture laptop eth0
	start_capture router br-lan
	start_capture server eth0
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

play_story() {
	start_rustdesk_stand_ins
	play_plain_router
	play_hairpin && play_rustdesk && play_status 4
}
