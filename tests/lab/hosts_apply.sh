#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `hairpin hosts apply` makes the names known to the programs of a machine, and `remove` leaves its hosts file as it was.
. "$(dirname "$0")/lab.sh"

lab_up bridge
gw_conf <<END
services:
  - name: app
    domain: app.example.com
    host: $SRV_ADDR
    ports: [80/tcp]
END
http_serve srv 80
echo "nameserver 127.0.0.1" >/etc/resolv.conf
printf '127.0.0.1 localhost\n::1 localhost' >/etc/hosts
cp /etc/hosts "$LAB_DIR/hosts.before"

assert_eq "$(hp hosts apply)" "/etc/hosts: 1 lines of ours" "what is said"
assert_eq "$(hp hosts apply)" "/etc/hosts: 1 lines of ours, as before" "what is said the second time"
assert_eq "$(lan1 getent ahosts app.example.com | awk '{ print $1 }' | sort -u)" $SRV_ADDR "getaddrinfo"
assert_match "$(http_get lan1 http://app.example.com/)" "^$LAN1_ADDR:" "whom the server sees"
hp hosts remove
assert_eq "$(cmp /etc/hosts "$LAB_DIR/hosts.before" && echo same)" same "the file afterwards"

# A disk without room changes nothing.
hp hosts apply >&2
mkdir "$LAB_DIR/small"
mount -t tmpfs -o size=4k none "$LAB_DIR/small"
cp /etc/hosts "$LAB_DIR/small/hosts"
refute hp hosts remove --hosts "$LAB_DIR/small/hosts"
assert_eq "$(cmp /etc/hosts "$LAB_DIR/small/hosts" && echo same)" same "the file on a full disk"
assert_eq "$(ls "$LAB_DIR/small")" hosts "what is there beside it"
umount "$LAB_DIR/small"
