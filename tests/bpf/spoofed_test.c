// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What could get through on the strength of a port number, a known flow or a mark: sources that cannot be there, addresses that mean
 * nothing outside, ICMP that is no query.
 */
#include "rig.h"

static const struct rig_case cases[] = {
	{"private source at wan egress from port 68",
	 NULL,
	 {
		 {FROM_HOST, "udp 192.168.11.30:68 > 198.51.100.7:67", DROP, HP_DROP_PRIVATE_SOURCE,
		  NULL, ""},
	 }},
	{"private source multicast at wan egress",
	 NULL,
	 {
		 {FROM_HOST, "udp 192.168.11.30:5353 > 224.0.0.251:5353", DROP,
		  HP_DROP_PRIVATE_SOURCE, NULL, ""},
	 }},
	{"isolated by dhcp ports to a lan host",
	 NULL,
	 {
		 {FROM_ISO, "udp 192.168.13.30:68 > 192.168.11.20:67", DROP, HP_DROP_ISOLATED, NULL,
		  ""},
	 }},
	{"isolated by dhcp ports, and the answer",
	 NULL,
	 {
		 {FROM_LAN, "udp 192.168.11.20:67 > 192.168.13.30:68", PASS, HP_PASS_LAN},
		 {FROM_ISO, "udp 192.168.13.99:68 > 192.168.11.20:67", DROP, HP_DROP_ISOLATED},
	 }},
	{"spoofed source in another segment hits a session",
	 NULL,
	 {
		 {FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S", TO_WAN,
		  HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S"},
		 {FROM_ISO, "tcp 192.168.11.30:40000 > 198.51.100.7:443 R", DROP, HP_DROP_SPOOFED},
	 }},
	{"spoofed server in another segment",
	 "forward udp 7000 192.168.11.20:7000 service 1\n",
	 {
		 {FROM_WAN, "udp 198.51.100.7:5000 > 203.0.113.5:7000", TO_LAN, HP_SENT_INCOMING,
		  "udp 198.51.100.7:5000 > 192.168.11.20:7000"},
		 {FROM_ISO, "udp 192.168.11.20:7000 > 198.51.100.7:5000", DROP, HP_DROP_SPOOFED},
	 }},
	{"icmp id 0: an error matches the echo session",
	 NULL,
	 {
		 {FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=0", TO_WAN,
		  HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.7 request id=0"},
		 {FROM_WAN,
		  "icmp 198.51.100.7 > 203.0.113.5 type=3/4 mtu=600 about ( udp 203.0.113.5:5000 > 198.51.100.7:53 )",
		  DROP, HP_DROP_ICMP_ERROR},
	 }},
	{"icmp id 0: a redirect",
	 NULL,
	 {
		 {FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=0", TO_WAN,
		  HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.7 request id=0"},
		 {FROM_WAN, "icmp 198.51.100.7 > 203.0.113.5 type=5/1", DROP, HP_DROP_ICMP_TYPE},
	 }},
	{"v6: isolated, spoofed, dhcpv6 ports to a host inside",
	 NULL,
	 {
		 {FROM_ISO, "udp [2001:db8:77::1]:546 > [2001:db8:11::20]:547", DROP,
		  HP_DROP_SPOOFED, NULL, ""},
	 }},
	{"v6: spoofed, dhcpv6 ports to outside",
	 NULL,
	 {
		 {FROM_ISO, "udp [2001:db8:77::1]:546 > [2001:db8:9::20]:547", DROP,
		  HP_DROP_SPOOFED, NULL, ""},
	 }},
	{"v6: dhcpv6 ports leave wan with a lan source unjudged",
	 NULL,
	 {
		 {FROM_HOST, "udp [2001:db8:11::30]:546 > [2001:db8:9::20]:547", DROP,
		  HP_DROP_PRIVATE_SOURCE, NULL, ""},
	 }},
	{"v6: ULA to the internet",
	 "net fd00:11::/64 lan lan0\n",
	 {
		 {FROM_LAN, "udp [fd00:11::30]:5000 > [2001:db8:9::20]:53", DROP,
		  HP_DROP_PRIVATE_SOURCE, NULL, ""},
	 }},
	{"v6: ULA at egress, admitted",
	 "net fd00:11::/64 lan lan0\n",
	 {
		 {FROM_HOST, "udp [fd00:11::30]:5000 > [2001:db8:9::20]:53", DROP,
		  HP_DROP_PRIVATE_SOURCE, NULL, "", 0, MARK_ADMITTED},
	 }},
	{"v6: a tunnel's outer packet keeps the mark of the inner",
	 NULL,
	 {
		 {FROM_HOST, "proto=50 [2001:db8:ff::5] > [2001:db8:9::20]", PASS, HP_PASS_OWN_FLOW,
		  NULL, NULL, 0, MARK_ADMITTED},
		 {FROM_WAN, "proto=50 [2001:db8:9::20] > [2001:db8:ff::5]", PASS, HP_PASS_OWN_FLOW},
	 }},
	{"too big, fragments allowed, no sorter: nobody is told what he did not forbid",
	 NULL,
	 {
		 {FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 len=1450", DROP,
		  HP_DROP_TOO_BIG},
	 }},
	{"v6 echo id 0 and another type",
	 NULL,
	 {
		 {FROM_LAN, "icmp6 [2001:db8:11::30] > [2001:db8:9::20] request id=0", PASS,
		  HP_PASS_ROUTED6},
		 {FROM_WAN, "icmp6 [2001:db8:9::20] > [2001:db8:11::30] type=137/0", DROP,
		  HP_DROP_CLOSED},
	 }},
};

int main(void)
{
	rig_need_root();
	return RIG_RUN_CASES("what must not get through", cases);
}
