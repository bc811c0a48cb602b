# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The act `bypass`: a side router, as people put it beside their main one for a proxy. Sourced by demo.sh.
#
#     outside                    main                     side    .3   one leg; the default gateway of the two below
#   198.51.100.10 ─────── wan 198.51.100.1         ┌───── laptop  .2
#                         lan 192.168.11.1 ──switch┴───── server .20

MAIN=192.168.11.1
SIDE=192.168.11.3
ROUTER=side
WITNESSES=(outside main server side)

# --- the network -----------------------------------------------------------------------------------------

# A cable from the switch to a machine.
cable() { # machine, its address
	ip link add "$1" netns switch type veth peer name eth0 netns "$1"
	ip -n "$1" address add "$2/24" dev eth0
	ip -n "$1" link set eth0 up
	ip -n "$1" link set lo up
	ip -n switch link set "$1" master br0 up
}

build_network() {
	local machine
	for machine in switch outside main side laptop server; do
		ip netns add "$machine"
	done
	ip -n switch link add br0 type bridge
	ip -n switch link set br0 up
	cable main $MAIN
	cable side $SIDE
	cable laptop $LAPTOP
	cable server $SERVER
	ip link add wan netns main type veth peer name eth0 netns outside
	ip -n main address add $PUBLIC/24 dev wan
	ip -n outside address add $OUTSIDE/24 dev eth0
	ip -n main link set wan up
	ip -n outside link set eth0 up
	ip -n side route add default via $MAIN
	lead_to laptop $SIDE
	lead_to server $MAIN
	in_ main sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	in_ side sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	start_main_router
}

lead_to() { # machine, its default gateway
	ip -n "$1" route replace default via "$2"
	ip -n "$1" neigh flush dev eth0
}

# No loopback: a forward holds for what comes in by the WAN.
start_main_router() {
	in_ main nft -f - <<-RULES
		table ip main {
			chain forwards { }
			chain to {
				type nat hook prerouting priority dstnat;
				iifname "wan" ip daddr $PUBLIC jump forwards
			}
			chain from {
				type nat hook postrouting priority srcnat;
				oifname "wan" masquerade
			}
		}
	RULES
}

main_forwards_to() { # address
	in_ main nft "flush chain ip main forwards; add rule ip main forwards tcp dport 80 dnat to $1"
}

start_captures() {
	start_capture outside eth0
	start_capture main eth0
	start_capture server eth0
	start_capture side eth0
}

# --- act 1 -----------------------------------------------------------------------------------------------

# As OpenWrt's fw4 writes it for a zone with masquerade.
start_plain_side_router() {
	in_ side nft -f - <<-RULES
		table ip plain {
			chain forward {
				type filter hook forward priority filter;
				ct state established,related accept
				ct state invalid drop
			}
			chain from {
				type nat hook postrouting priority srcnat;
				oifname "eth0" ip daddr != 192.168.11.0/24 masquerade
			}
		}
	RULES
}

print_map() {
	printf '\n'
	say "  outside ───── main router ──┬── side router"
	say "                              ├── laptop"
	say "                              └── server"
	printf '  %-12s %-14s  %s\n' \
		outside $OUTSIDE "whoever asks from the internet" \
		"main router" $PUBLIC "its public address; inside it is $MAIN. It forwards, and cannot loop back" \
		"side router" $SIDE "one leg in the same LAN, as it is put there for a proxy" \
		laptop $LAPTOP "its default gateway is the side router" \
		server $SERVER "http://$NAME/; its default gateway is what all of this is about"
}

play_plain_side_router() {
	local page status
	print_map
	act "1. The main router forwards port 80 of $PUBLIC to $SERVER; then the side router becomes the server's gateway"
	start_plain_side_router
	main_forwards_to $SERVER
	page=$(ask_web outside 5 outside-before)
	tell $? "while the server's gateway is the main router, http://$NAME/ answers from outside: ${page:-nothing}"
	lead_to server $SIDE
	start_captures
	ask_web outside 2 outside-plain >/dev/null 2>$STAGE/curl.said
	status=$?
	[ $status = 28 ]
	tell $? "once it is the side router, the same times out ($(cat $STAGE/curl.said))"
	printf '\n'
	say "Why, read from captures outside, at both routers and at the server:"
	tell_plain_journey
	stop_captures
	print_journey
	say "In by the main router, back by the side router: the path is asymmetric, and neither of the two knows both halves."
	printf '\n'
	! ask_web laptop 2 laptop-plain >/dev/null 2>&1
	tell $? "and from the laptop at home the name does not answer either: the main router has no loopback"
	in_ side nft delete table ip plain
}

