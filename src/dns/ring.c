// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "ring_internal.h"

struct dns_ring {
	struct ring_head *head;
	__u64 at; /* head->written, which nobody else changes */
	__u64 released; /* head->released, as was last seen */
};

struct ring_head *ring_map(int fd)
{
	struct ring_head *head;
	struct stat status;

	if (fstat(fd, &status))
		return NULL;
	if (status.st_size != RING_HEAD_BYTES + RING_BYTES) {
		errno = EINVAL;
		return NULL;
	}
	head = mmap(NULL, RING_HEAD_BYTES + RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (head == MAP_FAILED)
		return NULL;
	if (head->magic == RING_MAGIC && head->layout == RING_LAYOUT)
		return head;
	ring_unmap(head);
	errno = EINVAL;
	return NULL;
}

void ring_unmap(struct ring_head *head)
{
	munmap(head, RING_HEAD_BYTES + RING_BYTES);
}

int dns_ring_create(void)
{
	struct ring_head head = {.magic = RING_MAGIC, .layout = RING_LAYOUT};
	_close_ int fd = memfd_create("dns-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, RING_HEAD_BYTES + RING_BYTES))
		return -errno;
	if (getrandom(&head.id, sizeof(head.id), 0) != sizeof(head.id))
		return -EIO;
	head.id |= 1;
	if (pwrite(fd, &head, sizeof(head), 0) != sizeof(head))
		return -EIO;
	/* An end that cut it short would end the other by SIGBUS. */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL))
		return -errno;
	return TAKE_FD(fd);
}

struct dns_ring *dns_ring_open(int fd)
{
	struct dns_ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return NULL;
	ring->head = ring_map(fd);
	if (!ring->head) {
		free(ring);
		return NULL;
	}
	/* What is there was written by a process of this kind, and no place in it can lead outside. */
	ring->at = ring_align(atomic_load(&ring->head->written));
	ring->released = atomic_load(&ring->head->released);
	return ring;
}

struct dns_ring *dns_ring_close(struct dns_ring *ring)
{
	if (ring)
		ring_unmap(ring->head);
	free(ring);
	return NULL;
}

/* Whether @n octets from ring->at on are free. The other end's word costs a line of the cache that it writes, and is asked for only where the last is used up. */
static bool has_room(struct dns_ring *ring, size_t n)
{
	/* Differences, as places may have come to their end and begun anew: whoever had this ring before may have written any word there. */
	if (ring->at - ring->released + n <= RING_BYTES)
		return true;
	ring->released = atomic_load_explicit(&ring->head->released, memory_order_acquire);
	return ring->at - ring->released + n <= RING_BYTES;
}

/* Where @n octets in one piece may be written; NULL: nowhere. */
static void *record_begin(struct dns_ring *ring, size_t n)
{
	__u8 *data = ring_data(ring->head);
	size_t offset = ring->at & (RING_BYTES - 1), left = RING_BYTES - offset;
	const struct ring_record skip = {.length = (__u16)left, .kind = RING_SKIP};

	if (n <= left)
		return has_room(ring, n) ? data + offset : NULL;
	if (!has_room(ring, left + n))
		return NULL;
	memcpy(data + offset, &skip, sizeof(skip));
	ring->at += left;
	return data;
}

static void record_end(struct dns_ring *ring, size_t n)
{
	ring->at += n;
	atomic_store_explicit(&ring->head->written, ring->at, memory_order_release);
}

void dns_ring_put(struct dns_ring *ring, const struct dns_note *note)
{
	const struct dns_name *name = &note->query->name;
	size_t n = ring_align(sizeof(struct ring_query) + name->length);
	struct ring_query *to = record_begin(ring, n);

	if (!to) {
		_Atomic __u64 *dropped = &ring->head->dropped;

		/* Nobody else writes it: no locked instruction is needed. */
		atomic_store_explicit(dropped,
				      atomic_load_explicit(dropped, memory_order_relaxed) + 1,
				      memory_order_relaxed);
		return;
	}
	to->record = (struct ring_record){(__u16)n, DNS_RING_QUERY, name->length};
	to->type = note->query->type;
	to->rcode = (__u16)note->rcode;
	to->at_ms = note->now_ms;
	to->took_us = note->took_us;
	to->count = (__u8)note->outcome.count;
	to->upstream = note->outcome.upstream;
	to->list = note->outcome.list;
	to->zero = 0;
	to->client = *note->client;
	memcpy(to->name, name->wire, name->length);
	record_end(ring, n);
}

bool dns_ring_put_label(struct dns_ring *ring, const struct dns_label *label)
{
	size_t n = ring_align(sizeof(struct ring_label));
	struct ring_label *to = record_begin(ring, n);

	if (!to)
		return false;
	*to = (struct ring_label){.record = {(__u16)n, DNS_RING_LABEL, 0},
				  .kind = (__u8)label->kind,
				  .number = label->number};
	memcpy(to->text, label->text, sizeof(to->text));
	to->text[DNS_LABEL_TEXT_MAX - 1] = '\0';
	record_end(ring, n);
	return true;
}
