// SPDX-License-Identifier: GPL-2.0-or-later
#include "fast_path.h"

static bool sends(const struct fast_device *device)
{
	return device && !device->why && !device->mute;
}

/* Asked of the map: the kernel takes out a device that leaves the namespace, and it may be back under its number before anybody here has read of either. */
static bool stands(int map, __u32 place, unsigned int ifindex)
{
	__u32 value;

	return !bpf_map_lookup_elem(map, &place, &value) && value == ifindex;
}

int fast_out_fill(struct fast_out *out, int map, const struct fast_devices *devices)
{
	int changed = 0;

	for (size_t i = 0; i < devices->n; i++) {
		const struct fast_device *device = &devices->items[i];
		__u32 place = HP_LINK_PLACE(device->ifindex);
		int ret;

		if (!sends(device))
			continue;
		if (out->at[place] == device->ifindex && stands(map, place, device->ifindex))
			continue;
		ret = bpf_map_update_elem(map, &place, &device->ifindex, BPF_ANY);
		if (ret)
			return ret;
		out->at[place] = device->ifindex;
		changed = 1;
	}
	return changed;
}

static bool is_stale(const struct fast_out *out, const struct fast_devices *devices, __u32 place)
{
	return out->at[place] && !sends(fast_devices_find(devices, out->at[place]));
}

bool fast_out_is_stale(const struct fast_out *out, const struct fast_devices *devices)
{
	for (__u32 place = 0; place < LIMIT_LINKS; place++) {
		if (is_stale(out, devices, place))
			return true;
	}
	return false;
}

/* The kernel takes out those of devices that are gone. */
void fast_out_prune(struct fast_out *out, int map, const struct fast_devices *devices)
{
	for (__u32 place = 0; place < LIMIT_LINKS; place++) {
		if (!is_stale(out, devices, place))
			continue;
		bpf_map_delete_elem(map, &place);
		out->at[place] = 0;
	}
}
