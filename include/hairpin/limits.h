/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every size, limit and timeout of hairpin, each with its reason.
 *
 * Included by BPF programs, by the daemon and by the command: plain macros and nothing else.
 */
#pragma once

/* --- configuration ------------------------------------------------------------------------- */

/* A file larger than this is not one that a person wrote; refused before it is parsed. */
#define LIMIT_CONF_BYTES (1024 * 1024)
/* What `hairpin import` reads: a ruleset with ten thousand forwards in JSON has some five million octets. */
#define LIMIT_IMPORT_BYTES (16 * 1024 * 1024)
/* A hosts file that blocks half a million names has some 15 million octets. */
#define LIMIT_HOSTS_BYTES (64 * 1024 * 1024)
/* Depth of YAML nesting the schema can need is 5; more is an attack on the stack. */
#define LIMIT_CONF_DEPTH 8
/* Faults named at one time: more than a person mends in one sitting, and a bound for a hostile file. */
#define LIMIT_CONF_ERRORS 20
/* Segments of one gateway. 64 is the size that the benchmark of many segments uses. */
#define LIMIT_LANS 64
/* Networks per segment: connected prefixes plus those routed through it. */
#define LIMIT_NETS_PER_LAN 64
/* Services; one stanza each. */
#define LIMIT_SERVICES 4096
/* Port items of one service, after its preset is expanded. */
#define LIMIT_PORTS_PER_SERVICE 256
/* Names of one service. */
#define LIMIT_DOMAINS_PER_SERVICE 32
/* Prefixes in one `allow` list. */
#define LIMIT_ALLOW_PER_SERVICE 256
/* Hosts whose filtering is written down, beside those of services: as many as there can be of these. */
#define LIMIT_FILTERED_HOSTS 4096
/* A service's name is a label in output, JSON and counters. */
#define LIMIT_SERVICE_NAME 63
/* `dns.rewrites`: as many as there can be services; who has more has a zone, and a server for it. */
#define LIMIT_REWRITES 4096
/* Addresses of one of them: more machines than a name of a house has, and every answer with them fits a datagram. */
#define LIMIT_ADDRS_PER_REWRITE 16
/* What commands add: by hand, one at a time; who has more of them has a script, and then a configuration file. */
#define LIMIT_OPERATOR_REWRITES 512
#define LIMIT_OPERATOR_RESERVATIONS 512
/* The file with all of them, each as long as it may be: 512 times 16 addresses and a name. */
#define LIMIT_OPERATOR_BYTES (1024 * 1024)
/* The words of one such command. */
#define LIMIT_OPERATOR_WORDS_BYTES 4096
/* HTTPS records of one of them: its own port, and one that is tried first. */
#define LIMIT_HTTPS_PER_REWRITE 2
/* Types of a name that go upstream all the same: MX, TXT, SRV and a few more is all that anybody has there. */
#define LIMIT_PASS_PER_REWRITE 8
/* `dns.private-domains`: one covers all below it, and who needs more has given up the protection. */
#define LIMIT_PRIVATE_DOMAINS 64
/* `dns.groups`: some for people and some for things. */
#define LIMIT_DNS_GROUPS 64
/* Clients of a group that are named one by one: a house. More are a network. */
#define LIMIT_DNS_GROUP_CLIENTS 256
/* Lists that a group names: as many as there may be (DNS_BLOCK_LISTS_MAX). */
#define LIMIT_DNS_GROUP_LISTS 64
/* `dns.blocking.answer`: one page that says why, over both families, twice. */
#define LIMIT_DNS_BLOCK_ANSWERS 4
/* `dns.upstream`: each is asked now and then whether it is well. */
#define LIMIT_UPSTREAMS 16
/* Domains in front of one of them, "[/a.example/b.example/]"; companies have some ten. */
#define LIMIT_DOMAINS_PER_UPSTREAM 64
/* The path in the address of a DNS-over-HTTPS server: those with an account of their own in it have some 40 characters. */
#define LIMIT_DNS_PATH 255
/* RFC 1035 section 2.3.4: a name is at most 255 octets on the wire, 253 in text. */
#define LIMIT_DOMAIN_NAME 253

/* --- leases ------------------------------------------------------------------------------- */

