/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target: one function that libFuzzer calls with octets of its choice (make fuzz), and that replay.c calls with those that are
 * kept in corpus/NAME (make test). What must hold is asserted inside it, and the sanitizers watch.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input, read from its front. What is read behind its end is zero, so that every input is a whole one. */
struct fuzz_input {
	const uint8_t *data;
	size_t size;
};

static inline bool fuzz_over(const struct fuzz_input *input)
{
	return !input->size;
}

static inline uint8_t fuzz_u8(struct fuzz_input *input)
{
	if (!input->size)
		return 0;
	input->size--;
	return *input->data++;
}

static inline uint16_t fuzz_u16(struct fuzz_input *input)
{
	uint16_t low = fuzz_u8(input);

	return (uint16_t)(low | fuzz_u8(input) << 8);
}

static inline uint32_t fuzz_u32(struct fuzz_input *input)
{
	uint32_t low = fuzz_u16(input);

	return low | (uint32_t)fuzz_u16(input) << 16;
}
