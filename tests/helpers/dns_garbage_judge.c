// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <string.h>

#include "dns_garbage.h"

#define HEADER 12
#define NAME_MAX_OCTETS 255
/* What the server reads of a datagram; of a longer one it sees the beginning (LIMIT_DNS_QUERY_BYTES). */
#define READ_MAX 4096
#define TYPE_OPT 41
#define TYPE_IXFR 251
#define TYPE_AXFR 252
#define CLASS_CHAOS 3

enum { NOERROR = 0, FORMERR = 1, NOTIMP = 4, REFUSED = 5, BADVERS = 16 };

/* A place in a message, which nothing moves beyond its end. */
struct reader {
	const uint8_t *octets;
	size_t length, at;
	bool is_over; /* something was cut short */
};

static unsigned int take(struct reader *reader, size_t n)
{
	unsigned int value = 0;

	if (reader->length - reader->at < n) {
		reader->is_over = true;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		value = value << 8 | reader->octets[reader->at++];
	return value;
}

static void step(struct reader *reader, size_t n)
{
	if (reader->length - reader->at < n)
		reader->is_over = true;
	else
		reader->at += n;
}

/* @may_point: a pointer ends it as well; where that leads is not looked at. */
static bool take_name(struct reader *reader, bool may_point)
{
	size_t begin = reader->at;

	while (!reader->is_over) {
		unsigned int label = take(reader, 1);

		if (reader->is_over)
			return false;
		if (!label)
			return reader->at - begin <= NAME_MAX_OCTETS;
		if (label >= 0xc0 && may_point) {
			step(reader, 1);
			return !reader->is_over;
		}
		if (label > 63)
			return false;
		step(reader, label);
	}
	return false;
}

static bool are_options_whole(struct reader options)
{
	while (options.at < options.length && !options.is_over) {
		step(&options, 2);
		step(&options, take(&options, 2));
	}
	return !options.is_over;
}

struct opt {
	unsigned int n, version;
	bool is_wrong;
};

static bool take_record(struct reader *reader, bool is_additional, struct opt *opt)
{
	size_t name_at = reader->at;
	unsigned int type, length, ttl;

	if (!take_name(reader, true))
		return false;
	type = take(reader, 2);
	step(reader, 2);
	ttl = take(reader, 4);
	length = take(reader, 2);
	if (reader->is_over || reader->length - reader->at < length)
		return false;
	if (type == TYPE_OPT) {
		opt->n++;
		opt->version = ttl >> 16 & 0xff;
		opt->is_wrong |= opt->n > 1 || !is_additional || reader->octets[name_at] != 0 ||
				 !are_options_whole((struct reader){.octets = reader->octets,
								    .at = reader->at,
								    .length = reader->at + length});
	}
	step(reader, length);
	return true;
}

/* What stands behind the question. */
static int judge_records(struct reader *reader, const unsigned int counts[3])
{
	struct opt opt = {0};

	for (int section = 0; section < 3; section++) {
		for (unsigned int i = 0; i < counts[section]; i++) {
			if (!take_record(reader, section == 2, &opt) || opt.is_wrong)
				return FORMERR;
		}
	}
	if (reader->at != reader->length)
		return FORMERR;
	return opt.version ? BADVERS : NOERROR;
}

int garbage_judge(const struct garbage *garbage)
{
	struct reader reader = {.octets = garbage->octets,
				.length = garbage->length < READ_MAX ? garbage->length : READ_MAX,
				.at = 2};
	unsigned int flags, type, class, n_questions, counts[3];
	int rcode;

	if (garbage->length < HEADER)
		return VERDICT_SILENCE;
	flags = take(&reader, 2);
	if (flags & 0x8000)
		return VERDICT_SILENCE;
	if (flags >> 11 & 15)
		return NOTIMP;
	n_questions = take(&reader, 2);
	for (int i = 0; i < 3; i++)
		counts[i] = take(&reader, 2);
	/* Before the first name there is nothing that it could point to. */
	if (n_questions != 1 || !take_name(&reader, false))
		return FORMERR;
	type = take(&reader, 2);
	class = take(&reader, 2);
	if (reader.is_over)
		return FORMERR;
	rcode = judge_records(&reader, counts);
	if (rcode)
		return rcode;
	if (type == TYPE_AXFR || type == TYPE_IXFR)
		return NOTIMP;
	return class == CLASS_CHAOS ? REFUSED : VERDICT_QUESTION;
}

/* The RCODE with its upper bits, which stand in an OPT that is the whole of the additional records. */
static int rcode_of(const uint8_t *answer, size_t length)
{
	int rcode = answer[3] & 15;
	struct reader reader = {.octets = answer, .length = length, .at = HEADER};

	if ((answer[4] << 8 | answer[5]) == 1) {
		take_name(&reader, false);
		step(&reader, 4);
	}
	if (answer[11] == 1 && !answer[7] && !answer[9] && !take(&reader, 1) &&
	    take(&reader, 2) == TYPE_OPT) {
		step(&reader, 2);
		rcode |= (int)take(&reader, 1) << 4;
	}
	return reader.is_over ? -1 : rcode;
}

const char *garbage_answer_fault(const struct garbage *asked, int verdict, const uint8_t *answer,
				 size_t length)
{
	size_t question = length - HEADER;

	if (verdict == VERDICT_SILENCE)
		return "an answer to what is none of its";
	if (length < HEADER || !(answer[2] & 0x80))
		return "no answer at all";
	/* Opcode and RD are the asker's. */
	if ((answer[2] ^ asked->octets[2]) & 0x79)
		return "another opcode or RD than the query's";
	if (rcode_of(answer, length) != verdict)
		return "another RCODE";
	/* What is repeated is what was asked, and not octets from elsewhere. */
	if (answer[11])
		question = 0;
	if (answer[5] && question && memcmp(answer + HEADER, asked->octets + HEADER, question) != 0)
		return "another question";
	return NULL;
}
