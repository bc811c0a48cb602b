/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which parts a build has, as a test wants it. */
#pragma once

#include "feature.h"

/* All false at the start. */
extern bool features_left_out[FEATURE_MAX];
