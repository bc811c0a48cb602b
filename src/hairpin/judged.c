// SPDX-License-Identifier: GPL-2.0-or-later
#include "judged.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include <hairpin/limits.h>

#include "memory.h"

static int facts_load(const char *path, struct facts **ret_facts, struct strbuf *errors)
{
	json_error_t error;
	json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	char why[256];
	int ret;

	if (!json) {
		strbuf_add(errors, "%s:%d: %s\n", path, error.line, error.text);
		return -EINVAL;
	}
	ret = facts_from_json(json, ret_facts, why, sizeof(why));
	if (ret)
		strbuf_add(errors, "%s: %s\n", path, why);
	json_decref(json);
	return ret;
}

static int facts_of_here(const struct conf *conf, struct facts **ret_facts, struct strbuf *errors)
{
	int ret = candidate_read_facts(conf, NULL, ret_facts);

	if (ret)
		strbuf_add(errors, "cannot ask the kernel about the network: %s\n", strerror(-ret));
	return ret;
}

int judged_load(const struct judged_question *question, struct candidate *ret_candidate,
		struct strbuf *errors)
{
	/* The memory of another machine is not known: `auto` takes its upper limit. */
	const struct plan_options options = {
		.memory_bytes = question->facts ? (__u64)LIMIT_SESSIONS_AUTO_MAX * 1024 *
							  LIMIT_SESSIONS_MEMORY_SHARE
						: memory_usable_bytes(""),
		.names = question->names};
	_candidate_ struct candidate candidate = {0};
	int ret = conf_load(question->path, &candidate.conf, errors);

	if (!ret && question->facts)
		ret = facts_load(question->facts, &candidate.facts, errors);
	else if (!ret)
		ret = facts_of_here(candidate.conf, &candidate.facts, errors);
	if (!ret)
		ret = plan_make(candidate.conf, candidate.facts, &options, &candidate.plan, errors);
	if (ret == -ENOMEM)
		strbuf_add(errors, "%s\n", strerror(ENOMEM));
	if (ret)
		return ret;
	*ret_candidate = candidate;
	candidate = (struct candidate){0};
	return 0;
}
