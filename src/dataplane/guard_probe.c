// SPDX-License-Identifier: GPL-2.0-or-later
/* What dns.redirect needs of the kernel beyond what every gateway does. */
#include <errno.h>

#include "apart.h"
#include "guard.h"
#include "nft.h"

/* A table of another name: where ours is, the chain could differ from the one that is there. */
static const char questions[] =
	"add table inet hairpin-probe\n"
	"add chain inet hairpin-probe questions { type nat hook prerouting priority -100; policy accept; }\n"
	"add rule inet hairpin-probe questions meta nfproto ipv4 udp dport 53 "
	"fib daddr oifname \"lo\" dnat ip to 127.0.0.1:53\n";

int guard_probe_questions(struct strbuf *why)
{
	_strbuf_ struct strbuf said = {0};
	int ret = nft_try(questions, &said);

	if (ret == -EPERM)
		strbuf_add(why, "%s", strbuf_text(&said));
	else if (ret)
		strbuf_add(why,
			   "this kernel lacks NAT in nftables (CONFIG_NFT_NAT and CONFIG_NF_NAT, "
			   "modules nft_chain_nat and nft_nat): %s",
			   strbuf_text(&said));
	return ret;
}

static int act_probe(void *data _unused_, struct strbuf *why)
{
	return guard_probe_questions(why);
}

int guard_probe_apart(struct strbuf *why)
{
	return apart_run(-1, act_probe, NULL, why);
}
