#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A domain has an upstream of its own: its names are asked there and nowhere else, may lead inside, and nothing else is asked there.
. "$(dirname "$0")/lab.sh"

lab_up bridge
auth_serve </dev/null
# The company's server, inside: another answer for the same zone, reverse names, and names of one label.
spawn corp srv dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file --user=root --log-queries \
	--log-facility=- --listen-address=$SRV_ADDR --bind-interfaces --local=/example.com/ --address=/git.example.com/192.168.11.77 \
	--host-record=nas,192.168.11.78 --ptr-record=77.11.168.192.in-addr.arpa,git.example.com
wait_for 10 'listens srv udp 53'

hairpin_up <<END
dns:
  upstream: [$AUTH_ADDR]
END
assert_eq "$(ask_name lan1 $LAN_GW git.example.com A)" NXDOMAIN "a name that the public zone has not"
assert_eq "$(ask_name lan1 $LAN_GW 77.11.168.192.in-addr.arpa PTR)" NXDOMAIN "a reverse name that nobody is asked for"

gw_conf <<END
dns:
  upstream:
    - $AUTH_ADDR
    - "[/example.com/168.192.in-addr.arpa//]$SRV_ADDR"
    - "[/other.example.com/]#"
END
reload
# What was known of the domain before is not what its own server says.
assert_eq "$(ask_name lan1 $LAN_GW git.example.com A)" 192.168.11.77 "the domain's own name, which leads inside"
assert_eq "$(ask_name lan1 $LAN_GW 77.11.168.192.in-addr.arpa PTR)" git.example.com. "its reverse name"
assert_eq "$(ask_name lan1 $LAN_GW nas A)" 192.168.11.78 "a name of one label"
assert_eq "$(ask_name lan1 $LAN_GW mail.example.com A)" NXDOMAIN "what its server has not, and the public zone has"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com A)" $INET_ADDR "the exception"
refute grep -q "query.*other.example.com" "$LAB_DIR/corp.log"

# Its server is dead: nobody else is asked, and all other names are as before.
stop corp || true
assert_eq "$(ask_name lan1 $LAN_GW new.example.com A)" SERVFAIL "a name of the domain"
assert_eq "$(ask_name lan1 $LAN_GW other.example.com AAAA)" $INET_ADDR6 "another name"

# Two at once: one of them is dead, and nobody notices.
gw_conf <<END
dns:
  upstream: [$SRV_ADDR, $AUTH_ADDR]
  upstream-choice: parallel
END
reload
assert_eq "$(ask_name lan1 $LAN_GW mail.example.com A)" $INET_ADDR "with the first of two dead"
END_MS=$(now_ms)
assert_eq "$(ask_name lan1 $LAN_GW alias.example.com A | tail -n 1)" $INET_ADDR "again"
assert_lt $(($(now_ms) - END_MS)) $((5000 * LAB_TIME_FACTOR)) "milliseconds that it took"