/* Addresses of one `dhcp.range`: a /16 of them, more than the table of hosts counts. */
#define LIMIT_DHCP_RANGE 65536
/* `dhcp.reservations` of all segments: a line each in the file that the DHCP server reads at each change. */
#define LIMIT_RESERVATIONS 4096
/* `dhcp.dns`. The resolver of the GNU C library uses the first three of a list (MAXNS, resolv.conf(5)); this is room for clients that use more. */
#define LIMIT_DHCP_DNS 8
/* `dhcp.options`: what clients ask for at once has room for no more (RFC 2132 section 9.8). */
#define LIMIT_DHCP_OPTIONS 64
/* RFC 2132 section 2: the length of an option is one octet. */
#define LIMIT_DHCP_OPTION_BYTES 255
/* dnsmasq knows no shorter lease; ... */
#define DHCP_LEASE_MIN_S 120
/* ... and one that is longer than a month outlives the device. */
#define DHCP_LEASE_MAX_S (31 * 86400)
/* The file of leases, a line of some hundred octets each: as many as all ranges of all segments could hold, and then some. */
#define LIMIT_DHCP_LEASES_BYTES (64 * 1024 * 1024)
/* It is written in place, in pieces of some milliseconds: nobody asks for a name sooner than that after the lease. */
#define DHCP_LEASES_SETTLE_MS 20
/* Other DHCP servers are asked for once in this time: a client that they serve stays theirs for hours, ... */
#define DHCP_SCAN_S 60
/* ... one that left two questions unanswered and has the next one before it is gone, ... */
#define DHCP_FOREIGN_S (3 * DHCP_SCAN_S)
/* ... and a house with more of them has another problem. */
#define LIMIT_DHCP_FOREIGN 8
/* dnsmasq writes its leases when it ends; one that takes longer than this is hung, and is killed. */
#define DHCP_END_MS 1000
/* RFC 1035 section 2.3.4: a label. */
#define LIMIT_HOST_LABEL 63

/* --- names --------------------------------------------------------------------------------- */

/* RFC 8767 section 5: what is over may be given for that long where upstreams are silent, ... */
#define LIMIT_DNS_STALE_S 86400
/* ... and says that it may be kept for this long. */
#define LIMIT_DNS_STALE_TTL_S 30
/* ... its client response timer: stub resolvers give up from two seconds on; who has something stale gets it then, and the question goes on, ... */
#define LIMIT_DNS_STALE_WAIT_MS 1800
/* ... and its failure recheck timer: for so long what is over is given at once, since upstreams were silent just now. */
#define LIMIT_DNS_STALE_RETRY_S 30
/* No answer is kept for longer, whatever it says: a day is what other forwarders have, and a wrong one heals by itself. */
#define LIMIT_DNS_TTL_S 86400
/* RFC 2308 section 7.1: a failure of upstream, for as long as a client takes to ask again and no longer. */
#define LIMIT_DNS_FAILURE_TTL_S 2
/* Questions that wait for upstreams, and clients that wait for them: what a house asks in the five seconds that upstreams are dead, and 26 MB at most. */
#define LIMIT_DNS_PENDING 4096
#define LIMIT_DNS_WAITERS 16384
/* Sockets for one question: each upstream gets its turn, and a lost packet is no failure. */
#define LIMIT_DNS_TRIES 6
/* Those open at once: a late answer is welcome, but with dead upstreams LIMIT_DNS_PENDING times this is how many descriptors are taken. */
#define LIMIT_DNS_TRIES_OPEN 2
/* A stub resolver asks anew after five seconds (resolv.conf(5)); until then it should have heard something. */
#define LIMIT_DNS_ASK_MS 4500
/* A try gets four times what its upstream needs on average, within these bounds: satellites, and Wi-Fi that sleeps. */
#define LIMIT_DNS_TRY_MIN_MS 200
#define LIMIT_DNS_TRY_MAX_MS 1200
/* Answers for a try that do not match it, before it counts as under attack and goes over TCP. */
#define LIMIT_DNS_MISMATCHES 3
/* Answers in another case than the question's until an upstream is asked in lower case: a forger who can do that needs no help. */
#define LIMIT_DNS_OTHER_CASE 3
/* The address of an upstream that has a name is asked for again when it is over, but not more often than so; and when it was not to be had. */
#define LIMIT_DNS_BOOTSTRAP_MIN_S 60
#define LIMIT_DNS_BOOTSTRAP_RETRY_S 5
/* `dns.bootstrap`: two are enough. */
#define LIMIT_BOOTSTRAPS 8
/* An upstream that does not understand EDNS is asked without it for so long, then with it once more, as it may have been mended (RFC 6891 section 6.2.2). */
#define LIMIT_DNS_PLAIN_MS (15 * 60 * 1000)
/* How often it is silent with EDNS and answers without until it is believed: once may be a way out that has just come up. */
#define LIMIT_DNS_PLAIN_PROOFS 2
/* Tries in a row without an answer until an upstream is left out, and for how long. */
#define LIMIT_DNS_UPSTREAM_FAILURES 3
#define LIMIT_DNS_UPSTREAM_OUT_MS 10000
/* A query is a name and some options; what is longer over UDP is nothing that we would read. */
#define LIMIT_DNS_QUERY_BYTES 4096
/* Queries that one system call takes in and one sends out. */
#define LIMIT_DNS_BATCH 32
/* Batches in a row from one socket, before the others and upstreams get their turn. */
#define LIMIT_DNS_BATCHES 8
/* RFC 7766: connections in all and of one client, queries of one that overlap, and how long one may be silent. */
#define LIMIT_DNS_TCP 256
#define LIMIT_DNS_TCP_PER_CLIENT 32
#define LIMIT_DNS_TCP_QUERIES 32
#define LIMIT_DNS_TCP_IDLE_MS 10000
/* Answers that a client has not fetched, beyond what its socket holds. */
#define LIMIT_DNS_TCP_UNREAD_BYTES (4 * 65536)
/* Under TLS a connection costs a handshake, and phones keep theirs while they are awake. */
#define LIMIT_DNS_TLS_IDLE_MS 30000
/* Upstream under TLS: questions on one connection at once. With more than that waiting it is not the connection that is too narrow. */
#define LIMIT_DNS_CHANNEL_TRIES 512
/* A connection on which nothing comes for that long while answers are due is dead; the hardest names take a resolver some 2 s. */
#define LIMIT_DNS_CHANNEL_SILENT_MS 2500
/* One that nobody needs is closed, before most servers do it (10 s to 30 s). */
#define LIMIT_DNS_CHANNEL_IDLE_MS 9000
/* A server whose certificate is wrong is looked at again after this. */
#define LIMIT_DNS_CHANNEL_REFUSED_MS 10000
/* A fault of one upstream is told again in the log after this. */
#define LIMIT_DNS_CHANNEL_TOLD_MS 60000
/* The certificates of all authorities that a system trusts have some 250 kB. */
#define LIMIT_DNS_TRUST_BYTES (4 * 1024 * 1024)
/* A chain of some certificates has some 10 kB, and its key two. */
#define LIMIT_DNS_IDENTITY_BYTES (256 * 1024)
/* Files of certificates that were wrong are read again after this: the clock may have been, too, on a machine that gets its time from the network. */
#define LIMIT_DNS_FILES_AGAIN_S 10
/* Its session is gone on with for that long at most, so that its certificate is seen again. */
#define LIMIT_DNS_TICKET_MS 3600000
/* Addresses that are listened on; their sockets, two each, go in one message, which carries 253 at most (SCM_MAX_FD). */
#define LIMIT_DNS_LISTENERS 64
/* What upstreams answered: some 60,000 names, more than a house asks for in a day. */
#define LIMIT_DNS_CACHE_BYTES (16 * 1024 * 1024)
/* An answer that was held back since it led inward: long enough to end an attack that asks again and again. */
#define LIMIT_DNS_INWARD_TTL_S 60
/* A name of ours may move with the next plan, and clients shall follow within a minute. */
#define LIMIT_DNS_REWRITE_TTL_S 60
/* A machine that DHCP sees now, or that has left, shall be known and forgotten as soon; "nobody has it" too. */
#define LIMIT_DNS_HOST_TTL_S 60
/* What is blocked: who switches blocking off, or allows a name, wants to see it at once, and browsers keep what they heard for this long. */
#define LIMIT_DNS_BLOCK_TTL_S 5
/* Names that mean something of themselves (localhost, canaries) change with a version of this program: an hour. */
#define LIMIT_DNS_SPECIAL_TTL_S 3600
/* The last tenth of its life: an answer that is asked for then is fetched anew before it ends. */
#define LIMIT_DNS_PREFETCH_SHARE 10
/* Queries on their way to the log, some 64 octets each: what arrives at full load in a third of a second, or in a house while its disk is busy for minutes. A power of two. */
#define LIMIT_DNS_RING_BYTES (2 * 1024 * 1024)
/* `dns.log`: less than an hour tells nobody anything; a year is the longest time that the configuration can say. */
#define LIMIT_LOG_RETENTION_MIN_S 3600
#define LIMIT_LOG_RETENTION_MAX_S (365 * 86400)
/* Below, little more than its own tables fits; above, a question to the log takes longer than anybody waits. */
#define LIMIT_LOG_SIZE_MIN_MB 1
#define LIMIT_LOG_SIZE_MAX_MB 4096
/* Answers from the log at once, those who follow it included. */
#define LIMIT_LOG_ASKERS 16

