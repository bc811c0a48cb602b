#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where stderr is the journal's, lines are its entries with fields, those of processes in sandboxes as well; without the journal they go to stderr with
# their priorities.
. "$(dirname "$0")/lab.sh"

log="$LAB_DIR/hairpind.log"
socket=/run/systemd/journal/socket
# An object a line.
journal_serve() {
	mkdir -p "${socket%/*}"
	cat >"$LAB_DIR/journal.py" <<-END
		import json, socket
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind("$socket")
		while True:
		    lines = s.recv(65536).decode().splitlines()
		    with open("$LAB_DIR/entries", "a") as f:
		        print(json.dumps(dict(line.split("=", 1) for line in lines)), file=f)
	END
	spawn journal gw python3 "$LAB_DIR/journal.py"
	wait_for 10 '[ -S $socket ]'
}
# entries JQ: how many there are of which that is true.
entries() {
	jq -s "[.[] | select($1)] | length" "$LAB_DIR/entries"
}

lab_up bridge
auth_serve </dev/null
journal_serve
: >"$log"
# As the service manager says it.
JOURNAL_STREAM=$(stat -c %d:%i "$log")
export JOURNAL_STREAM
hairpin_up < <(names_conf)
wait_for 10 '[ "$(entries ".MESSAGE | startswith(\"ready: generation\")")" = 1 ]'
assert_eq "$(entries '(.PRIORITY == "6" and .SYSLOG_IDENTIFIER == "hairpind" and .HAIRPIN_PROCESS == "daemon") | not')" 0 "entries with other fields"

hp log-level debug
kill -KILL "$(dns_pid)"
wait_for 20 '[ "$(entries ".HAIRPIN_ENDED == \"the DNS process\" and .PRIORITY == \"4\"")" = 1 ]'
wait_for 20 '[ "$(entries ".HAIRPIN_PROCESS == \"dns\" and .PRIORITY == \"7\"")" -ge 1 ]'
assert_eq "$(cat "$log")" "" "what went to stderr"

stop journal KILL || true
reload
wait_for 10 'grep -q "^<6>nothing changed" $log'
