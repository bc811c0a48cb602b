#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The init script for OpenWrt, with the real daemon: redirects of the firewall are served with the loopback, a reload brings new ones, `stop` leaves the data plane, a start takes it over, and what is disabled is taken away.
#
# The functions of OpenWrt are doubles (tests/openwrt/rc_double.sh), and this test plays procd.
. "$(dirname "$0")/lab.sh"

OPENWRT=$LAB_SRC/../openwrt
INIT=$LAB_SRC/../../dist/openwrt/files/hairpin.init
export CONFIG=/etc/config PROCD=$LAB_DIR/procd RUNNING=$LAB_DIR/running
export TEST_DAEMON=$HAIRPIND TEST_COMMAND=$HAIRPIN TEST_MADE=$LAB_DIR/made/hairpin.yaml

# service ACTION: the script, and what procd does then.
service() {
	: >"$PROCD"
	gw busybox sh "$OPENWRT/rc_double.sh" "$INIT" "$1" || return
	cat "$PROCD"
	# After `detach` it has ended by itself.
	if grep -qx stopped "$PROCD" && running hairpind; then
		hairpind_stop
	fi
	if grep -q '^param command ' "$PROCD"; then
		# shellcheck disable=SC2046 # words, none of which has a blank
		spawn hairpind gw $(sed -n 's/^param command //p' "$PROCD")
		wait_for 30 '! running hairpind || "$HAIRPIN" status'
		running hairpind
	fi
}

redirect() { # NAME PORT
	cat >>/etc/config/firewall <<-END

		config redirect '$1'
			option name '$1'
			option src 'wan'
			option proto 'udp'
			option src_dport '$2'
			option dest_ip '$SRV_ADDR'
	END
}

lab_up bridge
mkdir /etc/config
cp "$LAB_SRC/../../dist/openwrt/files/hairpin.config" /etc/config/hairpin
printf "config nat_limits\n\toption sessions '16384'\n" >>/etc/config/hairpin
if [ -n "$HAIRPIN_BACKEND" ]; then
	: >"$LAB_DIR/backend-asked"
	sed -i "s/option backend 'bpf'/option backend '$HAIRPIN_BACKEND'/" /etc/config/hairpin
fi
cat >/etc/config/network <<END
config interface 'lan'
	option device '$LAN_DEV'
	option proto 'static'

config interface 'guest'
	option device 'lan2'
	option proto 'static'

config interface 'wan'
	option device '$WAN_DEV'
	option proto 'static'
END
cat >/etc/config/firewall <<'END'
config zone
	option name 'lan'
	list network 'lan'
	option input 'ACCEPT'

config zone
	option name 'guest'
	list network 'guest'
	option input 'REJECT'

config zone
	option name 'wan'
	list network 'wan'
	option masq '1'

config forwarding
	option src 'lan'
	option dest 'wan'

config forwarding
	option src 'guest'
	option dest 'wan'
END
redirect first 7000
echo_serve srv 7000
echo_serve srv 7001

service start
refute test -e "$RUNNING"
sed -i "s/enabled '0'/enabled '1'/" /etc/config/hairpin
service start
inet ask $WAN_ADDR:7000
lan1 ask $WAN_ADDR:7000
guest ask $WAN_ADDR:7000
refute guest ask -w 300 $SRV_ADDR:7001
refute inet ask -w 300 $WAN_ADDR:7001

redirect second 7001
service reload
inet ask $WAN_ADDR:7001
lan1 ask $WAN_ADDR:7001

# A fault changes nothing.
sed -i 's/list pass /list pas /' /etc/config/hairpin
refute service reload
assert_match "$(cat "$PROCD")" "log: .*hairpin.wan.pas: no such option" "what the log says"
lan1 ask $WAN_ADDR:7001
sed -i 's/list pas /list pass /' /etc/config/hairpin

service stop
refute test -e "$RUNNING"
inet ask $WAN_ADDR:7000
lan1 ask $WAN_ADDR:7001
service start
assert_eq "$(hp_json status -- .backend.adopted)" true "whether it took over what was there"

sed -i "s/enabled '1'/enabled '0'/" /etc/config/hairpin
service reload
finished hairpind
refute lan1 ask -w 300 $WAN_ADDR:7000
assert_eq "$(gw tc filter show dev $WAN_DEV ingress)" "" "filters that are left"
refute grep hairpin < <(gw nft list tables)
