// SPDX-License-Identifier: GPL-2.0-or-later
#include "operator.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <hairpin/limits.h>

#include "alloc.h"
#include "cleanup.h"
#include "file.h"
#include "pending.h"

#define VERSION 1

static void cleanup_json(json_t **json)
{
	json_decref(*json);
}
#define _json_ _cleanup_(cleanup_json)

/* --- its memory ------------------------------------------------------------------------------ */

static void rewrite_fini(struct operator_rewrite *rewrite)
{
	for (size_t i = 0; i < rewrite->n_answers; i++)
		free(rewrite->answers[i]);
	free(rewrite->answers);
	free(rewrite->domain);
}

static struct operator_rewrite rewrite_make(const struct operator_rewrite_words *words)
{
	struct operator_rewrite to = {.domain = alloc_text(words->domain),
				      .n_answers = words->n_answers};

	to.answers = alloc_array(NULL, words->n_answers, sizeof(*to.answers));
	for (size_t i = 0; i < words->n_answers; i++)
		to.answers[i] = alloc_text(words->answers[i]);
	return to;
}

static struct operator_rewrite_words rewrite_words(const struct operator_rewrite *rewrite)
{
	return (struct operator_rewrite_words){
		rewrite->domain, (const char *const *)rewrite->answers, rewrite->n_answers};
}

static void reservation_fini(struct operator_reservation *reservation)
{
	free(reservation->mac);
	free(reservation->address);
	free(reservation->name);
}

static struct operator_reservation reservation_make(const struct operator_reservation_words *words)
{
	return (struct operator_reservation){
		.mac = alloc_text(words->mac),
		.address = alloc_text(words->address),
		.name = words->name ? alloc_text(words->name) : NULL,
	};
}

static struct operator_reservation_words reservation_words(
	const struct operator_reservation *reservation)
{
	return (struct operator_reservation_words){reservation->mac, reservation->address,
						   reservation->name};
}

void operator_fini(struct operator_state *state)
{
	for (size_t i = 0; i < state->n_rewrites; i++)
		rewrite_fini(&state->rewrites[i]);
	free(state->rewrites);
	for (size_t i = 0; i < state->n_reservations; i++)
		reservation_fini(&state->reservations[i]);
	free(state->reservations);
	*state = (struct operator_state){0};
}

void operator_copy(const struct operator_state *from, struct operator_state *ret_to)
{
	struct operator_state to = {.pause = from->pause};

	to.rewrites = alloc_array(NULL, from->n_rewrites, sizeof(*to.rewrites));
	for (; to.n_rewrites < from->n_rewrites; to.n_rewrites++) {
		struct operator_rewrite_words words = rewrite_words(&from->rewrites[to.n_rewrites]);

		to.rewrites[to.n_rewrites] = rewrite_make(&words);
	}
	to.reservations = alloc_array(NULL, from->n_reservations, sizeof(*to.reservations));
	for (; to.n_reservations < from->n_reservations; to.n_reservations++) {
		struct operator_reservation_words words =
			reservation_words(&from->reservations[to.n_reservations]);

		to.reservations[to.n_reservations] = reservation_make(&words);
	}
	*ret_to = to;
}

/* --- reading --------------------------------------------------------------------------------- */

static int pause_take(json_t *json, struct pause *pause)
{
	json_int_t total, until, boot_ms;
	const char *boot;

	if (json_is_null(json))
		return 0;
	if (json_unpack(json, "{s:I, s:I, s:I, s:s}", "total_s", &total, "until_s", &until,
			"boot_ms", &boot_ms, "boot", &boot) ||
	    total < 0 || total > UINT_MAX || boot_ms < 0 || strlen(boot) >= sizeof(pause->boot))
		return -EINVAL;
	pause->is_off = true;
	pause->total_s = (__u32)total;
	pause->until_s = until;
	pause->boot_ms = (__u64)boot_ms;
	strcpy(pause->boot, boot);
	return 0;
}

