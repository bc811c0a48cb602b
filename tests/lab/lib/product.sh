# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hairpind and hairpin in the lab's gateway. Paths are the product's defaults: the lab's /run, /etc, /var/lib and bpffs are private.

CONF=/etc/hairpin/hairpin.yaml
PINS=/sys/fs/bpf/hairpin

# HAIRPIN_BACKEND: nat.backend of every configuration that does not name one itself; empty: what the product chooses.
HAIRPIN_BACKEND=${HAIRPIN_BACKEND:-}

# HAIRPIN_FAST_PATH: the same of nat.fast-path.
HAIRPIN_FAST_PATH=${HAIRPIN_FAST_PATH:-}

# with_fast_path: the text, with it.
with_fast_path() {
	if [ -z "$HAIRPIN_FAST_PATH" ]; then
		cat
	else
		sed "s/^nat:\$/nat:\\n  fast-path: $HAIRPIN_FAST_PATH/; s/^nat: *{/nat: { fast-path: $HAIRPIN_FAST_PATH,/"
	fi
}

# with_backend: the text, with it. lab_end() asks whether anybody did.
with_backend() {
	if [ -z "$HAIRPIN_BACKEND" ]; then
		cat
	else
		: >"$LAB_DIR/backend-asked"
		sed "s/^nat:\$/nat:\\n  backend: $HAIRPIN_BACKEND/; s/^nat: *{/nat: { backend: $HAIRPIN_BACKEND,/"
	fi
}

# gw_conf <<END: the configuration, with what a test does not care about added: role, wan, lan, and tables
# small enough for many labs on one machine.
gw_conf() {
	local text
	text=$(cat)
	{
		has_section "$text" role || echo "role: ${LAB_ROLE:-gateway}"
		has_section "$text" wan || printf 'wan:\n  interface: %s\n' "$WAN_DEV"
		has_section "$text" lan || {
			printf 'lan:\n  - interface: %s\n' "$LAN_DEV"
			[ "${LAB_ROLE:-gateway}" = bypass ] || printf '  - interface: lan2\n'
		}
		has_section "$text" nat || printf 'nat:\n  limits: { sessions: 16384 }\n'
		printf '%s\n' "$text"
	} | with_backend | with_fast_path >"${1:-$CONF}"
	[ -z "$HAIRPIN_BACKEND" ] || grep -q "backend:" "${1:-$CONF}" || fail "the configuration asks for no backend"
}

has_section() { # TEXT KEY
	grep -q "^$2:" <<<"$1"
}

# The services that most tests use: http through a port that differs, http on the same port, and an echo by both protocols.
standard_services() {
	cat <<-END
		services:
		  - name: web
		    domain: web.example.com
		    host: $SRV_ADDR
		    ports: ["8443:443/tcp", 80/tcp]
		  - name: echo
		    host: $SRV_ADDR
		    ports: [7000/udp, 7000/tcp]
	END
}

# One service, for datagrams in fragments: pieces_serve srv.
pieces_service() {
	cat <<-END
		services:
		  - name: back
		    host: $SRV_ADDR
		    ports: [7000/udp]
	END
}

# hp COMMAND...
hp() {
	in_ns gw "$HAIRPIN" "$@"
}

# hairpind_run [OPTION...]: starts it, does not wait.
hairpind_run() {
	spawn hairpind gw "$HAIRPIND" -f "$CONF" "$@"
}

# hairpind_start [OPTION...]: until `hairpin status` succeeds; fails at once if it ends.
hairpind_start() {
	hairpind_run "$@"
	wait_for 30 '! running hairpind || "$HAIRPIN" status'
	running hairpind || fail "hairpind ended by itself, see its log"
	if [ -n "$HAIRPIN_FAST_PATH" ] && "$HAIRPIN" -j status | jq -e 'any(.backend.fast_path[]; .path == "xdp")' >/dev/null; then
		: >"$LAB_DIR/fast-path-seen"
	fi
}

# hairpin_up <<END: gw_conf and hairpind_start.
hairpin_up() { # not at the end of a pipe: the daemon would be the child of a subshell
	gw_conf
	hairpind_start
}

