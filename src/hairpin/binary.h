/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where hairpind is. */
#pragma once

/*
 * Writes the path of the daemon that belongs to this command into @path (PATH_MAX) and returns it: $HAIRPIND, else the one beside
 * this program (as in a build tree), else the installed one.
 */
const char *binary_hairpind(char *path);
