#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM ends the daemon and leaves the data plane: standing and new connections go on, and the next daemon adopts it.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
http_serve srv 443 80
http_files srv 2000000

download file lan1 http://$WAN_ADDR/slow
grows file
hairpind_stop
assert_eq "$(filters wan ingress)" 1 "filters on WAN after SIGTERM"
assert_match "$(http_get inet http://$WAN_ADDR:8443/)" "^$INET_ADDR:" "a new connection"
assert_eq "$(exit_status hp status)" 3 "status without a daemon"
grows file
hairpind_start
assert_eq "$(hp_json status -- .backend.adopted)" true "adopted"
downloaded file srv
