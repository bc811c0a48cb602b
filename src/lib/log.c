// SPDX-License-Identifier: GPL-2.0-or-later
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "clock.h"
#include "journal.h"
#include "log_limit.h"

#define TEXT_MAX 1024
/* log_level_fd() */
#define LEVEL_FD_MIN 64

static struct log {
	_Atomic int level;
	const _Atomic int *shared; /* NULL: level above counts */
	_Atomic int *given; /* the same, for whoever made it ... */
	int given_fd; /* ... and its file; -1: not made here */
	const char *process;
	int journal; /* -1: none */
	bool is_stream; /* stderr is the journal's, and takes priorities before a line */
	struct log_limit limit;
} here = {.level = LOG_INFO, .given_fd = -1, .journal = -1};

static const struct {
	const char *name;
	char priority; /* of syslog(3) */
} levels[] = {
	[LOG_ERROR] = {"error", '3'},
	[LOG_WARNING] = {"warning", '4'},
	[LOG_INFO] = {"info", '6'},
	[LOG_DEBUG] = {"debug", '7'},
};

/* --- where to ------------------------------------------------------------------------------------ */

void log_use_journal(int fd)
{
	here.journal = fd;
}

void log_open(const char *process)
{
	here.process = process;
	here.is_stream = journal_is_stream(STDERR_FILENO);
	if (here.is_stream)
		log_use_journal(journal_open(JOURNAL_SOCKET));
}

/* --- the level ----------------------------------------------------------------------------------- */

void log_level_set(enum log_level level)
{
	atomic_store(here.given ? here.given : &here.level, (int)level);
}

/* Another process may have written it: what is no level is the most talkative one. */
enum log_level log_level(void)
{
	int level = atomic_load(here.shared ? here.shared : &here.level);

	return level < LOG_ERROR || level > LOG_DEBUG ? LOG_DEBUG : (enum log_level)level;
}

const char *log_level_name(enum log_level level)
{
	return levels[level].name;
}

int log_level_parse(const char *name, enum log_level *ret_level)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (!strcmp(levels[i].name, name)) {
			*ret_level = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

int log_level_fd(void)
{
	return here.given_fd;
}

int log_level_share(void)
{
	_close_ int low = memfd_create("log-level", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	_close_ int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, LEVEL_FD_MIN);
	void *page;

	if (fd < 0 || ftruncate(fd, sizeof(*here.given)))
		return -errno;
	page = mmap(NULL, sizeof(*here.given), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return -errno;
	/* Those that get it read what strangers send: none of them sets the level of the others. */
	if (fcntl(fd, F_ADD_SEALS,
		  F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		munmap(page, sizeof(*here.given));
		return -errno;
	}
	atomic_store((_Atomic int *)page, (int)log_level());
	here.shared = here.given = page;
	here.given_fd = TAKE_FD(fd);
	return 0;
}

int log_level_follow(int fd)
{
	void *page = mmap(NULL, sizeof(*here.shared), PROT_READ, MAP_SHARED, fd, 0);
	int ret = page == MAP_FAILED ? -errno : 0;

	close(fd);
	if (!ret)
		here.shared = page;
	return ret;
}

/* --- a line -------------------------------------------------------------------------------------- */

/* Whether the journal has it. One that does not take it in time has lost it: a gateway does not stand still for its log. */
static bool journal_write(enum log_level level, const struct log_field *fields, const char *text)
{
	struct journal_entry entry = {0};

	if (here.journal < 0)
		return false;
	journal_add(&entry, "MESSAGE", text);
	journal_add(&entry, "PRIORITY", (char[]){levels[level].priority, '\0'});
	journal_add(&entry, "SYSLOG_IDENTIFIER", program_invocation_short_name);
	if (here.process)
		journal_add(&entry, "HAIRPIN_PROCESS", here.process);
	for (; fields && fields->name; fields++) {
		char name[64];

		snprintf(name, sizeof(name), "HAIRPIN_%s", fields->name);
		journal_add(&entry, name, fields->value ? fields->value : "");
	}
	return write(here.journal, entry.octets, entry.length) >= 0 || errno == EAGAIN;
}

/* One event, one line, and nothing that a terminal obeys: parts of it are strangers' now and then. */
static void clean(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
	}
}

/* @text may be changed. */
static void line_write(enum log_level level, const struct log_field *fields, char *text)
{
	if (journal_write(level, fields, text))
		return;
	clean(text);
	/* One write for the whole line: those of several processes then do not mix. */
	if (here.is_stream)
		fprintf(stderr, "<%c>%s\n", levels[level].priority, text);
	else
		fprintf(stderr, "%s: %s\n", levels[level].name, text);
}

static void held_write(const struct log_held *held)
{
	char text[LOG_LIMIT_TEXT + 80], number[16];
	const struct log_field fields[] = {{held->is_same ? "REPEATED" : "HELD_BACK", number}, {0}};

	snprintf(number, sizeof(number), "%u", held->n);
	if (held->is_same)
		snprintf(text, sizeof(text), "%s (repeated %u times in %u s)", held->text, held->n,
			 held->seconds);
	else
		snprintf(text, sizeof(text), "%s (the last of %u such lines in %u s)", held->text,
			 held->n, held->seconds);
	line_write((enum log_level)held->level, fields, text);
}

static void due_write(bool all)
{
	struct log_held held;

	while (log_limit_due(&here.limit, clock_monotonic_ms(), all, &held))
		held_write(&held);
}

void log_tick(void)
{
	due_write(false);
}

void log_close(void)
{
	due_write(true);
}

static void log_line(enum log_level level, const struct log_field *fields, const char *format,
		     va_list args)
{
	char text[TEXT_MAX];
	const struct log_line line = {(int)level, format, text};
	size_t length;

	if (level > log_level())
		return;
	vsnprintf(text, sizeof(text), format, args);
	length = strlen(text);
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	due_write(false);
	if (log_limit_pass(&here.limit, &line, clock_monotonic_ms()))
		line_write(level, fields, text);
}

#define LOG_FUNCTION(name, level)                    \
	void name(const char *format, ...)           \
	{                                            \
		va_list args;                        \
		va_start(args, format);              \
		log_line(level, NULL, format, args); \
		va_end(args);                        \
	}

LOG_FUNCTION(log_error, LOG_ERROR)
LOG_FUNCTION(log_warning, LOG_WARNING)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)

void log_with(enum log_level level, const struct log_field *fields, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(level, fields, format, args);
	va_end(args);
}
