/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of dns_garbage share: messages that are made to be wrong, and what a server has to say of each. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Longer than any query that is read, so that there are some that are not. */
#define GARBAGE_MAX 4200

struct garbage {
	uint8_t octets[GARBAGE_MAX];
	size_t length;
};

/* --- dns_garbage_make.c ------------------------------------------------------------------------- */

/* The same @seed makes the same messages. */
void garbage_begin(uint64_t seed);
/* Beside the ones that are built in: a message that is begun with. What does not fit is left out. */
void garbage_seed_add(const uint8_t *octets, size_t length);
void garbage_make(struct garbage *ret_garbage);
/* A right question instead, for a name that was never asked for. */
void garbage_ask(struct garbage *ret_garbage);

/* --- dns_garbage_judge.c ------------------------------------------------------------------------ */

/* Beside RCODEs, which are 0 and more. */
#define VERDICT_SILENCE (-1)
#define VERDICT_QUESTION (-2) /* it can be answered: NOERROR or what upstream says, now or later */

/* By doc and RFC alone, without a line of the server's: two readers that are wrong in the same way would agree. */
int garbage_judge(const struct garbage *garbage);
/* NULL: the answer is one that @verdict asks for; else what is wrong with it. */
const char *garbage_answer_fault(const struct garbage *asked, int verdict, const uint8_t *answer,
				 size_t length);
