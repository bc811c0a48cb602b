/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every way out of every program is counted, on its own CPU. */
#pragma once

#include "maps.h"

static __always_inline void count(__u32 reason)
{
	__u64 *packets = bpf_map_lookup_elem(&hp_reasons, &reason);

	if (packets)
		(*packets)++;
}