/* --- block and allow lists --------------------------------------------------------------- */

/* A bit for each in a mask of 64, of which the operator's own words take two. */
#define LIMIT_BLOCKLISTS 62
/* `dns.block` and `dns.allow`: what a person types in; who has more has a list. */
#define LIMIT_OWN_WORDS 1024
/* PATH_MAX less its end, and what the longest addresses of public lists need several times. */
#define LIMIT_FILE_PATH 4095
#define LIMIT_URL 2047
/* `dns.blocking: refresh`: who asks more often is a burden to those who publish lists. */
#define LISTS_REFRESH_MIN_S 900
/* To connect, and to hear at least 1000 octets a second: a server that is slower is as good as dead. */
#define LISTS_CONNECT_S 15
/* LIMIT_LIST_BYTES over a slow line, and the bound for a server that sends drop by drop. */
#define LISTS_FETCH_S 180
/* What curl(1) and browsers call a loop is 20 to 50; lists move once or twice. */
#define LISTS_REDIRECTIONS 5
/* The loader with all of its lists: whoever takes longer hangs, and is ended. */
#define LISTS_JOB_S 900
/* After a failure: a minute, then twice as long each time, up to `refresh`. */
#define LISTS_RETRY_S 60
/* Files are looked at this often, and read when they have stayed the same from one look to the next: nobody reads half of what is being written. */
#define LISTS_LOOK_S 2
/* Lines of all lists that say something, duplicates included: the largest public collections have two million. 16 octets each while they are read. */
#define LIMIT_LISTS_RULES (4 * 1024 * 1024)
/* Of one list; above that it is not one of names. */
#define LIMIT_LIST_BYTES (64 * 1024 * 1024)
/* A name and what may stand beside it; hosts files have several names a line. The longest lines of public lists are rules for pages, which are not ours. */
#define LIMIT_LIST_LINE 4096
/* Names that one rule does not hold for (`$denyallow`), and types that it holds for (`$dnstype`). */
#define LIMIT_LIST_DENIED 32
#define LIMIT_LIST_TYPES 16
/* Faulty lines that are shown, of each list; the others are counted. */
#define LIMIT_LIST_FAULTS 3
/* Different things that all lists say, conditions included, of whatever name: public lists have some ten. */
#define LIMIT_LISTS_MEANINGS 4096
/* Different things that lists say of one name: what the lookup of one label may cost. */
#define LIMIT_LISTS_CLAUSES 512
/* Names of one bucket, of which there are four on average: 64 has a chance of 1 in 10^40 by a hash that is one. */
#define LIMIT_LISTS_BUCKET 64

