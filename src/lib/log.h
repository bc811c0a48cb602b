/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log lines: one line an event, "level: text" on stderr, or an entry of the journal where stderr is the journal's. Libraries do not log, they return -errno;
 * the level that decides what to do about it does.
 *
 * A line that comes again and again is held back and counted (log_limit.h), so that whoever can make us say something cannot fill a disk by it.
 *
 * For one thread: a second one that has something to say leaves it to the first.
 */
#pragma once

#include "cleanup.h"

enum log_level { LOG_ERROR = 0, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Beside the text in the journal: HAIRPIN_<name>, of capitals, digits and '_'. On stderr the text alone has to do. */
struct log_field {
	const char *name; /* NULL ends the list */
	const char *value;
};

/* One alone. */
#define LOG_FIELD(name, value) ((const struct log_field[]){{(name), (value)}, {0}})

/* Finds out whether stderr is the journal's. Before a sandbox is entered: one cannot open the journal's socket. @process: HAIRPIN_PROCESS of all lines. */
void log_open(const char *process);
/* For tests: @fd, which is kept, is a connected socket of the journal; -1: there is none. */
void log_use_journal(int fd);

/* Lines above this level are not written. LOG_INFO before it is set. */
void log_level_set(enum log_level level);
enum log_level log_level(void);

/* "warning". */
const char *log_level_name(enum log_level level);
/* 0, or -EINVAL: no such level. */
int log_level_parse(const char *name, enum log_level *ret_level);

/*
 * From now on the level is one for this process and those that follow it: a page that they can only read. No signal, which a system call of theirs could fail by, and
 * no message, for which each would need a protocol. 0; or -errno, and the level is this process's alone.
 */
int log_level_share(void);
/* What those get to follow it by; it stays open, and is above all places that a process is given descriptors at. -1: it is not shared. */
int log_level_fd(void);
/* The level is that of whoever made @fd by log_level_share(), which is closed. 0 or -errno. */
int log_level_follow(int fd);

void log_error(const char *format, ...) _printf_(1, 2);
void log_warning(const char *format, ...) _printf_(1, 2);
void log_info(const char *format, ...) _printf_(1, 2);
void log_debug(const char *format, ...) _printf_(1, 2);
/* The same with @fields. */
void log_with(enum log_level level, const struct log_field *fields, const char *format, ...)
	_printf_(3, 4);

/* Once a second, where a process has a tick: tells what was held back and is over. Other lines do so as well. */
void log_tick(void);
/* At the end of a process: the same of all. */
void log_close(void);
