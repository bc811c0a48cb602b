/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One way to the daemon for all commands: ask, then print the JSON as it came or hand it to a renderer. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include <hairpin/control.h>

#include "invocation.h"
#include "render.h"

struct fetched {
	int exit_code; /* the daemon's; CONTROL_EXIT_UNREACHABLE: @json is NULL and the reason is on stderr */
	bool absent; /* unreachable because no daemon runs */
	json_t *json; /* released by the caller */
};

struct question {
	struct control_request request; /* begun with control_request_init() */
	int attach; /* descriptor to send, or -1 */
	bool may_be_absent; /* that no daemon runs is no error, and not said */
	bool is_silent; /* ... and no other failure either */
	unsigned int timeout_ms; /* 0: the usual */
};

/* Asks and reads the whole answer. */
struct fetched fetch_json(const struct invocation *invocation, const struct question *question);

/* Asks @verb and prints the answer: with -j as it comes, else by @render. Returns the exit code. */
int fetch_and_print(const struct invocation *invocation, enum control_verb verb, render_fn render);

/* The same for an answer of many rows, which is never held as a whole: @render gets one row at a time. */
int fetch_and_print_rows(const struct invocation *invocation, enum control_verb verb,
			 const struct render_rows *render);

/* The same with more to be asked than a verb. @follows: the answer has no end; each row is printed as it comes. */
int fetch_rows(const struct invocation *invocation, const struct question *question,
	       const struct render_rows *render, bool follows);
int fetch_whole(const struct invocation *invocation, const struct question *question,
		render_fn render);

/* Prints @json (not taken) and returns @exit_code. */
int fetch_print(const struct invocation *invocation, const json_t *json, render_fn render,
		int exit_code);
