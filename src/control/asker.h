/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who gives the command: the ssh session above this process, if there is one. */
#pragma once

#include <stddef.h>

/*
 * Writes the SSH_CONNECTION ("client port server port") of the session that this process belongs to into @text (@size),
 * or "". sudo removes the variable, so the ancestors' environments are searched where this one has none.
 */
void asker_ssh_connection(char *text, size_t size);
