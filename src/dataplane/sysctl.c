// SPDX-License-Identifier: GPL-2.0-or-later
/* The settings of the running kernel. */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "bridge.h"
#include "file.h"
#include "record.h"

#define RECORD "sysctls.json"
/* The longest value is a list of ports. */
#define LIMIT_VALUE_BYTES (512 * 1024)

struct store {
	const char *state;
};

static const struct {
	const char *name;
	int attribute;
} bridge_attributes[] = {
	{"nf_call_iptables", IFLA_BR_NF_CALL_IPTABLES},
	{"nf_call_ip6tables", IFLA_BR_NF_CALL_IP6TABLES},
};

/* "bridge/NAME/ATTRIBUTE" taken apart; 0: it is not one, 1: it is, -EINVAL. */
static int bridge_name(const char *name, char ret_bridge[IFNAMSIZ], int *ret_attribute)
{
	const char *attribute = strrchr(name, '/');
	int length;

	if (strncmp(name, "bridge/", 7) || !attribute)
		return 0;
	length = (int)(attribute - (name + 7));
	if (length <= 0 || length >= IFNAMSIZ)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(bridge_attributes); i++) {
		if (strcmp(bridge_attributes[i].name, attribute + 1))
			continue;
		snprintf(ret_bridge, IFNAMSIZ, "%.*s", length, name + 7);
		*ret_attribute = bridge_attributes[i].attribute;
		return 1;
	}
	return -EINVAL;
}

static int proc_path(const char *name, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "/proc/sys/%s", name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int store_read(void *store _unused_, const char *name, struct strbuf *ret_value)
{
	char bridge[IFNAMSIZ], path[PATH_MAX];
	_free_ char *text = NULL;
	int attribute, ret = bridge_name(name, bridge, &attribute);
	size_t length;
	__u8 value;

	if (ret < 0)
		return ret;
	if (ret > 0) {
		ret = bridge_get(bridge, attribute, &value);
		if (!ret)
			strbuf_add(ret_value, "%u", value);
		return ret;
	}
	ret = proc_path(name, path);
	if (!ret)
		ret = file_read(path, LIMIT_VALUE_BYTES, &text, &length);
	if (!ret)
		strbuf_add(ret_value, "%.*s", (int)strcspn(text, "\n"), text);
	return ret;
}

static int proc_write(const char *name, const char *value)
{
	_strbuf_ struct strbuf line = {0};
	char path[PATH_MAX];
	_close_ int fd = -1;
	int ret = proc_path(name, path);

	if (ret)
		return ret;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* With its newline an empty value is written too, where no octets at all would change nothing. */
	strbuf_add(&line, "%s\n", value);
	for (size_t done = 0; done < line.length;) {
		ssize_t n = write(fd, line.text + done, line.length - done);

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

static int store_write(void *store _unused_, const char *name, const char *value)
{
	char bridge[IFNAMSIZ];
	int attribute, ret = bridge_name(name, bridge, &attribute);

	if (ret < 0)
		return ret;
	return ret ? bridge_set(bridge, attribute, !strcmp(value, "1")) : proc_write(name, value);
}

static int store_links(void *store _unused_, bool bridges, sysctl_name_cb cb, void *data)
{
	struct if_nameindex *links;

	if (bridges)
		return bridge_list(cb, data);
	links = if_nameindex();
	if (!links)
		return -errno;
	for (const struct if_nameindex *link = links; link->if_index; link++)
		cb(link->if_name, data);
	if_freenameindex(links);
	return 0;
}

static int store_remember(void *data, const json_t *record)
{
	const struct store *store = data;

	return record_save(store->state, RECORD, record);
}

static struct sysctl_io store_io(struct store *store)
{
	return (struct sysctl_io){
		.read = store_read,
		.write = store_write,
		.links = store_links,
		.remember = store_remember,
		.store = store,
	};
}

int sysctl_apply(const struct plan *plan, const char *state, enum sysctl_phase phase,
		 struct strbuf *why)
{
	struct store store = {.state = state};
	const struct sysctl_io io = store_io(&store);
	_json_ json_t *record = NULL;
	int ret = record_load(state, RECORD, &record);

	if (ret) {
		strbuf_add(why, "%s/%s: %s", state, RECORD, strerror(-ret));
		return ret;
	}
	return sysctl_apply_to(&io, record, plan, phase, why);
}

void sysctl_look(const struct plan *plan, bool tracks, struct backend_losses *ret_losses)
{
	struct store store = {0};
	const struct sysctl_io io = store_io(&store);

	sysctl_look_to(&io, plan, tracks, ret_losses);
}

int sysctl_restore(const char *state, struct strbuf *why)
{
	struct store store = {.state = state};
	const struct sysctl_io io = store_io(&store);
	_json_ json_t *record = NULL;
	int ret = record_load(state, RECORD, &record);

	if (ret) {
		strbuf_add(why, "%s/%s: %s", state, RECORD, strerror(-ret));
		return ret;
	}
	return sysctl_restore_to(&io, record, why);
}
