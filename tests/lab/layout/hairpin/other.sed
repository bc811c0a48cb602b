# SPDX-License-Identifier: GPL-2.0-or-later
# The layout of the other daemon: members come and everything moves.
s/^#define HP_LAYOUT_VERSION [0-9]*$/#define HP_LAYOUT_VERSION 99/
/^struct hp_session {/a __u32 added_by_test[6];
/^struct hp_mapping {/a __u64 added_by_test;
/^_Static_assert(sizeof(struct hp_\(session\|mapping\)) ==/d
