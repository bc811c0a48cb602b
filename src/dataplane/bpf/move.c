// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

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
	__u32 word; /* octet of a value where its word is */
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
	struct bpf_map_info info;

	move->sessions = pins_open(move->path, "hp_sessions", &info);
	if (move->sessions < 0)
		return move->sessions;
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
	__u32 offset;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (convert_find(&move->from, needed[i], &offset) >= 0)
			continue;
		strbuf_add(why, "its sessions have no `%s`: ", needed[i]);
		return -EPROTO;
	}
	return 0;
}

static int find_word(struct move *move, struct strbuf *why)
{
	if (convert_find(&move->from, "word", &move->word) == sizeof(__u64))
		return 0;
	strbuf_add(why, "the `word` of its sessions is another one: ");
	return -EPROTO;
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
	if (!ret)
		ret = find_word(move, &reason);
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

const char *move_path(const struct move *move)
{
	return move->path;
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

/* Called with each value of the old table; what is not 0 ends the walk. */
typedef int (*walk_cb)(void *data, __u32 index, const char *value);

static int walk(const struct move *move, walk_cb cb, void *data)
{
	__u32 keys[BATCH], batch = 0, done = 0, n;
	_free_ char *values = calloc(BATCH, move->value_size + 8);
	int ret = values ? 0 : -ENOMEM;

	while (done < move->n && !ret) {
		n = move->n - done < BATCH ? move->n - done : BATCH;
		ret = bpf_map_lookup_batch(move->sessions, done ? &batch : NULL, &batch, keys,
					   values, &n, NULL);
		if (ret && errno != ENOENT)
			return -errno;
		if (n == 0)
			return 0;
		ret = 0;
		for (__u32 i = 0; i < n && !ret; i++)
			ret = cb(data, keys[i], values + (size_t)i * move->value_size);
		done += n;
	}
	return ret;
}

static __u64 word_of(const struct move *move, const char *value)
{
	__u64 word;

	memcpy(&word, value + move->word, sizeof(word));
	return word;
}

static bool is_active(__u64 word)
{
	return (__u8)(word >> HP_WORD_LIFE_SHIFT) == HP_LIFE_ACTIVE;
}

/* --- whether they fit -------------------------------------------------------------------------------- */

struct count {
	const struct move *move;
	__u32 active;
};

static int count_one(void *data, __u32 index, const char *value)
{
	struct count *count = data;

	(void)index;
	count->active += is_active(word_of(count->move, value));
	return 0;
}

/*
 * A smaller table has to hold all of them in the part that outsiders may fill (unproven.h), since all of them may be theirs; what is left takes
 * what is opened before the programs change.
 */
bool move_fits(const struct move *move, __u32 sessions)
{
	struct count count = {.move = move};

	return sessions >= move->n || (!walk(move, count_one, &count) &&
				       count.active <= sessions - sessions / LIMIT_INSIDE_SHARE);
}

/* --- taking them over -------------------------------------------------------------------------------- */

struct taking {
	struct backend *backend;
	unsigned int n;
};

/*
 * Only what is active and was not taken yet is converted, member by member by their names: most places of a table are free, and in the
 * second round almost all are done. One that cannot be taken over is not the end of the others: its tuple or its port may have been given
 * to somebody else since, who wins.
 */
static int take(void *data, __u32 index, const char *value)
{
	struct taking *taking = data;
	struct move *move = taking->backend->move;
	__u64 word = word_of(move, value);
	struct hp_import_args args = {0};
	struct hp_session session;
	int ret;

	if (!is_active(word) || move->taken[index] == (__u32)word)
		return 0;
	ret = convert_value(&move->from, value, &move->to, &session);
	if (!ret)
		ret = sweep_import(taking->backend, &session, &args);
	if (ret)
		return ret;
	move->taken[index] = (__u32)word;
	taking->n += !args.reason;
	return 0;
}

int move_copy(struct backend *backend, unsigned int *ret_taken)
{
	struct taking taking = {.backend = backend};
	int ret;

	backend->move->to =
		(struct convert_type){bpf_object__btf(backend->skel->obj),
				      bpf_map__btf_value_type_id(backend->skel->maps.hp_sessions)};
	ret = walk(backend->move, take, &taking);
	*ret_taken += taking.n;
	return ret;
}

/* --- the end ------------------------------------------------------------------------------------------ */

int move_exchange(struct backend *backend)
{
	char *path = backend->path;

	/* By the kernel's call itself: musl has no function for it. */
	if (syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, backend->move->path, RENAME_EXCHANGE))
		return -errno;
	backend->path = backend->move->path;
	backend->move->path = path;
	return 0;
}

/* Both stand for a moment: a start that finds our last pin knows that the old one is a leftover, and removes what we cannot. */
void move_done(struct backend *backend)
{
	pins_remove(backend->move->path);
	backend->move = move_close(backend->move);
}
