# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Block and allow lists: what the daemon says of them.

COPIES=/var/lib/hairpin/lists

# lists_conf [LINE...]: names_conf, and these lines below dns.
lists_conf() {
	names_conf
	[ $# -eq 0 ] || printf '  %s\n' "$@"
}

# list_is NAME JQ: what `show lists` has of one, ".state", ".names".
list_is() {
	hp_json show lists -- ".lists[] | select(.name == \"$1\") | $2"
}

# tables: block tables that the DNS process has mapped.
tables() {
	grep -c 'memfd:dns-lists' "/proc/$(dns_pid)/maps"
}

# loaded: until nothing is being read; lists have been read at least once.
loaded() {
	wait_for 30 '[ "$(hp_json show lists -- "[.loading, (.lists[].state == \"waits\")] | any")" = false ]'
}
