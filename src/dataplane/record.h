/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What detach has to undo, remembered in a file of the state directory: an array of JSON, good for this boot only.
 */
#pragma once

#include <jansson.h>

#include "cleanup.h"

/* A new reference: what <state>/@name holds, or an empty array if there is none, or it is of another boot. */
int record_load(const char *state, const char *name, json_t **ret_entries);
/* An empty array removes the file. The directory is made if it is missing. */
int record_save(const char *state, const char *name, const json_t *entries);

static inline void record_freep(json_t **json)
{
	json_decref(*json);
}
#define _json_ _cleanup_(record_freep)
