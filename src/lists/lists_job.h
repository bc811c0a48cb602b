/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One job of the loader (lists_process.h), without its socket and its sandbox. */
#pragma once

#include <jansson.h>
#include <stddef.h>

/*
 * Does @json, whose descriptors are the @n at @fds. The report, a new reference; NULL: this is no job, or no memory. *ret_table is the table and *ret 0; or
 * *ret is why there is none.
 */
json_t *lists_job_do(const json_t *json, const int *fds, size_t n, int *ret_table, int *ret);