/* --- hosts files of machines ---------------------------------------------------------------- */

/* The lines that a gateway answers with: some twenty thousand names, more than any hosts file is good for. */
#define LIMIT_HOSTS_LINES_BYTES (1024 * 1024)
/* The file of its key has some 120 octets, that of a machine's gateway some 300. */
#define LIMIT_HOSTS_KEY_BYTES 4096
/* Addresses of ours that are asked: their sockets go in one message, which carries 253 at most (SCM_MAX_FD). */
#define LIMIT_HOSTS_LISTENERS 64
/* Connections in all and of one client; an answer takes a millisecond. */
#define LIMIT_HOSTS_CONNECTIONS 64
#define LIMIT_HOSTS_PER_CLIENT 4
/* To ask and to fetch the whole answer over a bad Wi-Fi; who takes longer asks again. */
#define LIMIT_HOSTS_CONNECTION_MS 5000
/* A signature costs some 50 us, so this is half a percent of a core; it is ten times what a house of laptops needs that all wake up at once. */
#define LIMIT_HOSTS_ANSWERS_PER_S 100
/* Of one client: it asks once when its network changes, a few times then, and twice a minute. */
#define LIMIT_HOSTS_CLIENT_PER_S 1
#define LIMIT_HOSTS_CLIENT_BURST 10

/* --- asking the router upstream --------------------------------------------------------------- */

/*
 * Ports that a router is asked to forward, each on its own, as none of the protocols in use has ranges. Home routers have room for 32 to 128 entries in all;
 * a service that needs more is entered there by hand, as one range.
 */
#define LIMIT_UPSTREAM_FORWARDS 128
/* Entries of its list that are read: one request each, and more than such a table holds. */
#define LIMIT_UPSTREAM_ENTRIES 128
/* What is kept of a text that it says, NUL included. */
#define LIMIT_UPSTREAM_TEXT 64
/* Servers that are asked for our address by STUN: two that agree are proof, and a third may be out. */
#define LIMIT_STUN_SERVERS 3
/* How long a source of the public address that is silent is believed before the next one: a router takes minutes to start, and all forget little in that time. */
#define PUBLIC_FRESH_S 600
/* The same where nobody else is there to be believed: a day without a provider is seldom longer. */
#define PUBLIC_KEEP_S 86400
/* Servers and names of one job of asking for addresses outside: names of STUN servers, of the public address, and the first of services. */
#define LIMIT_LOOKUP_SERVERS 4
#define LIMIT_LOOKUP_NAMES 8
/* How often a name is asked for, whatever its TTL says: an address that moves has seldom less than a minute, and what stands for an hour may be wrong for one. */
#define LOOKUP_MIN_S 30
#define LOOKUP_MAX_S 3600
/* After no answer. */
#define LOOKUP_RETRY_S 10
/* What is asked for (RFC 6886 section 3.3): a gateway that is gone leaves nothing open for longer. */
#define PORTMAP_LIFETIME_S 7200
/* Clients that are counted one by one, by a hash of the address. */
#define LIMIT_HOSTS_BUCKETS 256

/* An asker gives its gateway so long: two lost packets of the handshake (1 s, then 2 s), and the answer. */
#define HOSTS_ASK_MS 4000
/* Answers that may be missing in a row before the block goes: Wi-Fi loses one now and then, and a gateway that starts anew is gone for a second. */
#define HOSTS_WATCH_MISSES 3
/* After one that is missing. */
#define HOSTS_WATCH_MISSED_MS 1000
/* A change of the network comes as a burst of events: the first question goes when they settle. */
#define HOSTS_WATCH_SETTLE_MS 200
/* Without a change of the network, which tells most: names change seldom, and a gateway may be away behind a switch that keeps the link up. */
#define HOSTS_WATCH_HOME_MS 30000
/* Away, where a change tells of coming home: only for what no event tells. */
#define HOSTS_WATCH_AWAY_MS 60000
/* A hosts file that could not be written (read-only, disk full) is tried again. */
#define HOSTS_WATCH_AGAIN_MS 10000

/* --- whose gateway we are (role bypass) ----------------------------------------------------- */

