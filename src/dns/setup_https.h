/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTPS records of the setup, as they stand in answers. */
#pragma once

#include <jansson.h>

#include "rewrites.h"

/* Each item of @list: priority, port (0: none), whether nothing else is spoken, then protocols. 0; -EINVAL. */
int dns_https_read(const json_t *list, struct dns_rewrite *name);
