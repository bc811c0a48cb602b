/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon answers to a command that changes something. */
#pragma once

#include "fetch.h"

/* Prints it and returns @exit_code. Errors go to stderr, also with -j, where they are in the JSON too. */
int outcome_print(const struct invocation *invocation, const json_t *outcome, int exit_code);

/* The same for what fetch_json() brought, which is released. Returns what the command exits with. */
int outcome_finish(const struct invocation *invocation, struct fetched fetched);
