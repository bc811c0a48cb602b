// SPDX-License-Identifier: GPL-2.0-or-later
#include "listing.h"

#include <stdbool.h>
#include <string.h>

#include "nft.h"

static const char list_table[] = "list table " NFT_TABLE;

/*
 * Whether @line begins a set whose elements come from packets, or go by themselves: they say nothing of what somebody changed (test
 * log_of_flows: no line about it).
 */
static bool is_of_packets(const char *line)
{
	static const char ports[] = "\tset closed_ports {", flags[] = "\n\t\tflags dynamic";
	const char *end;

	/* Asked of each line, and there is one for each element. */
	if (strncmp(line, "\tset ", 5))
		return false;
	if (!strncmp(line, ports, strlen(ports)))
		return true;
	end = strstr(line, "\n\t}");
	return end && memmem(line, (size_t)(end - line), flags, strlen(flags));
}

static void add_without_packets(const char *text, struct strbuf *out)
{
	bool skips = false;

	while (*text) {
		size_t length = strcspn(text, "\n");

		skips = skips || is_of_packets(text);
		if (!skips)
			strbuf_add(out, "%.*s\n", (int)length, text);
		else if (length == 2 && !strncmp(text, "\t}", 2))
			skips = false;
		text += length + (text[length] == '\n');
	}
}

static int read_text(struct strbuf *out)
{
	_strbuf_ struct strbuf text = {0};
	int ret = nft_run(list_table, NFT_OUTPUT_STATELESS, &text, NULL);

	if (!ret)
		add_without_packets(strbuf_text(&text), out);
	return ret;
}

/* The generation is read first: a change between the two makes the next look read again. */
int listing_note(struct listing *listing)
{
	_strbuf_ struct strbuf text = {0};
	__u32 generation;
	int ret = nft_generation(&generation);

	if (!ret)
		ret = read_text(&text);
	if (ret)
		return ret;
	listing_fini(listing);
	listing->text = text;
	text = (struct strbuf){0};
	listing->generation = generation;
	return 0;
}

int listing_holds(struct listing *listing)
{
	_strbuf_ struct strbuf text = {0};
	__u32 generation;
	int ret = nft_generation(&generation);

	if (ret || generation == listing->generation)
		return ret ? ret : 1;
	ret = read_text(&text);
	if (ret)
		return ret;
	if (strcmp(strbuf_text(&text), strbuf_text(&listing->text)))
		return 0;
	listing->generation = generation;
	return 1;
}

void listing_fini(struct listing *listing)
{
	strbuf_fini(&listing->text);
	listing->generation = 0;
}
