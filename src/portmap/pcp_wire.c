// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcp_wire.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "octets.h"

#define VERSION 2
#define RESPONSE 0x80
#define HEADER_BYTES 24
#define MAP_BYTES 36
#define OPTION_BYTES 4
#define OPTION_PREFER_FAILURE 2

/* An answer of NAT-PMP to what it does not know: version, opcode, result, epoch. */
#define NATPMP_ANSWER_MIN 8

static size_t map_write(const struct pcp_request *request, __u8 *at)
{
	const struct ip_addr any = ip_addr_from_v4(0);
	const struct pcp_map *map = &request->map;
	const struct ip_addr *external = ip_addr_is_zero(&map->external) ? &any : &map->external;
	size_t length = MAP_BYTES;

	memcpy(at, map->nonce, sizeof(map->nonce));
	at[12] = map->proto;
	octets_put16(at + 16, map->internal_port);
	octets_put16(at + 18, map->external_port);
	memcpy(at + 20, external->b, sizeof(external->b));
	/* Not with a lifetime of 0: section 13.2. */
	if (request->prefer_failure && request->lifetime_s) {
		at[length] = OPTION_PREFER_FAILURE;
		length += OPTION_BYTES;
	}
	return length;
}

size_t pcp_request_write(const struct pcp_request *request, __u8 *buf)
{
	memset(buf, 0, HEADER_BYTES + MAP_BYTES + OPTION_BYTES);
	buf[0] = VERSION;
	buf[1] = (__u8)request->opcode;
	octets_put32(buf + 4, request->opcode == PCP_OPCODE_MAP ? request->lifetime_s : 0);
	memcpy(buf + 8, request->client.b, sizeof(request->client.b));
	if (request->opcode == PCP_OPCODE_MAP)
		return HEADER_BYTES + map_write(request, buf + HEADER_BYTES);
	return HEADER_BYTES;
}

/* Each with its header, and up to four octets with it. */
static int options_check(const __u8 *at, size_t length)
{
	while (length) {
		size_t bytes;

		if (length < OPTION_BYTES)
			return -EBADMSG;
		bytes = OPTION_BYTES + ((octets_get16(at + 2) + 3U) & ~3U);
		if (bytes > length)
			return -EBADMSG;
		at += bytes;
		length -= bytes;
	}
	return 0;
}

static int map_read(const __u8 *at, size_t length, struct pcp_map *ret_map)
{
	if (length < MAP_BYTES)
		return -EBADMSG;
	memcpy(ret_map->nonce, at, sizeof(ret_map->nonce));
	ret_map->proto = at[12];
	ret_map->internal_port = octets_get16(at + 16);
	ret_map->external_port = octets_get16(at + 18);
	ret_map->external = ip_addr_from_v6(at + 20);
	return options_check(at + MAP_BYTES, length - MAP_BYTES);
}

/* Short, and without what follows the result in PCP. */
static int natpmp_read(const __u8 *buf, struct pcp_response *ret_response)
{
	*ret_response = (struct pcp_response){
		.version = buf[0], .opcode = buf[1] & 0x7f, .result = PCP_UNSUPP_VERSION};
	return 0;
}

int pcp_response_read(const __u8 *buf, size_t length, struct pcp_response *ret_response)
{
	struct pcp_response response = {0};
	int ret = 0;

	if (length < NATPMP_ANSWER_MIN || length > PCP_MESSAGE_MAX || !(buf[1] & RESPONSE))
		return -EBADMSG;
	if (buf[0] == 0)
		return natpmp_read(buf, ret_response);
	if (length < HEADER_BYTES || length % 4)
		return -EBADMSG;
	response.version = buf[0];
	response.opcode = buf[1] & 0x7f;
	response.result = buf[3];
	response.lifetime_s = octets_get32(buf + 4);
	response.epoch_s = octets_get32(buf + 8);
	if (response.version != VERSION)
		ret = response.result == PCP_UNSUPP_VERSION ? 0 : -EBADMSG;
	else if (response.opcode == PCP_OPCODE_MAP)
		ret = map_read(buf + HEADER_BYTES, length - HEADER_BYTES, &response.map);
	else if (response.opcode == PCP_OPCODE_ANNOUNCE)
		ret = options_check(buf + HEADER_BYTES, length - HEADER_BYTES);
	else
		ret = -EBADMSG;
	if (!ret)
		*ret_response = response;
	return ret;
}

const char *pcp_result_words(unsigned int result)
{
	static const char *const words[PCP_RESULTS] = {
		[PCP_SUCCESS] = "success",
		[PCP_UNSUPP_VERSION] = "another version of the protocol",
		[PCP_NOT_AUTHORIZED] = "not authorized",
		[PCP_MALFORMED_REQUEST] = "malformed request",
		[PCP_UNSUPP_OPCODE] = "makes no mappings",
		[PCP_UNSUPP_OPTION] = "option not supported",
		[PCP_MALFORMED_OPTION] = "malformed option",
		[PCP_NETWORK_FAILURE] = "its own network is down or not public",
		[PCP_NO_RESOURCES] = "no room for more",
		[PCP_UNSUPP_PROTOCOL] = "not this transport protocol",
		[PCP_USER_EX_QUOTA] = "over our quota",
		[PCP_CANNOT_PROVIDE_EXTERNAL] = "this port cannot be had",
		[PCP_ADDRESS_MISMATCH] = "another translator is between it and us",
		[PCP_EXCESSIVE_REMOTE_PEERS] = "too many remote peers",
	};

	return result < ARRAY_SIZE(words) ? words[result] : "an unknown result";
}
