// SPDX-License-Identifier: GPL-2.0-or-later
#include "prepare.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend.h"
#include "conf.h"
#include "file.h"
#include "log.h"

/*
 * A directory that is made here gives its group to whatever is made in it: the guardian starts a daemon that may no
 * longer change groups, and its socket shall be for the same people.
 */
int prepare_socket_directory(const char *socket)
{
	const struct group *group = getgrnam(PREPARE_SOCKET_GROUP);
	char directory[PATH_MAX];
	char *slash;
	int ret;

	snprintf(directory, sizeof(directory), "%s", socket);
	slash = strrchr(directory, '/');
	if (!slash || slash == directory)
		return 0;
	*slash = '\0';
	if (!access(directory, F_OK))
		return 0;
	ret = dir_make(directory, 0755);
	if (!ret && group &&
	    (chown(directory, (uid_t)-1, group->gr_gid) || chmod(directory, 02755)))
		ret = -errno;
	return ret;
}

/* What the daemon will choose, by what is known before it looks (choice.h). Where it may be either, what was made for nothing goes with a detach. */
static const struct backend_ops *backend_of(const struct conf *conf,
					    const struct backend_options *where)
{
	if (conf->role == CONF_ROLE_RESOLVER)
		return &backend_none;
	if (conf->backend == CONF_BACKEND_NFTABLES ||
	    (conf->backend == CONF_BACKEND_AUTO && backend_in_place(where) == &backend_nftables))
		return &backend_nftables;
	return &backend_bpf;
}

int prepare_run(const struct options *options)
{
	const struct backend_options where = {.pins = options->pins, .state = options->state};
	_strbuf_ struct strbuf errors = {0}, why = {0};
	_conf_ struct conf *conf = NULL;
	const struct backend_ops *ops;
	int ret = dir_make(options->state, 0750);

	if (!ret)
		ret = prepare_socket_directory(options->socket);
	if (ret) {
		log_error("%s, %s: %s", options->state, options->socket, strerror(-ret));
		return 1;
	}
	if (conf_load(options->conf, &conf, &errors))
		return 0;
	ops = backend_of(conf, &where);
	if (ops->prepare)
		ops->prepare(&where, &why);
	if (why.length)
		log_debug("%s", strbuf_text(&why));
	return 0;
}
