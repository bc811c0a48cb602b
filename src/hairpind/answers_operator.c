// SPDX-License-Identifier: GPL-2.0-or-later
/* What was changed by command, as it is told. */
#include <string.h>
#include <time.h>

#include "answers.h"
#include "json_text.h"

/* Until when, on the clock of whoever reads it. */
static const char *end_text(const struct pause *pause, char text[32])
{
	const time_t end = (time_t)pause->until_s;
	struct tm broken;

	strftime(text, 32, "%Y-%m-%d %H:%M:%S", localtime_r(&end, &broken));
	return text;
}

void answer_blocking_text(const struct daemon *daemon, struct strbuf *out)
{
	const struct pause *pause = &daemon->changes.pause;
	char text[32];

	if (!pause->is_off)
		strbuf_add(out, "blocking is on");
	else if (!pause->total_s)
		strbuf_add(out, "blocking is off until it is switched on");
	else
		strbuf_add(out, "blocking is off until %s", end_text(pause, text));
}

static bool is_in_force(const struct daemon *daemon, const char *domain)
{
	for (size_t i = 0; i < daemon->now.conf->n_rewrites; i++) {
		const struct conf_rewrite *rewrite = &daemon->now.conf->rewrites[i];

		/* What the file has stands on a line. */
		if (!rewrite->line && !strcasecmp(rewrite->domain, domain))
			return true;
	}
	return false;
}

static json_t *rewrite_list(const struct daemon *daemon)
{
	json_t *list = json_array();

	for (size_t i = 0; i < daemon->changes.n_rewrites; i++) {
		const struct operator_rewrite *rewrite = &daemon->changes.rewrites[i];
		json_t *answers = json_array();

		for (size_t k = 0; k < rewrite->n_answers; k++)
			json_array_append_new(answers, json_string(rewrite->answers[k]));
		json_array_append_new(list, json_pack("{s:s, s:o, s:b}", "domain", rewrite->domain,
						      "answers", answers, "in_force",
						      (int)is_in_force(daemon, rewrite->domain)));
	}
	return list;
}

static bool is_reserved(const struct daemon *daemon, const struct operator_reservation *own)
{
	const struct conf *conf = daemon->now.conf;
	struct ip_addr addr;

	if (ip_addr_parse(own->address, &addr))
		return false;
	for (size_t i = 0; i < conf->n_reservations; i++) {
		if (!conf->reservations[i].line &&
		    ip_addr_equal(&conf->reservations[i].address, &addr))
			return true;
	}
	return false;
}

static json_t *reservation_list(const struct daemon *daemon)
{
	json_t *list = json_array();

	for (size_t i = 0; i < daemon->changes.n_reservations; i++) {
		const struct operator_reservation *own = &daemon->changes.reservations[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:b}", "mac", own->mac,
						      "address", own->address, "name", own->name,
						      "in_force", (int)is_reserved(daemon, own)));
	}
	return list;
}

json_t *answer_blocking(const struct daemon *daemon)
{
	const struct pause *pause = &daemon->changes.pause;
	_strbuf_ struct strbuf text = {0};
	bool has_end = pause->is_off && pause->total_s;
	struct pause_now now;

	pause_clocks(&now);
	answer_blocking_text(daemon, &text);
	return json_pack("{s:b, s:o, s:o, s:s}", "on", (int)!pause->is_off, "left_s",
			 has_end ? json_integer(pause_left_s(pause, &now)) : json_null(), "until_s",
			 has_end ? json_integer((json_int_t)pause->until_s) : json_null(), "text",
			 strbuf_text(&text));
}

json_t *answer_operator(struct daemon *daemon)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "blocking", answer_blocking(daemon), "rewrites",
			 rewrite_list(daemon), "reservations", reservation_list(daemon),
			 "conflicts", json_lines(strbuf_text(&daemon->now.conflicts)));
}
