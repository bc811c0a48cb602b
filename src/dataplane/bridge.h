/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes of bridge devices, over netlink: /sys shows the devices of whoever mounted it, which need not be ours.
 */
#pragma once

#include <linux/if_link.h>
#include <linux/types.h>

typedef void (*bridge_cb)(const char *name, void *data);

int bridge_list(bridge_cb cb, void *data);

/* @attribute is an IFLA_BR_* of one octet. -ENOENT: no such bridge. */
int bridge_get(const char *name, int attribute, __u8 *ret_value);
int bridge_set(const char *name, int attribute, __u8 value);
