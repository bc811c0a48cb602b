#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The gateway answers with its names on segments that are not isolated, and nowhere else; its key is root's alone and outlives the daemon.
. "$(dirname "$0")/lab.sh"

lab_up bridge
laptop_up
gw_conf <<END
$(hosts_conf)
lan:
  - interface: br-lan
  - { interface: lan2, isolate: yes }
END
hairpind_start
key=$(gateway_key)
assert_match "$key" "^SHA256:" "the fingerprint"
[[ $(hp status) == *"hosts       $key: 0 answers"* ]] || fail "status does not show the key"
assert_eq "$(stat -c '%a %U' /var/lib/hairpin/hosts-key)" "600 root" "the key's file"
assert_confined "$(hp_json status -- .hosts_service.process)" hairpin-hosts

# --- who is answered

assert_eq "$(hosts_question lan1 $LAN_GW)" $((108 + ${#SRV_ADDR} + 17)) "octets for the LAN"
assert_eq "$(hosts_question guest $GUEST_GW)" 0 "octets for an isolated segment"
assert_eq "$(hosts_question guest $LAN_GW)" 0 "... by another address of ours"
assert_eq "$(hosts_question inet $WAN_ADDR)" 0 "octets for WAN"
ip -n inet route add $LAN_GW/32 via $WAN_ADDR
assert_eq "$(hosts_question inet $LAN_GW)" 0 "... by the LAN's address"

# Half a question, or another one, gets nothing, and is no burden to the next.
assert_eq "$(printf 'GET / HTTP/1.1\r\nHost: gateway\r\nX: 0123456789\r\n\r\n' | lan1 socat -t 5 - "TCP:$LAN_GW:$HOSTS_PORT" 2>/dev/null | wc -c)" 0 \
	"octets for a browser"
for _ in $(seq 8); do
	lan1 socat -u "TCP:$LAN_GW:$HOSTS_PORT" - >/dev/null 2>&1 &
done
wait_for 20 '[ "$(hp_json status -- .hosts_service.limited)" -gt 0 ]'
wait_for 20 '[ "$(hosts_question lan1 $LAN_GW)" -gt 0 ]'

# --- a machine that asks

laptop_hosts apply --from $LAN_GW --key "$key" >&2
has_block || fail "no block"
refute laptop_hosts apply --from $LAN_GW --key SHA256:AAAA
refute laptop_hosts apply --from $SRV_ADDR
hairpind_stop
refute laptop_hosts apply --from $LAN_GW
hairpind_start
assert_eq "$(gateway_key)" "$key" "the key of the next daemon"
wait_for 20 'laptop_hosts apply --from $LAN_GW'

# Killed, the process comes back by itself.
kill -KILL "$(hp_json status -- .hosts_service.process)"
wait_for 20 'laptop_hosts apply --from $LAN_GW'

# A damaged key is refused, and stays.
hairpind_stop
echo damaged >/var/lib/hairpin/hosts-key
refute "$HAIRPIND" -f "$CONF"
assert_eq "$(cat /var/lib/hairpin/hosts-key)" damaged "the damaged key"
