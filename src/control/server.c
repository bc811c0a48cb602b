// SPDX-License-Identifier: GPL-2.0-or-later
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <hairpin/limits.h>

#include "fd_message.h"
#include "protocol.h"

/* Enough for a hundred sessions in one write, and little enough to hold for each of the clients. */
#define CHUNK_BYTES (32 * 1024)

struct client {
	struct control_server *server;
	struct client *next;
	uv_poll_t poll;
	uv_timer_t idle;
	int n_handles; /* still to be closed by the loop */
	int fd; /* the connection */
	uid_t uid; /* of the peer when it connected; (uid_t)-1: unknown */
	int attached; /* descriptor that came with the request, or -1 */
	/* One octet more than a request, so that too much is seen. */
	char in[sizeof(struct control_request) + 1];
	size_t in_length;
	bool answering;
	size_t sent; /* of reply.body */
	struct control_reply reply;
};

struct control_server {
	uv_loop_t *loop;
	struct control_server_options options;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uv_poll_t poll; /* of the listener */
	int fd; /* -1: none */
	struct client *clients;
	unsigned int n_clients; /* with those that the loop is still closing */
	unsigned int n_others; /* of them, not root's */
	bool closing;
};

/* Freed by whoever is last: the listener's handle or a client's. */
static void server_free_if_last(struct control_server *server)
{
	if (server->closing && server->n_clients == 0 && server->fd < 0)
		free(server);
}

static void client_handle_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;
	struct control_server *server = client->server;

	if (--client->n_handles > 0)
		return;
	close(client->fd);
	if (client->attached >= 0)
		close(client->attached);
	strbuf_fini(&client->reply.body);
	server->n_clients--;
	server->n_others -= client->uid != 0;
	free(client);
	server_free_if_last(server);
}

static void client_drop(struct client *client)
{
	struct control_server *server = client->server;

	for (struct client **at = &server->clients; *at; at = &(*at)->next) {
		if (*at == client) {
			*at = client->next;
			break;
		}
	}
	if (client->reply.more_free)
		client->reply.more_free(client->reply.more_state);
	if (client->reply.done)
		client->reply.done(server->options.data);
	uv_close((uv_handle_t *)&client->poll, client_handle_closed);
	uv_close((uv_handle_t *)&client->idle, client_handle_closed);
}

/* What it waits for is there: not it was idle, but this process, with a large plan for instance. Timers come before events. */
static bool client_was_kept(const struct client *client)
{
	struct pollfd end = {.fd = client->fd, .events = client->answering ? POLLOUT : POLLIN};

	return poll(&end, 1, 0) > 0 && (end.revents & end.events);
}

static void client_idle(uv_timer_t *timer)
{
	if (!client_was_kept(timer->data))
		client_drop(timer->data);
}

/* Takes the next piece of the body. 1: there is one, 0: it was all, -errno. */
static int client_refill(struct client *client)
{
	struct control_reply *reply = &client->reply;

	client->sent = 0;
	strbuf_reset(&reply->body);
	while (reply->more && reply->body.length < CHUNK_BYTES) {
		int ret = reply->more(reply->more_state, &reply->body);

		if (ret < 0)
			return ret;
		if (ret == 0)
			reply->more = NULL;
	}
	return reply->body.length > 0;
}

/* One write for each call, so that a client with a long answer does not hold up the others. */
static void client_write(struct client *client)
{
	const struct strbuf *body = &client->reply.body;
	ssize_t n = send(client->fd, body->text + client->sent, body->length - client->sent,
			 MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		client_drop(client);
		return;
	}
	uv_timer_again(&client->idle);
	client->sent += (size_t)n;
	if (client->sent == body->length && client_refill(client) <= 0)
		client_drop(client);
}

static void client_event(uv_poll_t *poll, int status, int events);

/* The header goes in front of what the handler built. */
static void client_answer(struct client *client)
{
	struct control_reply *reply = &client->reply;
	struct control_response header = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.exit_code = reply->exit_code,
	};
	struct strbuf whole = {0};

	strbuf_add_bytes(&whole, &header, sizeof(header));
	strbuf_add_bytes(&whole, strbuf_text(&reply->body), reply->body.length);
	strbuf_fini(&reply->body);
	reply->body = whole;
	client->answering = true;
	uv_poll_start(&client->poll, UV_WRITABLE, client_event);
}

static void client_refuse(struct client *client, const struct strbuf *why)
{
	/* The lines of control_request_check() hold nothing that JSON would have to escape. */
	strbuf_add(&client->reply.body, "{\"errors\": [\"%s\"]}\n", strbuf_text(why));
	client->reply.exit_code = CONTROL_EXIT_FINDING;
	client_answer(client);
}

/* It has closed its end, and not only its writing. */
static bool client_is_gone(const struct client *client)
{
	struct pollfd end = {.fd = client->fd};

	return poll(&end, 1, 0) > 0 && (end.revents & POLLHUP);
}

static void client_request(struct client *client)
{
	struct control_server *server = client->server;
	struct control_request request;
	_strbuf_ struct strbuf why = {0};

	/* Who was told that nobody answers shall not see it done a while later, when this process runs again. */
	if (client_is_gone(client)) {
		client_drop(client);
		return;
	}
	if (control_request_check(client->in, client->in_length, client->uid, &why)) {
		client_refuse(client, &why);
		return;
	}
	memcpy(&request, client->in, sizeof(request));
	server->options.handler(server->options.data, &request, client->attached, &client->reply);
	if (client->reply.hand_over &&
	    !client->reply.hand_over(server->options.data, &request, client->fd, &client->reply))
		client_drop(client);
	else
		client_answer(client);
}

