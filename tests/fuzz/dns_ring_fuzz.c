// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the DNS process could leave in the log's ring if it were somebody else's: any octets, and any words in its head.
 *
 * Input: where the reader begins, how far the ring says that it is written, then what stands there. What must hold: the reader comes to its end, a name that it
 * gives has a text that is read as the same name, the text of a label can be printed, and afterwards honest records come through.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "ring_internal.h"

static struct ring_head *head;
static int fd = -1;

static __u64 place_of(struct fuzz_input *input)
{
	__u64 at = 0;
	unsigned int shift = fuzz_u8(input) % 64;

	for (unsigned int i = 0; i < 4; i++)
		at |= (__u64)fuzz_u8(input) << (8 * i);
	return at << shift;
}

static void record_check(const struct dns_ring_record *record)
{
	char text[DNS_NAME_TEXT_MAX];
	struct dns_name again;

	if (record->kind == DNS_RING_LABEL) {
		assert(memchr(record->label.text, '\0', sizeof(record->label.text)));
		assert(record->label.kind < DNS_LABEL_KIND_MAX);
		for (const char *c = record->label.text; *c; c++)
			assert(*c >= ' ' && *c < 0x7f);
		return;
	}
	assert(record->kind == DNS_RING_QUERY && record->outcome.count < DNS_COUNT_MAX);
	if (!record->name.length)
		return;
	assert(!dns_name_parse(dns_name_format(&record->name, text), &again));
	assert(dns_name_equal(&record->name, &again));
}

static void read_all(struct dns_ring_reader *reader)
{
	struct dns_ring_record record;
	unsigned int n = 0;

	while (dns_ring_next(reader, &record)) {
		record_check(&record);
		assert(++n <= RING_BYTES / RING_ALIGN);
	}
	dns_ring_release(reader);
}

static void honest_put(struct dns_ring *ring)
{
	const struct dns_query query = {.type = 1, .name = {.length = 1}};
	const struct ip_addr client = {0};

	dns_ring_put(ring, &(struct dns_note){.client = &client, .query = &query, .took_us = 77});
}

/*
 * The first finds the place: between what a liar said was written and the honest record may stand what an earlier one left there, and that is read as any other
 * record is. From then on the two agree.
 */
static void honest_check(struct dns_ring_reader *reader)
{
	struct dns_ring *ring = dns_ring_open(fd);
	struct dns_ring_record record;

	assert(ring);
	honest_put(ring);
	read_all(reader);
	honest_put(ring);
	assert(dns_ring_next(reader, &record));
	assert(record.took_us == 77);
	dns_ring_close(ring);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {.data = data, .size = size};
	struct dns_ring_place place;
	struct dns_ring_reader *reader;

	if (fd < 0) {
		fd = dns_ring_create();
		head = fd < 0 ? NULL : ring_map(fd);
		if (!head)
			abort();
	}
	atomic_store(&head->released, place_of(&input));
	atomic_store(&head->written, atomic_load(&head->released) + place_of(&input));
	atomic_store(&head->opened, fuzz_u8(&input) % 4);
	place = (struct dns_ring_place){head->id, place_of(&input)};
	for (size_t at = atomic_load(&head->released); !fuzz_over(&input); at++)
		ring_data(head)[at & (RING_BYTES - 1)] = fuzz_u8(&input);
	reader = dns_ring_reader_open(fd, place);
	assert(reader);
	read_all(reader);
	honest_check(reader);
	dns_ring_reader_close(reader);
	return 0;
}