/*
 * Where an echo request to a server says that it comes from: 192.0.2.213, outside of every network (RFC 5737), so that the server answers by its default gateway and nobody
 * else gets an answer that he did not ask for. None of the numbers that examples begin with, which people copy into their networks.
 */
#define GATEWAY_OUTSIDE 0xc00002d5u
/* Questions without an answer in a row, a second apart, before a proof is withdrawn or another machine is named: Wi-Fi loses two now and then. */
#define GATEWAY_MISSES 3
/* Seconds between questions where all is as expected: they double from the first to the most while nothing changes. Being asked costs a server 60 octets. */
#define GATEWAY_PROVED_FIRST_S 2
#define GATEWAY_PROVED_MOST_S 8
/* Not proved: somebody who has just changed the server's gateway waits for this. */
#define GATEWAY_ELSEWHERE_FIRST_S 2
#define GATEWAY_ELSEWHERE_MOST_S 4
/* Nothing is heard of it at all: nobody comes to it anyhow. */
#define GATEWAY_SILENT_FIRST_S 2
#define GATEWAY_SILENT_MOST_S 8
/* Servers that are asked in one second; the others wait for the next. All of LIMIT_SERVICES are within what GATEWAY_PROVED_MOST_S leaves. */
#define LIMIT_GATEWAY_ASKS 512
/* Answers that are read in one turn of the loop; the filter of the kernel lets nobody send any who has not seen a question. */
#define LIMIT_GATEWAY_ANSWERS 64
/* `hairpin check` asks again after this, since ARP comes first, ... */
#define GATEWAY_CHECK_AGAIN_MS 250
/* ... and gives up after this: Wi-Fi wakes up in a third of a second. */
#define GATEWAY_CHECK_MS 2000

/* --- the plan ------------------------------------------------------------------------------ */

/*
 * External ports that forwards may take together: both protocols whole, so that a
 * range of everything is a question of overlap and not of memory.
 */
#define LIMIT_RULES (2 * 65536 + 2 * 65536)
/* Prefixes in the plan's one longest-prefix table: networks, own addresses and allow lists. */
#define LIMIT_PREFIXES 131072

/* --- the tables ---------------------------------------------------------------------------- */

/* `nat.limits.sessions: auto` takes at most this share of the machine's memory ... */
#define LIMIT_SESSIONS_MEMORY_SHARE 16
/*
 * ... where one session counts for this many bytes: 128 in the array, two flow keys over IPv4 of 72 each as
 * elements of a hash (48 for the kernel, 16 key, 8 value), a bucket of 16 for each, up to which their number is rounded to a power of two, one for IPv6, its places in the queue and
 * in the ring, and 20 for the note of its remote address (a quarter of a set, and of 96 what one of fifty needs beside it) with half a bucket,
 */
#define LIMIT_SESSION_BYTES 360
/* ... and at most this many sessions, */
#define LIMIT_SESSIONS_AUTO_MAX 1048576
/* bounds for a number that is written down. */
#define LIMIT_SESSIONS_MIN 256
#define LIMIT_SESSIONS_MAX 4194304
/* Of the nftables backend: the kernel's conntrack entry, 256, with its extensions for NAT, timeouts and labels, as its slab has it. */
#define LIMIT_TRACKED_BYTES 384
/*
 * External ports of one protocol on one address; a table of mappings never needs more
 * than this times the protocols (TCP, UDP, ICMP) and the pools in use.
 */
#define LIMIT_MAPPINGS (4 * 65536)
/*
 * Sets of peers, of seven each: one for so many sessions. With a peer for each session of a full table a set is given four on average, and one of fifty peers
 * finds no room (Poisson); with one for eight sessions it would be one of four, with one for two a session would take 16 octets more.
 */
#define LIMIT_PEER_SET_SHARE 4
/*
 * Peers with an element of their own, because their set is full or another address's: one for so many sessions. With one external address an eighth would be six times what is needed; while a
 * gateway moves from one address to another and a tenth of the table still holds the sets of the old one, a third of the new peers come here.
 */
#define LIMIT_PEER_SHARE 2
/*
 * From this many sessions on, mappings and bindings have their memory from the start: 48 MB, a fifth or less of what the sessions take. What the kernel hands out one
 * by one costs it some 0.4 us each, by which a new flow of 3.9 us came to 3.1; 50,000 of them, Linux 6.18.
 */
#define LIMIT_AHEAD_SESSIONS (2 * LIMIT_MAPPINGS)

/* --- the NAT ------------------------------------------------------------------------------- */

/*
 * Tries for a random port in class once the host's own port is taken. Bounded because a full
 * scan for each packet at exhaustion is an attack on the CPU; with 10 % of the ports free
 * 64 tries fail once in 850.
 */
#define LIMIT_PORT_TRIES 64
/* Retries of a lost compare-and-exchange before the packet is dropped and counted. */
#define LIMIT_CAS_TRIES 8
/*
 * Ports of pool HP_POOL_GATEWAY (`hairpin-source: gateway`): below the kernel's default
 * ephemeral range (32768-60999), so that they never meet a port of the gateway's own sockets.
 */
#define LIMIT_GATEWAY_POOL_FIRST 1024
#define LIMIT_GATEWAY_POOL_LAST 32767

