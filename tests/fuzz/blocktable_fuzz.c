// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A block table as somebody else than the loader might make it. Input: the file, whose magic and size are put right. What must hold: it is refused, or whatever is asked of
 * it is answered without a look outside.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blocktable.h"
#include "blocktable_format.h"
#include "fuzz.h"
#include "wire.h"

static int file_of(const uint8_t *data, size_t size)
{
	struct block_header header = {0};
	int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert(fd >= 0);
	memcpy(&header, data, size < sizeof(header) ? size : sizeof(header));
	memcpy(header.magic, BLOCKTABLE_MAGIC, sizeof(header.magic));
	header.octets = size < sizeof(header) ? sizeof(header) : size;
	assert(write(fd, &header, sizeof(header)) == (ssize_t)sizeof(header));
	if (size > sizeof(header))
		assert(write(fd, data + sizeof(header), size - sizeof(header)) ==
		       (ssize_t)(size - sizeof(header)));
	assert(!fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK));
	return fd;
}

static void ask(const struct dns_blocktable *table)
{
	static const char *const names[] = {".", "a", "a.example", "x.good.two.example"};
	static const char *const addrs[] = {"0.0.0.0", "203.0.113.7", "::", "2001:db8::1"};
	struct dns_block_said said;
	unsigned int list;

	for (size_t i = 0; i < 4; i++) {
		struct ip_addr addr;
		struct dns_name name;

		assert(!dns_name_parse(names[i], &name) && !ip_addr_parse(addrs[i], &addr));
		dns_blocktable_find(table, &name, DNS_A, &said);
		if (dns_blocktable_judge(table, &said, ~0ULL, &list))
			assert(list < DNS_BLOCK_LISTS_MAX);
		dns_blocktable_find_addr(table, &addr, &said);
	}
	for (unsigned int i = 0; i < dns_blocktable_n_lists(table); i++)
		assert(strlen(dns_blocktable_list(table, i).name) < DNS_BLOCK_LIST_NAME);
	dns_blocktable_bit(table, DNS_BLOCK_LIST, "l");
	dns_blocktable_size(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_blocktable *table;
	int fd = file_of(data, size);

	if (!dns_blocktable_open(fd, &table)) {
		ask(table);
		dns_blocktable_close(table);
	}
	close(fd);
	return 0;
}
