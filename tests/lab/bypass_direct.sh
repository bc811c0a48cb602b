#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main router forwards straight to a server whose gateway we are: what dies with a plain side router (plain_bypass) works with us, `hairpin check` says what it is,
# and the forward led to us is the better cure.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"

OTHER="somebody else, the main router most likely,"

told() {
	hp_json check "$CONF" -- '.findings[] | select(.kind == "direct-forward") | .level + ": " + .text + " [" + .fix + "]"' || true
}

bypass_up
server_gateway gw
main_forward 443/tcp $SRV_ADDR
main_forward 7000/udp $SRV_ADDR
main_forward 22/tcp $SRV_ADDR
main_forward 82/tcp $SRV_ADDR
hairpin_up <<-END
	services:
	  - { name: web, host: $SRV_ADDR, ports: ["8443:443/tcp"], outside-source: client }
	  - { name: voice, host: $SRV_ADDR, ports: [7000/udp], outside-source: client }
	  - { name: few, host: $SRV_ADDR, ports: [82/tcp], allow: [$INET_FAR/32], outside-source: client }
END
http_serve srv 443 82 22
http_serve inet 81
echo_serve srv 7000
# What the server opens by itself is nobody's forward.
http_get srv http://$INET_ADDR:81/ >/dev/null
assert_eq "$(told)" "" "before anybody came"

# The second cure: nothing is changed in the main router.
for port in 443 22 82; do
	assert_match "$(http_get inet http://$MAIN_ADDR:$port/)" "^$INET_ADDR:" "past us, port $port"
done
assert_match "$(inet ask $MAIN_ADDR:7000)" "^$INET_ADDR:" "past us, by udp"
told >"$LAB_DIR/told"
cat "$LAB_DIR/told" >&2
has -F "note: proved: $OTHER forwards tcp port 443 (service web) directly to $SRV_ADDR, whose answers come by this machine (in the last hour it accepted a connection from outside that never came by here): it works because they are sent on untranslated; better: in the main router, forward it to $SIDE_ADDR port 8443" <"$LAB_DIR/told"
has -F "note: proved: $OTHER forwards tcp port 22 directly to $SRV_ADDR" <"$LAB_DIR/told"
has -F "better: in the main router, forward it to $SIDE_ADDR, and declare it as a service here" <"$LAB_DIR/told"
has -F "note: likely: $OTHER forwards udp port 7000 (service voice) directly to $SRV_ADDR" <"$LAB_DIR/told"
has -F "finding: proved: $OTHER forwards tcp port 82 (service few) directly to $SRV_ADDR" <"$LAB_DIR/told"
has -F "but \`allow\` of that service is not asked [in the main router, forward it to $SIDE_ADDR port 82]" <"$LAB_DIR/told"
assert_eq "$(wc -l <"$LAB_DIR/told")" 4 "what is told"

# The first one: as it says.
main_forwards_flush
main_forward 443/tcp $SIDE_ADDR:8443
main_forward 82/tcp $SIDE_ADDR
main_forward 7000/udp $SIDE_ADDR
before=$(packets pass-unseen)
assert_eq "$(http_get inet http://$MAIN_ADDR:443/ --local-port 40010)" "$INET_ADDR:40010" "by us"
assert_eq "$(inet ask -p 40011 $MAIN_ADDR:7000)" "$INET_ADDR:40011" "by us, by udp"
http_refused inet http://$MAIN_ADDR:82/
assert_match "$(http_get inet http://$MAIN_ADDR:82/ --interface $INET_FAR)" "^$INET_FAR:" "who may"
assert_eq "$(packets pass-unseen)" "$before" "what goes past us"
