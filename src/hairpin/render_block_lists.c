// SPDX-License-Identifier: GPL-2.0-or-later
/* Block and allow lists: `show lists`, and a line of `status`. */
#include "cleanup.h"
#include "duration.h"
#include "render.h"

static const char *form_s(json_int_t n)
{
	return n == 1 ? "" : "s";
}

/* What did nothing, if anything. */
static void add_counts(const json_t *list, struct strbuf *out)
{
	static const struct {
		const char *key, *text;
	} counts[] = {
		{"invalid", "invalid"},
		{"unsupported", "not supported"},
		{"rewrites", "with an address of their own"},
		{"idn", "not in ASCII"},
	};
	const char *between = "  left out: ";

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		json_int_t n = render_number(list, counts[i].key);

		if (!n)
			continue;
		strbuf_add(out, "%s%lld %s", between, (long long)n, counts[i].text);
		between = ", ";
	}
	if (*between == ',')
		strbuf_add(out, "\n");
}

static void add_faults(const json_t *list, struct strbuf *out)
{
	const json_t *fault;
	size_t index;

	json_array_foreach (json_object_get(list, "faults"), index, fault)
		strbuf_add(out, "  line %lld: %s\n", (long long)render_number(fault, "line"),
			   render_text(fault, "text"));
}

static void add_unsupported(const json_t *list, struct strbuf *out)
{
	const json_t *first = json_object_get(list, "first_unsupported");

	if (json_is_object(first))
		strbuf_add(out, "  not supported, the first: %s:%lld: %s\n",
			   render_text(list, "from"), (long long)render_number(first, "line"),
			   render_text(first, "text"));
}

static void add_list(const json_t *list, struct strbuf *out)
{
	const char *error = render_text(list, "error");
	char age[DURATION_TEXT_MAX];

	strbuf_add(out, "%s (%s): %lld name%s, %s", render_text(list, "name"),
		   render_text(list, "kind"), (long long)render_number(list, "names"),
		   form_s(render_number(list, "names")), render_text(list, "state"));
	if (json_is_integer(json_object_get(list, "age_s")))
		strbuf_add(out, ", newest %s ago",
			   duration_format((unsigned int)render_number(list, "age_s"), age));
	strbuf_add(out, "\n  %s\n", render_text(list, "from"));
	if (*error)
		strbuf_add(out, "  error: %s\n", error);
	add_counts(list, out);
	add_faults(list, out);
	add_unsupported(list, out);
}

void render_block_lists_line(const json_t *answer, struct strbuf *out)
{
	const json_t *lists = json_object_get(answer, "lists"), *list;
	size_t index, n_faulty = 0;

	if (!json_array_size(lists) && !render_number(answer, "own_words"))
		return;
	json_array_foreach (lists, index, list)
		n_faulty += *render_text(list, "error") != '\0';
	strbuf_add(out, "lists       %zu with %lld names", json_array_size(lists),
		   (long long)render_number(answer, "names"));
	if (render_number(answer, "addresses"))
		strbuf_add(out, " and addresses");
	if (n_faulty)
		strbuf_add(out, "; %zu could not be read as %s now, see `hairpin show lists`",
			   n_faulty, n_faulty == 1 ? "it is" : "they are");
	if (*render_text(answer, "error"))
		strbuf_add(out, "; no new table: %s", render_text(answer, "error"));
	strbuf_add(out, "%s\n", render_truth(answer, "loading") ? "; being read" : "");
}

void render_block_lists(const json_t *answer, struct strbuf *out)
{
	const json_t *list;
	size_t index;

	json_array_foreach (json_object_get(answer, "lists"), index, list)
		add_list(list, out);
	strbuf_add(out, "%lld name%s in all, %lld word%s of your own, %lld octets%s\n",
		   (long long)render_number(answer, "names"),
		   form_s(render_number(answer, "names")),
		   (long long)render_number(answer, "own_words"),
		   form_s(render_number(answer, "own_words")),
		   (long long)render_number(answer, "bytes"),
		   render_truth(answer, "loading") ? "; being read" : "");
	if (*render_text(answer, "error"))
		strbuf_add(out, "no new table was made: %s\n", render_text(answer, "error"));
}
