// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hairpin/limits.h>

#include "cleanup.h"
#include "clock.h"
#include "kernel_call.h"
#include "sandbox.h"

#define ANSWER_MAX (sizeof(struct hosts_answer_head) + LIMIT_HOSTS_LINES_BYTES)

/* --- the process ----------------------------------------------------------------------------- */

/* 0; -ETIMEDOUT; -errno. */
static int wait_for(int fd, short events, __u64 until_ms)
{
	struct pollfd polled = {.fd = fd, .events = events};
	int n;

	do {
		__u64 now = clock_monotonic_ms();

		n = poll(&polled, 1, now < until_ms ? (int)(until_ms - now) : 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n ? 0 : -ETIMEDOUT;
}

static int connect_to(const struct ip_addr *gateway, __u64 until_ms)
{
	bool is_v4 = ip_addr_is_v4(gateway);
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(HOSTS_WIRE_PORT)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(HOSTS_WIRE_PORT)};
	_close_ int fd =
		socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(int);
	int error = 0, ret;

	if (fd < 0)
		return -errno;
	if (is_v4)
		v4.sin_addr.s_addr = ip_addr_v4(gateway);
	else
		memcpy(&v6.sin6_addr, gateway->b, sizeof(v6.sin6_addr));
	ret = is_v4 ? connect(fd, (const struct sockaddr *)&v4, sizeof(v4))
		    : connect(fd, (const struct sockaddr *)&v6, sizeof(v6));
	if (ret && errno != EINPROGRESS)
		return -errno;
	ret = wait_for(fd, POLLOUT, until_ms);
	if (!ret && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length))
		ret = -errno;
	if (ret || error)
		return ret ? ret : -error;
	return TAKE_FD(fd);
}

