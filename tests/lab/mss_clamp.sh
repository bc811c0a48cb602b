#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The segment size in SYNs that cross a WAN of 1400 octets: mss_clamp.sh BUILD auto|off|1200
#
# Outgoing, forwarded, and over IPv6, in both directions; a loopback stays as it is. With `auto` a download comes through
# although nobody is ever told that a packet was too big.
. "$(dirname "$0")/lab.sh"

word=$1
case $word in
auto) size=1360 ;;
off) size=1460 ;;
*) size=$word ;;
esac
size6=$((size - 20))

lab_up bridge
ip link set wan mtu 1400
hairpin_up < <(
	standard_services
	printf 'nat:\n  limits: { sessions: 16384 }\n  mss-clamp: %s\n' "$word"
)
http_serve srv 443 80
http_serve inet 8080
http_files inet 300000
capture_start outside inet eth0 'tcp[tcpflags] & tcp-syn != 0'
capture_start inside lan1 eth0 'tcp[tcpflags] & tcp-syn != 0'
capture_start server srv eth0 'tcp[tcpflags] & tcp-syn != 0'
# tcpdump's tcp[] is that of IPv4.
capture_start outside6 inet eth0 'ip6[6] == 6 and ip6[53] & 2 != 0'
capture_start inside6 lan1 eth0 'ip6[6] == 6 and ip6[53] & 2 != 0'

# The sizes in the SYNs of a capture, one of each.
sizes() { # NAME FILTER
	tcpdump -n -v -r "$LAB_DIR/$1.pcap" "$2" 2>/dev/null | grep -oE 'mss [0-9]+' | sort -u | sed 's/mss //' | xargs
}
# Both ends have devices of 1500 octets, so what they say themselves is 1460, or 1440 over IPv6.
http_get lan1 http://$INET_ADDR:8080/ >/dev/null
http_get inet http://$WAN_ADDR:8443/ >/dev/null
http_get guest http://$WAN_ADDR:8443/ >/dev/null
http_get lan1 "http://[$INET_ADDR6]:8080/" >/dev/null
if [ "$word" = auto ]; then
	# Who would say that a packet is too big is silenced; the answers fit, since the question was small enough.
	inet nft 'add table ip mute { chain in { type filter hook input priority 0; icmp type destination-unreachable drop; }; }'
	ip -n inet link set eth0 mtu 1500
	download far lan1 http://$INET_ADDR:8080/big
	downloaded far inet
fi
for name in outside inside server outside6 inside6; do
	capture_stop $name
done

assert_eq "$(sizes outside "src host $WAN_ADDR and dst port 8080")" $size "what the server outside is told"
assert_eq "$(sizes inside "src port 8080")" $size "what the client inside is told"
assert_eq "$(sizes server "src host $INET_ADDR")" $size "what the server inside is told"
assert_eq "$(sizes outside "src port 8443")" $size "what the client outside is told"
assert_eq "$(sizes server "src host $WAN_ADDR and dst port 443")" 1460 "what is told through the loopback"
assert_eq "$(sizes outside6 "dst port 8080")" $size6 "what the server outside is told over IPv6"
assert_eq "$(sizes inside6 "src port 8080")" $size6 "what the client inside is told over IPv6"
# All of them right, with the options at their odd places: tcpdump computes them.
for ns in inet lan1 srv; do
	assert_eq "$(in_ns $ns nstat -asz TcpInCsumErrors | awk '/TcpInCsumErrors/ { print $2 }')" 0 "wrong checksums at $ns"
done
