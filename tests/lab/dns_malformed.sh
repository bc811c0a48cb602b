#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Malformed queries by the hundred thousand, or DNS_MALFORMED of them: each gets the RCODE that it ought to, real ones are answered between them, for another client too,
# and the server is the same process with as much memory at the end.
#
# What grows is looked for in equal stretches, each of which ends when nothing waits any more. A leak grows in each of them; a table that doubles, or malloc()'s store of
# freed pieces, in one or the other. The resident size would not do: at the first lap of the query log's ring, and when many questions wait for upstream, pages are touched that
# stay, megabytes of them, and when that comes is a matter of how fast the machine is.
LAB_PCAP=no
. "$(dirname "$0")/lab.sh"

COUNT=${DNS_MALFORMED:-200000}
STRETCHES=3
# One packet in a thousand that is forgotten, with 64 octets, is more.
GROWTH_BYTES=4096

garbage() { # COUNT SEED
	lan1 dns_garbage -n "$1" -s "$2" $LAN_GW app.example.com $SRV_ADDR "$LAB_SRC/../fuzz/corpus/dns_query"
}

answered() {
	hp_json status -- '[.dns.queries[]] | add'
}

# The numbers are of some moment before they are shown. Those that have a question of ours in them that was asked behind those that were shown last are of now.
status_renew() {
	local before
	for _ in 1 2; do
		before=$(answered)
		ask_name guest $GUEST_GW app.example.com A >&2
		wait_for 20 "[ \$(answered) -gt $before ]"
	done
}

is_idle() {
	status_renew
	[ "$(hp_json status -- .dns.waiting)" = 0 ]
}

# Octets that it has from malloc(), without those of the cache, which has a bound of its own: some of what is sent is a question after all.
memory_bytes() {
	hp_json status -- '.dns | .memory_bytes - .cache_bytes'
}

descriptors() {
	find "/proc/$(dns_pid)/fd" -mindepth 1 | wc -l
}

lab_up bridge
auth_serve </dev/null
hairpin_up < <(names_conf)
echo "app.example.com A" >"$LAB_DIR/real.txt"

garbage $((COUNT / 10)) 0 >&2
wait_for 60 is_idle
pid=$(dns_pid)
before=$(memory_bytes)
open=$(descriptors)
least=$((1 << 30))
growth=()
spawn real guest dnsperf -s $GUEST_GW -d "$LAB_DIR/real.txt" -Q 200 -t 10 -l 100000
for ((i = 1; i <= STRETCHES; i++)); do
	said=$(garbage $((COUNT / STRETCHES + 1)) $i)
	wait_for 60 is_idle
	after=$(memory_bytes)
	echo "$said" | tee -a "$LAB_DIR/stretches.txt" >&2
	growth+=($((after - before)))
	[ "$((after - before))" -ge "$least" ] || least=$((after - before))
	before=$after
done
kill -INT "${LAB_PIDS[real]}"
finished real || fail "the other client ended by itself"

assert_eq "$(dns_pid)" "$pid" "the process"
assert_eq "$(hp_json status -- .dns.restarts)" 0 "restarts"
# The process does not see the numbers of a sanitizer, which looks for leaks itself.
if [ "$(hp_json status -- '.dns | .memory_bytes > .cache_bytes')" = false ]; then
	sanitized || fail "the cache has more than all"
	growth=(unknown)
fi
assert_lt "$least" $GROWTH_BYTES "octets that it grew by in each stretch"
assert_eq "$(descriptors)" "$open" "descriptors that it has open"
assert_match "$(cat "$LAB_DIR/real.log")" 'Queries lost: +0 ' "what the other client lost"
assert_match "$(cat "$LAB_DIR/real.log")" 'Response codes: +NOERROR [0-9]+ \(100.00%\)' "what the other client heard"

# A line of dns_garbage, with the sums of all.
awk '{ for (i = 1; i <= NF; i++) sum[i] += $i } END { for (i = 1; i <= NF; i++) printf "%s ", $i ~ /^[0-9]+$/ ? sum[i] : $i }' "$LAB_DIR/stretches.txt"
echo "; another client: $(awk '/Queries completed/ { print $3 }' "$LAB_DIR/real.log") answered, none lost; grew by ${growth[*]} octets"
