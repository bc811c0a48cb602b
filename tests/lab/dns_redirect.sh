#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dns.redirect: hosts inside that ask a DNS server outside are answered by ours, as from the one that they asked:
# dns_redirect.sh BUILD bridge|plain|netfilter. With netfilter, bridged packets go through it, beside somebody else's rules.
. "$(dirname "$0")/lab.sh"

kind=$1

# follow yes|no [UPSTREAM]: puts it in force.
follow() {
	gw_conf < <(redirect_conf "$@")
	reload
	bridged
}

redirect_conf() {
	names_conf | sed "s/upstream:.*/upstream: [${2:-$AUTH_ADDR}]/"
	printf '  redirect: %s\n' "$1"
	printf 'lan:\n  - interface: %s\n  - { interface: lan2, isolate: yes }\n' "$LAN_DEV"
	[ "$kind" != netfilter ] || printf 'nat:\n  ignore-netfilter: yes\n  limits: { sessions: 16384 }\n'
}

# The daemon has set it to 0.
bridged() {
	[ "$kind" != netfilter ] || sysctl -qw net.bridge.bridge-nf-call-iptables=1
}

# address_of CLIENT SERVER [OPTION...]: what that server says of app.example.com. dig takes no answer from another address.
address_of() {
	local client=$1 server=$2
	shift 2
	ask_name "$client" "$server" app.example.com A "$@"
}

has_chain() {
	if on_nftables; then
		nft list chain inet hairpin dstnat | grep 'dport 53' >/dev/null
	else
		nft list chain inet hairpin questions >/dev/null 2>&1
	fi
}

case $kind in
netfilter)
	lab_up bridge
	nft -f - <<-END
		table inet foreign {
			chain prerouting {
				type filter hook prerouting priority mangle
				ct state invalid counter drop
			}
		}
	END
	;;
*) lab_up "$kind" ;;
esac
auth_serve </dev/null
hairpin_up < <(redirect_conf no)
bridged
for client in lan1 guest; do
	assert_eq "$(address_of $client $AUTH_ADDR)" $WAN_ADDR "without it, as $client hears it"
done
refute has_chain

follow yes
capture_start far inet eth0 "host $INET_FAR and port 53"
for client in lan1 guest; do
	before=$(packets pass-question)
	assert_eq "$(address_of $client $AUTH_ADDR)" $SRV_ADDR "as $client hears it"
	assert_eq "$(address_of $client $AUTH_ADDR +tcp)" $SRV_ADDR "over TCP, as $client hears it"
	# There is no server at that address, so it is not asked.
	assert_eq "$(address_of $client $INET_FAR)" $SRV_ADDR "of a server that there is not, as $client hears it"
	assert_eq "$(ask_name $client $INET_FAR other.example.com A)" $INET_ADDR "a name of the zone, as $client hears it"
	# Where netfilter sees bridged packets, the port of the bridge has led them before they came to the filter.
	if [ "$kind $client" = "netfilter lan1" ]; then
		assert_eq "$(packets pass-question)" "$before" "questions that the filter saw"
	else
		assert_counted pass-question "$before" 4
	fi
done
# One socket that asks several servers, ours among them.
for server in $INET_FAR $AUTH_ADDR $LAN_GW $INET_FAR; do
	assert_eq "$(address_of lan1 $server -b "$LAN1_ADDR#5353")" $SRV_ADDR "$server, asked from one port"
done
capture_stop far
assert_eq "$(captured far 'port 53')" 0 "questions that came to the server outside"

# The gateway's own questions go where they are sent, and from outside nobody is led anywhere.
assert_eq "$(address_of gw $AUTH_ADDR)" $WAN_ADDR "as the gateway hears it"
refute inet dig @$WAN_ADDR +tries=1 +time=2 app.example.com A

# A server inside is asked itself; one that is our upstream asks outside.
spawn inside srv dnsmasq -k -C /dev/null --no-resolv --no-hosts --bind-interfaces --listen-address=$SRV_ADDR --pid-file= -u root \
	--server=$AUTH_ADDR --address=/inside.example/192.0.2.7
wait_for 10 "listens srv udp 53"
assert_eq "$(ask_name lan1 $SRV_ADDR inside.example A)" 192.0.2.7 "of a server inside"
follow yes $SRV_ADDR
assert_eq "$(address_of srv $AUTH_ADDR)" $WAN_ADDR "as our upstream hears it"
assert_eq "$(ask_name lan1 $INET_FAR other.example.com A)" $INET_ADDR "by way of it"
assert_eq "$(address_of lan1 $AUTH_ADDR)" $SRV_ADDR "as others hear it then"

# While its process is started anew a question waits; it does not go outside.
follow yes
capture_start crashed inet eth0 "host $INET_FAR and port 53"
for way in +notcp +tcp; do
	pid=$(dns_pid)
	kill -KILL "$pid"
	assert_eq "$(address_of lan1 $INET_FAR $way)" $SRV_ADDR "behind a kill, with $way"
	wait_for 5 "[ \$(dns_pid) -gt 0 ] && [ \$(dns_pid) != $pid ]"
done
# Nor without the daemon: it is refused, as by a server that does not run. And then there is the next one.
hairpind_kill
has_chain
for client in lan1 guest; do
	for way in +notcp +tcp; do
		assert_match "$(in_ns $client dig @$INET_FAR +tries=1 +time=2 $way app.example.com A 2>&1 || true)" "connection refused" \
			"without the daemon, with $way, as $client hears it"
	done
done
hairpind_start
bridged
for client in lan1 guest; do
	assert_eq "$(address_of $client $INET_FAR)" $SRV_ADDR "of the next daemon, as $client hears it"
	assert_eq "$(address_of $client $INET_FAR +tcp)" $SRV_ADDR "of the next daemon over TCP, as $client hears it"
done
capture_stop crashed
assert_eq "$(captured crashed 'port 53')" 0 "questions that came outside meanwhile"

# Taken back, nothing of it stays. From a port that conntrack knows nothing of.
follow no
assert_eq "$(address_of lan1 $AUTH_ADDR -b "$LAN1_ADDR#5400")" $WAN_ADDR "taken back"
refute has_chain
follow yes
has_chain
# Also by a daemon that has not made it.
hairpind_kill
gw_conf < <(redirect_conf no)
hairpind_start
refute has_chain
follow yes
has_chain
hp detach
refute nft list table inet hairpin
# And nobody answers in place of the server: what conntrack knows of the flows of before leads nowhere.
refute lan1 dig @$INET_FAR +tries=1 +time=1 -b "$LAN1_ADDR#5353" app.example.com A