static void client_read(struct client *client)
{
	/* The first descriptor is the client's file; more than one is not asked for and not kept. */
	ssize_t n = fd_stream_receive(client->fd, client->in + client->in_length,
				      sizeof(client->in) - client->in_length, &client->attached);

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n < 0 || (n == 0 && client->in_length == 0)) {
		client_drop(client);
		return;
	}
	client->in_length += (size_t)n;
	if (n == 0 || client->in_length >= sizeof(struct control_request))
		client_request(client);
}

static void client_event(uv_poll_t *poll, int status, int events)
{
	struct client *client = poll->data;

	(void)events;
	if (status < 0)
		client_drop(client);
	else if (client->answering)
		client_write(client);
	else
		client_read(client);
}

static uid_t peer_uid(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) ? (uid_t)-1 : peer.uid;
}

static bool server_has_room(const struct control_server *server, uid_t uid)
{
	return server->n_clients < LIMIT_CONTROL_CLIENTS &&
	       (uid == 0 || server->n_others < LIMIT_CONTROL_CLIENTS - LIMIT_CONTROL_ROOT);
}

int control_server_adopt(struct control_server *server, int fd)
{
	struct client *client;
	uid_t uid = peer_uid(fd);
	int ret;

	if (!server_has_room(server, uid)) {
		close(fd);
		return -EBUSY;
	}
	client = calloc(1, sizeof(*client));
	if (!client) {
		close(fd);
		return -ENOMEM;
	}
	client->server = server;
	client->fd = fd;
	client->uid = uid;
	client->attached = -1;
	ret = uv_poll_init(server->loop, &client->poll, fd);
	if (ret) {
		close(fd);
		free(client);
		return ret;
	}
	uv_timer_init(server->loop, &client->idle);
	client->n_handles = 2;
	client->poll.data = client->idle.data = client;
	client->next = server->clients;
	server->clients = client;
	server->n_clients++;
	server->n_others += uid != 0;
	uv_timer_start(&client->idle, client_idle, server->options.idle_ms,
		       server->options.idle_ms);
	return uv_poll_start(&client->poll, UV_READABLE, client_event);
}

static void server_accept(uv_poll_t *poll, int status, int events)
{
	struct control_server *server = poll->data;
	int fd;

	(void)events;
	if (status < 0)
		return;
	fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		control_server_adopt(server, fd);
}

/* A socket file whose owner is gone refuses connections, and only then is it removed. */
static int server_replace_stale(const struct sockaddr_un *address)
{
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	/* EAGAIN: its backlog is full, so somebody is there. */
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)) || errno == EAGAIN)
		return -EADDRINUSE;
	if (errno != ECONNREFUSED)
		return errno == ENOENT ? 0 : -errno;
	return unlink(address->sun_path) ? -errno : 0;
}

static int server_listen(struct control_server *server)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_close_ int fd = -1;
	mode_t mask;
	int ret;

	memcpy(address.sun_path, server->path, sizeof(address.sun_path));
	ret = server_replace_stale(&address);
	if (ret)
		return ret;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* The mode is right from the first moment: a chmod() later would leave a gap. */
	mask = umask(0117);
	ret = bind(fd, (const struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	umask(mask);
	if (ret)
		return ret;
	/* Root alone may use it then, which is the safe side. */
	if (server->options.group != (gid_t)-1 &&
	    chown(server->path, (uid_t)-1, server->options.group) && errno != EPERM)
		return -errno;
	if (listen(fd, LIMIT_CONTROL_CLIENTS))
		return -errno;
	ret = uv_poll_init(server->loop, &server->poll, fd);
	if (ret)
		return ret;
	server->poll.data = server;
	server->fd = TAKE_FD(fd);
	return uv_poll_start(&server->poll, UV_READABLE, server_accept);
}

int control_server_open(uv_loop_t *loop, const struct control_server_options *options,
			struct control_server **ret_server)
{
	struct control_server *server = calloc(1, sizeof(*server));
	int ret = 0;

	if (!server)
		return -ENOMEM;
	server->loop = loop;
	server->options = *options;
	server->fd = -1;
	if (options->path && strlen(options->path) >= sizeof(server->path))
		ret = -ENAMETOOLONG;
	else if (options->path) {
		strcpy(server->path, options->path);
		ret = server_listen(server);
	}
	if (ret) {
		control_server_close(server);
		return ret;
	}
	*ret_server = server;
	return 0;
}

static void server_handle_closed(uv_handle_t *handle)
{
	struct control_server *server = handle->data;

	close(server->fd);
	server->fd = -1;
	server_free_if_last(server);
}

void control_server_close(struct control_server *server)
{
	if (!server)
		return;
	server->closing = true;
	while (server->clients)
		client_drop(server->clients);
	if (server->fd >= 0) {
		unlink(server->path);
		uv_close((uv_handle_t *)&server->poll, server_handle_closed);
	} else {
		server_free_if_last(server);
	}
}