static int rewrite_take(json_t *json, struct operator_state *state)
{
	const char *answers[LIMIT_ADDRS_PER_REWRITE];
	struct operator_rewrite_words words = {.answers = answers};
	bool replaced = false;
	json_t *list;

	if (json_unpack(json, "{s:s, s:o}", "domain", &words.domain, "answers", &list) ||
	    json_array_size(list) == 0 || json_array_size(list) > LIMIT_ADDRS_PER_REWRITE)
		return -EINVAL;
	for (; words.n_answers < json_array_size(list); words.n_answers++) {
		answers[words.n_answers] = json_string_value(json_array_get(list, words.n_answers));
		if (!answers[words.n_answers])
			return -EINVAL;
	}
	return operator_rewrite_put(state, &words, &replaced) || replaced ? -EINVAL : 0;
}

static int reservation_take(json_t *json, struct operator_state *state)
{
	struct operator_reservation_words words = {0};
	bool replaced = false;

	if (json_unpack(json, "{s:s, s:s, s?:s}", "mac", &words.mac, "address", &words.address,
			"name", &words.name))
		return -EINVAL;
	return operator_reservation_put(state, &words, &replaced) || replaced ? -EINVAL : 0;
}

static int state_take(json_t *json, struct operator_state *state)
{
	json_t *pause, *rewrites, *reservations, *item;
	json_int_t version;
	size_t index;
	int ret = json_unpack(json, "{s:I, s:o, s:o, s:o}", "version", &version, "blocking_off",
			      &pause, "rewrites", &rewrites, "reservations", &reservations);

	if (ret || version != VERSION || !json_is_array(rewrites) || !json_is_array(reservations))
		return -EINVAL;
	ret = pause_take(pause, &state->pause);
	json_array_foreach (rewrites, index, item)
		ret = ret ? ret : rewrite_take(item, state);
	json_array_foreach (reservations, index, item)
		ret = ret ? ret : reservation_take(item, state);
	return ret;
}

int operator_read(const char *folder, struct operator_state *ret_state, struct strbuf *why)
{
	struct operator_state state = {0};
	json_error_t error = {.text = "is not what hairpind of this version writes"};
	_json_ json_t *json = NULL;
	_free_ char *text = NULL;
	char path[PATH_MAX];
	size_t length;
	int ret = file_read(state_path(folder, OPERATOR_FILE, path), LIMIT_OPERATOR_BYTES, &text,
			    &length);

	*ret_state = state;
	if (ret == -ENOENT)
		return 0;
	if (ret) {
		strbuf_add(why, "%s: %s", path, strerror(-ret));
		return ret;
	}
	json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
	ret = json ? state_take(json, &state) : -EINVAL;
	if (ret) {
		strbuf_add(why, "%s: damaged: %s", path, error.text);
		operator_fini(&state);
		return ret;
	}
	*ret_state = state;
	return 0;
}

int operator_set_aside(const char *folder)
{
	char path[PATH_MAX], aside[PATH_MAX];

	return rename(state_path(folder, OPERATOR_FILE, path),
		      state_path(folder, OPERATOR_DAMAGED, aside))
		       ? -errno
		       : 0;
}

/* --- writing --------------------------------------------------------------------------------- */

static json_t *pause_json(const struct pause *pause)
{
	if (!pause->is_off)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:s}", "total_s", (json_int_t)pause->total_s, "until_s",
			 (json_int_t)pause->until_s, "boot_ms", (json_int_t)pause->boot_ms, "boot",
			 pause->boot);
}

static json_t *rewrites_json(const struct operator_state *state)
{
	json_t *list = json_array();

	for (size_t i = 0; i < state->n_rewrites; i++) {
		const struct operator_rewrite *rewrite = &state->rewrites[i];
		json_t *answers = json_array();

		for (size_t k = 0; k < rewrite->n_answers; k++)
			json_array_append_new(answers, json_string(rewrite->answers[k]));
		json_array_append_new(list, json_pack("{s:s, s:o}", "domain", rewrite->domain,
						      "answers", answers));
	}
	return list;
}

