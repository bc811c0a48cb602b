/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows with the way that each of their packets may take. */
#pragma once

#include "way_rig.h"

/* The last one has no name. */
extern const struct way_case way_cases[];
