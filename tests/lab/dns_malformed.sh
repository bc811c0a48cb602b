#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Malformed queries by the hundred thousand, or DNS_MALFORMED of them: each gets the RCODE that it ought to, real ones are answered between them, for another client too,
# and the server is the same process in the same memory at the end.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

COUNT=${DNS_MALFORMED:-200000}
# What a server that forgets one packet in a hundred would have grown by, were it by 300 octets each.
GROWTH_KB=$((1024 + COUNT * 3 / 1024))
[ $GROWTH_KB -lt 4096 ] || GROWTH_KB=4096

# Without the cache, which has a bound of its own: some of what is sent is a question after all, and its failure is kept.
memory_kb() {
	echo $(($(awk '/^VmRSS:/ { print $2 }' "/proc/$(dns_pid)/status") - $(hp_json status -- .dns.cache_bytes) / 1024))
}

garbage() { # COUNT SEED
	lan1 dns_garbage -n "$1" -s "$2" $LAN_GW app.example.com $SRV_ADDR "$LAB_SRC/../fuzz/corpus/dns_query"
}

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
echo "app.example.com A" >"$LAB_DIR/real.txt"

# Cache and buffers have their size after the first part.
garbage $((COUNT / 10)) 1 >&2
pid=$(dns_pid)
before=$(memory_kb)
spawn real guest dnsperf -s $GUEST_GW -d "$LAB_DIR/real.txt" -Q 200 -t 10 -l 100000
said=$(garbage "$COUNT" 2)
kill -INT "${LAB_PIDS[real]}"
finished real || fail "the other client ended by itself"
after=$(memory_kb)

assert_eq "$(dns_pid)" "$pid" "the process"
assert_eq "$(hp_json status -- .dns.restarts)" 0 "restarts"
assert_lt $((after - before)) $GROWTH_KB "kilobytes that it grew by"
assert_match "$(cat "$LAB_DIR/real.log")" 'Queries lost: +0 ' "what the other client lost"
assert_match "$(cat "$LAB_DIR/real.log")" 'Response codes: +NOERROR [0-9]+ \(100.00%\)' "what the other client heard"
echo "$said; another client: $(awk '/Queries completed/ { print $3 }' "$LAB_DIR/real.log") answered, none lost; grew by $((after - before)) kB"
