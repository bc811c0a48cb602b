#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The processes that ask upstream, the one the router and STUN servers, the other one names: each reads what strangers say, and may do nothing but that.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/public.sh"
. "$LAB_SRC/lib/upstream.sh"

# lookup_pid: of the process that asks for names, once it has confined itself; fails while there is none.
lookup_pid() {
	local pid
	pid=$(pgrep -P "${LAB_PIDS[hairpind]}" -f -- --lookup) && [ "$(process_status "$pid" Seccomp)" = 2 ] && echo "$pid"
}

bypass_up
main_miniupnpd_up
stun_serve
# A server of names that says nothing: who asks it waits.
inet nft add table inet deaf
inet nft add chain inet deaf input '{ type filter hook input priority 0; }'
inet nft add rule inet deaf input meta l4proto '{ tcp, udp }' th dport 53 drop
hairpin_up <<-END
	wan: { interface: eth0, stun: [$INET_ADDR, stun.example.com] }
	services: [{ name: web, host: $SRV_ADDR, ports: ["8443:443/tcp"], outside-source: client }]
	dns: { upstream: [$INET_ADDR2] }
END

asking=""
wait_for 60 'asking=$(lookup_pid)'
# As it is now: it would end in some seconds.
kill -STOP "$asking"
assert_confined "$asking" hairpin-dns
kill -CONT "$asking"

await_forward 8443/tcp "^mapped "
wait_for 60 '[ "$(upstream "[.public.sources[] | select(.source == \"stun\") | .answers] | first")" = true ]'
assert_confined "$(upstream .process)" hairpin-upstream
