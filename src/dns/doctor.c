// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <string.h>

#include "addresses.h"
#include "alias.h"

bool dns_doctor_equal(const struct dns_doctor *a, const struct dns_doctor *b)
{
	if (a->is_on != b->is_on || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct dns_doctor_rule *x = &a->rules[i], *y = &b->rules[i];

		if (!ip_addr_equal(&x->public, &y->public) || x->has_host != y->has_host ||
		    x->has_inside != y->has_inside ||
		    (x->has_inside && !ip_addr_equal(&x->inside, &y->inside)))
			return false;
	}
	return true;
}

static const struct dns_doctor_rule *rule_of(const struct dns_doctor *doctor,
					     const struct ip_addr *addr)
{
	for (size_t i = 0; i < doctor->n; i++) {
		if (ip_addr_equal(&doctor->rules[i].public, addr))
			return &doctor->rules[i];
	}
	return NULL;
}

/* --- one message -------------------------------------------------------------------------------------- */

struct treatment {
	const struct dns_doctor *doctor;
	const struct dns_rewrites *rewrites;
	struct dns_reply reply;
	struct dns_answer answer;
	struct dns_name owner; /* of the record at hand */
	__u16 type;
	struct ip_addr given
		[LIMIT_ADDRS_PER_REWRITE]; /* by A and AAAA; two addresses of ours may mean one machine */
	size_t n_given;
	size_t n_seen,
		n_left; /* records of the answer section that are no aliases: there were, and not left out */
	bool was_changed;
};

static bool passes(const struct dns_rewrite *rewrite, __u16 type)
{
	for (size_t i = 0; i < rewrite->n_pass; i++) {
		if (rewrite->pass[i] == type)
			return true;
	}
	return rewrite->is_kept;
}

/* What an address becomes under a name: those of @addrs that are of its family; or it stays. */
struct instead {
	const struct ip_addr *addrs;
	size_t n;
	bool is_kept;
};

static struct instead instead_of(const struct treatment *treatment, const struct ip_addr *addr)
{
	const struct dns_doctor_rule *rule = rule_of(treatment->doctor, addr);
	const struct dns_rewrite *ours;

	if (!rule)
		return (struct instead){.is_kept = true};
	ours = dns_rewrites_find(treatment->rewrites, &treatment->owner, treatment->type);
	if (ours && passes(ours, treatment->type))
		return (struct instead){.is_kept = true};
	if (ours && ours->n_addrs)
		return (struct instead){ours->addrs, ours->n_addrs, false};
	if (!rule->has_host)
		return (struct instead){.is_kept = true};
	return (struct instead){&rule->inside, rule->has_inside, false};
}

/* Whether @addr is in the list of @n addresses at @data, each of @size octets. */
static bool is_listed(const __u8 *data, size_t n, size_t size, const struct ip_addr *addr)
{
	for (size_t at = 0; at < n; at += size) {
		if (!memcmp(data + at, &addr->b[16 - size], size))
			return true;
	}
	return false;
}

/*
 * The addresses of @param with those of ours replaced, each once; where they end in @to, of which @room octets are left. -ENOSPC, -EBADMSG.
 */
static int list_treat(const struct treatment *treatment, const struct dns_param *param, __u8 *to,
		      size_t room)
{
	size_t size = param->key == DNS_PARAM_IPV4HINT ? 4 : 16, n = 0;

	if (param->length % size)
		return -EBADMSG;
	for (size_t at = 0; at < param->length; at += size) {
		struct ip_addr addr = ip_addr_from_v4(0);
		struct instead instead;

		memcpy(&addr.b[16 - size], param->value + at, size);
		instead = instead_of(treatment, &addr);
		if (instead.is_kept)
			instead = (struct instead){&addr, 1, true};
		for (size_t i = 0; i < instead.n; i++) {
			const struct ip_addr *inside = &instead.addrs[i];

			if (ip_addr_is_v4(inside) != (size == 4) || is_listed(to, n, size, inside))
				continue;
			if (n + size > room)
				return -ENOSPC;
			memcpy(to + n, &inside->b[16 - size], size);
			n += size;
		}
	}
	return (int)n;
}

