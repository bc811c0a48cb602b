// SPDX-License-Identifier: GPL-2.0-or-later
#include "blocking.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "cleanup.h"

/* Clients whose group is remembered: a house, and a power of two. */
#define REMEMBERED 256

struct remembered {
	struct ip_addr addr;
	__u32 group;
	__u32 since; /* the generation that it was looked up in */
};

struct dns_blocking {
	struct dns_blocking_conf conf;
	struct dns_block_client *by_mac; /* n_by_mac; of one address each */
	size_t n_by_mac;
	struct dns_blocktable *table; /* NULL: none */
	__u64 *lists; /* of each group, in the numbers of `table` */
	__u32 generation; /* goes up when any of this is another; never 0 */
	bool is_off;
	struct remembered remembered[REMEMBERED];
};

static void names_fini(struct dns_block_names *names)
{
	free(names->names);
}

void dns_blocking_conf_fini(struct dns_blocking_conf *conf)
{
	for (size_t i = 0; i < conf->n_groups; i++) {
		names_fini(&conf->groups[i].blocklists);
		names_fini(&conf->groups[i].allowlists);
	}
	free(conf->groups);
	free(conf->clients);
	free(conf->answers);
	*conf = (struct dns_blocking_conf){0};
}

struct dns_blocking *dns_blocking_make(void)
{
	struct dns_blocking *blocking = calloc(1, sizeof(*blocking));

	if (blocking)
		blocking->generation = 1;
	return blocking;
}

struct dns_blocking *dns_blocking_free(struct dns_blocking *blocking)
{
	if (!blocking)
		return NULL;
	dns_blocking_conf_fini(&blocking->conf);
	dns_blocktable_close(blocking->table);
	free(blocking->by_mac);
	free(blocking->lists);
	free(blocking);
	return NULL;
}

/* --- groups ------------------------------------------------------------------------------------------- */

static __u64 names_bits(const struct dns_blocking *blocking, const struct dns_block_names *names,
			enum dns_block_kind kind)
{
	unsigned int n = blocking->table ? dns_blocktable_n_lists(blocking->table) : 0;
	__u64 bits = 0;

	for (size_t i = 0; i < names->n && blocking->table; i++)
		bits |= dns_blocktable_bit(blocking->table, kind, names->names[i]);
	for (unsigned int i = 0; i < n && names->has_all; i++) {
		if (dns_blocktable_list(blocking->table, i).kind == kind)
			bits |= 1ULL << i;
	}
	return bits;
}

/* Everything changed: who is in which group, and what bits of lists mean. */
static void renumber(struct dns_blocking *blocking)
{
	size_t n = blocking->conf.n_groups;
	__u64 *lists = calloc(n + 1, sizeof(*lists));

	free(blocking->lists);
	blocking->lists = lists;
	for (size_t i = 0; i < n && lists; i++) {
		const struct dns_block_group *group = &blocking->conf.groups[i];

		lists[i] = names_bits(blocking, &group->blocklists, DNS_BLOCK_LIST) |
			   names_bits(blocking, &group->allowlists, DNS_BLOCK_ALLOWLIST);
	}
	if (!++blocking->generation)
		blocking->generation = 1;
}

void dns_blocking_set_conf(struct dns_blocking *blocking, struct dns_blocking_conf *conf)
{
	dns_blocking_conf_fini(&blocking->conf);
	blocking->conf = *conf;
	*conf = (struct dns_blocking_conf){0};
	renumber(blocking);
}

void dns_blocking_set_clients(struct dns_blocking *blocking, struct dns_block_client *clients,
			      size_t n)
{
	free(blocking->by_mac);
	blocking->by_mac = clients;
	blocking->n_by_mac = n;
	renumber(blocking);
}

void dns_blocking_set_table(struct dns_blocking *blocking, struct dns_blocktable *table)
{
	dns_blocktable_close(blocking->table);
	blocking->table = table;
	renumber(blocking);
}

void dns_blocking_set_off(struct dns_blocking *blocking, bool is_off)
{
	blocking->is_off = is_off;
}

static unsigned int bits_of(const struct ip_net *net)
{
	return ip_addr_is_v4(&net->addr) ? 96 + net->length : net->length;
}

