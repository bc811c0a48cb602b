#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Requirements: 11.
# The gateway's own processes use a forwarded service by the public address: own_processes.sh BUILD
#
# Stream and datagram, connected and not, sockets of IPv4 and of IPv6 with mapped addresses. A program sees the address that it asked for; the
# server sees the gateway's LAN address. It works while the daemon is dead, follows a reload and is gone after a detach.
. "$(dirname "$0")/lab.sh"

# talk FAMILY TYPE: sends to PUBLIC:7000 and prints the answer, who sent it and, connected, the peer's name.
talk() {
	in_ns gw python3 - "$WAN_ADDR" "$@" <<-'EOF'
		import socket, sys
		address, family, kind, connected = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4] == "connected"
		six = family == "6"
		s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
		s.settimeout(5)
		to = ("::ffff:" + address if six else address, 7000)
		short = lambda name: "%s:%d" % (name[0].replace("::ffff:", ""), name[1])
		if connected:
		    s.connect(to)
		    s.send(b"x\n")
		    print(s.recv(100).decode().split(":")[0], short(s.getpeername()))
		else:
		    s.sendto(b"x\n", to)
		    data, who = s.recvfrom(100)
		    print(data.decode().split(":")[0], short(who))
	EOF
}

lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80
echo_serve srv 7000
LAN_ADDR=$(ip -n gw -4 -j addr show br-lan 2>/dev/null | jq -r '.[0].addr_info[0].local' || true)
: "${LAN_ADDR:=$(ip -4 -j addr show br-lan | jq -r '.[0].addr_info[0].local')}"

for family in 4 6; do
	assert_eq "$(talk $family tcp connected)" "$LAN_ADDR $WAN_ADDR:7000" "stream, IPv$family"
	assert_eq "$(talk $family udp connected)" "$LAN_ADDR $WAN_ADDR:7000" "datagram, connected, IPv$family"
	assert_eq "$(talk $family udp loose)" "$LAN_ADDR $WAN_ADDR:7000" "datagram, IPv$family"
done
assert_eq "$(http_get gw http://$WAN_ADDR:8443/ | cut -d: -f1)" "$LAN_ADDR" "another port inside than outside"
# Another namespace of the same cgroup keeps its own way: through the NAT.
assert_match "$(http_get lan1 http://$WAN_ADDR:8443/)" "^$WAN_ADDR:" "a client of the LAN"

hairpind_kill
assert_eq "$(talk 4 tcp connected)" "$LAN_ADDR $WAN_ADDR:7000" "while the daemon is dead"
hairpind_start
assert_eq "$(talk 4 udp loose)" "$LAN_ADDR $WAN_ADDR:7000" "taken over"
assert_eq "$(hp_json status -- '.warnings | length')" 0 "warnings"

if on_nftables; then
	in_ns gw "$HAIRPIN" detach
	refute http_get gw http://$WAN_ADDR:8443/
	exit 0
fi

# The numbers of our hooks: others may have theirs at the same root.
hooks=$(for pin in /sys/fs/bpf/hairpin/v*/own_*4 /sys/fs/bpf/hairpin/v*/own_*6; do bpftool -j link show pinned "$pin" | jq .id; done)
assert_eq "$(wc -w <<<"$hooks")" 8 "hooks"
in_ns gw "$HAIRPIN" detach
for id in $hooks; do
	wait_for 10 "! bpftool link show id $id"
done