/* --- records ------------------------------------------------------------------------------------------ */

static bool was_given(struct treatment *treatment, const struct ip_addr *addr)
{
	for (size_t i = 0; i < treatment->n_given; i++) {
		if (ip_addr_equal(&treatment->given[i], addr))
			return true;
	}
	if (treatment->n_given < LIMIT_ADDRS_PER_REWRITE)
		treatment->given[treatment->n_given++] = *addr;
	return false;
}

static __u32 ttl_of(const struct dns_record *record)
{
	return record->ttl_s < LIMIT_DNS_REWRITE_TTL_S ? record->ttl_s : LIMIT_DNS_REWRITE_TTL_S;
}

static void add(struct treatment *treatment, const struct dns_record *record, const void *data,
		size_t n)
{
	treatment->n_left += record->section == DNS_ANSWER;
	dns_answer_add_named(&treatment->answer, record->section, &treatment->owner,
			     &(struct dns_rr){.type = record->type,
					      .ttl_s = ttl_of(record),
					      .data = data,
					      .data_length = (__u16)n});
}

/* A and AAAA. */
static int address_treat(struct treatment *treatment, const struct dns_record *record)
{
	size_t size = record->type == DNS_A ? 4 : 16;
	struct ip_addr addr = ip_addr_from_v4(0);
	struct instead instead;

	if (record->data_length != size)
		return -EBADMSG;
	memcpy(&addr.b[16 - size], treatment->reply.message + record->data_at, size);
	instead = instead_of(treatment, &addr);
	if (instead.is_kept) {
		add(treatment, record, &addr.b[16 - size], size);
		return 0;
	}
	treatment->was_changed = true;
	for (size_t i = 0; i < instead.n; i++) {
		if (ip_addr_is_v4(&instead.addrs[i]) == (size == 4) &&
		    !was_given(treatment, &instead.addrs[i]))
			add(treatment, record, &instead.addrs[i].b[16 - size], size);
	}
	return 0;
}

/* Keys of "mandatory" that are hints: who left one of these out would have to leave out the record. */
static bool demands_hints(const struct dns_param *param)
{
	for (size_t at = 0; param->key == DNS_PARAM_MANDATORY && at + 1 < param->length; at += 2) {
		__u16 key = dns_get16(param->value + at);

		if (key == DNS_PARAM_IPV4HINT || key == DNS_PARAM_IPV6HINT)
			return true;
	}
	return false;
}

/* One parameter into @to, of @room octets; what it takes there. -ENOSPC, -EBADMSG. */
static int param_treat(struct treatment *treatment, const struct dns_param *param, __u8 *to,
		       size_t room)
{
	bool is_hint = param->key == DNS_PARAM_IPV4HINT || param->key == DNS_PARAM_IPV6HINT;
	int n = param->length;

	if (room < 4u + param->length)
		return -ENOSPC;
	if (is_hint)
		n = list_treat(treatment, param, to + 4, room - 4);
	else
		memcpy(to + 4, param->value, param->length);
	if (n < 0 || (is_hint && !n))
		return n;
	dns_put16(to, param->key);
	dns_put16(to + 2, (__u16)n);
	return n + 4;
}

/* HTTPS and SVCB: their hints. What else they say is of the service, which is the same. */
static int binding_treat(struct treatment *treatment, const struct dns_record *record)
{
	const __u8 *from = treatment->reply.message + record->data_at;
	size_t end = (size_t)record->data_at + record->data_length, n, at;
	int ret = dns_params_begin(treatment->reply, record);
	__u8 data[DNS_MESSAGE_MAX];
	bool demands = false, dropped = false;
	struct dns_param param;

	if (ret < 0)
		return ret;
	at = (size_t)ret;
	n = at - record->data_at;
	memcpy(data, from, n);
	while ((ret = dns_param_next(treatment->reply, &at, end, &param)) > 0) {
		ret = param_treat(treatment, &param, data + n, sizeof(data) - n);
		if (ret < 0)
			return ret;
		demands = demands || demands_hints(&param);
		dropped = dropped || !ret;
		n += (size_t)ret;
	}
	if (ret < 0)
		return ret;
	treatment->was_changed |= n != record->data_length || memcmp(data, from, n);
	if (!demands || !dropped)
		add(treatment, record, data, n);
	return 0;
}

