// SPDX-License-Identifier: GPL-2.0-or-later
#include "candidate.h"

#include <errno.h>
#include <string.h>

#include "extra.h"
#include "file.h"
#include "memory.h"

int candidate_read_facts(const struct conf *conf, struct facts **ret_facts)
{
	const char *names[1 + LIMIT_LANS];
	size_t n = 0;

	names[n++] = conf->wan_interface;
	for (size_t i = 0; i < conf->n_lan; i++)
		names[n++] = conf->lan[i].interface;
	return facts_read(names, n, ret_facts);
}

static int work_out(const struct conf *conf, bool following, struct facts **ret_facts,
		    struct plan **ret_plan, struct strbuf *errors)
{
	const struct plan_options options = {.memory_bytes = memory_usable_bytes(""),
					     .following = following};
	_facts_ struct facts *facts = NULL;
	int ret = candidate_read_facts(conf, &facts);

	if (ret) {
		strbuf_add(errors, "cannot ask the kernel about the network: %s\n", strerror(-ret));
		return ret;
	}
	ret = plan_make(conf, facts, &options, ret_plan, errors);
	if (ret == -ENOMEM)
		strbuf_add(errors, "%s\n", strerror(ENOMEM));
	if (!ret)
		*ret_facts = TAKE_PTR(facts);
	return ret;
}

int candidate_refresh(const struct conf *conf, struct facts **ret_facts, struct plan **ret_plan,
		      struct strbuf *errors)
{
	return work_out(conf, true, ret_facts, ret_plan, errors);
}

static void add_operator(struct conf *conf, const struct operator_state *operator,
			 struct strbuf * conflicts)
{
	for (size_t i = 0; i < operator->n_rewrites; i++) {
		const struct operator_rewrite *own = &operator->rewrites[i];
		const struct conf_extra_rewrite rewrite = {
			own->domain, (const char *const *)own->answers, own->n_answers};
		_strbuf_ struct strbuf why = {0};

		if (conf_add_rewrite(conf, &rewrite, &why))
			strbuf_add(conflicts, "a rewrite of the operator's is not in force: %s\n",
				   strbuf_text(&why));
	}
}

int candidate_make(const struct candidate_source *source, struct candidate *ret_candidate,
		   struct strbuf *errors)
{
	_candidate_ struct candidate candidate = {0};
	int ret = conf_parse(source->path, source->text, source->length, &candidate.conf, errors);

	if (!ret && source->operator)
		add_operator(candidate.conf, source->operator, & candidate.conflicts);
	if (!ret)
		ret = work_out(candidate.conf, source->following, &candidate.facts, &candidate.plan,
			       errors);
	if (ret)
		return ret;
	candidate.text = malloc(source->length + 1);
	if (!candidate.text)
		return -ENOMEM;
	memcpy(candidate.text, source->text, source->length);
	candidate.text[source->length] = '\0';
	candidate.length = source->length;
	*ret_candidate = candidate;
	candidate = (struct candidate){0};
	return 0;
}

int candidate_load(const char *path, const struct operator_state *operator,
		   struct candidate * ret_candidate, struct strbuf *errors)
{
	struct candidate_source source = {.path = path, .operator= operator};
	_free_ char *text = NULL;
	int ret = file_read(path, LIMIT_CONF_BYTES, &text, &source.length);

	if (ret) {
		strbuf_add(errors, "%s: %s\n", path, strerror(-ret));
		return ret;
	}
	source.text = text;
	return candidate_make(&source, ret_candidate, errors);
}

void candidate_fini(struct candidate *candidate)
{
	plan_free(candidate->plan);
	facts_free(candidate->facts);
	conf_free(candidate->conf);
	free(candidate->text);
	strbuf_fini(&candidate->conflicts);
	*candidate = (struct candidate){0};
}
