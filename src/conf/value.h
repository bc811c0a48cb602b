/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of the schema: how a value of each is read into its object and printed from it.
 *
 * An object is struct conf, or the item of a list that the row's section is (struct conf_lan,
 * struct conf_service).
 */
#pragma once

#include <linux/types.h>

#include "addr.h"
#include "node.h"
#include "report.h"
#include "schema.h"

struct value_type {
	const char *form; /* what a value looks like, for messages and the manual */
	/* False with a line in @report. NULL: no row of this type acts. */
	bool (*parse)(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object);
	/* The value in YAML, without a line's end; nothing at all for a key that was not given. */
	void (*print)(const struct schema_row *row, const void *object, struct strbuf *out);
};

extern const struct value_type value_types[SCHEMA_TYPE_MAX];

/* Reads @node, or the row's default where it is NULL (and nothing if there is none). */
bool value_parse(struct report *report, const struct schema_row *row, const struct node *node,
		 void *object);

/* What @row takes, "auto or a number from 256 to 4194304 (sessions)". */
void value_form(const struct schema_row *row, struct strbuf *out);

/* --- for the types' own files -------------------------------------------------------------- */

/* The text of a scalar, or NULL with a line in @report if it is something else or nothing. */
const char *value_scalar(struct report *report, const struct schema_row *row,
			 const struct node *node);

/*
 * The value is not what @row takes: says so, and what would be right, unless @why has that behind a
 * semicolon. Returns false.
 */
bool value_refuse(struct report *report, const struct schema_row *row, const struct node *node,
		  const char *why);
/* The same where ip_net_parse() said -EDOM. */
bool value_refuse_bits(struct report *report, const struct schema_row *row,
		       const struct node *node);
/* Whether the part that @node would need is in this build; if not, that is reported. */
bool value_is_built(struct report *report, const struct schema_row *row, const struct node *node,
		    enum feature feature);

/* Whether no host has @addr: this network, loopback, multicast, what is reserved or for one link only. */
bool value_is_nobody(const struct ip_addr *addr);

/*
 * @text as decimal port or range "A-B" that ends at @end. NULL, or what is wrong with it.
 */
const char *value_ports(const char *text, const char *end, __u16 *ret_first, __u16 *ret_last);

/* Plain where the parser reads it back the same, else in double quotes. */
void value_print_text(const char *text, struct strbuf *out);

/* Where @row's value is in its object. */
static inline void *value_field(const struct schema_row *row, void *object)
{
	return (char *)object + row->offset;
}

static inline const void *value_field_in(const struct schema_row *row, const void *object)
{
	return (const char *)object + row->offset;
}

/* The word of a stored value; NULL: none has it. */
const char *value_word(const struct schema_row *row, int stored);

/* number.c */
bool number_parse(struct report *report, const struct schema_row *row, const struct node *node,
		  void *object);
void number_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool number_mark_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object);
void number_mark_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool number_duration_parse(struct report *report, const struct schema_row *row,
			   const struct node *node, void *object);
void number_duration_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool number_size_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object);
void number_size_print(const struct schema_row *row, const void *object, struct strbuf *out);
/* "64M", "2G"; writes into @text and returns it. */
#define NUMBER_SIZE_TEXT_MAX 16
const char *number_size_format(unsigned int mebioctets, char text[NUMBER_SIZE_TEXT_MAX]);

/* list.c: for the types that are lists of words. Reads one item into the object; false with a line in @report. */
typedef bool item_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object);
/* How many words @node holds, or -1 with a line in @report where the row does not take so many. */
long list_length(struct report *report, const struct schema_row *row, const struct node *node);
/* Calls @parse for each word of @node; the caller has made room for list_length() of them. */
bool list_parse(struct report *report, const struct schema_row *row, const struct node *node,
		void *object, item_parse *parse);
/* "[a, b]"; without any, "[]". */
void list_words_print(char *const *words, size_t n, struct strbuf *out);

/* upstreams.c */
bool upstreams_parse(struct report *report, const struct schema_row *row, const struct node *node,
		     void *object);
void upstreams_free(struct conf *conf);
bool bootstraps_parse(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object);
void bootstraps_print(const struct schema_row *row, const void *object, struct strbuf *out);
void upstreams_print(const struct schema_row *row, const void *object, struct strbuf *out);

/* names.c */
bool names_listen_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object);
void names_listen_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool names_trees_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object);
void names_trees_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool names_pattern_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object);
void names_pattern_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool names_answer_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object);
void names_answer_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool names_types_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object);
void names_types_print(const struct schema_row *row, const void *object, struct strbuf *out);

/* public.c */
bool public_parse(struct report *report, const struct schema_row *row, const struct node *node,
		  void *object);
void public_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool stun_parse(struct report *report, const struct schema_row *row, const struct node *node,
		void *object);
void stun_print(const struct schema_row *row, const void *object, struct strbuf *out);

/* blocklists.c */
bool blocklists_patterns_parse(struct report *report, const struct schema_row *row,
			       const struct node *node, void *object);
void blocklists_patterns_print(const struct schema_row *row, const void *object,
			       struct strbuf *out);
bool blocklists_file_parse(struct report *report, const struct schema_row *row,
			   const struct node *node, void *object);
bool blocklists_url_parse(struct report *report, const struct schema_row *row,
			  const struct node *node, void *object);
/* An owned text, or nothing. */
void blocklists_text_print(const struct schema_row *row, const void *object, struct strbuf *out);

/* groups.c */
bool groups_clients_parse(struct report *report, const struct schema_row *row,
			  const struct node *node, void *object);
void groups_clients_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool groups_lists_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object);
void groups_lists_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool groups_answer_parse(struct report *report, const struct schema_row *row,
			 const struct node *node, void *object);
void groups_answer_print(const struct schema_row *row, const void *object, struct strbuf *out);

/* dhcp.c */
bool dhcp_range_parse(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object);
void dhcp_range_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool dhcp_dns_parse(struct report *report, const struct schema_row *row, const struct node *node,
		    void *object);
void dhcp_dns_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool dhcp_options_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object);
void dhcp_options_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool dhcp_domain_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object);
bool dhcp_mac_parse(struct report *report, const struct schema_row *row, const struct node *node,
		    void *object);
void dhcp_mac_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool dhcp_label_parse(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object);
void dhcp_label_print(const struct schema_row *row, const void *object, struct strbuf *out);

/* list.c */
bool list_domains_parse(struct report *report, const struct schema_row *row,
			const struct node *node, void *object);
void list_domains_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool list_preset_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object);
void list_preset_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool list_ports_parse(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object);
void list_ports_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool list_allow_parse(struct report *report, const struct schema_row *row, const struct node *node,
		      void *object);
void list_allow_print(const struct schema_row *row, const void *object, struct strbuf *out);
bool list_pass_parse(struct report *report, const struct schema_row *row, const struct node *node,
		     void *object);
void list_pass_print(const struct schema_row *row, const void *object, struct strbuf *out);
