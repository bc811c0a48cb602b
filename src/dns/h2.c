// SPDX-License-Identifier: GPL-2.0-or-later
#include "h2.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "unconst.h"

int h2_send(nghttp2_session *session, struct stream *stream)
{
	for (;;) {
		const uint8_t *octets;
		ssize_t n = nghttp2_session_mem_send(session, &octets);
		int ret;

		if (n <= 0)
			return n < 0 ? -EPROTO : 0;
		ret = stream_write(stream, octets, (size_t)n);
		if (ret)
			return ret;
	}
}

int h2_receive(nghttp2_session *session, struct stream *stream)
{
	__u8 octets[16384];

	for (;;) {
		ssize_t n = stream_read(stream, octets, sizeof(octets));

		if (n == -EAGAIN)
			return 0;
		if (n <= 0)
			return n ? (int)n : -EPIPE;
		if (nghttp2_session_mem_recv(session, octets, (size_t)n) != n)
			return -EPROTO;
	}
}

nghttp2_nv h2_header(const char *name, const char *value)
{
	return (nghttp2_nv){.name = unconst(name),
			    .value = unconst(value),
			    .namelen = strlen(name),
			    .valuelen = strlen(value)};
}

bool h2_is_type(const __u8 *value, size_t length, const char *what)
{
	size_t n = strlen(what);

	return length >= n && !strncasecmp((const char *)value, what, n) &&
	       (length == n || value[n] == ';' || value[n] == ' ');
}
