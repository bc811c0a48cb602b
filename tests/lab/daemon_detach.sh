#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `hairpin detach` removes the data plane and restores what was set: daemon_detach.sh BUILD running|stopped
#
# With all that hairpind can leave in a machine: devices and their filters, rules, settings, programs and maps, routes, sockets, processes, mounts and files are what they were before the first
# start, but for its own three folders, which a package removes when it is purged; of these only files are left. A filter and a table of somebody else stay.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/left.sh"
. "$LAB_SRC/lib/fast.sh"

# As a package's purge does, behind the detach.
purge() {
	rm -rf /var/lib/hairpin /run/hairpin /etc/hairpin
}

conf() {
	gw_conf <<-END
		$(leases_conf | sed "s/^    ports: .*/    host6: $SRV_ADDR6\n    ports: [80\/tcp, 7000\/udp]/")
		lan:
		  - interface: $LAN_DEV
		  - { interface: lan2, isolate: yes }
		hosts-service: yes
		nat:
		  limits: { sessions: 16384 }
		$(on_nftables || echo "  fast-path: on")
	END
	sed -i 's/^dns:/&\n  redirect: yes\n  log: { queries: yes }/' $CONF
}

lab_up bridge
fast_ends
auth_serve </dev/null
bridge_up gw br-other
sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.ipv4.ip_local_reserved_ports=12345
tc qdisc add dev lan2 clsact
tc filter add dev lan2 ingress pref 7 protocol ip bpf bytecode "1,6 0 0 0"
nft -f - <<<'table inet others { chain input { type filter hook input priority 0; counter; }; }'
purge
left_seen >"$LAB_DIR/before.txt"

mkdir /etc/hairpin
conf
hairpind_start
echo_serve srv 7000
lan1 ask $WAN_ADDR:7000
assert_eq "$(ask_name lan1 $LAN_GW app.example.com A)" $SRV_ADDR "a name"
wait_for 10 '[ "$(dhcpd_pid)" != 0 ]'
left_seen >"$LAB_DIR/during.txt"
left_objects >"$LAB_DIR/objects.txt"
on_nftables || assert_ge "$(grep -c . "$LAB_DIR/objects.txt")" 30 "programs, maps and links"
refute cmp -s "$LAB_DIR/before.txt" "$LAB_DIR/during.txt"
assert_eq "$(sysctl -n net.bridge.bridge-nf-call-iptables)" 0 "bridge-nf-call-iptables while attached"
assert_eq "$(cat /sys/class/net/br-other/bridge/nf_call_iptables)" 1 "its effect on another bridge"
assert_match "$(sysctl -n net.ipv4.ip_local_reserved_ports)" "7000.*12345" "reserved ports"

[ "$1" = running ] || hairpind_stop
hp detach
[ "$1" = stopped ] || finished hairpind
refute grep /var/lib/hairpin/ /proc/self/mounts
assert_eq "$(find /var/lib/hairpin ! -type f ! -type d)" "" "what is no file in its folder"
purge
left_seen >"$LAB_DIR/after.txt"
diff -u "$LAB_DIR/before.txt" "$LAB_DIR/after.txt"
wait_for 20 'left_objects_gone "$LAB_DIR/objects.txt"'
refute lan1 ask -w 300 $WAN_ADDR:7000
