#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Rules that the bpf backend does not bypass are no reason to refuse: an input filter, an empty forward chain that accepts,
# masquerade on a device that is not WAN.
. "$(dirname "$0")/lab.sh"

lab_up bridge
nft -f - <<END
table inet mine {
	chain input {
		type filter hook input priority 0; policy accept
		tcp dport 25 drop
	}
	chain forward {
		type filter hook forward priority 0; policy accept
		counter
	}
	chain postrouting {
		type nat hook postrouting priority 100
		oifname tun0 masquerade
	}
}
END
hairpin_up < <(standard_services)
echo_serve srv 7000
lan1 ask $WAN_ADDR:7000
