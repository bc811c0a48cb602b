// SPDX-License-Identifier: GPL-2.0-or-later
/* Role bypass: who inside answers connections that the main router led past us. */
#include "answers.h"

json_t *answer_past(const struct daemon *daemon)
{
	struct backend_past items[LIMIT_PAST];
	json_t *list = json_array();
	int n;

	if (daemon->now.plan->role != CONF_ROLE_BYPASS || !daemon->ops->past)
		return list;
	n = daemon->ops->past(daemon->backend, items, ARRAY_SIZE(items));
	for (int i = 0; i < n; i++) {
		char text[4];

		json_array_append_new(list, json_pack("{s:s, s:o, s:i}", "protocol",
						      answer_protocol(items[i].proto, text),
						      "address", answer_addr(&items[i].host),
						      "port", items[i].port));
	}
	return list;
}
