// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of the kernel's messages about neighbours say that a packet may go elsewhere; and whose a place is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "bpf/fast_path.h"

#define OURS 7
#define OTHER 8
#define ROOM 256

struct told {
	__u16 type, state;
	int ifindex;
	__u8 host, mac; /* last octets */
};

static bool differs(struct fast_neighs *neighs, const struct fast_places *places, struct told told)
{
	_Alignas(struct nlmsghdr) char bytes[ROOM];
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	__u8 addr[4] = {192, 168, 11, told.host}, mac[6] = {2, 0, 0, 0, 0, told.mac};
	struct ndmsg *ndm;

	header->nlmsg_type = told.type;
	ndm = mnl_nlmsg_put_extra_header(header, sizeof(*ndm));
	*ndm = (struct ndmsg){
		.ndm_family = AF_INET, .ndm_ifindex = told.ifindex, .ndm_state = told.state};
	mnl_attr_put(header, NDA_DST, sizeof(addr), addr);
	if (told.mac)
		mnl_attr_put(header, NDA_LLADDR, sizeof(mac), mac);
	return fast_neighs_differ(neighs, places, header);
}

static const struct {
	struct told told;
	bool differs;
} story[] = {
	{{RTM_NEWNEIGH, NUD_INCOMPLETE, OURS, 20, 0}, false}, /* asked for, and never known */
	{{RTM_NEWNEIGH, NUD_REACHABLE, OURS, 20, 1}, false}, /* nobody can have gone there yet */
	{{RTM_NEWNEIGH, NUD_STALE, OURS, 20, 1}, false},
	{{RTM_NEWNEIGH, NUD_PROBE, OURS, 20, 1}, false},
	{{RTM_NEWNEIGH, NUD_REACHABLE, OURS, 20, 2}, true}, /* it moved */
	{{RTM_NEWNEIGH, NUD_STALE, OURS, 20, 2}, false},
	{{RTM_NEWNEIGH, NUD_REACHABLE, OURS, 21, 2}, false}, /* another host */
	{{RTM_NEWNEIGH, NUD_FAILED, OURS, 20, 0}, true},
	{{RTM_NEWNEIGH, NUD_FAILED, OURS, 20, 0}, false}, /* known to be gone */
	{{RTM_NEWNEIGH, NUD_REACHABLE, OURS, 20, 3}, false},
	{{RTM_DELNEIGH, NUD_STALE, OURS, 20, 3}, true},
	{{RTM_NEWNEIGH, NUD_STALE, OURS, 21, 2}, false}, /* untouched by that */
	{{RTM_NEWNEIGH, NUD_REACHABLE, OTHER, 20, 1}, false}, /* no way leads there */
	{{RTM_NEWNEIGH, NUD_REACHABLE, OTHER, 20, 2}, false},
};

static void test_story(void **state)
{
	static struct fast_places places;
	struct fast_neighs neighs = {0};

	(void)state;
	places.at[HP_LINK_PLACE(OURS)].ifindex = OURS;
	for (size_t i = 0; i < ARRAY_SIZE(story); i++) {
		if (differs(&neighs, &places, story[i].told) != story[i].differs)
			fail_msg("message %zu", i);
	}
	fast_neighs_fini(&neighs);
}

/* Where not all are known, what is not may have been something else before. */
static void test_blind(void **state)
{
	static struct fast_places places;
	struct fast_neighs neighs = {.blind = true};

	(void)state;
	places.at[HP_LINK_PLACE(OURS)].ifindex = OURS;
	assert_true(differs(&neighs, &places, (struct told){RTM_NEWNEIGH, NUD_STALE, OURS, 20, 1}));
	assert_false(
		differs(&neighs, &places, (struct told){RTM_NEWNEIGH, NUD_STALE, OURS, 20, 1}));
	fast_neighs_fini(&neighs);
}

static void test_places(void **state)
{
	static struct fast_places places;
	struct fast_device items[] = {{.ifindex = 5}, {.ifindex = 5 + LIMIT_LINKS}, {.ifindex = 6}};
	const struct fast_devices devices = {items, ARRAY_SIZE(items)};

	(void)state;
	/* Nobody has it: the first. */
	assert_false(fast_places_taken(&places, &devices, 0));
	assert_true(fast_places_taken(&places, &devices, 1));
	assert_false(fast_places_taken(&places, &devices, 2));
	/* Who has it keeps it. */
	places.at[HP_LINK_PLACE(5)].ifindex = 5 + LIMIT_LINKS;
	assert_true(fast_places_taken(&places, &devices, 0));
	assert_false(fast_places_taken(&places, &devices, 1));
	/* Not for one that is none of ours any more. */
	places.at[HP_LINK_PLACE(5)].ifindex = 5 + 2 * LIMIT_LINKS;
	assert_false(fast_places_taken(&places, &devices, 0));
	assert_true(fast_places_taken(&places, &devices, 1));
}

/* Ways to a port lead by its bridge, so that without a place of the bridge's there are none. */
static void test_places_of_ports(void **state)
{
	static struct fast_places places;
	struct fast_device items[] = {
		{.ifindex = 5},
		{.ifindex = 5 + LIMIT_LINKS, .is_bridge = true},
		{.ifindex = 6, .bridge = 5 + LIMIT_LINKS},
		{.ifindex = 7, .is_bridge = true},
		{.ifindex = 8, .bridge = 7},
	};
	const struct fast_devices devices = {items, ARRAY_SIZE(items)};

	(void)state;
	assert_true(fast_places_taken(&places, &devices, 2));
	assert_false(fast_places_taken(&places, &devices, 4));
	places.at[HP_LINK_PLACE(5)].ifindex = 5 + LIMIT_LINKS;
	assert_false(fast_places_taken(&places, &devices, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_places_of_ports),
	};

	return cmocka_run_group_tests_name("fast neighs", tests, NULL, NULL);
}