/* RFC 4787 REQ-5c: a default of five minutes or more; REQ-5: two minutes at least. */
#define TIMEOUT_UDP_S 300
#define TIMEOUT_UDP_MIN_S 120
/*
 * A question to a name server: one of them and its answer, and then nothing (RFC 4787 REQ-5a lets well-known ports have a time of their own). Each has a source port of its
 * own, so with five minutes one host that asks our DNS server 30,000 names fills a small router's table with the gateway's own sessions. Resolvers give up after ten seconds or so.
 */
#define TIMEOUT_QUESTION_S 20
/* RFC 5382 REQ-5: established, 2 hours 4 minutes at least. */
#define TIMEOUT_TCP_ESTABLISHED_S 7440
#define TIMEOUT_TCP_ESTABLISHED_MIN_S 7440
/* RFC 5382 REQ-5: transitory (opening and closing), 4 minutes at least. */
#define TIMEOUT_TCP_TRANSITORY_S 240
#define TIMEOUT_TCP_TRANSITORY_MIN_S 240
/* RFC 5508 REQ-2: 60 seconds at least. */
#define TIMEOUT_ICMP_QUERY_S 60
#define TIMEOUT_ICMP_QUERY_MIN_S 60
/* Protocols without ports (tunnels): like a quiet UDP session. */
#define TIMEOUT_OTHER_S 300
#define TIMEOUT_OTHER_MIN_S 120
/* Longer than this nobody can mean: a week. */
#define TIMEOUT_MAX_S (7 * 86400)

/* RFC 6888 REQ-8: a port that was given back is nobody else's for two minutes. */
#define PORT_REST_S 120
/* Remembered ports of endpoints that could not keep their own: a hint only, the oldest makes room. */
#define LIMIT_OLD_PORTS 16384
/* RFC 5382 REQ-4: an unsolicited SYN is answered, if at all, when it is repeated after six seconds or more. */
#define SYN_SILENCE_S 6
/* ... and one that comes later than this begins anew: the six repetitions of Linux (tcp_syn_retries) take 127 seconds. */
#define SYN_NOTE_S 127
/* Notes of unsolicited SYNs: what a scan at line rate leaves room for is of no importance, an honest peer's needs six seconds. */
#define LIMIT_NOTES 16384

/* Role bypass: endpoints inside that answer connections which never came by here, remembered for `hairpin check`. More forwards past us than that nobody has to be told one by one. */
#define LIMIT_PAST 256
/* ... for an hour behind the last one: a forward that was led to us since is no longer told. */
#define PAST_S 3600
/* ... and is noted anew so long after the last note, with the bpf backend, which notes it in a table that all CPUs write. */
#define PAST_NOTE_S 30

/* RFC 6888 REQ-4: external ports of one host, over all protocols: a sixteenth of what one address has in one. */
#define LIMIT_MAPPINGS_PER_HOST 4096
/* `sessions-per-host: auto` is this share of the table: no four hosts can fill it and shut out a fifth ... */
#define LIMIT_SESSIONS_HOST_SHARE 8
/* ... but never less than a browser with many tabs needs. */
#define LIMIT_SESSIONS_HOST_MIN 1024
/* Sessions that one host may open in a second: far above a browser's burst, far below what a core can create. */
#define LIMIT_NEW_PER_HOST 4000
/* More a second than any machine creates: a larger number is a slip. */
#define LIMIT_NEW_PER_HOST_MAX 1000000
/*
 * `mss-clamp`: RFC 9293 section 3.7.1 has 536 where nothing is said, so a smaller one gains nothing; and 65535, the largest
 * datagram, less 40 for both headers.
 */
#define LIMIT_MSS_MIN 536
#define LIMIT_MSS_MAX 65495
/* Headers of IPv4 and TCP without options, which a segment size does not count. */
#define MSS_HEADERS4 40
/* Hosts that can be counted at one time: a /16 of them. */
#define LIMIT_HOSTS 65536
/*
 * Of these, addresses of IPv6 that are counted one by one: a thousand machines with as many temporary addresses as they use at once.
 * Anybody can invent those by the million, so the next ones are counted by their /64, one host to every limit; of which there may be
 * as many, and the rest is for IPv4.
 */
#define LIMIT_HOSTS6 8192
/*
 * TCP from WAN is believed this far ahead of what the inside has acknowledged, and as far behind: 16 MiB, the largest window that
 * today's systems open by themselves (Linux 6 MiB, Windows 16 MiB). It is the exact acknowledgement that keeps forgers out.
 */
#define LIMIT_TCP_REACH (16 * 1024 * 1024)
/* A responder's first acknowledgement may lag behind what its initiator sent by this much: a window without scaling (RFC 7413 sends data with the SYN). */
#define LIMIT_TCP_FIRST_REACH 65535
/*
 * However many addresses a flood comes from, a host may hold this many times what is still free: n hosts that take all they can leave
 * 1/(8 n + 1) of the table and of the ports to the others, and one alone still gets eight ninths.
 */
