// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which port leads to an address, of those that XDP sends to. What is not here, tc leaves to the bridge; so what does not fit, is the bridge's own, or is behind another
 * port is no fault.
 */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "fast_path.h"
#include "netlink.h"

struct entry {
	struct hp_fdb_key key;
	__u32 place; /* 0: not by XDP */
	bool is_new; /* RTM_NEWNEIGH */
};

static __u32 place_of(const struct fast *fast, const struct ndmsg *ndm)
{
	const struct fast_device *port =
		fast_devices_find(&fast->devices, (unsigned int)ndm->ndm_ifindex);

	/* Permanent ones are of the bridge and its ports themselves. */
	return port && port->bridge && !port->why && !port->mute &&
			       !(ndm->ndm_state & NUD_PERMANENT)
		       ? HP_LINK_PLACE(port->ifindex)
		       : 0;
}

/* false: it is not of a bridge, or of one VLAN, of which our bridges know none. NTF_SELF: of the device alone. */
static bool parse(const struct fast *fast, const struct nlmsghdr *header, struct entry *ret_entry)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(header);
	struct nlattr *attr;
	bool has_vlan = false;

	*ret_entry = (struct entry){.is_new = header->nlmsg_type == RTM_NEWNEIGH};
	mnl_attr_for_each(attr, header, sizeof(*ndm))
	{
		size_t length = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) == NDA_MASTER)
			ret_entry->key.bridge = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == NDA_LLADDR && length == sizeof(ret_entry->key.mac))
			memcpy(ret_entry->key.mac, mnl_attr_get_payload(attr), length);
		if (mnl_attr_get_type(attr) == NDA_VLAN)
			has_vlan = true;
	}
	ret_entry->place = place_of(fast, ndm);
	return ndm->ndm_family == AF_BRIDGE && !(ndm->ndm_flags & NTF_SELF) && !has_vlan &&
	       fast_devices_find(&fast->devices, ret_entry->key.bridge);
}

bool fast_fdb_differs(struct fast *fast, const struct nlmsghdr *header)
{
	struct entry entry;
	__u32 known = 0;
	bool is_known;

	if (!parse(fast, header, &entry))
		return false;
	is_known = !bpf_map_lookup_elem(fast->fdb, &entry.key, &known);
	if (entry.is_new && entry.place) {
		if (known != entry.place)
			bpf_map_update_elem(fast->fdb, &entry.key, &entry.place, BPF_ANY);
		fast->fdb_grew |= !is_known;
		return is_known && known != entry.place;
	}
	if (is_known)
		bpf_map_delete_elem(fast->fdb, &entry.key);
	return is_known;
}

/* --- all of them ---------------------------------------------------------------------------------------------- */

struct addresses {
	const struct fast *fast;
	struct entry *items; /* n, owned */
	size_t n;
};

static int on_entry(const struct nlmsghdr *header, void *data)
{
	struct addresses *listing = data;
	struct entry entry, *more;

	if (!parse(listing->fast, header, &entry) || !entry.place)
		return MNL_CB_OK;
	/* Full when the number is a power of two. */
	if ((listing->n & (listing->n - 1)) == 0) {
		more = reallocarray(listing->items, listing->n ? 2 * listing->n : 1, sizeof(*more));
		if (!more) {
			errno = ENOMEM;
			return MNL_CB_ERROR;
		}
		listing->items = more;
	}
	listing->items[listing->n++] = entry;
	return MNL_CB_OK;
}

static int list(struct addresses *listing)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer.bytes);
	struct ndmsg *ndm;

	header->nlmsg_type = RTM_GETNEIGH;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ndm = mnl_nlmsg_put_extra_header(header, sizeof(*ndm));
	*ndm = (struct ndmsg){.ndm_family = AF_BRIDGE};
	return netlink_talk(NETLINK_ROUTE, &buffer, on_entry, listing);
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return memcmp(&x->key, &y->key, sizeof(x->key));
}

/* Takes out what is not listed, and what leads elsewhere. 1 if there was any. */
static int prune(const struct fast *fast, const struct addresses *listing)
{
	struct hp_fdb_key key, next;
	int ret = bpf_map_get_next_key(fast->fdb, NULL, &next), changed = 0;

	while (!ret) {
		const struct entry wanted = {.key = next}, *found = NULL;
		__u32 place = 0;

		key = next;
		ret = bpf_map_get_next_key(fast->fdb, &key, &next);
		if (listing->n)
			found = bsearch(&wanted, listing->items, listing->n, sizeof(wanted),
					compare);
		bpf_map_lookup_elem(fast->fdb, &key, &place);
		if (found && found->place == place)
			continue;
		bpf_map_delete_elem(fast->fdb, &key);
		changed = 1;
	}
	return changed;
}

int fast_fdb_read(struct fast *fast)
{
	struct addresses listing = {.fast = fast};
	int ret = list(&listing), changed;

	/* What could not be read is not known. */
	if (ret)
		listing.n = 0;
	if (listing.n)
		qsort(listing.items, listing.n, sizeof(*listing.items), compare);
	changed = prune(fast, &listing);
	for (size_t i = 0; i < listing.n; i++)
		fast->fdb_grew |= !bpf_map_update_elem(fast->fdb, &listing.items[i].key,
						       &listing.items[i].place, BPF_NOEXIST);
	free(listing.items);
	return ret ? ret : changed;
}
