/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the one word that decides about a session (hairpin/dataplane.h, struct hp_session). */
#pragma once

#include <hairpin/dataplane.h>

static inline __u64 nat_word(__u32 generation, __u8 life, __u8 tcp, __u16 flags)
{
	return generation | ((__u64)life << HP_WORD_LIFE_SHIFT) |
	       ((__u64)tcp << HP_WORD_TCP_SHIFT) | ((__u64)flags << HP_WORD_FLAGS_SHIFT);
}

static inline __u32 nat_word_generation(__u64 word)
{
	return (__u32)word;
}

static inline __u8 nat_word_life(__u64 word)
{
	return (__u8)(word >> HP_WORD_LIFE_SHIFT);
}

static inline __u8 nat_word_tcp(__u64 word)
{
	return (__u8)(word >> HP_WORD_TCP_SHIFT);
}

static inline __u16 nat_word_flags(__u64 word)
{
	return (__u16)(word >> HP_WORD_FLAGS_SHIFT);
}

/* Two generations never compare equal by accident of wrapping within the life of a flow. */
static inline __u32 nat_generation_next(__u32 generation)
{
	return generation + 1 ? generation + 1 : 1;
}
