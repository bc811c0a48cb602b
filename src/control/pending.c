// SPDX-License-Identifier: GPL-2.0-or-later
#include "pending.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <hairpin/limits.h>

#include "cleanup.h"
#include "clock.h"
#include "file.h"

#define PENDING_BYTES 16384
#define PENDING_ROOM "pending.room"
/* The record once more, the settings that were changed, the configuration in force, a log line: with room to spare. */
#define ROOM_BYTES (128 * 1024)

static const char *const file_names[] = {
	[PENDING_FILE_KEEP] = "keep",
	[PENDING_FILE_RESTORE] = "restore",
	[PENDING_FILE_REMOVE] = "remove",
};

_Static_assert(ARRAY_SIZE(file_names) == PENDING_FILE_MAX, "one name for each");

static void cleanup_json(json_t **json)
{
	json_decref(*json);
}
#define _json_ _cleanup_(cleanup_json)

const char *state_path(const char *state, const char *name, char *path)
{
	if (snprintf(path, PATH_MAX, "%s/%s", state, name) >= PATH_MAX)
		path[PATH_MAX - 1] = '\0';
	return path;
}

int pending_init(struct pending *ret_pending, const char *conf, unsigned int confirm_s)
{
	struct pending pending = {
		.deadline_ms = clock_boottime_ms() + confirm_s * 1000ULL,
		.confirm_s = confirm_s,
	};
	_free_ char *boot = NULL;
	__u8 random[16];
	size_t length;
	int ret =
		file_read("/proc/sys/kernel/random/boot_id", sizeof(pending.boot), &boot, &length);

	if (ret)
		return ret;
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -errno;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(pending.id + 2 * i, 3, "%02x", random[i]);
	snprintf(pending.boot, sizeof(pending.boot), "%.36s", boot);
	if (snprintf(pending.conf, sizeof(pending.conf), "%s", conf) >= (int)sizeof(pending.conf))
		return -ENAMETOOLONG;
	*ret_pending = pending;
	return 0;
}

unsigned int pending_left_s(const struct pending *pending)
{
	__u64 now = clock_boottime_ms();

	return now < pending->deadline_ms
		       ? (unsigned int)((pending->deadline_ms - now + 999) / 1000)
		       : 0;
}

static int pending_from_json(json_t *json, struct pending *ret_pending)
{
	const char *id, *boot, *file, *conf, *backend = "";
	json_int_t deadline, confirm;
	int had_plan, reverting;
	struct pending pending = {0};
	int ret = json_unpack(json, "{s:s, s:s, s:I, s:I, s:b, s:b, s:s, s:s, s?s}", "id", &id,
			      "boot", &boot, "deadline_ms", &deadline, "confirm_s", &confirm,
			      "had_plan", &had_plan, "reverting", &reverting, "file", &file, "conf",
			      &conf, "backend", &backend);

	if (ret)
		return -EINVAL;
	snprintf(pending.id, sizeof(pending.id), "%s", id);
	snprintf(pending.boot, sizeof(pending.boot), "%s", boot);
	snprintf(pending.conf, sizeof(pending.conf), "%s", conf);
	snprintf(pending.backend, sizeof(pending.backend), "%s", backend);
	pending.deadline_ms = (__u64)deadline;
	pending.confirm_s = (unsigned int)confirm;
	pending.had_plan = had_plan;
	pending.reverting = reverting;
	while (pending.file < PENDING_FILE_MAX && strcmp(file, file_names[pending.file]))
		pending.file++;
	if (pending.file == PENDING_FILE_MAX)
		return -EINVAL;
	*ret_pending = pending;
	return 0;
}

int pending_read(const char *state, struct pending *ret_pending)
{
	char path[PATH_MAX];
	_free_ char *text = NULL;
	_json_ json_t *json = NULL;
	size_t length;
	int ret = file_read(state_path(state, "pending.json", path), PENDING_BYTES, &text, &length);

	if (ret)
		return ret;
	json = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	return json ? pending_from_json(json, ret_pending) : -EINVAL;
}

int pending_write(const char *state, const struct pending *pending)
{
	_json_ json_t *json = json_pack(
		"{s:s, s:s, s:I, s:I, s:b, s:b, s:s, s:s, s:s}", "id", pending->id, "boot",
		pending->boot, "deadline_ms", (json_int_t)pending->deadline_ms, "confirm_s",
		(json_int_t)pending->confirm_s, "had_plan", pending->had_plan, "reverting",
		pending->reverting, "file", file_names[pending->file], "conf", pending->conf,
		"backend", pending->backend);
	_free_ char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	char path[PATH_MAX];

	if (!text)
		return -ENOMEM;
	return file_write_atomic(state_path(state, "pending.json", path), text, strlen(text), 0600);
}

