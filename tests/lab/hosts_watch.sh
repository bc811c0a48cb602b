#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A laptop has the names of its LAN in its hosts file while it is there: not in another LAN with the same addresses and another hairpin gateway, not without a network, and again when it comes home.
. "$(dirname "$0")/lab.sh"

lab_up bridge
laptop_up
hairpin_up < <(hosts_conf)

# A neighbour's LAN: the same network, and a gateway with the same address and names but a key of its own.
ns_add other
bridge_up other br-lan
ip -n other addr add $LAN_GW/24 dev br-lan
ip -n other link add wan type veth peer name provider
ip -n other link set wan up
gw_conf $LAPTOP/other.yaml < <(
	printf 'lan:\n  - interface: br-lan\n'
	hosts_conf
)
# Two that hook the programs of one machine would be in each other's way.
grep -q backend: $LAPTOP/other.yaml || sed -i 's/^nat:$/nat:\n  backend: nftables/' $LAPTOP/other.yaml
spawn other other "$HAIRPIND" -f $LAPTOP/other.yaml -s $LAPTOP/other.sock -b /sys/fs/bpf/other -d $LAPTOP/other.state
wait_for 30 '! running other || "$HAIRPIN" -s $LAPTOP/other.sock status'
wait_for 30 '[ "$("$HAIRPIN" -j -s $LAPTOP/other.sock status | jq .hosts_service.process)" -gt 0 ]'

# The laptop's cable: its end in the house goes from one bridge to the other.
laptop_goes() { # FROM TO
	local from=$1 to=$2
	ip -n "$from" link set p-lan1 nomaster
	[ "$from" = "$to" ] || ip -n "$from" link set p-lan1 netns "$to"
	ip -n "$to" link set p-lan1 master br-lan up
}

laptop_hosts apply --from $LAN_GW >&2
has_block || fail "no block after apply"
laptop_watch
wait_for 30 'grep -q "^in its LAN" $LAB_DIR/watch.log'
has_block || fail "the block went at home"

laptop_goes gw other
wait_for 60 is_clean
wait_for 30 'grep -q "^away: .*another gateway answered, with another key" $LAB_DIR/watch.log'
laptop_goes other gw
wait_for 90 has_block

# A cable that is pulled.
ip link set p-lan1 down
wait_for 60 is_clean
ip link set p-lan1 up
wait_for 90 has_block

# New names come by themselves, and the end leaves nothing.
sed -i 's/app.example.com/new.example.com/' "$CONF"
reload
watch_asks
wait_for 60 'grep -q "new.example.com" $LAPTOP_HOSTS'
refute has_block
stop watch || fail "the watch ended with status $? after SIGTERM"
is_clean || fail "the block is there after the watch ended"
