#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What was asked is shown, with who asked and what became of it; and what is asked later, to whoever follows.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
hairpin_up < <(
	names_conf
	echo "  log: { queries: yes }"
)

# told NAME JQ: of the last query for that name.
told() {
	hp_json show queries --name "$1" --last 1 -- ".queries[0] | $2"
}

ask_name lan1 $LAN_GW app.example.com A
ask_name lan1 $LAN_GW other.example.com AAAA
ask_name lan1 $LAN_GW other.example.com AAAA
ask_name lan1 $LAN_GW absent.example.com A
ask_name guest $GUEST_GW localhost A +tcp
wait_for 10 '[ "$(hp_json show queries -- ".queries | length")" = 5 ]'

assert_eq "$(told app.example.com '"\(.client) \(.type) \(.outcome) \(.rcode) \(.upstream)"')" "$LAN1_ADDR A rewritten NOERROR null" "a name of ours"
assert_eq "$(told absent.example.com '"\(.client) \(.type) \(.outcome) \(.rcode) \(.upstream)"')" \
	"$LAN1_ADDR A forwarded NXDOMAIN $AUTH_ADDR" "what an upstream denies"
assert_ge "$(told absent.example.com .took_us)" 1 "its time"
assert_eq "$(hp_json show queries --name other.example.com -- '[.queries[] | .outcome] | join(" ")')" "forwarded cached" "a name that is asked twice"
assert_eq "$(told localhost '"\(.client) \(.outcome)"')" "$GUEST_ADDR special" "over TCP, of another segment"
now=$(date +%s)
assert_ge "$((now + 1 - $(told localhost '.at_ms / 1000 | floor')))" 0 "when, at most"
assert_ge 600 "$((now - $(told localhost '.at_ms / 1000 | floor')))" "when, at least"

# Which of them.
assert_eq "$(hp_json show queries --client $GUEST_ADDR -- '.queries | length')" 1 "of one client"
assert_eq "$(hp_json show queries --client 10.99.0.0/16 -- '.queries | length')" 0 "of another network"
assert_eq "$(hp_json show queries --name Example.COM. -- '.queries | length')" 4 "below a name"
assert_eq "$(hp_json show queries --name '*oth?r*' -- '.queries | length')" 2 "by a pattern"
assert_eq "$(hp_json show queries --name ample.com -- '.queries | length')" 0 "a name is no part of a label"
assert_eq "$(hp_json show queries --last 2 -- '[.queries[] | .name] | join(" ")')" "absent.example.com localhost" "the last two"
assert_eq "$(hp_json show queries --blocked -- '.queries | length')" 0 "blocked"
assert_eq "$(exit_status hp show queries --client nobody 2>"$LAB_DIR/why.txt")" 2 "no address"
assert_eq "$(exit_status hp show queries --last 0 2>"$LAB_DIR/why.txt")" 2 "no number"
assert_eq "$(hp show queries --name absent.example.com | sed -n '2s/^[-0-9]* [:0-9]* //; 2s/ in .*//; 2s/  */ /gp')" \
	"$LAN1_ADDR A forwarded NXDOMAIN absent.example.com, by $AUTH_ADDR" "as text"

assert_eq "$(hp_json show top names -- '.names[0] | "\(.name) \(.queries) \(.blocked)"')" "other.example.com 2 0" "the name that is asked for most"
assert_eq "$(hp_json show top -- '.clients[0] | "\(.client) \(.queries)"')" "$LAN1_ADDR 4" "the client that asks most"
assert_eq "$(hp_json show top blocked -- '.blocked | length')" 0 "names that are blocked"
hp show top --since 90m | grep -q "2 *0  other.example.com"

# Whoever follows hears of the next.
spawn follow gw "$HAIRPIN" -j show queries --follow --last 1 --client $LAN1_ADDR
wait_for 10 'grep -q "absent.example.com" "$LAB_DIR/follow.log"'
ask_name guest $GUEST_GW other.example.com A
ask_name lan1 $LAN_GW new.example.com A
wait_for 10 'grep -q "new.example.com" "$LAB_DIR/follow.log"'
assert_eq "$(grep -c '"client"' "$LAB_DIR/follow.log")" 2 "rows of that client"
refute grep -q '"other.example.com"' "$LAB_DIR/follow.log"
running follow
# Many who follow and many who leave: the log goes on.
for ((i = 0; i < 20; i++)); do
	assert_eq "$(exit_status in_ns gw timeout 0.1 "$HAIRPIN" show queries --follow)" 124 "one who leaves"
done
wait_for 10 'hp show queries'
wait_for 10 '[ "$(hp_json status -- ".dns.log.written")" = 7 ]'
assert_eq "$(hp_json status -- '.dns.log | "\(.queries) \(.lost) \(.error)"')" "yes 0 null" "what status tells"
wait_for 10 '[ "$(hp_json status -- ".dns.last_day.all")" -ge 7 ]'
assert_eq "$(hp_json status -- '.dns.last_day | "\(.rewritten) \(.special) \(.cached)"')" "1 1 1" "counters of the last day"
assert_ge "$(hp_json status -- '.dns.upstreams[0].rtt_us')" 1 "how long its upstream takes"
