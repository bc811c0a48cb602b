// SPDX-License-Identifier: GPL-2.0-or-later
#include "outcome.h"

void dns_log_note(struct dns_log *log, const struct dns_note *note)
{
	dns_log_count(log, note->outcome.count);
}
