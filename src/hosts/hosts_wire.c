// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <hairpin/limits.h>

static const char magic_request[4] = {'H', 'P', 'H', 'Q'};
static const char magic_answer[4] = {'H', 'P', 'H', 'A'};
static const char purpose[] = "hairpin hosts answer";

_Static_assert(sizeof(purpose) <= sizeof(((struct hosts_statement *)0)->purpose), "with its end");

/* How both begin. */
static int beginning_read(const void *octets, const char *magic)
{
	static const __u8 rest[4] = {HOSTS_WIRE_VERSION};
	const char *at = octets;

	return !memcmp(at, magic, 4) && !memcmp(at + 4, rest, sizeof(rest)) ? 0 : -EPROTO;
}

void hosts_request_make(const __u8 *nonce, struct hosts_request *ret_request)
{
	*ret_request = (struct hosts_request){.version = HOSTS_WIRE_VERSION};
	memcpy(ret_request->magic, magic_request, sizeof(magic_request));
	memcpy(ret_request->nonce, nonce, HOSTS_NONCE_BYTES);
}

int hosts_request_read(const void *octets, size_t n, struct hosts_request *ret_request)
{
	if (n < sizeof(*ret_request))
		return -EAGAIN;
	if (n > sizeof(*ret_request) || beginning_read(octets, magic_request))
		return -EPROTO;
	memcpy(ret_request, octets, sizeof(*ret_request));
	return 0;
}

void hosts_statement_make(const struct hosts_asked *asked, const struct hosts_names *names,
			  struct hosts_statement *ret_statement)
{
	*ret_statement = (struct hosts_statement){.version = HOSTS_WIRE_VERSION,
						  .length = htonl((__u32)names->lines.length)};
	memcpy(ret_statement->purpose, purpose, sizeof(purpose));
	memcpy(ret_statement->nonce, asked->nonce, sizeof(asked->nonce));
	memcpy(ret_statement->gateway, asked->gateway.b, sizeof(asked->gateway.b));
	memcpy(ret_statement->digest, names->digest, sizeof(names->digest));
}

void hosts_answer_head_make(const __u8 *key, const __u8 *signature, size_t length,
			    struct hosts_answer_head *ret_head)
{
	*ret_head = (struct hosts_answer_head){.version = HOSTS_WIRE_VERSION,
					       .length = htonl((__u32)length)};
	memcpy(ret_head->magic, magic_answer, sizeof(magic_answer));
	memcpy(ret_head->key, key, HOSTS_KEY_BYTES);
	memcpy(ret_head->signature, signature, HOSTS_SIGNATURE_BYTES);
}

int hosts_answer_read(const void *octets, size_t n, struct hosts_answer *ret_answer)
{
	struct hosts_answer answer;

	if (n < sizeof(answer.head))
		return -EAGAIN;
	memcpy(&answer.head, octets, sizeof(answer.head));
	if (beginning_read(octets, magic_answer))
		return -EPROTO;
	answer.length = ntohl(answer.head.length);
	n -= sizeof(answer.head);
	if (answer.length > LIMIT_HOSTS_LINES_BYTES || n > answer.length)
		return -EMSGSIZE;
	if (n < answer.length)
		return -EAGAIN;
	answer.lines = (const char *)octets + sizeof(answer.head);
	*ret_answer = answer;
	return 0;
}

int hosts_answer_check(const struct hosts_answer *answer, const struct hosts_asked *asked)
{
	struct hosts_names names = {.lines.length = answer->length};
	struct hosts_statement statement;
	int ret;

	if (asked->key && memcmp(asked->key, answer->head.key, HOSTS_KEY_BYTES) != 0)
		return -EKEYREJECTED;
	ret = hosts_digest(answer->lines, answer->length, names.digest);
	if (ret)
		return ret;
	hosts_statement_make(asked, &names, &statement);
	ret = hosts_key_verify(answer->head.key, &statement, sizeof(statement),
			       answer->head.signature);
	return ret ? ret : hosts_lines_check(answer->lines, answer->length);
}

static bool is_address(const char *text, size_t length)
{
	char copy[IP_TEXT_MAX];
	struct ip_addr addr;

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return !memchr(copy, '\0', length) && !ip_addr_parse(copy, &addr);
}

static bool is_name(const char *text, size_t length)
{
	if (!length || length > LIMIT_DOMAIN_NAME)
		return false;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
		      c == '.'))
			return false;
	}
	return true;
}

int hosts_lines_check(const char *lines, size_t length)
{
	for (const char *at = lines, *end = lines + length; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *space = newline ? memchr(at, ' ', (size_t)(newline - at)) : NULL;

		if (!space || !is_address(at, (size_t)(space - at)) ||
		    !is_name(space + 1, (size_t)(newline - space - 1)))
			return -EINVAL;
		at = newline + 1;
	}
	return 0;
}

int hosts_names_finish(struct hosts_names *names)
{
	if (names->lines.length > LIMIT_HOSTS_LINES_BYTES)
		return -EMSGSIZE;
	return hosts_digest(strbuf_text(&names->lines), names->lines.length, names->digest);
}
