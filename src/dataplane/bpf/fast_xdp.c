// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The XDP program on devices, each as a link of the kernel's that is pinned beside the maps: a daemon that takes over puts its own program in the place of the one before in one
 * go, and nobody takes it off by mistake. In the driver's mode or not at all; libbpf's own way to attach (1.1) falls back to the generic one without a word.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include "fast_path.h"

#define PIN "xdp_"

static void pin_path(const char *path, unsigned int ifindex, struct strbuf *ret_pin)
{
	strbuf_add(ret_pin, "%s/" PIN "%u", path, ifindex);
}

/* Unlike the end of its last reference, this has taken effect when it returns. */
static void unpin(const char *pin)
{
	_close_ int link = bpf_obj_get(pin);

	if (link >= 0)
		bpf_link_detach(link);
	unlink(pin);
}

static void closedir_p(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

void fast_xdp_remove_all(const char *path)
{
	_cleanup_(closedir_p) DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		_strbuf_ struct strbuf pin = {0};

		if (strncmp(entry->d_name, PIN, strlen(PIN)))
			continue;
		strbuf_add(&pin, "%s/%s", path, entry->d_name);
		unpin(strbuf_text(&pin));
	}
}

static struct fast_xdp *find(const struct fast_xdps *list, unsigned int ifindex)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->items[i].ifindex == ifindex)
			return &list->items[i];
	}
	return NULL;
}

bool fast_xdp_has(const struct fast_xdps *list, unsigned int ifindex)
{
	return find(list, ifindex);
}

static int add(struct fast_xdps *list, const struct fast_xdp *xdp)
{
	struct fast_xdp *more = reallocarray(list->items, list->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	list->items = more;
	more[list->n++] = *xdp;
	return 0;
}

static void forget(struct fast_xdps *list, struct fast_xdp *xdp)
{
	cleanup_close(&xdp->link);
	*xdp = list->items[--list->n];
}

void fast_xdp_scan(struct fast_xdps *list, const char *path)
{
	_cleanup_(closedir_p) DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		_strbuf_ struct strbuf pin = {0};
		struct fast_xdp xdp = {0};

		if (strncmp(entry->d_name, PIN, strlen(PIN)))
			continue;
		strbuf_add(&pin, "%s/%s", path, entry->d_name);
		xdp.ifindex = (unsigned int)strtoul(entry->d_name + strlen(PIN), NULL, 10);
		xdp.link = bpf_obj_get(strbuf_text(&pin));
		if (xdp.link < 0 || add(list, &xdp))
			cleanup_close(&xdp.link);
	}
}

static int attach(struct fast_xdps *list, const char *path, int program, unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	_strbuf_ struct strbuf pin = {0};
	struct fast_xdp xdp = {.ifindex = ifindex, .is_ours = true};
	int ret;

	pin_path(path, ifindex, &pin);
	unlink(strbuf_text(&pin));
	xdp.link = bpf_link_create(program, (int)ifindex, BPF_XDP, &options);
	if (xdp.link < 0)
		return xdp.link;
	ret = bpf_obj_pin(xdp.link, strbuf_text(&pin));
	if (!ret)
		ret = add(list, &xdp);
	if (ret) {
		bpf_link_detach(xdp.link);
		unlink(strbuf_text(&pin));
		cleanup_close(&xdp.link);
	}
	return ret;
}

/* The link of a device that is gone stays, and has no device; another one may have the number meanwhile. */
static bool is_on(const struct fast_xdp *xdp)
{
	struct bpf_link_info info = {0};
	__u32 length = sizeof(info);

	return !bpf_obj_get_info_by_fd(xdp->link, &info, &length) &&
	       info.xdp.ifindex == xdp->ifindex;
}

int fast_xdp_put(struct fast_xdps *list, const char *path, int program, unsigned int ifindex)
{
	struct fast_xdp *old = find(list, ifindex);
	int ret;

	if (old && !is_on(old)) {
		forget(list, old);
		old = NULL;
	}
	if (old && old->is_ours)
		return 0;
	if (old && !bpf_link_update(old->link, program, NULL)) {
		old->is_ours = true;
		return 1;
	}
	if (old)
		forget(list, old);
	ret = attach(list, path, program, ifindex);
	return ret ? ret : 1;
}

void fast_xdp_remove(struct fast_xdps *list, const char *path, unsigned int ifindex)
{
	_strbuf_ struct strbuf pin = {0};
	struct fast_xdp *xdp = find(list, ifindex);

	if (!xdp)
		return;
	bpf_link_detach(xdp->link);
	pin_path(path, ifindex, &pin);
	unlink(strbuf_text(&pin));
	forget(list, xdp);
}

void fast_xdp_close(struct fast_xdps *list)
{
	for (size_t i = 0; i < list->n; i++)
		cleanup_close(&list->items[i].link);
	free(list->items);
	*list = (struct fast_xdps){0};
}
