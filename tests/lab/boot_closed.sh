#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# At no step of a start does anything from WAN get past the gateway, and nothing is forwarded before the filters stand: boot_closed.sh BUILD off|on|unit
#
# `off`: forwarding is off as on most machines; hairpind is stopped behind each call by which it changes something, and each time strangers outside send to addresses inside. `on`: forwarding is
# somebody else's (sysctl.d) and on before: then nothing is open because the unit comes before the network (network-pre.target), and so here the interface comes when hairpind is ready.
# `unit`: that it comes before the network is systemd's doing; and where it does not start, the network comes up on a machine that forwards nothing.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/systemd.sh"

# Who sees what arrives inside, whatever becomes of it there.
watch_arrivals() { # NS
	nsenter --net="/run/netns/$1" nft -f - <<-END
		table inet seen {
			chain arrivals {
				type filter hook prerouting priority -310;
				udp dport 7009 counter
			}
		}
	END
}

arrivals() {
	local ns
	for ns in srv guest; do
		nsenter --net="/run/netns/$ns" nft -j list table inet seen | jq '.nftables[].rule.expr[1].counter.packets // empty'
	done | jq -s add
}

# What they send at each word: to hosts of both segments, by each family.
strangers() {
	local word to
	while read -r word; do
		for to in $SRV_ADDR $GUEST_ADDR $SRV_ADDR6 $GUEST_ADDR6; do
			echo "$word" >"/dev/udp/$to/7009" || true
		done
		echo sent
	done
}

forwards() {
	local four six
	read -r four </proc/sys/net/ipv4/ip_forward
	read -r six </proc/sys/net/ipv6/conf/all/forwarding
	[ "$four$six" != 00 ]
}

# At each step. Forwarding that is on finds the filters and the guard there.
look() { # STEP
	echo "$1" >>"$LAB_DIR/steps.txt"
	echo "$1" >&7
	read -r _ <&8
	if [ ! -e "$LAB_DIR/opened" ] && forwards; then
		: >"$LAB_DIR/opened"
		for device in wan br-lan lan2; do
			[ "$(filters $device ingress)" -ge 1 ] || echo "forwarding is on and $device has no filter, at step $(grep -c . "$LAB_DIR/steps.txt")" >"$LAB_DIR/fault"
		done
		nft list tables | grep -q 'inet hairpin$' || echo "forwarding is on and there is no table" >"$LAB_DIR/fault"
	fi
}

steps() {
	local step
	while read -r step; do
		look "$step"
		echo go
	done
}

cell_off() {
	mkfifo "$LAB_DIR/steps" "$LAB_DIR/go"
	steps <"$LAB_DIR/steps" >"$LAB_DIR/go" &
	# A process that is traced cannot look for its leaks.
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 spawn hairpind gw step "$LAB_DIR/steps" "$LAB_DIR/go" "$HAIRPIND" -f $CONF
	wait_for 120 '! running hairpind || grep -q "ready: generation" "$LAB_DIR/hairpind.log"'
	running hairpind || fail "hairpind ended"
	[ ! -e "$LAB_DIR/fault" ] || fail "$(cat "$LAB_DIR/fault")"
	[ -e "$LAB_DIR/opened" ] || fail "forwarding was never seen to be on"
	# What it is made of: settings, filters or rules, and in between.
	assert_ge "$(grep -c . "$LAB_DIR/steps.txt")" 30 "steps"
	assert_ge "$(grep -c setting "$LAB_DIR/steps.txt")" 3 "settings"
	assert_ge "$(grep -c sendmsg "$LAB_DIR/steps.txt")" 1 "words to the kernel"
	hairpind_stop
}

cell_on() {
	sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip addr flush dev wan
	ip link set wan down
	hairpind_run
	wait_for 30 '! running hairpind || grep -q "ready: generation" "$LAB_DIR/hairpind.log"'
	wan_up
	look up
	until inet ask -w 100 $WAN_ADDR:7000 >/dev/null; do
		look up
		[ "$(grep -c . "$LAB_DIR/steps.txt")" -lt 200 ] || fail "no forward answers"
	done
	look answers
	hairpind_stop
}

# What configures interfaces, as the unit of a network manager: it notes what it finds.
network_install() {
	cat >/etc/systemd/system/lab-network.service <<-END
		[Unit]
		DefaultDependencies=no
		Wants=network-pre.target
		After=network-pre.target
		[Service]
		Type=oneshot
		StandardOutput=truncate:$LAB_DIR/found.txt
		ExecStart=/bin/sh -c 'nft list tables; cat /proc/sys/net/ipv4/ip_forward'
	END
	printf '[Unit]\nDefaultDependencies=no\nWants=hairpind.service lab-network.service\n' >/etc/systemd/system/lab-boot.target
	manage daemon-reload
}

cell_unit() {
	ip addr flush dev wan
	ip link set wan down
	manager_up
	unit_install
	network_install
	manage start lab-boot.target
	wait_for 60 'grep -qx "[01]" "$LAB_DIR/found.txt"'
	assert_eq "$(unit_property ActiveState)" active "the unit"
	assert_eq "$(grep -xE 'table inet hairpin|1' "$LAB_DIR/found.txt" | paste -sd ' ')" "table inet hairpin 1" "what the network found"
	wan_up
	look up
	wait_for 10 'inet ask -w 100 $WAN_ADDR:7000'

	say "a start that fails"
	manager_sees "$HAIRPIN" detach
	manage stop lab-boot.target lab-network.service hairpind.service
	echo 'nonsense: yes' >>$CONF
	rm "$LAB_DIR/found.txt"
	manage start lab-boot.target
	wait_for 60 'grep -qx "[01]" "$LAB_DIR/found.txt"'
	wait_for 20 '[ "$(unit_property ActiveState)" = failed ]'
	assert_eq "$(cat "$LAB_DIR/found.txt")" 0 "what the network found"
	look failed
	refute forwards
}

lab_up bridge
ip -n inet route add 192.168.11.0/24 via $WAN_ADDR
ip -n inet route add 192.168.12.0/24 via $WAN_ADDR
gw_conf < <(standard_services)
echo_serve srv 7000
watch_arrivals srv
watch_arrivals guest
mkfifo "$LAB_DIR/words" "$LAB_DIR/sent"
export -f strangers
export SRV_ADDR GUEST_ADDR SRV_ADDR6 GUEST_ADDR6
spawn strangers inet bash -c "strangers <'$LAB_DIR/words' >'$LAB_DIR/sent'"
exec 7>"$LAB_DIR/words" 8<"$LAB_DIR/sent"

"cell_$1"
assert_eq "$(arrivals)" 0 "datagrams of strangers that arrived inside"

say "without it they would have"
[ "$1" = unit ] || hp detach
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
wait_for 10 'look open; [ "$(arrivals)" -ge 4 ]'
