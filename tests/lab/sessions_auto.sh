#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a cgroup with 256 MiB the table of `sessions: auto` is made for these and not for the machine's memory, and the data plane starts with
# them; when the limit changes, the table stays and a reload is none the worse. With nftables the table is the kernel's, and a host's share is that of the memory.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/groups.sh"

LIMIT=$((256 * 1024 * 1024))
SESSION_BYTES=$(sed -n 's/^#define LIMIT_SESSION_BYTES //p' "$LAB_SRC/../../include/hairpin/limits.h")
SHARE=$(sed -n 's/^#define LIMIT_SESSIONS_MEMORY_SHARE //p' "$LAB_SRC/../../include/hairpin/limits.h")

lab_up bridge
group_make $LIMIT
gw_conf < <(standard_services && echo "nat: { limits: { sessions: auto } }")
hairpind_in_group
size=$(hp_json status -- .sessions.size)
wanted=$((LIMIT / SHARE / SESSION_BYTES))
assert_eq "$size" "$(on_nftables && kernel_room || echo $wanted)" "sessions for 256 MiB"
assert_eq "$(hp_json status -- .nat.limits.sessions_per_host)" $((wanted / 8)) "sessions of one host"
[ "$(hp_json status -- .sessions.bytes)" -lt $LIMIT ] || fail "the tables are larger than the group may be"
echo_serve srv 7000
lan1 ask $WAN_ADDR:7000

group_limit $((2 * LIMIT))
reload
assert_eq "$(hp_json status -- .sessions.size)" "$size" "the running table"
lan1 ask $WAN_ADDR:7000

group_end
