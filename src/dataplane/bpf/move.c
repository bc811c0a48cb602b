// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include <bpf/btf.h>

#include "convert.h"
#include "file.h"
#include "internal.h"

/* Sessions read from the old table in one go. */
#define BATCH 256u

/* What a session must have for us to know whose it is. */
static const char *const needed[] = {
	"word", "last_seen_s", "v4",	     "v6",   "proto",
	"kind", "orig_side",   "reply_side", "pool", "service",
};

/* A program of the old data plane, where it hung when we came. */
struct held {
	struct attached at;
	int fd;
};

struct move {
	char *path; /* of the old layout's pins; owned */
	int sessions; /* the old table */
	__u32 n, value_size;
	struct btf *btf; /* of the old table; owned */
	struct convert_type from, to;
	__u32 *taken; /* n, owned: generation that was taken over from each place, 0: none */
	struct held *held; /* n_held, owned */
	size_t n_held;
};

struct move *move_close(struct move *move)
{
	if (!move)
		return NULL;
	for (size_t i = 0; i < move->n_held; i++)
		cleanup_close(&move->held[i].fd);
	cleanup_close(&move->sessions);
	btf__free(move->btf);
	free(move->path);
	free(move->taken);
	free(move->held);
	free(move);
	return NULL;
}

static void move_closep(struct move **move)
{
	move_close(*move);
}

static int open_table(struct move *move)
{
	_strbuf_ struct strbuf pin = {0};
	struct bpf_map_info info = {0};
	__u32 length = sizeof(info);
	int ret;

	strbuf_add(&pin, "%s/hp_sessions", move->path);
	move->sessions = bpf_obj_get(pin.text);
	if (move->sessions < 0)
		return move->sessions;
	ret = bpf_obj_get_info_by_fd(move->sessions, &info, &length);
	if (ret)
		return ret;
	move->n = info.max_entries;
	move->value_size = info.value_size;
	move->btf = btf__load_from_kernel_by_id(info.btf_id);
	if (!move->btf)
		return -EPROTO;
	move->from = (struct convert_type){move->btf, info.btf_value_type_id};
	move->taken = calloc(move->n + 1, sizeof(*move->taken));
	return move->taken ? 0 : -ENOMEM;
}

static int check_members(const struct move *move, struct strbuf *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (convert_has(move->btf, move->from.id, needed[i]))
			continue;
		strbuf_add(why, "its sessions have no `%s`: ", needed[i]);
		return -EPROTO;
	}
	return 0;
}

int move_open(const char *path, struct move **ret_move, struct strbuf *why)
{
	_cleanup_(move_closep) struct move *move = calloc(1, sizeof(*move));
	_strbuf_ struct strbuf reason = {0};
	int ret;

	if (!move)
		return -ENOMEM;
	move->sessions = -1;
	move->path = strdup(path);
	ret = move->path ? open_table(move) : -ENOMEM;
	if (!ret)
		ret = check_members(move, &reason);
	if (ret) {
		strbuf_add(
			why,
			"the data plane in %s is of another layout and its connections cannot be taken over "
			"(%s%s): run the hairpind that made it, or `hairpin detach` first, which ends them",
			path, strbuf_text(&reason), strerror(-ret));
		return ret;
	}
	*ret_move = TAKE_PTR(move);
	return 0;
}

__u32 move_size(const struct move *move)
{
	return move->n;
}

int move_hold(struct move *move, const struct attached_list *list)
{
	move->held = calloc(list->n + 1, sizeof(*move->held));
	if (!move->held)
		return -ENOMEM;
	for (size_t i = 0; i < list->n; i++) {
		struct held *held = &move->held[move->n_held];

		held->at = list->items[i];
		held->fd = bpf_prog_get_fd_by_id(attach_program(&held->at));
		if (held->fd >= 0)
			move->n_held++;
	}
	return 0;
}

void move_undo(const struct move *move)
{
	for (size_t i = 0; i < move->n_held; i++)
		attach_put(&move->held[i].at, move->held[i].fd);
}

/* --- the sessions ------------------------------------------------------------------------------------ */

/* 1 if it is one to take over that was not yet. */
static bool is_new(const struct move *move, __u32 index, const struct hp_session *session)
{
	return (__u8)(session->word >> HP_WORD_LIFE_SHIFT) == HP_LIFE_ACTIVE &&
	       move->taken[index] != (__u32)session->word;
}

/*
 * One that cannot be taken over is not the end of the others: its tuple or its port may have been given to somebody else
 * since, who wins.
 */
static int take(struct backend *backend, __u32 index, const char *value, unsigned int *ret_taken)
{
	struct move *move = backend->move;
	struct hp_session session;
	struct hp_import_args args = {0};
	int ret = convert_value(&move->from, value, &move->to, &session);

	if (ret || !is_new(move, index, &session))
		return ret;
	ret = sweep_import(backend, &session, &args);
	if (ret)
		return ret;
	move->taken[index] = (__u32)session.word;
	*ret_taken += !args.reason;
	return 0;
}

static int take_batch(struct backend *backend, const __u32 *keys, __u32 n, const char *values,
		      unsigned int *ret_taken)
{
	int ret = 0;

	for (__u32 i = 0; i < n && !ret; i++)
		ret = take(backend, keys[i], values + (size_t)i * backend->move->value_size,
			   ret_taken);
	return ret;
}

int move_copy(struct backend *backend, unsigned int *ret_taken)
{
	struct move *move = backend->move;
	__u32 keys[BATCH], batch = 0, done = 0, n;
	_free_ char *values = calloc(BATCH, move->value_size + 8);
	int ret = 0;

	if (!values)
		return -ENOMEM;
	move->to =
		(struct convert_type){bpf_object__btf(backend->skel->obj),
				      bpf_map__btf_value_type_id(backend->skel->maps.hp_sessions)};
	while (done < move->n && !ret) {
		n = move->n - done < BATCH ? move->n - done : BATCH;
		ret = bpf_map_lookup_batch(move->sessions, done ? &batch : NULL, &batch, keys,
					   values, &n, NULL);
		if (ret && errno != ENOENT)
			return -errno;
		if (n == 0)
			return 0;
		ret = take_batch(backend, keys, n, values, ret_taken);
		done += n;
	}
	return ret;
}

int move_commit(struct backend *backend)
{
	int ret = load_commit(backend);

	/* Both layouts stand for a moment: a start that finds our last pin knows that the old one is a leftover. */
	if (!ret)
		ret = pins_remove(backend->move->path);
	backend->move = move_close(backend->move);
	return ret;
}
