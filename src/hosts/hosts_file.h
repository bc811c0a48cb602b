/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hosts file with our block in it. Called by the command, as who may write there. */
#pragma once

#include <stdbool.h>

#include "strbuf.h"

/*
 * Puts @lines into the file (NULL: takes ours out), as hosts_block_put() does, in one step: who reads it meanwhile, or after a power cut, finds the old text or the new. Mode and
 * owner stay. 0, and *ret_changed says whether it was written; or -errno with one line in @why, and the file is as it was.
 */
int hosts_file_put(const char *path, const char *lines, bool *ret_changed, struct strbuf *why);
