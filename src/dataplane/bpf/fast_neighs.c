// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel tells of each change of a neighbour's state, many of them in a minute on a LAN that is alive, and hardly ever does the address change with it. So the
 * addresses are remembered: an epoch for each event would leave no way to hold for longer than a moment (lab test fast_neighbour).
 */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <search.h>
#include <string.h>

#include "fast_path.h"
#include "netlink.h"

/* States in which the kernel sends to a neighbour's address (NUD_VALID, which its headers do not export). */
#define VALID (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

struct neigh {
	struct {
		__u32 ifindex;
		__u32 family;
		__u8 addr[16]; /* of IPv4 the first four */
	} key;
	__u8 mac[6];
	bool valid; /* as it was told, not part of what is kept */
};

static int compare(const void *a, const void *b)
{
	const struct neigh *x = a, *y = b;

	return memcmp(&x->key, &y->key, sizeof(x->key));
}

/* false: it tells of none that matters. */
static bool parse(const struct nlmsghdr *header, const struct fast_places *places,
		  struct neigh *ret_neigh)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(header);
	struct nlattr *attr;

	if (!fast_places_has(places, (unsigned int)ndm->ndm_ifindex))
		return false;
	*ret_neigh = (struct neigh){
		.key = {.ifindex = (__u32)ndm->ndm_ifindex, .family = ndm->ndm_family},
		.valid = header->nlmsg_type == RTM_NEWNEIGH && (ndm->ndm_state & VALID),
	};
	mnl_attr_for_each(attr, header, sizeof(*ndm))
	{
		size_t length = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) == NDA_DST && length <= sizeof(ret_neigh->key.addr))
			memcpy(ret_neigh->key.addr, mnl_attr_get_payload(attr), length);
		if (mnl_attr_get_type(attr) == NDA_LLADDR && length == sizeof(ret_neigh->mac))
			memcpy(ret_neigh->mac, mnl_attr_get_payload(attr), length);
	}
	return true;
}

static void keep(struct fast_neighs *neighs, const struct neigh *neigh)
{
	struct neigh *kept = malloc(sizeof(*kept));
	void *node = NULL;

	if (kept) {
		*kept = *neigh;
		node = tsearch(kept, &neighs->tree, compare);
	}
	if (node)
		return;
	free(kept);
	neighs->blind = true;
}

static struct neigh *find(const struct fast_neighs *neighs, const struct neigh *neigh)
{
	void *const *node = tfind(neigh, (void *const *)&neighs->tree, compare);

	return node ? *node : NULL;
}

bool fast_neighs_differ(struct fast_neighs *neighs, const struct fast_places *places,
			const struct nlmsghdr *header)
{
	struct neigh neigh, *known;

	if (!parse(header, places, &neigh))
		return false;
	known = find(neighs, &neigh);
	if (!known) {
		if (neigh.valid)
			keep(neighs, &neigh);
		return neighs->blind;
	}
	if (neigh.valid && !memcmp(known->mac, neigh.mac, sizeof(neigh.mac)))
		return false;
	if (neigh.valid) {
		memcpy(known->mac, neigh.mac, sizeof(neigh.mac));
	} else {
		tdelete(&neigh, &neighs->tree, compare);
		free(known);
	}
	return true;
}

struct reading {
	struct fast_neighs *neighs;
	const struct fast_places *places;
};

static int on_neigh(const struct nlmsghdr *header, void *data)
{
	const struct reading *reading = data;

	fast_neighs_differ(reading->neighs, reading->places, header);
	return MNL_CB_OK;
}

void fast_neighs_read(struct fast_neighs *neighs, const struct fast_places *places)
{
	struct reading reading = {neighs, places};
	struct netlink_buffer buffer;
	struct nlmsghdr *header;
	struct ndmsg *ndm;

	fast_neighs_fini(neighs);
	header = mnl_nlmsg_put_header(buffer.bytes);
	header->nlmsg_type = RTM_GETNEIGH;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ndm = mnl_nlmsg_put_extra_header(header, sizeof(*ndm));
	*ndm = (struct ndmsg){.ndm_family = AF_UNSPEC};
	/* A dump that was interrupted lacks some. */
	if (netlink_talk(NETLINK_ROUTE, &buffer, on_neigh, &reading))
		neighs->blind = true;
}

void fast_neighs_fini(struct fast_neighs *neighs)
{
	tdestroy(neighs->tree, free);
	*neighs = (struct fast_neighs){0};
}
