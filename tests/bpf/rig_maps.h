/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the rig share. */
#pragma once

#include "rig.h"

/* Ends the test if the rig has no device of that name. */
unsigned int rig_device_index(const struct rig *rig, const char *name);

/* Keys and values of a hash map, n of them, as two arrays that the caller frees. */
struct rig_entries {
	void *keys, *values;
	size_t n;
};
#define _entries_ _cleanup_(rig_entries_free)
struct rig_entries rig_entries_read(int map, size_t key_size, size_t value_size);
void rig_entries_free(struct rig_entries *entries);

/* Places in the ring of outsiders' sessions. */
static inline unsigned int rig_unproven(const struct rig *rig)
{
	return rig->sessions < LIMIT_UNPROVEN_SHARE ? 1 : rig->sessions / LIMIT_UNPROVEN_SHARE;
}

/* Sets of peers. */
static inline unsigned int rig_peer_sets(const struct rig *rig)
{
	return rig->sessions < LIMIT_PEER_SET_SHARE ? 1 : rig->sessions / LIMIT_PEER_SET_SHARE;
}

/* The peers that are noted, those in sets as the others, sorted; the caller frees their values. Two of one key are one that is noted twice. */
struct rig_entries rig_peers_read(const struct rig *rig);

static inline bool rig_is_active(const struct hp_session *s)
{
	return ((s->word >> HP_WORD_LIFE_SHIFT) & 0xff) == HP_LIFE_ACTIVE;
}

static inline unsigned int rig_flags(const struct hp_session *s)
{
	return (unsigned int)(s->word >> HP_WORD_FLAGS_SHIFT) & 0xffff;
}

/* The key of the mapping that an IPv4 session holds. */
struct hp_mapping_key rig_mapping_key(const struct hp_session *s);
/* The key of the dynamic mapping that a hairpin goes to, and holds. */
struct hp_mapping_key rig_target_key(const struct hp_session *s);
