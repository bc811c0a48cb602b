// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns_files.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <hairpin/limits.h>

#include "cleanup.h"
#include "log.h"

void dns_files_init(struct dns_files *files)
{
	*files = (struct dns_files){0};
	files->trust.fd = files->next_trust.fd = -1;
	files->identity.fd = files->next_identity.fd = -1;
}

void dns_files_fini(struct dns_files *files)
{
	dns_trust_fini(&files->trust);
	dns_identity_fini(&files->identity);
	dns_files_forget(files);
}

int dns_files_check(const struct dns_files *files, const struct plan_dns *now,
		    const struct plan_dns *dns, struct strbuf *why)
{
	struct dns_trust trust = {.fd = -1};
	struct dns_identity identity = {.fd = -1};
	_strbuf_ struct strbuf fault = {0};
	const char *ca[] = {now->upstream_ca ? now->upstream_ca : "",
			    dns->upstream_ca ? dns->upstream_ca : ""};
	bool is_told = files->trust.fault && !strcmp(ca[0], ca[1]);
	int ret = is_told ? 0 : dns_trust_read(&trust, dns, &fault);

	is_told = files->identity.fault && plan_tls_equal(&now->tls, &dns->tls);
	if (!ret && !is_told)
		ret = dns_identity_read(&identity, dns, &files->identity, &fault);
	if (ret == -EKEYEXPIRED)
		ret = 0;
	if (ret)
		strbuf_add(why, "%s", strbuf_text(&fault));
	dns_trust_fini(&trust);
	dns_identity_fini(&identity);
	return ret;
}

void dns_files_prepare(struct dns_files *files, const struct plan_dns *dns)
{
	dns_trust_next(&files->next_trust, dns, &files->trust);
	dns_identity_next(&files->next_identity, dns, &files->identity);
	files->wrong = 0;
}

void dns_files_forget(struct dns_files *files)
{
	dns_trust_fini(&files->next_trust);
	dns_identity_fini(&files->next_identity);
}

/* Of the same, what is wrong may be something else now. Said once. */
static void fault_renew(char **fault, char **next, const char *good)
{
	if (*next && (!*fault || strcmp(*fault, *next) != 0))
		log_warning("%s", *next);
	else if (*fault && !*next)
		log_info("%s", good);
	free(*fault);
	*fault = TAKE_PTR(*next);
}

bool dns_files_renew_trust(struct dns_files *files)
{
	bool is_same = dns_trust_equal(&files->trust, &files->next_trust);

	fault_renew(&files->trust.fault, &files->next_trust.fault,
		    "the certificates that upstreams are checked by can be read again");
	if (!is_same)
		files->next_trust.fault = TAKE_PTR(files->trust.fault);
	dns_trust_fini(is_same ? &files->next_trust : &files->trust);
	if (is_same)
		return false;
	files->trust = files->next_trust;
	files->next_trust = (struct dns_trust){.fd = -1};
	return true;
}

bool dns_files_renew_identity(struct dns_files *files)
{
	bool is_same = dns_identity_equal(&files->identity, &files->next_identity);

	fault_renew(&files->identity.fault, &files->next_identity.fault,
		    "dns.tls: the certificate and its key are right again");
	if (!is_same)
		files->next_identity.fault = TAKE_PTR(files->identity.fault);
	dns_identity_fini(is_same ? &files->next_identity : &files->identity);
	if (is_same)
		return false;
	files->identity = files->next_identity;
	files->next_identity = (struct dns_identity){.fd = -1};
	return true;
}

void dns_files_faults(const struct dns_files *files, struct strbuf *out)
{
	const char *faults[] = {files->trust.fault, files->identity.fault};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (faults[i])
			strbuf_add(out, "; %s", faults[i]);
	}
}

bool dns_files_tick(struct dns_files *files)
{
	return (files->trust.fault || files->identity.fault) &&
	       ++files->wrong >= LIMIT_DNS_FILES_AGAIN_S;
}

/* New reference. */
static json_t *identity_answer(const struct dns_identity *identity)
{
	/* Towards the past: what has just ended has no day left. */
	__s64 left_s = identity->until_s - (__s64)time(NULL), days = left_s / 86400 - (left_s < 0);

	if (!identity->name && !identity->fault)
		return json_null();
	if (!identity->name)
		return json_pack("{s:n, s:n, s:n, s:s}", "name", "until", "days_left", "fault",
				 identity->fault);
	return json_pack("{s:s, s:I, s:I, s:s?}", "name", identity->name, "until",
			 (json_int_t)identity->until_s, "days_left", (json_int_t)days, "fault",
			 identity->fault);
}

void dns_files_answer(const struct dns_files *files, json_t *answer)
{
	json_object_set_new(answer, "tls", identity_answer(&files->identity));
	json_object_set_new(answer, "trust_fault",
			    files->trust.fault ? json_string(files->trust.fault) : json_null());
}