static json_t *reservations_json(const struct operator_state *state)
{
	json_t *list = json_array();

	for (size_t i = 0; i < state->n_reservations; i++) {
		const struct operator_reservation *reservation = &state->reservations[i];
		json_t *item = json_pack("{s:s, s:s}", "mac", reservation->mac, "address",
					 reservation->address);

		if (reservation->name)
			json_object_set_new(item, "name", json_string(reservation->name));
		json_array_append_new(list, item);
	}
	return list;
}

static char *state_text(const struct operator_state *state)
{
	_json_ json_t *json = json_pack("{s:i, s:o, s:o, s:o}", "version", VERSION, "blocking_off",
					pause_json(&state->pause), "rewrites", rewrites_json(state),
					"reservations", reservations_json(state));

	return json ? json_dumps(json, JSON_INDENT(2)) : NULL;
}

int operator_write(const char *folder, const struct operator_state *next,
		   const struct operator_state *before)
{
	_free_ char *text = state_text(next), *old = state_text(before);
	char path[PATH_MAX];
	int ret;

	/* Text that is not UTF-8 has no form in JSON. */
	if (!text || !old)
		return -EILSEQ;
	state_path(folder, OPERATOR_FILE, path);
	ret = file_write_durable(path, text, strlen(text), 0600);
	/* The new name may stand already where only the folder could not be synced, and then a refused change would come back with the next start. */
	if (ret)
		file_write_durable(path, old, strlen(old), 0600);
	return ret;
}

/* --- changes --------------------------------------------------------------------------------- */

static struct operator_rewrite *rewrite_find(struct operator_state *state, const char *domain)
{
	for (size_t i = 0; i < state->n_rewrites; i++) {
		if (!strcasecmp(state->rewrites[i].domain, domain))
			return &state->rewrites[i];
	}
	return NULL;
}

int operator_rewrite_put(struct operator_state *state, const struct operator_rewrite_words *words,
			 bool *ret_replaced)
{
	struct operator_rewrite *slot = rewrite_find(state, words->domain);

	*ret_replaced = slot;
	if (!slot && state->n_rewrites == LIMIT_OPERATOR_REWRITES)
		return -ENOSPC;
	if (slot) {
		rewrite_fini(slot);
	} else {
		state->rewrites =
			alloc_array(state->rewrites, state->n_rewrites + 1, sizeof(*slot));
		slot = &state->rewrites[state->n_rewrites++];
	}
	*slot = rewrite_make(words);
	return 0;
}

int operator_rewrite_remove(struct operator_state *state, const char *domain)
{
	struct operator_rewrite *slot = rewrite_find(state, domain);

	if (!slot)
		return -ENOENT;
	rewrite_fini(slot);
	state->n_rewrites--;
	memmove(slot, slot + 1,
		(size_t)(state->rewrites + state->n_rewrites - slot) * sizeof(*slot));
	return 0;
}

static struct operator_reservation *reservation_find(struct operator_state *state, const char *mac)
{
	for (size_t i = 0; i < state->n_reservations; i++) {
		if (!strcasecmp(state->reservations[i].mac, mac))
			return &state->reservations[i];
	}
	return NULL;
}

int operator_reservation_put(struct operator_state *state,
			     const struct operator_reservation_words *words, bool *ret_replaced)
{
	struct operator_reservation *slot = reservation_find(state, words->mac);

	*ret_replaced = slot;
	if (!slot && state->n_reservations == LIMIT_OPERATOR_RESERVATIONS)
		return -ENOSPC;
	if (slot) {
		reservation_fini(slot);
	} else {
		state->reservations =
			alloc_array(state->reservations, state->n_reservations + 1, sizeof(*slot));
		slot = &state->reservations[state->n_reservations++];
	}
	*slot = reservation_make(words);
	return 0;
}

int operator_reservation_remove(struct operator_state *state, const char *mac)
{
	struct operator_reservation *slot = reservation_find(state, mac);

	if (!slot)
		return -ENOENT;
	reservation_fini(slot);
	state->n_reservations--;
	memmove(slot, slot + 1,
		(size_t)(state->reservations + state->n_reservations - slot) * sizeof(*slot));
	return 0;
}
