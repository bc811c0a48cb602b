// SPDX-License-Identifier: GPL-2.0-or-later
#include "log_limit.h"

#include <stdint.h>
#include <stdio.h>

#include "cleanup.h"

struct burst {
	struct log_limit_slot *slots;
	size_t n;
	unsigned int most;
};

static struct burst burst_texts(struct log_limit *limit)
{
	return (struct burst){limit->texts, ARRAY_SIZE(limit->texts), LIMIT_LOG_SAME};
}

static struct burst burst_formats(struct log_limit *limit)
{
	return (struct burst){limit->formats, ARRAY_SIZE(limit->formats), LIMIT_LOG_LIKE};
}

/* FNV-1a. A line by strangers that has the number of another one is held back in its place: they can say less by that, not more. */
static __u64 key_of(__u64 seed, const char *text)
{
	__u64 key = 0xcbf29ce484222325 ^ seed;

	for (; *text; text++)
		key = (key ^ (unsigned char)*text) * 0x100000001b3;
	return key ? key : 1;
}

static bool is_over(const struct log_limit_slot *slot, __u64 now_ms)
{
	return now_ms - slot->since_ms >= LIMIT_LOG_WINDOW_MS;
}

/* The one of @key; else the one that was used least recently, for it. NULL: all have something to tell. */
static struct log_limit_slot *slot_find(const struct burst *burst, __u64 key, __u64 now_ms)
{
	struct log_limit_slot *oldest = NULL;

	for (size_t i = 0; i < burst->n; i++) {
		struct log_limit_slot *slot = &burst->slots[i];

		if (slot->key == key && is_over(slot, now_ms))
			slot->key = slot->held = 0;
		if (slot->key == key)
			return slot;
		if (!slot->held && (!oldest || slot->last_ms < oldest->last_ms))
			oldest = slot;
	}
	if (oldest)
		*oldest = (struct log_limit_slot){.key = key, .since_ms = now_ms};
	return oldest;
}

/* Whether it has room for another line; without a slot nobody counts, and it has. */
static bool slot_take(struct log_limit_slot *slot, const struct burst *burst,
		      const struct log_line *line, __u64 now_ms)
{
	if (!slot)
		return true;
	slot->last_ms = now_ms;
	if (slot->written < burst->most) {
		slot->written++;
		return true;
	}
	slot->held++;
	slot->level = line->level;
	snprintf(slot->text, sizeof(slot->text), "%s", line->text);
	return false;
}

bool log_limit_pass(struct log_limit *limit, const struct log_line *line, __u64 now_ms)
{
	const struct burst texts = burst_texts(limit), formats = burst_formats(limit);
	__u64 seed = (__u64)line->level << 32;
	struct log_limit_slot *text = slot_find(&texts, key_of(seed, line->text), now_ms);

	if (!slot_take(text, &texts, line, now_ms))
		return false;
	/* Only what the first has let pass: a line is counted by one of them. */
	return slot_take(slot_find(&formats, key_of(seed ^ (uintptr_t)line->format, ""), now_ms),
			 &formats, line, now_ms);
}

static bool held_take(struct log_limit_slot *slot, __u64 now_ms, struct log_held *ret_held)
{
	__u64 seconds = (slot->last_ms - slot->since_ms + 999) / 1000;

	*ret_held = (struct log_held){.level = slot->level,
				      .n = slot->held,
				      .seconds = seconds ? (unsigned int)seconds : 1};
	snprintf(ret_held->text, sizeof(ret_held->text), "%s", slot->text);
	slot->held = 0;
	if (is_over(slot, now_ms))
		slot->key = 0;
	return true;
}

bool log_limit_due(struct log_limit *limit, __u64 now_ms, bool all, struct log_held *ret_held)
{
	const struct burst bursts[] = {burst_texts(limit), burst_formats(limit)};

	for (size_t i = 0; i < ARRAY_SIZE(bursts); i++) {
		for (size_t k = 0; k < bursts[i].n; k++) {
			struct log_limit_slot *slot = &bursts[i].slots[k];

			if (!slot->held || !(all || is_over(slot, now_ms)))
				continue;
			held_take(slot, now_ms, ret_held);
			ret_held->is_same = i == 0;
			return true;
		}
	}
	return false;
}
