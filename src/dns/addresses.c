// SPDX-License-Identifier: GPL-2.0-or-later
#include "addresses.h"

#include <errno.h>
#include <string.h>

/* Addresses of @size octets each, one behind the other. */
static int list_walk(const __u8 *data, size_t length, size_t size, dns_addr_cb *cb, void *to)
{
	if (length % size)
		return -EBADMSG;
	for (size_t at = 0; at < length; at += size) {
		struct ip_addr addr = ip_addr_from_v4(0);

		memcpy(&addr.b[16 - size], data + at, size);
		if (cb(to, &addr))
			return 1;
	}
	return 0;
}

/* The target is never compressed. */
int dns_params_begin(struct dns_reply reply, const struct dns_record *record)
{
	size_t end = (size_t)record->data_at + record->data_length;

	return record->data_length > 2 ? dns_name_skip(reply.message, end, record->data_at + 2u)
				       : -EBADMSG;
}

int dns_param_next(struct dns_reply reply, size_t *at, size_t end, struct dns_param *ret_param)
{
	const __u8 *p = reply.message + *at;

	if (*at == end)
		return 0;
	if (*at + 4 > end || *at + 4 + dns_get16(p + 2) > end)
		return -EBADMSG;
	*ret_param = (struct dns_param){dns_get16(p), dns_get16(p + 2), p + 4};
	*at += 4u + ret_param->length;
	return 1;
}

static int hints_walk(struct dns_reply reply, const struct dns_record *record, dns_addr_cb *cb,
		      void *data)
{
	size_t end = (size_t)record->data_at + record->data_length;
	int ret = dns_params_begin(reply, record);
	struct dns_param param;
	size_t at = (size_t)ret;

	if (ret < 0)
		return ret;
	while ((ret = dns_param_next(reply, &at, end, &param)) > 0) {
		ret = 0;
		if (param.key == DNS_PARAM_IPV4HINT)
			ret = list_walk(param.value, param.length, 4, cb, data);
		else if (param.key == DNS_PARAM_IPV6HINT)
			ret = list_walk(param.value, param.length, 16, cb, data);
		if (ret)
			return ret;
	}
	return ret;
}

int dns_record_addresses(struct dns_reply reply, const struct dns_record *record, dns_addr_cb *cb,
			 void *data)
{
	const __u8 *at = reply.message + record->data_at;

	switch (record->type) {
	case DNS_A:
		return list_walk(at, record->data_length, 4, cb, data);
	case DNS_AAAA:
		return list_walk(at, record->data_length, 16, cb, data);
	case DNS_HTTPS:
	case DNS_SVCB:
		return hints_walk(reply, record, cb, data);
	default:
		return 0;
	}
}

int dns_reply_addresses(struct dns_reply reply, dns_addr_cb *cb, void *data)
{
	struct dns_cursor cursor;
	struct dns_record record;
	int ret = dns_cursor_begin(reply.message, reply.length, &cursor);

	while (!ret && (ret = dns_cursor_next(&cursor, &record)) > 0) {
		ret = dns_record_addresses(reply, &record, cb, data);
		if (ret)
			return ret;
	}
	return ret;
}
