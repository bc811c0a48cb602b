// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a server of STUN sends, to a request whose number it knows (the first twelve octets) and to another one.
 *
 * What must hold: an address that is taken is one of IPv4, and is taken from an answer with that number only.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ip_addr external = {0};
	__u8 id[STUN_ID_BYTES], *packet;
	int ret;

	if (size < STUN_ID_BYTES)
		return 0;
	memcpy(id, data, sizeof(id));
	size -= sizeof(id);
	packet = malloc(size + !size);
	assert(packet);
	memcpy(packet, data + sizeof(id), size);
	ret = stun_response_read(id, packet, size, &external);
	assert(ret == 0 || ret == -EBADMSG || ret == -ENODATA || ret == -ECONNREFUSED);
	assert(ret ? ip_addr_is_zero(&external) : ip_addr_is_v4(&external));
	assert(ret || (size >= 32 && !memcmp(packet + 8, id, sizeof(id))));
	id[5] ^= 1;
	assert(stun_response_read(id, packet, size, &external) == -EBADMSG ||
	       !memcmp(packet + 8, id, sizeof(id)));
	free(packet);
	return 0;
}