#define LIMIT_HOST_TIMES_FREE 8
/* Outsiders' sessions that nobody has proven take at most this share of the table; the oldest makes room. */
#define LIMIT_UNPROVEN_SHARE 8
/* One part in four of the table is the inside's alone: outsiders with real addresses, however many, leave it what a household needs. */
#define LIMIT_INSIDE_SHARE 4

/* Datagrams whose first fragment was decided and whose others follow, at one time. */
#define LIMIT_FRAGMENTS 8192
/* The kernel of the sorter keeps at most this much of incomplete datagrams ... */
#define LIMIT_SORTER_BYTES (8 * 1024 * 1024)
/* ... for at most this long: a fragment that comes later than a second after the first has been lost on the way. */
#define SORTER_WAIT_S 2
/*
 * What one fragment takes of that memory at most: a page that the device put its octets in, and what the kernel keeps beside
 * them. More than SORTER_UNIT_OCTETS of IP count for several.
 */
#define SORTER_UNIT_BYTES 4608
#define SORTER_UNIT_OCTETS 2048
/*
 * Fragments that wait in the sorter, in those units. They are counted when they go in and when they come out, so that whole datagrams
 * are not limited at all, and what stays inside is. Nobody takes from another class: a flood of invented sources from outside leaves the LANs theirs,
 * and those outside whom an inside host has spoken to.
 */
#define LIMIT_SORTER_LAN 768
#define LIMIT_SORTER_KNOWN 512
#define LIMIT_SORTER_STRANGERS 512
/* Of one source: five datagrams of 64 KiB, all but complete. */
#define LIMIT_SORTER_SOURCE 256
/* Sources that are counted at one time; strangers come in only as their class allows, so that a flood does not push the known ones out. */
#define LIMIT_SORTER_SOURCES 16384
/* An address outside is known for this long after an inside host spoke with it: as a quiet UDP session. */
#define SORTER_KNOWN_S 300

/*
 * With nftables the gateway's own kernel puts datagrams together, for SORTER_WAIT_S, and cannot tell what comes of a fragment. Of one source this many a second:
 * 120 Mbit/s of datagrams, and what waits at most of one that sends nothing but lone fragments leaves others more than half of the memory.
 */
#define LIMIT_FRAGMENTS_SOURCE_PER_S 10000
/* Of all whom nobody inside has spoken to, together. */
#define LIMIT_FRAGMENTS_STRANGERS_PER_S 2000
/* A source is counted for this long after its last fragment. */
#define FRAGMENTS_NOTE_S 10
/* That memory: more than twice what one source's lone fragments take of it, of a kilobyte each. */
#define LIMIT_FRAGMENTS_BYTES (64 * 1024 * 1024)

/* A last-seen stamp is written when it is at least this old: no shared line per packet. */
#define SESSION_TOUCH_S 1
/*
 * A noted way is believed for this long, and then for as many seconds more as the session's number has in its last four bits: one packet in that time goes
 * the long way, by which bridges relearn who sends it, and the kernel asks for a neighbour that it has not heard of (30 s by default; a bridge
 * forgets after 300). The spread keeps sessions that began together from going there together.
 */
#define WAY_S 16
#define WAY_SPREAD_S 15
/* Without a round of the daemon for this long, nothing noted is believed. Its rounds are a second apart. */
#define WAY_TICK_S 5
/* Devices that noted ways lead from and to, a power of two: 64 segments, and bridges with their ports. */
#define LIMIT_LINKS 1024
/* The daemon reads all of devices that often beside what it is told of them: some things nobody tells. */
#define FAST_LOOK_S 10
/* What the kernel tells of changes before the daemon reads it; some thousand events. */
#define LIMIT_WATCH_BYTES (1024 * 1024)
/* Flows that are found by a hint, a power of two: 8 octets each, as much as a small processor's cache holds. */
#define LIMIT_HINTS 65536
/* Addresses behind the ports of all bridges; behind others, XDP leaves it to the bridge. */
#define LIMIT_FDB 8192

/* The sweep walks the whole table in this time ... */
#define SWEEP_PERIOD_S 30
/* ... in slices of at most this many sessions: a CPU serves no packet meanwhile, a millisecond if all of them have to end. */
#define LIMIT_SWEEP_SLICE 1024
/* ... and at most once a second. */
#define SWEEP_TICK_MAX_S 1

/* ICMP errors of our own, per second, side and CPU: RFC 1812 section 4.3.2.8 asks for a limit. By side, so that outside cannot silence us inside. */
#define LIMIT_ICMP_ERRORS_PER_S 100
/* Of these, to one address: more than a traceroute or a host that learns its path MTU needs, and others still hear us. */
#define LIMIT_ICMP_ERRORS_PER_HOST_S 20
/* Addresses whose share is remembered: several seconds of as many different ones as we may answer, on many CPUs. */
#define LIMIT_ICMP_TOLD 4096

/* --- marks and filters ----------------------------------------------------------------------- */

/*
 * Two bits of the packet mark. ADMITTED says that our filter judged the packet and let it
 * in; the guard table drops what comes from WAN without it. SENT says that the NAT itself sent
 * the packet to the WAN device, so that the egress program does not judge it again.
 * Bits 28 and 29: free in the mark plans of Docker, Kubernetes (14, 15), Tailscale (16-23),
 * mwan3 (8-13) and WireGuard's wg-quick (0xca6c).
 */