int pending_save_text(const char *state, const char *name, const char *text, size_t length)
{
	char path[PATH_MAX];

	return file_write_atomic(state_path(state, name, path), text, length, 0600);
}

int pending_keep_room(const char *state)
{
	char path[PATH_MAX];
	_close_ int fd = open(state_path(state, PENDING_ROOM, path),
			      O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? -errno : -posix_fallocate(fd, 0, ROOM_BYTES);
}

void pending_use_room(const char *state)
{
	char path[PATH_MAX];

	unlink(state_path(state, PENDING_ROOM, path));
}

int pending_remove(const char *state)
{
	static const char *const names[] = {"pending.json", PENDING_PREVIOUS, PENDING_PREVIOUS_FILE,
					    PENDING_ROOM};
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[PATH_MAX];

		if (unlink(state_path(state, names[i], path)) && errno != ENOENT && !ret)
			ret = -errno;
	}
	return ret;
}

static int lock_file(const char *state, const char *name, int operation)
{
	char path[PATH_MAX];
	_close_ int fd = open(state_path(state, name, path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, operation))
		return -errno;
	return TAKE_FD(fd);
}

int pending_lock(const char *state)
{
	return lock_file(state, "pending.lock", LOCK_EX);
}

bool pending_is(const char *state, const char *id)
{
	struct pending now;
	int ret = pending_read(state, &now);

	return ret ? ret != -ENOENT : !strcmp(now.id, id);
}

int pending_guardian_lock(const char *state)
{
	return lock_file(state, "guardian.lock", LOCK_EX);
}

bool pending_has_guardian(const char *state)
{
	_close_ int fd = lock_file(state, "guardian.lock", LOCK_EX | LOCK_NB);

	return fd == -EWOULDBLOCK;
}

int pending_confirm(const char *state)
{
	_close_ int lock = pending_lock(state);
	struct pending pending;
	int ret = lock < 0 ? lock : pending_read(state, &pending);

	if (ret)
		return ret;
	return pending.reverting ? -ETIME : pending_remove(state);
}

int pending_begin_revert(const char *state, const char *id)
{
	_close_ int lock = pending_lock(state);
	struct pending pending;
	int ret = lock < 0 ? lock : pending_read(state, &pending);

	if (ret)
		return ret;
	if (strcmp(pending.id, id))
		return -ENOENT;
	pending.reverting = true;
	pending_use_room(state);
	return pending_write(state, &pending);
}

/* The mode of the file that is replaced, so that a file for root alone stays one. */
static mode_t mode_of(const char *path)
{
	struct stat status;

	return stat(path, &status) ? 0644 : status.st_mode & 0777;
}

static int text_read(const char *path, char **ret_text, size_t *ret_length)
{
	return file_read(path, LIMIT_CONF_BYTES, ret_text, ret_length);
}

static int save_rejected(const char *conf, const char *back, size_t back_length)
{
	char path[PATH_MAX];
	_free_ char *text = NULL;
	size_t length;

	/* What stands there is what goes back already: a second call, and nothing is rejected. */
	if (text_read(conf, &text, &length) ||
	    (back && length == back_length && !memcmp(text, back, length)))
		return 0;
	if (snprintf(path, sizeof(path), "%s.rejected", conf) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return file_write_atomic(path, text, length, mode_of(conf));
}

int pending_restore_file(const char *state, const struct pending *pending)
{
	char path[PATH_MAX];
	_free_ char *text = NULL;
	size_t length = 0;
	int ret = 0;

	if (pending->file == PENDING_FILE_KEEP)
		return 0;
	if (pending->file == PENDING_FILE_RESTORE)
		ret = text_read(state_path(state, PENDING_PREVIOUS_FILE, path), &text, &length);
	if (!ret)
		ret = save_rejected(pending->conf, text, length);
	if (ret)
		return ret;
	if (pending->file == PENDING_FILE_REMOVE)
		return unlink(pending->conf) && errno != ENOENT ? -errno : 0;
	return file_write_atomic(pending->conf, text, length, mode_of(pending->conf));
}
