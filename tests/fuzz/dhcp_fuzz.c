// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What strangers on a segment may send as an offer, and what may be in the file of leases by what clients call themselves.
 *
 * Input: an octet that says which of the two, then the frame (the question's number is put where it has to be, so that a fuzzer need not guess it) or the file. What
 * must hold: nothing is read outside of the octets, an offer's numbers are those of its frame, and a lease's name is one label of a host and one of the file's words.
 */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "leases.h"
#include "offer_text.h"

#define IS_OFFER 1
#define BOOTP_AT (14 + 20 + 8)

static const struct dhcp_ask ask = {.mac = {2, 0, 0, 0, 0, 1}, .id = 0x01020304};

static void offer_try(const __u8 *octets, size_t length)
{
	static const __u8 id[4] = {1, 2, 3, 4};
	_strbuf_ struct strbuf text = {0};
	struct dhcp_offer offer;
	__u8 *frame = malloc(length ? length : 1);

	assert(frame);
	memcpy(frame, octets, length);
	if (length >= BOOTP_AT + 28 + 6) {
		memcpy(frame + BOOTP_AT + 4, id, sizeof(id));
		memcpy(frame + BOOTP_AT + 28, ask.mac, sizeof(ask.mac));
	}
	if (dhcp_offer_read(&ask, frame, length, &offer)) {
		assert(length >= BOOTP_AT + 240 + 3);
		assert(offer.n_dns <= DHCP_OFFER_DNS && ip_addr_is_v4(&offer.server));
		assert(!memcmp(offer.mac, frame + 6, sizeof(offer.mac)));
		dhcp_offer_text(&offer, &text);
		json_decref(dhcp_offer_json(&offer));
	}
	free(frame);
}

static void leases_try(const __u8 *octets, size_t length)
{
	struct dhcp_lease *leases = NULL;
	char *text = malloc(length ? length : 1);
	size_t n = 0;

	assert(text);
	memcpy(text, octets, length);
	assert(!dhcp_leases_parse(text, length, &leases, &n));
	for (size_t i = 0; i < n; i++) {
		const char *name = leases[i].name;

		assert(ip_addr_is_v4(&leases[i].addr) && strlen(name) <= LIMIT_HOST_LABEL);
		for (const char *c = name; *c; c++)
			assert(islower((unsigned char)*c) || isdigit((unsigned char)*c) ||
			       *c == '-');
		assert(strcmp(name, "wpad") && strcmp(name, "localhost") && name[0] != '-');
	}
	free(leases);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] & IS_OFFER)
		offer_try(data + 1, size - 1);
	else
		leases_try(data + 1, size - 1);
	return 0;
}
