// SPDX-License-Identifier: GPL-2.0-or-later
/* hairpin hosts apply --from: the names of a gateway, whose key is known from then on. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hairpin/control.h>

#include "hosts_ask.h"
#include "hosts_command.h"

bool hosts_needs_root(const char *what)
{
	if (!geteuid())
		return false;
	fprintf(stderr,
		"hairpin: %s: needs root: what a stranger may answer is read by a process that "
		"gives up its rights, and only root can\n",
		what);
	return true;
}

/* Whether @is, which answered, may be believed. */
static bool is_trusted(const struct invocation *invocation, const struct hosts_pin *known,
		       const __u8 *is)
{
	char text[HOSTS_FINGERPRINT_MAX], old[HOSTS_FINGERPRINT_MAX], address[IP_TEXT_MAX];

	hosts_fingerprint(is, text);
	if (invocation->key) {
		if (!strcmp(invocation->key, text))
			return true;
		fprintf(stderr, "hairpin: %s: has the key %s, and not that of --key\n",
			invocation->from, text);
		return false;
	}
	if (!known || !memcmp(known->key, is, HOSTS_KEY_BYTES))
		return true;
	fprintf(stderr,
		"hairpin: %s: answers with another key than this machine knows\n"
		"  known     %s (of %s)\n"
		"  answered  %s\n"
		"Another machine has that address, or the gateway has a new key. Compare what "
		"`hairpin status` says on the gateway itself; if it is the key that answered:\n"
		"  hairpin hosts apply --from %s --key %s\n",
		invocation->from, hosts_fingerprint(known->key, old),
		ip_addr_format(&known->gateway, address), text, invocation->from, text);
	return false;
}

/* Known from now on; *ret_is_new: it was not before. */
static int pin_renew(const struct invocation *invocation, const struct hosts_pin *pin,
		     bool *ret_is_new)
{
	_strbuf_ struct strbuf why = {0};
	struct hosts_pin known;
	char path[PATH_MAX];
	int ret;

	hosts_pin_path(invocation, path);
	ret = hosts_pin_read(path, &known, &why);
	/* One that cannot be read is said, and is no reason to believe another one; without one the first is believed. */
	if (ret && ret != -ENOENT && !invocation->key) {
		fprintf(stderr, "hairpin: %s, with --key\n", strbuf_text(&why));
		return ret;
	}
	if (!is_trusted(invocation, ret ? NULL : &known, pin->key))
		return -EKEYREJECTED;
	*ret_is_new = ret || memcmp(known.key, pin->key, HOSTS_KEY_BYTES) != 0;
	strbuf_reset(&why);
	ret = hosts_pin_write(path, pin, &why);
	if (ret)
		fprintf(stderr, "hairpin: %s\n", strbuf_text(&why));
	return ret;
}

static int answer_apply(const struct invocation *invocation, const struct ip_addr *gateway,
			const struct hosts_answer *answer)
{
	_strbuf_ struct strbuf lines = {0};
	struct hosts_pin pin = {.gateway = *gateway};
	char fingerprint[HOSTS_FINGERPRINT_MAX];
	bool is_new = false;

	memcpy(pin.key, answer->head.key, sizeof(pin.key));
	if (pin_renew(invocation, &pin, &is_new))
		return CONTROL_EXIT_FINDING;
	strbuf_add_bytes(&lines, answer->lines, answer->length);
	if (hosts_lines_put(invocation, &lines))
		return CONTROL_EXIT_FINDING;
	printf("gateway %s, key %s%s\n", invocation->from, hosts_fingerprint(pin.key, fingerprint),
	       is_new ? ", known from now on; `hairpin status` there has to say the same"
		      : ", as known");
	printf("On a machine that leaves this LAN, `hairpin hosts watch` takes the lines out and "
	       "puts them back.\n");
	return CONTROL_EXIT_OK;
}

int hosts_apply_from(const struct invocation *invocation)
{
	_cleanup_(hosts_ask_end) struct hosts_ask ask = HOSTS_ASK_NONE;
	_strbuf_ struct strbuf why = {0};
	struct hosts_answer answer;
	struct ip_addr gateway;
	int ret;

	if (ip_addr_parse(invocation->from, &gateway)) {
		fprintf(stderr,
			"hairpin: --from: %s: not an address; the gateway's in this LAN, such as 192.168.11.1\n",
			invocation->from);
		return CONTROL_EXIT_USAGE;
	}
	if (hosts_needs_root("hosts apply --from"))
		return CONTROL_EXIT_FINDING;
	ret = hosts_ask_start(&ask, &gateway, NULL);
	if (!ret)
		ret = hosts_ask_wait(&ask, &answer);
	if (!ret)
		return answer_apply(invocation, &gateway, &answer);
	hosts_ask_explain(ret, &why);
	fprintf(stderr, "hairpin: %s: %s\n", invocation->from, strbuf_text(&why));
	if (hosts_ask_event(ret) == HOSTS_SILENT)
		fprintf(stderr,
			"It has to be the gateway's address in this segment, which is not "
			"an isolated one, and its configuration needs `hosts-service: yes`.\n");
	return CONTROL_EXIT_FINDING;
}