#define MARK_ADMITTED 0x10000000
#define MARK_SENT 0x20000000
/* Both at once on a packet that arrives: the sorter's, judged when its first fragment came back. */
#define MARK_SORTED (MARK_ADMITTED | MARK_SENT)

/* nat.mark in role bypass, for others to see: bit 26 is none of ours, and free in the mark plans above. */
#define MARK_ANSWER 0x04000000

/*
 * The sorter's cable: our end, in the gateway's namespace, and the other one. Locally administered addresses that no device has by
 * itself; they never leave the machine.
 */
#define SORTER_DEVICE "hairpin-sort0"
#define SORTER_DEVICE_INSIDE "sort"
#define SORTER_MAC_OUTSIDE_OCTETS 0x02, 0x68, 0x70, 0x00, 0x00, 0x00
#define SORTER_MAC_INSIDE_OCTETS 0x02, 0x68, 0x70, 0x00, 0x00, 0x01

/* Our tc filters: handle and priority are fixed, so that they are replaced in place. */
#define TC_HANDLE 0x4a7
#define TC_PRIORITY 0x4a7

/* --- the daemon ------------------------------------------------------------------------------ */

/* Facts are read again this long after the first of a burst of netlink events. */
#define FACTS_SETTLE_MS 20
/* What the kernel may tell of changes of rules before it is read: some thousand rules that are flushed at once. */
#define LIMIT_RULES_WATCH_BYTES (1024 * 1024)
/* Looks at what is ours are this far apart at least: each reads the whole table where any rule changed, and a storm of changes of others' is no reason to do nothing else. */
#define WATCHDOG_LOOK_MS 100
/*
 * What is taken away is put back at once so often ... : a reload of a firewall or two, an installer that flushes before and after.
 */
#define WATCHDOG_BURST 5
/* ... within this time; somebody who takes it away more often does so on purpose, or by a program that looks as we do. */
#define WATCHDOG_BURST_S 60
/* From then on it is put back after this time, which doubles with each removal ... */
#define WATCHDOG_WAIT_MIN_S 5
/* ... up to this one. A gateway without its rules lets nothing new pass, so no longer than somebody looks for the fault. */
#define WATCHDOG_WAIT_MAX_S 60
/* Without a removal for this long, the next one is put back at once again. */
#define WATCHDOG_QUIET_S 300
/* A pause without an end is said in the log this often, as nobody remembers it for longer. */
#define WATCHDOG_REMIND_S 3600
/* A reader of the control socket that takes nothing for this long is dropped. */
#define CONTROL_IDLE_MS 10000
/* Clients of the control socket at one time. */
#define LIMIT_CONTROL_CLIENTS 32
/* Of these, kept for root: readers that are slow on purpose shall not hold off `hairpin confirm` or the guardian. */
#define LIMIT_CONTROL_ROOT 8
/* `apply --confirm`: shortest and longest time to wait for the confirmation. */
#define CONFIRM_MIN_S 1
#define CONFIRM_MAX_S 3600
/* The guardian gives a daemon that should go back this long before it does so itself. */
#define CONFIRM_GRACE_MS 3000

/* --- the log --------------------------------------------------------------------------------- */

/*
 * Of one and the same line so many are written in a window: five tries of a person, or of a service manager that starts us again, are each seen; what
 * comes more often is a machine's doing, and a number says more of it than lines do.
 */
#define LIMIT_LOG_SAME 5
/*
 * Of lines of one format: more than a reload has to say of the largest configuration that people write by hand. Beyond that somebody outside decides how much
 * is written, as a host that asks for leases under ever new names: 200 lines a minute are some 40 MB a day.
 */
#define LIMIT_LOG_LIKE 200
/* A minute is how soon an operator who looks has to learn that it goes on. */
#define LIMIT_LOG_WINDOW_MS 60000
/* Texts and formats that are counted at a time, of each process; what is forgotten was not used for longest. There are some 120 formats in all, and no process has half of them. */
#define LIMIT_LOG_TEXTS 64
#define LIMIT_LOG_FORMATS 64
/* A journal that takes a line no sooner does not get it: packets and names do not wait for a disk. */
#define LIMIT_LOG_JOURNAL_MS 100

/* --- rules of others ------------------------------------------------------------------------- */

/* Services that a finding about somebody else's rule names; the rest is a number. */
#define LIMIT_NAMED_SERVICES 5
/* Commands in the line that mends it: ufw and firewalld need one for each port, and nobody reads more before they are pasted. */
#define LIMIT_MEND_COMMANDS 64
/* iptables-save is silent for this long: as with a lock that somebody holds and does not give back. */
#define LIMIT_IPTABLES_SAVE_MS 5000
/* Routing rules that lead answers away and are told; a machine with more has another trouble. */
#define LIMIT_WAYS_AWAY 8
/* Routes that `hairpin check` looks through for what a proxy of this machine does with answers: 64 octets each, and more than a machine has that is no router of the internet. */
#define LIMIT_POLICY_ROUTES 65536