# By SIGTERM; it must end cleanly.
hairpind_stop() {
	stop hairpind || fail "hairpind ended with status $? after SIGTERM"
}

# As a crash: nothing of it runs on.
hairpind_kill() {
	stop hairpind KILL || true
}

reload() {
	hp reload
}

# hp_json COMMAND... -- JQ: one value out of -j output.
hp_json() {
	local args=()
	while [ "$1" != -- ]; do
		args+=("$1")
		shift
	done
	"$HAIRPIN" -j "${args[@]}" | jq -r "$2"
}

# process_status PID FIELD: of /proc/PID/status.
process_status() {
	awk -v field="$2:" '$1 == field { $1 = ""; print substr($0, 2) }' "/proc/$1/status"
}

# assert_confined PID USER [CAPABILITIES]: as sandbox_enter() leaves a process: for good another user, in no group, with those capabilities (none) and few system calls.
assert_confined() {
	local uid set
	uid=$(id -u "$2" 2>/dev/null || id -u nobody)
	assert_eq "$(process_status "$1" Uid)" "$uid $uid $uid $uid" "its user"
	assert_eq "$(process_status "$1" Groups)" "" "its groups"
	for set in CapInh CapPrm CapEff CapAmb; do
		assert_eq "$(process_status "$1" $set)" "${3:-0000000000000000}" "$set"
	done
	assert_eq "$(process_status "$1" NoNewPrivs)" 1 "no new privileges"
	assert_eq "$(process_status "$1" Seccomp)" 2 "its system calls are filtered"
}

generation() {
	hp_json status -- .generation
}

# kernel_room: of its table of connections, which is that of the nftables backend: one for the whole machine, whatever nat.limits.sessions says.
kernel_room() {
	cat /proc/sys/net/netfilter/nf_conntrack_max
}

# on_nftables: whether the nftables backend is what this run is about.
on_nftables() {
	[ "$HAIRPIN_BACKEND" = nftables ]
}

# packets REASON: how many packets so far. Netfilter knows no mapping: to it a port that is filtered is one that is closed.
packets() {
	if on_nftables && [ "$1" = drop-filtered ]; then
		set -- drop-closed
	fi
	hp_json show drops -- "[.reasons[] | select(.reason == \"$1\") | .packets] | add // 0"
}

# assert_counted REASON BEFORE [LEAST]: at least LEAST packets (1) more than BEFORE.
assert_counted() {
	assert_ge $(($(packets "$1") - $2)) "${3:-1}" "packets counted as $1"
}

# external_port PROTO ADDRESS PORT: of the mapping of that internal endpoint; empty: none.
external_port() {
	hp_json show mappings -- "[.mappings[] | select(.protocol == \"$1\" and .internal == \"$2\" and
		.internal_port == $3) | .external_port] | first // empty"
}

# filters DEVICE ingress|egress: how many filters of ours are there; of the nftables backend, tables.
filters() {
	if on_nftables; then
		nft list tables 2>/dev/null | grep -c 'inet hairpin$' || true
		return
	fi
	tc filter show dev "$1" "$2" 2>/dev/null | grep -c 'hp_' || true
}

# The standard services under nat.ignore-netfilter beside foreign rules that kill what netfilter sees only half of: bridged packets go
# through it, and what conntrack calls invalid is dropped early and late. To nftables a drop of somebody else's is one, so that there they have the
# line that lets ours pass; and bridged packets are taken out of netfilter again.
beside_netfilter() {
	local ours=""
	! on_nftables || ours="ct status dnat accept; iifname { $LAN_DEV, lan2 } accept"
	nft -f - <<-END
		table inet foreign {
			chain prerouting {
				type filter hook prerouting priority mangle
				ct state invalid counter drop
			}
			chain forward {
				type filter hook forward priority 0; policy drop
				ct state invalid counter drop
				ct state established,related accept
				$ours
			}
		}
		table ip foreign-nat {
			chain postrouting {
				type nat hook postrouting priority 100
				oifname wan masquerade
			}
		}
	END
	hairpin_up < <(
		standard_services
		printf 'nat:\n  ignore-netfilter: yes\n  limits: { sessions: 16384 }\n'
	)
	sysctl -qw net.bridge.bridge-nf-call-iptables=1
	! on_nftables || wait_for 10 '[ "$(cat /proc/sys/net/bridge/bridge-nf-call-iptables)" = 0 ]'
}

