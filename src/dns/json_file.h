/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON in a file in memory that nobody can change any more: how the daemon hands over what has no fixed size. */
#pragma once

#include <jansson.h>

/* The descriptor of a new sealed file with @json in it, called @name in /proc; -errno. @json may be NULL: -ENOMEM. */
int dns_json_seal(const char *name, const json_t *json);

/* New reference; NULL: none is in it. */
json_t *dns_json_load(int fd);
