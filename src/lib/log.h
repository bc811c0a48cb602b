/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log lines: one line an event, to stderr, "level: text". Libraries do not log, they return -errno;
 * the level that decides what to do about it does.
 */
#pragma once

#include "cleanup.h"

enum log_level { LOG_ERROR = 0, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Lines above this level are not written. Process-wide; set once by main(), LOG_INFO before that. */
void log_level_set(enum log_level level);

void log_error(const char *format, ...) _printf_(1, 2);
void log_warning(const char *format, ...) _printf_(1, 2);
void log_info(const char *format, ...) _printf_(1, 2);
void log_debug(const char *format, ...) _printf_(1, 2);