static __u32 group_find(const struct dns_blocking *blocking, const struct ip_addr *addr)
{
	const struct dns_block_client *best = NULL;

	for (size_t i = 0; i < blocking->conf.n_clients; i++) {
		const struct dns_block_client *client = &blocking->conf.clients[i];

		if (ip_net_contains(&client->net, addr) &&
		    (!best || bits_of(&client->net) > bits_of(&best->net)))
			best = client;
	}
	if (best && bits_of(&best->net) == 128)
		return best->group;
	for (size_t i = 0; i < blocking->n_by_mac; i++) {
		if (ip_addr_equal(&blocking->by_mac[i].net.addr, addr))
			return blocking->by_mac[i].group;
	}
	return best ? best->group : 0;
}

static __u32 group_of(struct dns_blocking *blocking, const struct ip_addr *addr)
{
	struct remembered *slot =
		&blocking->remembered[(addr->b[15] ^ addr->b[14] ^ addr->b[8]) % REMEMBERED];

	if (slot->since == blocking->generation && ip_addr_equal(&slot->addr, addr))
		return slot->group;
	*slot = (struct remembered){*addr, group_find(blocking, addr), blocking->generation};
	if (slot->group >= blocking->conf.n_groups)
		slot->group = 0;
	return slot->group;
}

/* --- judging ------------------------------------------------------------------------------------------ */

/* Whether anything is blocked at all for whoever asks; and by which lists. */
static bool is_on(struct dns_blocking *blocking, const struct dns_block_ask *ask, __u64 *ret_lists)
{
	__u32 group;

	if (!blocking || !blocking->table || blocking->is_off || !blocking->lists ||
	    !blocking->conf.n_groups || ask->query->class != DNS_CLASS_IN)
		return false;
	group = group_of(blocking, &ask->client);
	*ret_lists = blocking->lists[group];
	return blocking->conf.groups[group].is_on;
}

enum dns_block_verdict dns_blocking_judge(struct dns_blocking *blocking,
					  const struct dns_block_ask *ask, __u8 *ret_list)
{
	const struct dns_query *query = ask->query;
	enum dns_block_verdict verdict;
	struct dns_block_said said;
	unsigned int list = 0;
	__u64 lists;

	*ret_list = 0;
	if (!is_on(blocking, ask, &lists) ||
	    !dns_blocktable_find(blocking->table, &query->name, query->type, &said))
		return DNS_BLOCK_NOTHING;
	verdict = dns_blocktable_judge(blocking->table, &said, lists, &list);
	if (verdict == DNS_BLOCK_BLOCKED)
		*ret_list = (__u8)(list + 1);
	return verdict;
}

/* --- looking through answers -------------------------------------------------------------------------- */

/* One pass over a reply. */
struct pass {
	const struct dns_blocking *blocking;
	struct dns_reply reply;
	__u64 lists;
	__u16 type; /* that is asked for */
	bool is_said; /* some list, of whomever, says something of what it leads to */
	bool is_blocked;
	unsigned int list;
};

static void pass_said(struct pass *pass, const struct dns_block_said *said)
{
	pass->is_said = true;
	if (!pass->is_blocked)
		pass->is_blocked = dns_blocktable_judge(pass->blocking->table, said, pass->lists,
							&pass->list) == DNS_BLOCK_BLOCKED;
}

static void pass_name(struct pass *pass, const struct dns_name *name)
{
	struct dns_block_said said;

	if (dns_blocktable_find(pass->blocking->table, name, pass->type, &said))
		pass_said(pass, &said);
}

static bool pass_addr(void *data, const struct ip_addr *addr)
{
	struct pass *pass = data;
	struct dns_block_said said;

	if (dns_blocktable_find_addr(pass->blocking->table, addr, &said))
		pass_said(pass, &said);
	return false;
}

static void pass_target(struct pass *pass, const struct dns_record *record, unsigned int before)
{
	struct dns_name target;

	/* The root, in SVCB, stands for the owner of the record. */
	if (record->data_length > before &&
	    dns_name_read(pass->reply.message, pass->reply.length, record->data_at + before,
			  &target) >= 0 &&
	    target.length > 1)
		pass_name(pass, &target);
}