/* Whole, or -errno. */
static int answer_fetch(int fd, __u64 until_ms, __u8 *octets, size_t *ret_n)
{
	struct hosts_answer answer;
	size_t n = 0;
	int ret;

	/* One more than there can be, so that what goes on behind its end is seen. */
	while ((ret = hosts_answer_read(octets, n, &answer)) == -EAGAIN) {
		ssize_t more;

		ret = wait_for(fd, POLLIN, until_ms);
		if (ret)
			return ret;
		more = recv(fd, octets + n, ANSWER_MAX + 1 - n, 0);
		if (more < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		/* It was turned away, or what is there hangs up. */
		if (!more)
			return -ECONNRESET;
		n += more > 0 ? (size_t)more : 0;
	}
	*ret_n = n;
	return ret;
}

static int converse(const struct hosts_asked *asked, __u8 *octets, size_t *ret_n)
{
	__u64 until_ms = clock_monotonic_ms() + HOSTS_ASK_MS;
	struct hosts_request request;
	struct hosts_answer answer;
	_close_ int fd = connect_to(&asked->gateway, until_ms);
	int ret;

	if (fd < 0)
		return fd;
	hosts_request_make(asked->nonce, &request);
	if (send(fd, &request, sizeof(request), MSG_NOSIGNAL) != sizeof(request))
		return errno ? -errno : -EIO;
	ret = answer_fetch(fd, until_ms, octets, ret_n);
	if (!ret)
		ret = hosts_answer_read(octets, *ret_n, &answer);
	return ret ? ret : hosts_answer_check(&answer, asked);
}

static void report(int to, const void *data, size_t length)
{
	for (const char *at = data; length;) {
		ssize_t n = write(to, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		at += n;
		length -= (size_t)n;
	}
}

static _Noreturn void process_run(const struct hosts_asked *asked, int to)
{
	__u8 *octets = malloc(ANSWER_MAX + 1);
	size_t n = 0;
	__s32 ret = octets ? 0 : -ENOMEM;

	/* Nothing of the command's is open in it but what it reports by. */
	if (!ret && (prctl(PR_SET_PDEATHSIG, SIGKILL) || dup2(to, STDERR_FILENO + 1) < 0 ||
		     kernel_close_from(STDERR_FILENO + 2, 0)))
		ret = -errno;
	if (!ret)
		ret = sandbox_enter(&sandbox_hosts_ask);
	if (!ret)
		ret = converse(asked, octets, &n);
	report(STDERR_FILENO + 1, &ret, sizeof(ret));
	if (!ret)
		report(STDERR_FILENO + 1, octets, n);
	_exit(0);
}

/* --- the command's --------------------------------------------------------------------------- */

int hosts_ask_start(struct hosts_ask *ask, const struct ip_addr *gateway, const __u8 *key)
{
	int ends[2];

	hosts_ask_end(ask);
	ask->asked = (struct hosts_asked){.gateway = *gateway};
	if (key) {
		memcpy(ask->key, key, sizeof(ask->key));
		ask->asked.key = ask->key;
	}
	if (getrandom(ask->asked.nonce, sizeof(ask->asked.nonce), 0) !=
	    (ssize_t)sizeof(ask->asked.nonce))
		return -EIO;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	ask->pid = fork();
	if (!ask->pid)
		process_run(&ask->asked, ends[1]);
	close(ends[1]);
	if (ask->pid < 0) {
		ask->pid = 0;
		close(ends[0]);
		return -EAGAIN;
	}
	ask->fd = ends[0];
	return fcntl(ask->fd, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

/* All of it is there. */
static int said_judge(struct hosts_ask *ask, struct hosts_answer *ret_answer)
{
	__s32 ret = -EIO; /* it died */
	int bad;

	if (ask->said.length >= sizeof(ret))
		memcpy(&ret, ask->said.text, sizeof(ret));
	if (ret)
		return ret < 0 ? ret : -EIO;
	bad = hosts_answer_read(ask->said.text + sizeof(ret), ask->said.length - sizeof(ret),
				ret_answer);
	if (!bad)
		bad = hosts_answer_check(ret_answer, &ask->asked);
	return bad == -EAGAIN ? -EPROTO : bad;
}

int hosts_ask_take(struct hosts_ask *ask, struct hosts_answer *ret_answer)
{
	char part[4096];

	for (;;) {
		ssize_t n = read(ask->fd, part, sizeof(part));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return said_judge(ask, ret_answer);
		if (ask->said.length + (size_t)n > sizeof(__s32) + ANSWER_MAX)
			return -EMSGSIZE;
		strbuf_add_bytes(&ask->said, part, (size_t)n);
	}
}

int hosts_ask_wait(struct hosts_ask *ask, struct hosts_answer *ret_answer)
{
	__u64 until_ms = clock_monotonic_ms() + 2 * HOSTS_ASK_MS;
	int ret;

	while ((ret = hosts_ask_take(ask, ret_answer)) == -EAGAIN) {
		ret = wait_for(ask->fd, POLLIN, until_ms);
		if (ret)
			return ret;
	}
	return ret;
}

void hosts_ask_end(struct hosts_ask *ask)
{
	if (ask->fd >= 0)
		close(ask->fd);
	if (ask->pid) {
		kill(ask->pid, SIGKILL);
		while (waitpid(ask->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	strbuf_fini(&ask->said);
	*ask = HOSTS_ASK_NONE;
}

static const struct {
	int ret;
	const char *text;
} proofs[] = {
	{-EKEYREJECTED, "another gateway answered, with another key"},
	{-EBADMSG, "an answer came that the gateway has not signed for this question"},
	{-EPROTO, "something answered that is no hairpin, or another version of it"},
	{-EMSGSIZE, "something answered that is no hairpin, and says too much"},
	{-EINVAL, "the gateway's answer is no list of names"},
};

enum hosts_event hosts_ask_event(int ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(proofs); i++) {
		if (proofs[i].ret == ret)
			return HOSTS_OTHER;
	}
	return ret ? HOSTS_SILENT : HOSTS_PROVED;
}

void hosts_ask_explain(int ret, struct strbuf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(proofs); i++) {
		if (proofs[i].ret == ret) {
			strbuf_add(out, "%s", proofs[i].text);
			return;
		}
	}
	strbuf_add(out, "no answer: %s", strerror(-ret));
}
