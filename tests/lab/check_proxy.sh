#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A proxy beside us takes the answers of forwarded connections, `hairpin check` says so, and with the line that it prints they are let past: check_proxy.sh BUILD tun|mark|tproxy|redirect [bypass]
#
#   tun     rules of routing as mihomo and sing-box write them with auto-route; nobody reads from the device
#   mark    a rule of netfilter that marks, and one of routing that sends by that mark, as OpenClash has it
#   tproxy  a rule of netfilter that hands to a socket, and a program that listens there
#   redirect  a rule of netfilter that translates to a port of this machine: it gets no answers, so there is nothing to find or to exempt
#
# With bypass it is the side router that has the proxy, and forwards are those of its main router.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/proxy.sh"

cell=$1 role=${2:-gateway}
PROXY_PORT=7893

clash_chain() { # STATEMENT [TYPE PRIORITY]: of all that is for none of the networks that a proxy leaves alone
	gw nft -f - <<-END
		table ip clash {
			chain prerouting {
				type ${2:-filter} hook prerouting priority ${3:-mangle}
				fib daddr type local return
				ip daddr { 10.0.0.0/8, 127.0.0.0/8, 192.168.0.0/16 } return
				$1
			}
		}
	END
}

proxy_up() {
	case $cell in
	tun) auto_route ;;
	mark)
		tun_up
		gw ip rule add pref 354 fwmark 0x162 lookup 2022
		clash_chain 'meta l4proto { tcp, udp } meta mark set 0x162'
		;;
	tproxy)
		spawn proxy gw socat "TCP-LISTEN:$PROXY_PORT,fork,ip-transparent" PIPE
		spawn proxy-udp gw socat -u "UDP-RECV:$PROXY_PORT,ip-transparent" /dev/null
		wait_for 10 "listens gw tcp $PROXY_PORT && listens gw udp $PROXY_PORT"
		gw ip rule add pref 100 fwmark 1 lookup 100
		gw ip route add local default dev lo table 100
		clash_chain "meta l4proto { tcp, udp } tproxy to :$PROXY_PORT meta mark set 1 accept"
		;;
	redirect)
		spawn proxy gw socat "TCP-LISTEN:$PROXY_PORT,fork" PIPE
		wait_for 10 "listens gw tcp $PROXY_PORT"
		clash_chain "ip protocol tcp counter redirect to :$PROXY_PORT" nat dstnat
		;;
	esac
}

# asks http_get|http_refused [OPTION...]: from behind the default route. What the main table knows more exactly auto-route leaves to it.
asks() {
	local how=$1
	shift
	"$how" inet http://$WAN_ADDR:8443/ --interface $INET_FAR "$@"
}

# Also found where nothing runs yet: what check reads are the rules.
found() {
	hp_json check "$CONF" -- '.findings[] | select(.level == "finding" and (.kind == "proxy" or .kind == "other-rules")) | .'"$1" || true
}

declare -A words=(
	[tun]='proved: the answers of web (tcp 443), web (tcp 80), echo (udp 7000), echo (tcp 7000) to clients outside would leave by tun0, the TUN device of a proxy or VPN: ip rule 9003: not from all iif lo lookup 2022'
	[mark]='marks the answers of what comes from WAN for web, echo, and with that mark they would leave by tun0, the TUN device of a proxy or VPN: ip rule 354: from all fwmark 0x162 lookup 2022'
	[tproxy]='hands to a proxy of this machine the answers of what comes from WAN for web, echo'
)

if [ "$role" = bypass ]; then
	bypass_up
	main_forward 8443/tcp $SIDE_ADDR
	main_forward 7000/udp $SIDE_ADDR
	main_forward 443/tcp $SRV_ADDR
	server_gateway gw
	outside="    outside-source: client"
else
	lab_up bridge
	outside=""
fi
# Only netfilter sees what marks and what hands over.
[ "$cell" = tun ] || HAIRPIN_BACKEND=nftables
standard_services | sed "s/^    host:.*/&\n$outside/; /^\$/d" >"$LAB_DIR/services"
http_serve srv 443
http_files srv 400000
echo_serve srv 7000
hairpin_up <"$LAB_DIR/services"
assert_eq "$(found text)" "" "before there is a proxy"
http_serve inet 81
assert_eq "$(asks http_get --local-port 40000)" "$INET_FAR:40000" "without a proxy"
http_get srv http://$INET_FAR:81/ >/dev/null

proxy_up
if [ "$cell" = redirect ]; then
	assert_eq "$(found text)" "" "what there is to find where the kernel translates answers back by itself"
	assert_eq "$(asks http_get --local-port 40001)" "$INET_FAR:40001" "beside the proxy"
	# Conntrack saw no question of these, and takes their second segment for a new connection.
	assert_eq "$(http_get inet http://$WAN_ADDR:443/ --interface $INET_FAR --local-port 40002)" "$INET_FAR:40002" "beside the proxy, past us"
	download big inet http://$WAN_ADDR:443/big
	downloaded big srv
	refute http_get srv http://$INET_FAR:81/
	assert_ge "$(gw nft list table ip clash | sed -n 's/.*counter packets \([0-9]*\) .*/\1/p')" 1 "what hosts open is the proxy's"
	exit 0
fi
if [ "$role" = bypass ] && ! on_nftables; then
	assert_eq "$(found text)" "" "what there is to find where our programs ask the main table"
	assert_eq "$(asks http_get --local-port 40001)" "$INET_FAR:40001" "beside the proxy"
	assert_eq "$(inet ask -b $INET_FAR -p 5000 $WAN_ADDR:7000)" "$INET_FAR:5000" "beside the proxy, by udp"
	assert_eq "$(http_get inet http://$WAN_ADDR:443/ --interface $INET_FAR --local-port 40002)" "$INET_FAR:40002" "beside the proxy, past us"
	# What hosts open is the proxy's still.
	before=$(packets pass-other-device)
	http_refused srv http://$INET_FAR:81/
	assert_ge "$(packets pass-other-device)" $((before + 1)) "what the proxy gets"
	exit 0
fi
found text >"$LAB_DIR/found"
cat "$LAB_DIR/found" >&2
has -F "${words[$cell]}" <"$LAB_DIR/found"
asks http_refused
refute inet ask -b $INET_FAR -w 500 $WAN_ADDR:7000

found fix >"$LAB_DIR/fixes"
while read -r line; do
	gw sh -ec "$line" </dev/null
done <"$LAB_DIR/fixes"
assert_eq "$(asks http_get --local-port 40001)" "$INET_FAR:40001" "past the proxy"
assert_eq "$(inet ask -b $INET_FAR -p 5000 $WAN_ADDR:7000)" "$INET_FAR:5000" "past the proxy, by udp"
assert_eq "$(found text)" "" "what is left to find"
