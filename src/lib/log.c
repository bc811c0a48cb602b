// SPDX-License-Identifier: GPL-2.0-or-later
#include "log.h"

#include <stdarg.h>

static enum log_level level_max = LOG_INFO;

void log_level_set(enum log_level level)
{
	level_max = level;
}

static void log_line(enum log_level level, const char *format, va_list args)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};
	char line[1024];

	if (level > level_max)
		return;
	/* One write for the whole line: those of several processes then do not mix. */
	vsnprintf(line, sizeof(line), format, args);
	fprintf(stderr, "%s: %s\n", names[level], line);
}

#define LOG_FUNCTION(name, level)              \
	void name(const char *format, ...)     \
	{                                      \
		va_list args;                  \
		va_start(args, format);        \
		log_line(level, format, args); \
		va_end(args);                  \
	}

LOG_FUNCTION(log_error, LOG_ERROR)
LOG_FUNCTION(log_warning, LOG_WARNING)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)
