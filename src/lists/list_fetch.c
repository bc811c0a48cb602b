// SPDX-License-Identifier: GPL-2.0-or-later
#include "list_fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <hairpin/limits.h>

#include "cleanup.h"
#include "inward.h"
#include "version.h"

struct fetching {
	CURL *curl;
	struct fetched *to;
	size_t room;
	unsigned int redirections;
	bool began_inside; /* the first address was one of a private network */
	bool is_too_long, leads_inside;
};

int fetch_begin(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) ? -EIO : 0;
}

void fetched_fini(struct fetched *fetched)
{
	free(fetched->text);
	fetched->text = NULL;
	fetched->n = 0;
}

static size_t on_body(char *octets, size_t size, size_t n, void *data)
{
	struct fetching *fetching = data;
	struct fetched *to = fetching->to;

	n *= size;
	if (n > LIMIT_LIST_BYTES - to->n) {
		fetching->is_too_long = true;
		return 0;
	}
	if (to->n + n > fetching->room) {
		size_t room = fetching->room ? 2 * fetching->room : 65536;
		char *text;

		while (room < to->n + n)
			room *= 2;
		text = realloc(to->text, room);
		if (!text)
			return 0;
		to->text = text;
		fetching->room = room;
	}
	memcpy(to->text + to->n, octets, n);
	to->n += n;
	return n;
}

/* What stands behind @name, if it is that header and can be said again. */
static void header_take(const char *line, size_t n, const char *name, char *to, size_t room)
{
	size_t skip = strlen(name);

	if (n < skip || strncasecmp(line, name, skip))
		return;
	while (skip < n && line[skip] == ' ')
		skip++;
	while (n > skip && (line[n - 1] == '\n' || line[n - 1] == '\r' || line[n - 1] == ' '))
		n--;
	if (n - skip >= room)
		return;
	for (size_t i = skip; i < n; i++) {
		if (line[i] < ' ' || line[i] > '~')
			return;
	}
	memcpy(to, line + skip, n - skip);
	to[n - skip] = '\0';
}

static size_t on_header(char *line, size_t size, size_t n, void *data)
{
	struct fetching *fetching = data;
	struct fetch_mark *mark = &fetching->to->mark;

	n *= size;
	/* Of the last answer, not of those that led to it. */
	if (n > 5 && !memcmp(line, "HTTP/", 5))
		*mark = (struct fetch_mark){0};
	header_take(line, n, "etag:", mark->etag, sizeof(mark->etag));
	header_take(line, n, "last-modified:", mark->date, sizeof(mark->date));
	return n;
}

static struct ip_addr addr_of(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET6)
		return ip_addr_from_v6(
			((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
	return ip_addr_from_v4(
		((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr);
}

/* Asked by address, so that no name can hide it. */
static curl_socket_t on_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct fetching *fetching = data;
	bool is_inside;
	struct ip_addr addr;

	(void)purpose;
	if (address->family != AF_INET && address->family != AF_INET6)
		return CURL_SOCKET_BAD;
	addr = addr_of(&address->addr);
	is_inside = dns_addr_is_inward(&addr);
	if (!fetching->redirections)
		fetching->began_inside = is_inside;
	if (is_inside && !fetching->began_inside) {
		fetching->leads_inside = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static struct curl_slist *conditions_of(const struct fetch_mark *mark)
{
	struct curl_slist *headers = NULL;
	char line[FETCH_ETAG_MAX + 32];

	if (mark && *mark->etag) {
		snprintf(line, sizeof(line), "If-None-Match: %s", mark->etag);
		headers = curl_slist_append(headers, line);
	}
	if (mark && *mark->date) {
		snprintf(line, sizeof(line), "If-Modified-Since: %s", mark->date);
		headers = curl_slist_append(headers, line);
	}
	return headers;
}

/* An option that libcurl does not take would be a bound that is not there. */
#define SET(option, value) (set |= curl_easy_setopt(curl, (option), (value)) != CURLE_OK)

static bool options_set(struct fetching *fetching, const char *url, struct curl_slist *headers)
{
	bool is_tls = !strncmp(url, "https://", 8);
	CURL *curl = fetching->curl;
	bool set = false;

	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, is_tls ? "https" : "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_USERAGENT, "hairpin/" HAIRPIN_VERSION);
	SET(CURLOPT_ACCEPT_ENCODING, "");
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_CONNECTTIMEOUT, (long)LISTS_CONNECT_S);
	SET(CURLOPT_TIMEOUT, (long)LISTS_FETCH_S);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1000L);
	SET(CURLOPT_LOW_SPEED_TIME, (long)LISTS_CONNECT_S);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, fetching);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, fetching);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, fetching);
	return !set;
}

