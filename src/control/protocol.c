// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol.h"

#include <errno.h>
#include <string.h>

#include "log.h"

static const struct {
	const char *name;
	bool changes;
} verbs[] = {
#define X(symbol, text, changes_it) [symbol] = {text, changes_it},
	CONTROL_VERBS(X)
#undef X
};

_Static_assert(ARRAY_SIZE(verbs) == CONTROL_VERB_MAX, "one row for each verb");

const char *control_verb_name(__u32 verb)
{
	return verb < CONTROL_VERB_MAX ? verbs[verb].name : "?";
}

void control_request_init(struct control_request *request, enum control_verb verb)
{
	*request = (struct control_request){
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.verb = verb,
	};
}

/* Before the size: a command of another version may well send another size, and deserves the better answer. */
static int check_version(const void *bytes, size_t length, struct strbuf *why)
{
	__u32 head[2];

	if (length < sizeof(head))
		return 0;
	memcpy(head, bytes, sizeof(head));
	if (head[0] != CONTROL_MAGIC) {
		strbuf_add(why, "this is not a request of hairpin (magic 0x%08x)", head[0]);
		return -EPROTO;
	}
	if (head[1] != CONTROL_VERSION) {
		strbuf_add(why,
			   "the command speaks version %u of the control protocol, the daemon %u: "
			   "install both from one version",
			   head[1], CONTROL_VERSION);
		return -EPROTO;
	}
	return 0;
}

int control_request_check(const void *bytes, size_t length, uid_t uid, struct strbuf *why)
{
	struct control_request request;
	int ret = check_version(bytes, length, why);

	if (ret)
		return ret;
	if (length != sizeof(request)) {
		strbuf_add(why, "a request has %zu octets, not %zu", sizeof(request), length);
		return -EMSGSIZE;
	}
	memcpy(&request, bytes, sizeof(request));
	if (request.verb >= CONTROL_VERB_MAX) {
		strbuf_add(why, "verb %u is unknown here", request.verb);
		return -EOPNOTSUPP;
	}
	if ((request.verb == CONTROL_SHOW_QUERIES || request.verb == CONTROL_SHOW_TOP) &&
	    !memchr(request.queries.name, '\0', sizeof(request.queries.name))) {
		strbuf_add(why, "the text of the name has no end");
		return -EINVAL;
	}
	if (!memchr(request.ssh, '\0', sizeof(request.ssh))) {
		strbuf_add(why, "the text of the ssh connection has no end");
		return -EINVAL;
	}
	if (request.verb == CONTROL_LOG_LEVEL && request.log_level > LOG_DEBUG) {
		strbuf_add(why, "%u is no level of the log", request.log_level);
		return -EINVAL;
	}
	if (verbs[request.verb].changes && uid != 0) {
		strbuf_add(why, "%s changes something and is for root; you are user %u",
			   control_verb_name(request.verb), uid);
		return -EPERM;
	}
	return 0;
}

int control_response_check(const struct control_response *response, struct strbuf *why)
{
	if (response->magic != CONTROL_MAGIC) {
		strbuf_add(why, "what answers on the control socket is not hairpind");
		return -EPROTO;
	}
	if (response->version != CONTROL_VERSION) {
		strbuf_add(why,
			   "the daemon speaks version %u of the control protocol, this command %u",
			   response->version, CONTROL_VERSION);
		return -EPROTO;
	}
	return 0;
}
