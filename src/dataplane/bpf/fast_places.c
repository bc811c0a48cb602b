// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "fast_path.h"

static const struct hp_link *find(const struct hp_link *links, size_t n, unsigned int ifindex)
{
	for (size_t i = 0; i < n; i++) {
		if (links[i].ifindex == ifindex)
			return &links[i];
	}
	return NULL;
}

bool fast_places_has(const struct fast_places *places, unsigned int ifindex)
{
	return ifindex && places->at[HP_LINK_PLACE(ifindex)].ifindex == ifindex;
}

/* 1: it was another, 0, or -errno. */
static int put(struct fast_places *places, int map, __u32 place, const struct hp_link *link)
{
	int ret;

	if (!memcmp(&places->at[place], link, sizeof(*link)))
		return 0;
	ret = bpf_map_update_elem(map, &place, link, BPF_ANY);
	if (ret)
		return ret;
	places->at[place] = *link;
	return 1;
}

/* All, also after a failure: a place that nobody has is never wrong. */
int fast_places_clear(struct fast_places *places, int map, const struct hp_link *wanted, size_t n)
{
	const struct hp_link nobody = {0};
	int ret = 0, cleared = 0, one;

	for (__u32 place = 0; place < LIMIT_LINKS; place++) {
		if (!places->at[place].ifindex || find(wanted, n, places->at[place].ifindex))
			continue;
		one = put(places, map, place, &nobody);
		cleared = 1;
		if (one < 0 && !ret)
			ret = one;
	}
	return ret ? ret : cleared;
}

int fast_places_fill(struct fast_places *places, int map, const struct hp_link *wanted, size_t n)
{
	int changed = 0;

	for (size_t i = 0; i < n; i++) {
		__u32 place = HP_LINK_PLACE(wanted[i].ifindex);
		__u32 owner = places->at[place].ifindex;
		int ret = 0;

		if (!owner || owner == wanted[i].ifindex)
			ret = put(places, map, place, &wanted[i]);
		if (ret < 0)
			return ret;
		changed |= ret;
	}
	return changed;
}

static bool is_taken(const struct fast_places *places, const struct fast_devices *devices, size_t i)
{
	unsigned int ifindex = devices->items[i].ifindex;
	__u32 place = HP_LINK_PLACE(ifindex), owner = places->at[place].ifindex;

	for (size_t j = 0; j < devices->n; j++) {
		unsigned int other = devices->items[j].ifindex;

		if (other == ifindex || HP_LINK_PLACE(other) != place)
			continue;
		if (other == owner || (ifindex != owner && j < i))
			return true;
	}
	return false;
}

/* Ways name a port and its bridge. */
bool fast_places_taken(const struct fast_places *places, const struct fast_devices *devices,
		       size_t i)
{
	const struct fast_device *bridge = fast_devices_find(devices, devices->items[i].bridge);

	return is_taken(places, devices, i) ||
	       (bridge && is_taken(places, devices, (size_t)(bridge - devices->items)));
}
