// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup_doctor.h"

#include <errno.h>
#include <stdlib.h>

json_t *dns_setup_doctor_write(const struct plan_dns *dns)
{
	json_t *list = json_array();

	for (size_t i = 0; i < dns->n_doctor; i++) {
		const struct plan_doctor *rule = &dns->doctor[i];
		char public[IP_TEXT_MAX], inside[IP_TEXT_MAX] = "";

		if (rule->has_inside)
			ip_addr_format(&rule->inside, inside);
		json_array_append_new(list, json_pack("{s:s, s:b, s:s}", "public",
						      ip_addr_format(&rule->public, public), "host",
						      (int)rule->has_host, "inside", inside));
	}
	return json_pack("{s:b, s:o}", "on", (int)dns->doctoring, "rules", list);
}

int dns_setup_doctor_read(const json_t *json, struct dns_doctor *doctor)
{
	const json_t *list = json_object_get(json, "rules");

	doctor->is_on = json_is_true(json_object_get(json, "on"));
	doctor->rules = calloc(json_array_size(list) + 1, sizeof(*doctor->rules));
	if (!doctor->rules)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		struct dns_doctor_rule *rule = &doctor->rules[doctor->n++];
		const char *public = json_string_value(json_object_get(item, "public"));
		const char *inside = json_string_value(json_object_get(item, "inside"));

		rule->has_host = json_is_true(json_object_get(item, "host"));
		rule->has_inside = inside && *inside;
		if (!public || ip_addr_parse(public, &rule->public) ||
		    (rule->has_inside && ip_addr_parse(inside, &rule->inside)))
			return -EINVAL;
	}
	return 0;
}
