/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of DNS by their names. */
#pragma once

/* Room for any. */
#define WORDS_MAX 16

/* "AAAA"; "TYPE65280" (RFC 3597) for one that has no name here. Both write into @text where they have to, and return the word. */
const char *words_type(unsigned int type, char text[WORDS_MAX]);
/* "NXDOMAIN"; "RCODE23". */
const char *words_rcode(unsigned int rcode, char text[WORDS_MAX]);
