#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody else at the gateway's address: what is played back, or signed with another key, brings nothing in and takes out what is there; a new key is refused until a person has compared it.
. "$(dirname "$0")/lab.sh"

lab_up bridge
laptop_up
hairpin_up < <(hosts_conf)
recorded=$LAPTOP/recorded
wait_for 20 '[ "$(hosts_question lan1 $LAN_GW)" -gt 0 ]'
hosts_ask lan1 $LAN_GW >$recorded
laptop_hosts apply --from $LAN_GW >&2
laptop_watch
wait_for 30 'grep -q "^in its LAN" $LAB_DIR/watch.log'
has_block || fail "no block at home"
hairpind_stop

# A true answer of the gateway, to another question.
spawn forger gw socat "TCP-LISTEN:$HOSTS_PORT,bind=$LAN_GW,reuseaddr,fork" "SYSTEM:head -c 40 >/dev/null; cat $recorded"
watch_asks
wait_for 60 is_clean
wait_for 10 'grep -q "has not signed for this question" $LAB_DIR/watch.log'
refute laptop_hosts apply --from $LAN_GW
stop forger || true

# With another key: refused, and the way out is said and works.
rm /var/lib/hairpin/hosts-key
hairpind_start
wait_for 20 '[ "$(hosts_question lan1 $LAN_GW)" -gt 0 ]'
said=$(laptop_hosts apply --from $LAN_GW 2>&1) && fail "another key is believed"
[[ $said == *"another key than this machine knows"* ]] || fail "what is said of another key: $said"
[[ $said == *"hosts apply --from $LAN_GW --key $(gateway_key)"* ]] || fail "the way out: $said"
is_clean || fail "another key brought the block in"
laptop_hosts apply --from $LAN_GW --key "$(gateway_key)" >&2
watch_asks
wait_for 90 '[ "$(grep -c "^in its LAN" $LAB_DIR/watch.log)" -eq 2 ]'
has_block || fail "no block with the new key"

# Forgotten: the watch ends by itself and leaves nothing.
laptop_hosts remove >&2
is_clean || fail "what remove leaves"
watch_asks
wait_for 90 '! running watch'
is_clean || fail "what the watch leaves"
