#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A proxy beside us leads what comes from the LAN into its tunnel by a rule of routing. Answers of forwarded connections, by us or past us, are not its business, and
# loopback is not; what hosts open outwards is. (Netfilter's packets need the rule that asks for nat.mark: nftables_bypass_mark.)
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/bypass.sh"
. "$LAB_SRC/lib/proxy.sh"

tunnel_up
ip rule add pref 200 iif eth0 from 192.168.11.0/24 lookup 200
hairpin_up < <(
	echo "wan: { interface: eth0, public-address: $MAIN_ADDR, map-upstream: off }"
	echo "nat: { backend: bpf, limits: { sessions: 16384 } }"
	tunnel_service
)
tunnel_serve

reached_from_outside
assert_match "$(http_get lan1 http://$MAIN_ADDR:8443/)" "^$MAIN_ADDR:" "from inside"
# Nobody reads from the tunnel.
http_refused lan1 http://$INET_ADDR:81/
assert_ge "$(packets pass-other-device)" 1 "what the proxy gets"

# A proxy that takes what netfilter marks gets nothing from these programs: that is said, and said where rules of routing alone decide it is not.
noted() { hp_json check "$CONF" -- '.findings[] | select(.kind == "proxy") | .level + ": " + .text' || true; }
assert_eq "$(noted)" "" "what is said of a proxy that gets its own"
ip rule add pref 150 fwmark 0x162 lookup 200
noted >"$LAB_DIR/noted"
cat "$LAB_DIR/noted" >&2
has -F "note: likely: what rules of netfilter mark would leave by tunnel, the TUN device of a proxy or VPN: ip rule 150: from all fwmark 0x162 lookup 200; with the bpf backend what hosts open meets no such rule" <"$LAB_DIR/noted"
assert_eq "$(wc -l <"$LAB_DIR/noted")" 1 "notes"
