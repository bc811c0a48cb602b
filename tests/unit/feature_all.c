// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes the place of src/lib/feature_built.c: every part is there, but those that a test leaves out. */
#include "feature_all.h"

bool features_left_out[FEATURE_MAX];

bool feature_is_built(enum feature feature)
{
	return !features_left_out[feature];
}