# age SECONDS: every session is idle for that much longer than it was.
age() {
	if on_nftables; then
		gw ct_age "$1"
		return
	fi
	"$LAB_BUILD/tests/soak/invariants" "$PINS/$(ls $PINS)" age "$1" >&2
}

# notes: how many unsolicited SYNs are noted.
notes() {
	if on_nftables; then
		nft -j list set inet hairpin syn_noted | jq '[.nftables[].set.elem // empty | .[]] | length'
	else
		bpftool -j map dump pinned "$PINS/$(ls $PINS)/hp_notes" | jq length
	fi
}

# age_note SECONDS: of the one note. Netfilter's set of those that are younger than seven seconds forgets it.
age_note() {
	local entry key value map
	assert_eq "$(notes)" 1 "notes"
	if on_nftables; then
		nft flush set inet hairpin syn_young
		return
	fi
	map="$PINS/$(ls $PINS)/hp_notes"
	entry=$(bpftool -j map dump pinned "$map")
	mapfile -t key < <(jq -r '.[0].key[]' <<<"$entry")
	value=$(jq -r '.[0].value | map(ltrimstr("0x")) | reverse | join("")' <<<"$entry")
	value=$(printf '%08x' $((16#$value - $1)))
	bpftool map update pinned "$map" key "${key[@]}" value "0x${value:6:2}" "0x${value:4:2}" "0x${value:2:2}" "0x${value:0:2}"
}

# rest SECONDS: every port that rests has rested for that much longer.
rest() {
	"$LAB_BUILD/tests/soak/invariants" "$PINS/$(ls $PINS)" rest "$1" >&2
}

# left sessions|flows4|flows6|mappings|bindings|peers|hosts: how many of them the pinned tables hold; no daemon is needed. With nftables
# sessions and mappings alone, as the daemon sees them.
left() {
	if on_nftables; then
		hp_json show "$1" -- ".$1 | length"
		return
	fi
	"$LAB_BUILD/tests/soak/invariants" "$PINS/$(ls $PINS)" left | sed -n "s/^$1 //p"
}

# sanitized: with a malloc() of the sanitizer's, which keeps what is freed, so that no figure of memory means anything.
sanitized() {
	grep -q __asan_init "$HAIRPIND"
}

# hairpind_processes: it and what it started, where it runs.
hairpind_processes() {
	local parents=${LAB_PIDS[hairpind]:-}
	while [ -n "$parents" ]; do
		ps -o pid= -p "$parents"
		parents=$(pgrep -d , -P "$parents" || true)
	done
}

# tables_agree: with one another, while no packet is on its way. For small tables, and at the end: nothing is swept any more. hairpind stands still meanwhile: it asks for
# names and for the router upstream by sessions of its own, and would have a clock that stands go on.
tables_agree() {
	local processes status=0
	! on_nftables || return 0
	processes=$(hairpind_processes)
	# shellcheck disable=SC2086 # a number is one word
	[ -z "$processes" ] || kill -STOP $processes
	{ "$LAB_BUILD/tests/soak/invariants" "$PINS/$(ls $PINS)" hold && "$LAB_BUILD/tests/soak/invariants" "$PINS/$(ls $PINS)" check; } >&2 || status=$?
	# shellcheck disable=SC2086
	[ -z "$processes" ] || kill -CONT $processes
	return $status
}

# tcp_state ADDRESS PORT: of the session that this endpoint began; empty: there is none.
tcp_state() {
	hp_json show sessions -- "[.sessions[] | select(.protocol == \"tcp\" and .original.source == \"$1\" and
		.original.source_port == $2) | .state] | first // empty"
}

# statistic NAME: how often that happened so far.
statistic() {
	hp_json show drops -- "[.statistics[] | select(.name == \"$1\") | .count] | add"
}
