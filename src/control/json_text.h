/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from elsewhere as JSON: paths, names of processes and rules, messages with them. What others chose may be any octets,
 * and neither the document may break on them nor the terminal that prints it.
 */
#pragma once

#include <jansson.h>

/* A new string: control characters become '?', and so does all beyond ASCII where the whole is not UTF-8. Never NULL. */
json_t *json_text(const char *text, size_t length);

/* A new array with a string for each line of @text that is not empty. */
json_t *json_lines(const char *text);