/* What cannot be read has been held back before (inward.h). */
static void pass_record(struct pass *pass, const struct dns_record *record)
{
	if (record->type == DNS_CNAME)
		pass_target(pass, record, 0);
	else if (record->type == DNS_HTTPS || record->type == DNS_SVCB)
		pass_target(pass, record, sizeof(__u16) /* priority */);
	dns_record_addresses(pass->reply, record, pass_addr, pass);
}

/* What is not in the answer itself nobody follows but a resolver, and we are that. */
static void pass_reply(struct pass *pass)
{
	struct dns_cursor cursor;
	struct dns_record record;

	if (dns_cursor_begin(pass->reply.message, pass->reply.length, &cursor))
		return;
	while (dns_cursor_next(&cursor, &record) > 0 && record.section == DNS_ANSWER)
		pass_record(pass, &record);
}

/* A mark is a generation and whether something is said: where nothing is, for whomever, the next hit need not look. */
static __u32 mark_make(const struct dns_blocking *blocking, bool is_said)
{
	return blocking->generation << 1 | is_said;
}

bool dns_blocking_inspect(struct dns_blocking *blocking, const struct dns_block_ask *ask,
			  struct dns_reply reply, __u32 *mark, __u8 *ret_list)
{
	struct pass pass = {.blocking = blocking, .reply = reply, .type = ask->query->type};

	*ret_list = 0;
	if (!is_on(blocking, ask, &pass.lists))
		return false;
	if (mark && *mark == mark_make(blocking, false))
		return false;
	pass_reply(&pass);
	if (mark)
		*mark = mark_make(blocking, pass.is_said);
	*ret_list = pass.is_blocked ? (__u8)(pass.list + 1) : 0;
	return pass.is_blocked;
}

/* --- answering ---------------------------------------------------------------------------------------- */

static void add_address(struct dns_answer *answer, const struct ip_addr *addr)
{
	bool v4 = answer->query->type == DNS_A;

	dns_answer_add(answer, DNS_ANSWER,
		       &(struct dns_rr){.owner_at = DNS_AT_QUESTION,
					.type = answer->query->type,
					.ttl_s = LIMIT_DNS_BLOCK_TTL_S,
					.data = addr->b + (v4 ? 12 : 0),
					.data_length = v4 ? 4 : 16});
}

/* How many were added. */
static size_t add_addresses(const struct dns_blocking *blocking, struct dns_answer *answer)
{
	static const struct ip_addr nowhere;
	bool v4 = answer->query->type == DNS_A;
	size_t n = 0;

	if (answer->query->type != DNS_A && answer->query->type != DNS_AAAA)
		return 0;
	if (blocking->conf.mode == DNS_BLOCK_MODE_NULL) {
		add_address(answer, &nowhere);
		return 1;
	}
	for (size_t i = 0; i < blocking->conf.n_answers; i++) {
		if (ip_addr_is_v4(&blocking->conf.answers[i]) != v4)
			continue;
		add_address(answer, &blocking->conf.answers[i]);
		n++;
	}
	return n;
}

size_t dns_blocking_answer(const struct dns_blocking *blocking, struct dns_answer *answer)
{
	static const struct {
		bool has_addresses, has_soa;
		enum dns_rcode rcode;
	} modes[] = {
		[DNS_BLOCK_MODE_NULL] = {true, true, DNS_NOERROR},
		[DNS_BLOCK_MODE_NXDOMAIN] = {false, true, DNS_NXDOMAIN},
		[DNS_BLOCK_MODE_REFUSED] = {false, false, DNS_REFUSED},
		[DNS_BLOCK_MODE_NODATA] = {false, true, DNS_NOERROR},
		[DNS_BLOCK_MODE_CUSTOM] = {true, true, DNS_NOERROR},
	};
	enum dns_block_mode mode = blocking->conf.mode;

	_Static_assert(ARRAY_SIZE(modes) == DNS_BLOCK_MODE_MAX, "a row for each mode");
	answer->ede = DNS_EDE_BLOCKED;
	answer->outcome.count = DNS_COUNT_BLOCKED;
	if (modes[mode].has_addresses && add_addresses(blocking, answer))
		return dns_answer_end(answer, modes[mode].rcode);
	if (modes[mode].has_soa)
		dns_answer_add_soa(answer, DNS_AT_QUESTION, LIMIT_DNS_BLOCK_TTL_S);
	return dns_answer_end(answer, modes[mode].rcode);
}
