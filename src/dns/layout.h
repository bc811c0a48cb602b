/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the data of a record has names that may come compressed. */
#pragma once

#include <linux/types.h>

struct dns_layout {
	__u16 type;
	__u8 before, names, after; /* octets before the names, how many names, octets behind them */
};

/* Of a type without such names: names is 0, and so are the others. */
struct dns_layout dns_layout_of(__u16 type);
