#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `check` says of each name whether it is answered inside and why not, and that is no finding; a pattern is not looked up.
. "$(dirname "$0")/lab.sh"

check_notes() {
	hp_json check "$CONF" -- '.findings[] | select(.kind == "rewrite") | "\(.level) \(.text)"'
}

lab_up bridge
gw_conf <<END
services:
  - name: desk
    domain: [desk.example.com, "*.desk.example.com"]
    host: $SRV_ADDR
    preset: rustdesk
  - name: web
    domain: example.com
    host: $SRV_ADDR
    ports: [443/tcp, "8443:443/tcp"]
dns:
  upstream: [192.0.2.53]
  rewrites:
    - { domain: nas.example.com, answer: $SRV_ADDR }
END
cat >/etc/hosts <<END
$WAN_ADDR desk.example.com example.com
END
echo "hosts: files" >/etc/nsswitch.conf

expected="note *.desk.example.com is answered with $SRV_ADDR inside
note desk.example.com is answered with $SRV_ADDR inside
note nas.example.com is answered with $SRV_ADDR inside
note example.com keeps the public address inside: 8443/tcp goes to 443
note other names with our public address keep it inside: service web has a port that is another one inside"
assert_eq "$(check_notes | grep -v '^note service' | sort)" "$(sort <<<"$expected")" "each name"
assert_match "$(check_notes | grep '^note service')" '^note service desk: rustdesk: .*rewrite: off' "what the rewrite costs"
assert_match "$(hp check)" 'note +example.com keeps the public address inside: 8443/tcp goes to 443' "the same for people"
assert_eq "$(exit_status hp check)" 0 "exit status"
assert_eq "$(hp_json check "$CONF" -- '[.findings[] | select(.kind == "name")] | length')" 2 "names that were looked up"
