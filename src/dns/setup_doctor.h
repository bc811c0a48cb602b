/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the setup says of public addresses of ours. */
#pragma once

#include <jansson.h>

#include "doctor.h"
#include "plan.h"

/* New reference. */
json_t *dns_setup_doctor_write(const struct plan_dns *dns);

/* 0, -EINVAL or -ENOMEM; doctor->rules is to be freed in either case. */
int dns_setup_doctor_read(const json_t *json, struct dns_doctor *doctor);