tell_plain_journey() {
	local client="${OUTSIDE//./\\.}\.[0-9]+" server="${SERVER//./\\.}\.80"
	has_packet server "IP $client > $server: Flags \[S\]"
	tell $? "the main router leads the SYN to the server, which sees who comes from outside"
	! has_packet_now side "IP $client > $server: Flags \[S\]"
	tell $? "past the side router, which never sees it"
	has_packet side "IP $server > $client: Flags \[S\.\]"
	tell $? "the server answers by its gateway, the side router"
	! has_packet_now main "IP $server > $client: Flags \[S\.\]" && ! has_packet_now outside "Flags \[S\.\]"
	tell $? "which knows of no such connection and drops it: nothing comes back"
}

# For what must not be there, once what must be has come.
has_packet_now() {
	grep -Eq "$2" "$STAGE/$1.capture"
}

# --- act 2 -----------------------------------------------------------------------------------------------

write_configuration() {
	cat >$STAGE/hairpin.yaml <<-CONF
		role: bypass
		wan:
		  interface: eth0
		  public-address: $PUBLIC
		lan:
		  - interface: eth0
		services:
		  - name: web
		    domain: $NAME
		    host: $SERVER
		    ports: [80/tcp]
		nat:
		  limits: { sessions: 16384 }
	CONF
	[ -z "${HAIRPIN_BACKEND:-}" ] || echo "  backend: $HAIRPIN_BACKEND" >>$STAGE/hairpin.yaml
}

# As whom each is seen: by a loop with the public address, which is the main router's; SEEN_OUTSIDE and SEEN_INSIDE are of the act.
expected_source() {
	if [ "$1" = outside ]; then
		echo $SEEN_OUTSIDE
	else
		echo $SEEN_INSIDE
	fi
}

place_of() {
	case $1 in
	outside) echo "from outside" ;;
	laptop) echo "from the laptop, same LAN" ;;
	server) echo "from the server itself" ;;
	esac
}

status_says() { # extended regular expression
	"$HAIRPIN" -s $STAGE/control.sock status 2>/dev/null | grep -Eq "$1"
}

# That the main router speaks none of the protocols by which it could be asked to forward takes some seconds to find out.
upstream_has_settled() {
	! status_says "is being asked"
}

# What `hairpin check` says, with the line that is the first of its note.
check_says() { # extended regular expression
	in_ side env -u SSH_CONNECTION "$HAIRPIN" -s $STAGE/control.sock check $STAGE/hairpin.yaml >$STAGE/check 2>&1
	grep -E "$1" $STAGE/check
}

play_hairpin() {
	local machine
	act "2. hairpind on the side router, with this and nothing else; in the main router nothing is changed:"
	sed 's/^/    /' $STAGE/hairpin.yaml
	start_hairpind side
	tell $? "hairpind serves" || return
	wait_for 40 status_says "its default gateway is this machine"
	tell $? "it has asked the server, by an echo request, whose its default gateway is: this machine, proved"
	printf '\n'
	say "The same request, and the address that the server logged:"
	SEEN_OUTSIDE=$OUTSIDE SEEN_INSIDE=$PUBLIC
	start_captures
	tell_request outside
	printf '\n'
	say "The same path as before; but what the server answers is now sent on to the main router as it is:"
	tell_untranslated_journey
	stop_captures
	print_journey
	printf '\n'
	say "Inside, by the same name, which is the main router's address that it cannot loop back:"
	for machine in laptop server; do
		tell_request $machine
	done
	printf '\n'
	say "hairpin check:"
	machine=$(check_says "forwards tcp port 80 .*directly to $SERVER")
	tell $? "${machine:-nothing of it}"
}

tell_untranslated_journey() {
	local client="${OUTSIDE//./\\.}\.[0-9]+" server="${SERVER//./\\.}\.80" public="${PUBLIC//./\\.}\.80"
	has_packet main "IP $server > $client: Flags \[S\.\]"
	tell $? "the main router gets the answer that it waits for"
	has_packet outside "IP $public > $client: Flags \[S\.\]"
	tell $? "and whoever asked is answered from where he asked"
}

# --- acts 3 and 4 ----------------------------------------------------------------------------------------

play_led_to_us() {
	local machine
	act "3. Better: the main router forwards to the side router, $SIDE, where allow lists and sessions hold for it"
	main_forwards_to $SIDE
	for machine in outside laptop server; do
		tell_request $machine
	done
}

play_other_gateway() {
	local machine
	act "4. The server's gateway is the main router again: its answers would go past the side router"
	lead_to server $MAIN
	wait_for 60 status_says "its default gateway is another machine"
	tell $? "hairpind has noticed, and lets the server see the side router's address instead"
	SEEN_OUTSIDE=$SIDE SEEN_INSIDE=$SIDE
	for machine in outside laptop; do
		tell_request $machine
	done
}

# A word for each request of the server's log: the act's number is in it.
play_story() {
	play_plain_side_router
	REQUEST=two
	play_hairpin || return
	REQUEST=three
	play_led_to_us
	REQUEST=four
	play_other_gateway
	wait_for 60 upstream_has_settled
	tell $? "and it has asked the main router to forward; this one speaks none of the protocols, so status says what to enter there"
	play_status 5
}
