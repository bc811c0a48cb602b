/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/2 over a stream: what the side that asks and the side that answers have in common. */
#pragma once

#include <nghttp2/nghttp2.h>

#include "stream.h"

/* All that the session has to say. 0 or -errno. Not from within its callbacks. */
int h2_send(nghttp2_session *session, struct stream *stream);

/* Gives the session all that has come. 0; -EPIPE: the other end has said all; another: it is broken. */
int h2_receive(nghttp2_session *session, struct stream *stream);

/* A header of ours whose name and value are texts that last. */
nghttp2_nv h2_header(const char *name, const char *value);

/* Whether @value, of @length, is @what, parameters behind ";" apart. */
bool h2_is_type(const __u8 *value, size_t length, const char *what);
