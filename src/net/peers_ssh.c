// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which connections are ssh's is told by the local port. Asking /proc for the owner of each connection instead would miss
 * a server that hands them to a process of another name, and take in what sshd itself forwards.
 */
#include "peers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "nl.h"

#define SSH_PORT 22

struct listener {
	__u32 inode;
	__u16 port;
};

struct search {
	struct listener *listeners;
	size_t n_listeners;
	__u16 *ports; /* those of ssh servers */
	size_t n_ports;
	struct peer *peers;
	size_t n_peers;
};

static void search_fini(struct search *search)
{
	free(search->listeners);
	free(search->ports);
	free(search->peers);
}

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static bool is_ssh_port(const struct search *search, __u16 port)
{
	for (size_t i = 0; i < search->n_ports; i++) {
		if (search->ports[i] == port)
			return true;
	}
	return false;
}

static int port_add(struct search *search, __u16 port)
{
	__u16 *added;

	if (!port || is_ssh_port(search, port))
		return 0;
	added = array_add(search->ports, search->n_ports);
	if (!added)
		return -ENOMEM;
	*added = port;
	return 0;
}

/* --- sockets ------------------------------------------------------------------------------------ */

static int on_listener(const struct nlmsghdr *nlh, void *data)
{
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);
	struct search *search = data;
	struct listener *listener = array_add(search->listeners, search->n_listeners);

	if (!listener)
		return MNL_CB_ERROR;
	listener->inode = msg->idiag_inode;
	listener->port = ntohs(msg->id.idiag_sport);
	return MNL_CB_OK;
}

static struct ip_addr sock_addr(__u8 family, const __be32 words[4])
{
	__u8 v6[16];

	if (family == AF_INET)
		return ip_addr_from_v4(words[0]);
	memcpy(v6, words, sizeof(v6));
	return ip_addr_from_v6(v6);
}

static int on_connection(const struct nlmsghdr *nlh, void *data)
{
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);
	struct search *search = data;
	struct peer *peer;

	if (!is_ssh_port(search, ntohs(msg->id.idiag_sport)))
		return MNL_CB_OK;
	peer = array_add(search->peers, search->n_peers);
	if (!peer)
		return MNL_CB_ERROR;
	peer->local = sock_addr(msg->idiag_family, msg->id.idiag_src);
	peer->remote = sock_addr(msg->idiag_family, msg->id.idiag_dst);
	peer->local_port = ntohs(msg->id.idiag_sport);
	peer->remote_port = ntohs(msg->id.idiag_dport);
	/* Bound to a device, as every connection to a link-local address is. */
	if (msg->id.idiag_if)
		if_indextoname(msg->id.idiag_if, peer->interface);
	return MNL_CB_OK;
}

static int sockets_read(__u8 family, __u32 states, mnl_cb_t cb, struct search *search)
{
	_Alignas(struct nlmsghdr) char buffer[NL_REQUEST_MAX];
	struct nlmsghdr *nlh = nl_request_init(buffer, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP,
					       sizeof(struct inet_diag_req_v2));
	struct inet_diag_req_v2 *req = mnl_nlmsg_get_payload(nlh);
	int r;

	req->sdiag_family = family;
	req->sdiag_protocol = IPPROTO_TCP;
	req->idiag_states = states;
	r = nl_request(NETLINK_SOCK_DIAG, nlh, cb, search);
	/* What a kernel says that was built without inet_diag, or without netlink's sock_diag. */
	return r == -ENOENT || r == -EPROTONOSUPPORT ? -EOPNOTSUPP : r;
}

static int tcp_read(__u32 states, mnl_cb_t cb, struct search *search)
{
	int r = sockets_read(AF_INET, states, cb, search);

	if (r < 0)
		return r;
	return sockets_read(AF_INET6, states, cb, search);
}

/* --- which of them are an ssh server's ---------------------------------------------------------- */

static bool is_ssh_server(int proc, const char *pid)
{
	static const char *const names[] = {"sshd\n", "dropbear\n"};
	char path[NAME_MAX + 16], name[32];
	int fd _close_ = -1;
	ssize_t length;

	snprintf(path, sizeof(path), "%s/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, name, sizeof(name) - 1);
	if (length < 0)
		return false;
	name[length] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return false;
}

/*
 * The process of one session listens too, on what its client asked to be forwarded (ssh -R, X11): those are not
 * ports of the server. Its parent is the server.
 */
static bool is_ssh_session(int proc, const char *pid)
{
	char path[NAME_MAX + 16], line[256], parent[16];
	FILE *file _fclose_ = NULL;
	int fd;

	snprintf(path, sizeof(path), "%s/status", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return false;
	}
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "PPid: %15s", parent) == 1)
			return is_ssh_server(proc, parent);
	}
	return false;
}

static int inode_ports_add(struct search *search, __u32 inode)
{
	for (size_t i = 0; i < search->n_listeners; i++) {
		if (search->listeners[i].inode == inode &&
		    port_add(search, search->listeners[i].port) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* A process that ended meanwhile, or is not ours to look into, adds nothing. */
static int process_ports_add(struct search *search, int proc, const char *pid)
{
	char path[NAME_MAX + 16], target[64];
	DIR *dir _cleanup_(dir_close) = NULL;
	struct dirent *entry;
	int fd;

	snprintf(path, sizeof(path), "%s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return 0;
	}
	while ((entry = readdir(dir))) {
		ssize_t length = readlinkat(fd, entry->d_name, target, sizeof(target) - 1);
		unsigned int inode;

		if (length < 0)
			continue;
		target[length] = '\0';
		if (sscanf(target, "socket:[%u]", &inode) == 1 &&
		    inode_ports_add(search, inode) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int server_ports_add(struct search *search)
{
	DIR *proc _cleanup_(dir_close) = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    !is_ssh_server(dirfd(proc), entry->d_name) ||
		    is_ssh_session(dirfd(proc), entry->d_name))
			continue;
		if (process_ports_add(search, dirfd(proc), entry->d_name) < 0)
			return -ENOMEM;
	}
	return 0;
}

int peers_read_ssh(__u16 port, struct peer **ret_peers, size_t *ret_n)
{
	struct search search _cleanup_(search_fini) = {};
	int r;

	r = tcp_read(1u << TCP_LISTEN, on_listener, &search);
	if (r < 0)
		return r;
	if (port_add(&search, SSH_PORT) < 0 || port_add(&search, port) < 0 ||
	    server_ports_add(&search) < 0)
		return -ENOMEM;
	r = tcp_read(1u << TCP_ESTABLISHED, on_connection, &search);
	if (r < 0)
		return r;
	for (size_t i = 0; i < search.n_peers; i++) {
		if (!search.peers[i].interface[0])
			peer_interface_find(&search.peers[i]);
	}
	*ret_n = search.n_peers;
	*ret_peers = TAKE_PTR(search.peers);
	return 0;
}
