#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `check` says about names: the right address, a wrong one, none, and nothing at all where the public address is not known.
. "$(dirname "$0")/lab.sh"

lab_up bridge
gw_conf <<END
services:
  - name: web
    domain: [right.example.com, wrong.example.com, nowhere.example.com]
    host: $SRV_ADDR
    ports: [80/tcp]
END
cat >/etc/hosts <<END
$WAN_ADDR right.example.com
203.0.113.77 wrong.example.com
END
echo "hosts: files" >/etc/nsswitch.conf
said() { # NAME: the level and the text
	hp -j check >"$LAB_DIR/check.json" || true
	jq -r ".findings[] | select(.kind == \"name\") | select(.text | contains(\"$1\")) | .level + \" \" + .text" "$LAB_DIR/check.json"
}
assert_match "$(said right.)" "^note .*right address"
assert_match "$(said wrong.)" "^finding .*203.0.113.77.*$WAN_ADDR"
assert_match "$(said nowhere.)" "^finding .*does not resolve"

# Behind a second router the name rightly has that one's address.
ip addr del $WAN_ADDR/24 dev wan
ip addr add 10.20.30.40/24 dev wan
assert_eq "$(said example.com)" "" "what is said about names"
assert_eq "$(jq '[.findings[] | select(.kind == "second-router")] | length' "$LAB_DIR/check.json")" 1 "second router"