static int fail(struct fetched *to, const char *format, ...) _printf_(2, 3);

static int fail(struct fetched *to, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(to->error, sizeof(to->error), format, arguments);
	va_end(arguments);
	for (char *c = to->error; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	return -EIO;
}

/*
 * libcurl says of a certificate that is not believed only that it is so, with the names of files that mean nothing to whoever reads it. What GnuTLS found, which is
 * the library under it here (meson.build), stands behind this. False: it is about something else.
 */
static bool certificate_fail(const struct fetching *fetching, CURLcode result)
{
	gnutls_datum_t text;
	long status = 0;

	if (result != CURLE_PEER_FAILED_VERIFICATION ||
	    curl_easy_getinfo(fetching->curl, CURLINFO_SSL_VERIFYRESULT, &status) || !status ||
	    gnutls_certificate_verification_status_print((unsigned int)status, GNUTLS_CRT_X509,
							 &text, 0))
		return false;
	while (text.size && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '.'))
		text.size--;
	fail(fetching->to, "%.*s", (int)text.size, text.data);
	gnutls_free(text.data);
	return true;
}

static bool is_redirection(long code)
{
	return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

/* One server. 1: it names another address, and asking goes on there; 0: it answered; -EIO. */
static int ask_once(struct fetching *fetching, bool has_mark)
{
	struct fetched *to = fetching->to;
	char why[CURL_ERROR_SIZE] = "", *next = NULL;
	CURLcode result;
	long code = 0;

	to->n = 0;
	curl_easy_setopt(fetching->curl, CURLOPT_ERRORBUFFER, why);
	result = curl_easy_perform(fetching->curl);
	curl_easy_setopt(fetching->curl, CURLOPT_ERRORBUFFER, NULL);
	if (fetching->leads_inside)
		return fail(to, "the server leads into a private network");
	if (fetching->is_too_long)
		return fail(to, "larger than %u MiB", LIMIT_LIST_BYTES >> 20);
	if (certificate_fail(fetching, result))
		return -EIO;
	if (result)
		return fail(to, "%s", *why ? why : curl_easy_strerror(result));
	curl_easy_getinfo(fetching->curl, CURLINFO_RESPONSE_CODE, &code);
	if (is_redirection(code)) {
		curl_easy_getinfo(fetching->curl, CURLINFO_REDIRECT_URL, &next);
		if (!next || ++fetching->redirections > LISTS_REDIRECTIONS)
			return fail(to, "the server leads nowhere");
		return curl_easy_setopt(fetching->curl, CURLOPT_URL, next) ? -EIO : 1;
	}
	to->is_same = code == 304 && has_mark;
	return code == 200 || to->is_same ? 0 : fail(to, "the server answers %ld", code);
}

int fetch_url(const char *url, const struct fetch_mark *mark, struct fetched *ret_fetched)
{
	struct fetching fetching = {.to = ret_fetched, .curl = curl_easy_init()};
	struct curl_slist *headers = conditions_of(mark);
	int ret;

	*ret_fetched = (struct fetched){0};
	if (!fetching.curl || !options_set(&fetching, url, headers))
		ret = fail(ret_fetched, "libcurl cannot be used");
	else
		while ((ret = ask_once(&fetching, headers != NULL)) > 0)
			;
	curl_easy_cleanup(fetching.curl);
	curl_slist_free_all(headers);
	return ret;
}
