// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What answers a search for the router's UPnP description, and that description, of which the name is read.
 *
 * What must hold: an address that is taken begins with the router's own, is printable and fits; a name is printable and ends.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "igd.h"

static void name_check(const char *text, size_t size)
{
	char name[LIMIT_UPSTREAM_TEXT];

	memset(name, 'x', sizeof(name));
	igd_name_read(text, size, name);
	assert(strnlen(name, sizeof(name)) < sizeof(name));
	for (const char *at = name; *at; at++)
		assert(*at >= ' ' && *at <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ip_addr router = ip_addr_from_v4(htonl(0xc0a80b01));
	char url[SSDP_URL_MAX], *text = malloc(size + !size);
	int ret;

	assert(text);
	memcpy(text, data, size);
	memset(url, 'x', sizeof(url));
	ret = ssdp_answer_read(text, size, &router, url);
	assert(ret == 0 || ret == -EBADMSG || ret == -EXDEV);
	if (!ret) {
		static const char begin[] = "http://192.168.11.1";

		assert(strnlen(url, sizeof(url)) < sizeof(url));
		assert(!strncasecmp(url, begin, strlen(begin)));
		assert(url[strlen(begin)] == ':' || url[strlen(begin)] == '/');
		for (const char *at = url; *at; at++)
			assert(*at > ' ' && *at <= '~' && *at != '@');
	}
	name_check(text, size);
	free(text);
	return 0;
}