/* Of what was asked nothing is left. */
static bool is_empty(const struct treatment *treatment)
{
	return treatment->n_seen && !treatment->n_left;
}

static int record_treat(struct treatment *treatment, const struct dns_record *record)
{
	/* OPT is of the hop to the upstream, and of what was signed the half is left. */
	if (record->class != DNS_CLASS_IN || record->type == DNS_RRSIG)
		return 0;
	/* "There is none" beside name servers would be a referral. */
	if (record->section != DNS_ANSWER && is_empty(treatment))
		return 0;
	treatment->n_seen += record->section == DNS_ANSWER && record->type != DNS_CNAME;
	if (dns_name_read(treatment->reply.message, treatment->reply.length, record->name_at,
			  &treatment->owner) < 0)
		return -EBADMSG;
	treatment->type = record->type;
	switch (record->type) {
	case DNS_A:
	case DNS_AAAA:
		return address_treat(treatment, record);
	case DNS_HTTPS:
	case DNS_SVCB:
		return binding_treat(treatment, record);
	default:
		treatment->n_left += record->section == DNS_ANSWER && record->type != DNS_CNAME;
		return dns_alias_append_record(&treatment->answer, treatment->reply, record,
					       ttl_of(record));
	}
}

static bool is_ours(void *data, const struct ip_addr *addr)
{
	const struct treatment *treatment = data;

	return rule_of(treatment->doctor, addr);
}

bool dns_doctor_reply(const struct dns_doctor *doctor, const struct dns_rewrites *rewrites,
		      const struct dns_query *query, struct dns_reply *reply, __u8 *room)
{
	struct treatment treatment = {.doctor = doctor, .rewrites = rewrites, .reply = *reply};
	struct dns_query asked = *query;
	struct dns_cursor cursor;
	struct dns_record record;
	int ret;

	if (!doctor->is_on || dns_reply_addresses(*reply, is_ours, &treatment) <= 0 ||
	    dns_rewrites_find(rewrites, &query->name, query->type))
		return false;
	/* The question as upstream was asked it, which is not the one that the first client wrote where that was for an alias. */
	asked.question_length = (__u16)(asked.name.length + 4);
	asked.has_edns = false;
	dns_answer_begin(&treatment.answer, &asked, reply->message,
			 (struct dns_room){room, DNS_MESSAGE_MAX});
	ret = dns_cursor_begin(reply->message, reply->length, &cursor);
	while (!ret && (ret = dns_cursor_next(&cursor, &record)) > 0)
		ret = record_treat(&treatment, &record);
	if (ret || !treatment.was_changed)
		return false;
	if (is_empty(&treatment))
		dns_answer_add_soa(&treatment.answer, DNS_AT_QUESTION, LIMIT_DNS_REWRITE_TTL_S);
	if (treatment.answer.is_truncated)
		return false;
	reply->length = dns_answer_end(&treatment.answer, DNS_RCODE(cursor.flags));
	reply->message = room;
	return true;
}

/* --- what was told before ----------------------------------------------------------------------------- */

struct change {
	const struct dns_doctor *both[2];
};

static bool is_concerned(void *data, const struct ip_addr *addr)
{
	const struct change *change = data;

	for (int k = 0; k < 2; k++) {
		for (size_t i = 0; i < change->both[k]->n; i++) {
			const struct dns_doctor_rule *rule = &change->both[k]->rules[i];

			if (ip_addr_equal(&rule->public, addr) ||
			    (rule->has_inside && ip_addr_equal(&rule->inside, addr)))
				return true;
		}
	}
	return false;
}

static bool is_outdated(void *data, struct dns_reply reply)
{
	return dns_reply_addresses(reply, is_concerned, data) != 0;
}

void dns_doctor_forget(const struct dns_doctor *old, const struct dns_doctor *new,
		       struct dns_cache *cache)
{
	struct change change = {{old, new}};

	dns_cache_forget(cache, is_outdated, &change);
}
