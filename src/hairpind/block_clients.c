// SPDX-License-Identifier: GPL-2.0-or-later
#include "block_clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hairpin/limits.h>

#include "blocking.h"
#include "log.h"
#include "neighs.h"

/* An Ethernet address and the number of its group, as setup_blocking.c counts them. */
struct member {
	__u8 mac[6];
	__u32 group;
};

/* A handle that outlives whoever made it, until the loop has closed it. */
struct watch {
	uv_poll_t poll;
	uv_timer_t settle;
	struct block_clients *owner;
	unsigned int open;
};

struct block_clients {
	uv_loop_t *loop;
	struct dns_parent *parent;
	struct member *members; /* n_members, owned */
	size_t n_members;
	struct dns_block_client *told; /* n_told, owned: what the process knows */
	size_t n_told;
	struct watch *watch; /* NULL: nothing is watched */
	int fd; /* of it; -1 */
};

struct block_clients *block_clients_make(uv_loop_t *loop, struct dns_parent *parent)
{
	struct block_clients *clients = calloc(1, sizeof(*clients));

	if (clients)
		*clients = (struct block_clients){.loop = loop, .parent = parent, .fd = -1};
	return clients;
}

/* --- what they have now -------------------------------------------------------------------- */

static const struct member *member_of(const struct block_clients *clients, const __u8 mac[6])
{
	for (size_t i = 0; i < clients->n_members; i++) {
		if (!memcmp(clients->members[i].mac, mac, 6))
			return &clients->members[i];
	}
	return NULL;
}

static struct ip_net net_of(const struct ip_addr *addr)
{
	return ip_net_of(addr, ip_addr_is_v4(addr) ? 32 : 128);
}

static int compare(const void *left, const void *right)
{
	const struct dns_block_client *a = left, *b = right;

	return ip_addr_compare(&a->net.addr, &b->net.addr);
}

/* Sorted, so that two can be compared. NULL: no memory, or the kernel does not say. */
static struct dns_block_client *list_make(const struct block_clients *clients, size_t *ret_n)
{
	struct dns_block_client *list;
	struct neigh *neighs = NULL;
	size_t n_neighs = 0, n = 0;

	if (clients->n_members && neighs_read(&neighs, &n_neighs))
		return NULL;
	list = calloc(n_neighs + 1, sizeof(*list));
	for (size_t i = 0; list && i < n_neighs; i++) {
		const struct member *member = member_of(clients, neighs[i].mac);

		if (member)
			list[n++] =
				(struct dns_block_client){net_of(&neighs[i].addr), member->group};
	}
	free(neighs);
	if (list)
		qsort(list, n, sizeof(*list), compare);
	*ret_n = n;
	return list;
}

static void tell(struct block_clients *clients)
{
	size_t n = 0;
	struct dns_block_client *list = list_make(clients, &n);
	int ret;

	if (!list || (n == clients->n_told && clients->told &&
		      !memcmp(list, clients->told, n * sizeof(*list)))) {
		free(list);
		return;
	}
	ret = dns_parent_clients(clients->parent, list, n);
	if (ret)
		log_warning("cannot tell the DNS process whose addresses are whose: %s",
			    strerror(-ret));
	free(clients->told);
	clients->told = list;
	clients->n_told = n;
}

/* --- following ----------------------------------------------------------------------------- */

static void settled(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	if (watch->owner)
		tell(watch->owner);
}

static void readable(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;

	(void)events;
	if (status < 0)
		log_warning("neighbours: %s", strerror(-status));
	if (!watch->owner || !neighs_watch_drain(watch->owner->fd))
		return;
	/* At once the first time; a storm of them, as the kernel drops old ones, not more often than this. */
	if (!uv_is_active((uv_handle_t *)&watch->settle)) {
		tell(watch->owner);
		uv_timer_start(&watch->settle, settled, FACTS_SETTLE_MS, 0);
	}
}

static void closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;

	if (--watch->open == 0)
		free(watch);
}

static void watch_end(struct block_clients *clients)
{
	struct watch *watch = clients->watch;

	if (!watch)
		return;
	clients->watch = NULL;
	watch->owner = NULL;
	uv_poll_stop(&watch->poll);
	uv_close((uv_handle_t *)&watch->poll, closed);
	uv_close((uv_handle_t *)&watch->settle, closed);
	close(clients->fd);
	clients->fd = -1;
}

static int watch_begin(struct block_clients *clients)
{
	struct watch *watch;
	int ret;

	if (clients->watch)
		return 0;
	clients->fd = neighs_watch_open();
	if (clients->fd < 0)
		return clients->fd;
	watch = calloc(1, sizeof(*watch));
	ret = watch ? uv_poll_init(clients->loop, &watch->poll, clients->fd) : -ENOMEM;
	if (ret) {
		free(watch);
		close(clients->fd);
		clients->fd = -1;
		return ret;
	}
	uv_timer_init(clients->loop, &watch->settle);
	watch->poll.data = watch->settle.data = watch;
	watch->owner = clients;
	watch->open = 2;
	clients->watch = watch;
	return uv_poll_start(&watch->poll, UV_READABLE, readable);
}

/* --- the daemon's -------------------------------------------------------------------------- */

static void members_take(struct block_clients *clients, const struct conf_group *group,
			 __u32 number)
{
	for (size_t i = 0; i < group->n_clients; i++) {
		struct member *member = &clients->members[clients->n_members];

		if (!group->clients[i].is_mac)
			continue;
		memcpy(member->mac, group->clients[i].mac, sizeof(member->mac));
		member->group = number;
		clients->n_members++;
	}
}

void block_clients_set(struct block_clients *clients, const struct plan_blocking *blocking)
{
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; i < blocking->n_groups; i++)
		n += blocking->groups[i].n_clients;
	free(clients->members);
	clients->n_members = 0;
	clients->members = calloc(n + 1, sizeof(*clients->members));
	/* The first group is everybody's. */
	for (size_t i = 0; clients->members && i < blocking->n_groups; i++)
		members_take(clients, &blocking->groups[i], (__u32)i + 1);
	if (clients->n_members)
		ret = watch_begin(clients);
	else
		watch_end(clients);
	if (ret)
		log_warning("cannot follow which addresses belong to which machine: %s",
			    strerror(-ret));
	tell(clients);
}

void block_clients_free(struct block_clients *clients)
{
	if (!clients)
		return;
	watch_end(clients);
	free(clients->members);
	free(clients->told);
	free(clients);
}
