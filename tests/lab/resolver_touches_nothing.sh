#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Role resolver leaves the machine as it is: settings, firewall, filters, routes and bpffs are the same before, during and after, no right to change them is kept, and
# what is about packets says that there is nothing.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null

sysctl -qw net.ipv4.ip_forward=1
nft -f - <<-END
	table ip router {
		chain postrouting {
			type nat hook postrouting priority 100
			oifname wan masquerade
		}
	}
END

# Of the server's namespace; what counts by itself is left out.
machine() {
	{
		srv sysctl -a --pattern '^net\.' 2>/dev/null | grep -v 'nf_conntrack_count'
		srv nft list ruleset
		ip -n srv rule
		ip -n srv route show table all
		ip -n srv -d link | grep -E 'prog|xdp|qdisc'
		for direction in ingress egress; do
			tc -n srv filter show dev eth0 $direction 2>&1
		done
		ls -A /sys/fs/bpf
		findmnt -rno TARGET,FSTYPE -t bpf
	} 2>"$LAB_DIR/machine.log"
}

LAB_QUIET=1 machine >"$LAB_DIR/before.txt"
assert_ge "$(wc -l <"$LAB_DIR/before.txt")" 100 "lines that are compared"
cat >$CONF <<END
role: resolver
lan:
  - interface: eth0
services:
  - name: app
    domain: app.example.com
    host: $SRV_ADDR
    ports: [80/tcp]
dns:
  upstream: [$AUTH_ADDR]
END
spawn hairpind srv "$HAIRPIND" -f "$CONF"
wait_for 30 '! running hairpind || "$HAIRPIN" status'
running hairpind || fail "hairpind ended by itself, see its log"
assert_eq "$(ask_name lan1 $SRV_ADDR app.example.com A)" $SRV_ADDR "it answers"
LAB_QUIET=1 machine >"$LAB_DIR/during.txt"
diff "$LAB_DIR/before.txt" "$LAB_DIR/during.txt" >&2

# Port 53, the user of the DNS process, its end.
assert_eq "$(sed -n 's/^CapEff:[[:space:]]*0*//p' "/proc/${LAB_PIDS[hairpind]}/status")" 4e0 "rights that are kept"
assert_eq "$(sed -n 's/^CapBnd:[[:space:]]*0*//p' "/proc/${LAB_PIDS[hairpind]}/status")" 4e0 "rights that can be had again"

for what in "show sessions" "show mappings" "show ports" "show drops" detach; do
	# shellcheck disable=SC2086 # words
	assert_eq "$(exit_status hp $what 2>"$LAB_DIR/said.txt")" 1 "$what"
	grep -q "role resolver has no data plane" "$LAB_DIR/said.txt"
done
running hairpind || fail "detach ended it"
hp check | tee "$LAB_DIR/check.txt" >&2
grep -q "by name only: role resolver" "$LAB_DIR/check.txt"

# The role is for a new start, and the other's data plane is not left without anybody.
cp $CONF "$LAB_DIR/resolver.yaml"
printf 'wan: { interface: eth9 }\nlan: [{ interface: eth0 }]\n' >$CONF
refute hp reload 2>"$LAB_DIR/said.txt"
grep -q "role: only a new start of hairpind changes it" "$LAB_DIR/said.txt"
cp "$LAB_DIR/resolver.yaml" $CONF
sed -i 's/80\/tcp/"8443:443\/tcp"/' $CONF
reload
assert_eq "$(ask_name lan1 $SRV_ADDR app.example.com A)" $WAN_ADDR "a name whose ports differ"
assert_match "$(hp_json show services -- '.services[0].reason')" "8443/tcp goes to 443" "the verdict"

hairpind_stop
LAB_QUIET=1 machine >"$LAB_DIR/after.txt"
diff "$LAB_DIR/before.txt" "$LAB_DIR/after.txt" >&2

# Where a gateway's data plane stands, a resolver does not start beside it.
nft delete table ip router
standard_services | gw_conf
hairpind_start
hairpind_kill
printf 'role: resolver\nlan: [{ interface: br-lan }]\ndns: { upstream: %s }\n' $AUTH_ADDR >$CONF
hairpind_run
refute finished hairpind
grep -q 'role: resolver: the data plane of role gateway is in place' "$LAB_DIR/hairpind.log"
