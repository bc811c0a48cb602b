// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "internal.h"

static const struct hook {
	enum hp_side side;
	enum bpf_tc_attach_point point;
	const char *program;
} hooks[] = {
	{HP_SIDE_LAN, BPF_TC_INGRESS, "hp_lan_ingress"},
	{HP_SIDE_WAN, BPF_TC_INGRESS, "hp_wan_ingress"},
	{HP_SIDE_WAN, BPF_TC_EGRESS, "hp_wan_egress"},
	{HP_SIDE_ARM, BPF_TC_INGRESS, "hp_arm_ingress"},
	{HP_SIDE_ARM, BPF_TC_EGRESS, "hp_wan_egress"},
	{HP_SIDE_SORTER, BPF_TC_INGRESS, "hp_sorted"},
};

static const enum bpf_tc_attach_point points[] = {BPF_TC_INGRESS, BPF_TC_EGRESS};

/* --- one filter -------------------------------------------------------------------------------------- */

static int program_fd(const struct backend *backend, const struct attached *filter)
{
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (hooks[i].side == filter->side && hooks[i].point == filter->point)
			return bpf_program__fd(bpf_object__find_program_by_name(backend->skel->obj,
										hooks[i].program));
	}
	return -EINVAL;
}

/* The program in our place there, or 0: none. */
static __u32 filter_query(unsigned int ifindex, enum bpf_tc_attach_point point)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = TC_HANDLE, .priority = TC_PRIORITY);

	return bpf_tc_query(&hook, &options) ? 0 : options.prog_id;
}

__u32 attach_program(const struct attached *filter)
{
	return filter_query(filter->ifindex, filter->point);
}

int attach_put(const struct attached *filter, int program)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)filter->ifindex,
		    .attach_point = filter->point);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = TC_HANDLE, .priority = TC_PRIORITY,
		    .prog_fd = program, .flags = BPF_TC_F_REPLACE);

	return bpf_tc_attach(&hook, &options);
}

static int filter_put(const struct backend *backend, const struct attached *filter)
{
	return attach_put(filter, program_fd(backend, filter));
}

static void filter_remove(unsigned int ifindex, enum bpf_tc_attach_point point)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = TC_HANDLE, .priority = TC_PRIORITY);

	bpf_tc_detach(&hook, &options);
}

static int program_id(int fd, __u32 *ret_id)
{
	struct bpf_prog_info info = {0};
	__u32 length = sizeof(info);
	int ret = bpf_obj_get_info_by_fd(fd, &info, &length);

	if (!ret)
		*ret_id = info.id;
	return ret;
}

/* --- the list of ours ----------------------------------------------------------------------------------- */

static struct attached *find(const struct attached_list *list, unsigned int ifindex,
			     enum bpf_tc_attach_point point)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->items[i].ifindex == ifindex && list->items[i].point == point)
			return &list->items[i];
	}
	return NULL;
}

static int note(struct attached_list *list, const struct attached *filter)
{
	struct attached *old = find(list, filter->ifindex, filter->point), *more;

	if (old) {
		*old = *filter;
		return 0;
	}
	more = reallocarray(list->items, list->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	list->items = more;
	more[list->n++] = *filter;
	return 0;
}

/* Whether the program of that number is named so; false where it cannot be asked. Only a start may ask, it takes CAP_SYS_ADMIN. */
static bool program_is(__u32 id, const char *name)
{
	struct bpf_prog_info info = {0};
	__u32 length = sizeof(info);
	_close_ int fd = id ? bpf_prog_get_fd_by_id(id) : -1;

	return fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length) && !strcmp(info.name, name);
}

/* Only WAN has a filter of ours at egress. */
static enum hp_side side_of(const struct if_nameindex *link)
{
	if (!strcmp(link->if_name, SORTER_DEVICE))
		return HP_SIDE_SORTER;
	if (program_is(filter_query(link->if_index, BPF_TC_INGRESS), "hp_arm_ingress"))
		return HP_SIDE_ARM;
	return filter_query(link->if_index, BPF_TC_EGRESS) ? HP_SIDE_WAN : HP_SIDE_LAN;
}

static int scan_link(struct backend *backend, const struct if_nameindex *link)
{
	enum hp_side side = side_of(link);
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(points) && !ret; i++) {
		struct attached filter = {
			.ifindex = link->if_index,
			.point = points[i],
			.side = side,
		};

		if (filter_query(link->if_index, points[i]))
			ret = note(&backend->attached, &filter);
	}
	return ret;
}

int attach_scan(struct backend *backend)
{
	struct if_nameindex *links = if_nameindex();
	int ret = links ? 0 : -errno;

	for (const struct if_nameindex *link = links; link && link->if_index && !ret; link++)
		ret = scan_link(backend, link);
	if (links)
		if_freenameindex(links);
	return ret;
}

static void take_off(struct backend *backend, const struct attached *filter)
{
	filter_remove(filter->ifindex, filter->point);
	qdisc_release(backend->state, filter->ifindex);
}

int attach_save(const struct backend *backend, struct attached_list *ret_list)
{
	size_t n = backend->attached.n;
	struct attached *items = calloc(n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		items[i] = backend->attached.items[i];
	*ret_list = (struct attached_list){.items = items, .n = n};
	return 0;
}

void attach_list_fini(struct attached_list *list)
{
	free(list->items);
	*list = (struct attached_list){0};
}

void attach_restore(struct backend *backend, const struct attached_list *list)
{
	struct attached_list *now = &backend->attached;

	for (size_t i = 0; i < list->n; i++) {
		const struct attached *old = &list->items[i];
		struct attached *filter = find(now, old->ifindex, old->point);

		if (filter->side == old->side)
			continue;
		filter->side = old->side;
		filter_put(backend, filter);
	}
	/* New ones stand at the end. */
	while (now->n > list->n)
		take_off(backend, &now->items[--now->n]);
}

/* --- a plan's devices ------------------------------------------------------------------------------------ */

/* The sorter's comes first: nothing is sent there before what comes back is served. */
static struct plan_device device_at(const struct backend *backend, const struct plan *plan,
				    size_t i)
{
	struct plan_device device = {
		.name = SORTER_DEVICE, .ifindex = backend->sorter.ifindex, .side = HP_SIDE_SORTER};

	if (i > 0)
		device = plan->devices[i - 1];
	if (i > 0 && plan->settings.one_arm)
		device.side = HP_SIDE_ARM;
	return device;
}

/* On one arm the plan has its device twice, as WAN and as LAN, and one place for a filter. */
static size_t n_devices(const struct plan *plan)
{
	return plan->settings.one_arm && plan->n_devices ? 2 : plan->n_devices + 1;
}

static bool is_wanted(const struct backend *backend, const struct plan *plan,
		      const struct attached *filter)
{
	for (size_t i = 0; i < n_devices(plan); i++) {
		const struct plan_device device = device_at(backend, plan, i);

		for (size_t j = 0; j < ARRAY_SIZE(hooks); j++) {
			if (device.ifindex == filter->ifindex && device.side == hooks[j].side &&
			    hooks[j].point == filter->point)
				return true;
		}
	}
	return false;
}

void attach_prune(struct backend *backend, const struct plan *plan)
{
	struct attached_list *list = &backend->attached;
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (is_wanted(backend, plan, &list->items[i]))
			list->items[n++] = list->items[i];
		else
			take_off(backend, &list->items[i]);
	}
	list->n = n;
}

/* A device that has gone meanwhile is not an error: the next facts will say so. */
static int attach_filter(struct backend *backend, const struct attached *filter)
{
	int ret = qdisc_make(backend->state, filter->ifindex,
			     filter->side == HP_SIDE_WAN || filter->side == HP_SIDE_ARM);

	if (!ret)
		ret = filter_put(backend, filter);
	if (ret == -ENODEV)
		return 0;
	return ret ? ret : note(&backend->attached, filter);
}

static int attach_device(struct backend *backend, const struct plan_device *device,
			 struct strbuf *why)
{
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(hooks) && !ret && device->ifindex; i++) {
		const struct attached filter = {
			.ifindex = device->ifindex, .point = hooks[i].point, .side = device->side};

		if (hooks[i].side == device->side)
			ret = attach_filter(backend, &filter);
	}
	if (ret == -EBUSY)
		strbuf_add(
			why,
			"%s: has an ingress qdisc, which excludes the clsact that hairpin needs there: "
			"remove it (tc qdisc del dev %s ingress), or have its owner use clsact",
			device->name, device->name);
	else if (ret) {
		strbuf_add(why, "%s: the filters cannot be attached: %s", device->name,
			   strerror(-ret));
		text_add(why);
	}
	return ret;
}

int attach_plan(struct backend *backend, const struct plan *plan, struct strbuf *why)
{
	int ret = 0;

	for (size_t i = 0; i < n_devices(plan) && !ret; i++) {
		const struct plan_device device = device_at(backend, plan, i);

		ret = attach_device(backend, &device, why);
	}
	return ret;
}

int attach_sorter(struct backend *backend, struct strbuf *why)
{
	const struct plan_device device = device_at(backend, NULL, 0);

	if (!device.ifindex || filter_query(device.ifindex, BPF_TC_INGRESS))
		return 0;
	return attach_device(backend, &device, why);
}

/* --- looking after them ------------------------------------------------------------------------------------- */

static bool is_missing(const struct backend *backend, const struct attached *filter)
{
	char name[IFNAMSIZ];
	__u32 want;

	/* A device that has gone took its filter with it, and the next facts will say so. */
	return !program_id(program_fd(backend, filter), &want) &&
	       filter_query(filter->ifindex, filter->point) != want &&
	       if_indextoname(filter->ifindex, name);
}

void attach_look(const struct backend *backend, const struct plan *plan,
		 struct backend_losses *ret_losses)
{
	for (size_t i = 0; i < n_devices(plan); i++) {
		const struct plan_device device = device_at(backend, plan, i);

		for (size_t j = 0; j < ARRAY_SIZE(hooks) && device.ifindex; j++) {
			const struct attached filter = {.ifindex = device.ifindex,
							.point = hooks[j].point,
							.side = device.side};

			if (hooks[j].side == device.side && is_missing(backend, &filter))
				backend_losses_add(
					ret_losses, BACKEND_LOSS_FILTER,
					"the tc filter of %s %s was taken away", device.name,
					filter.point == BPF_TC_INGRESS ? "ingress" : "egress");
		}
	}
}

/* --- keeping them ------------------------------------------------------------------------------------------ */

static int mend_filter(struct backend *backend, const struct attached *filter)
{
	__u32 want;
	int ret = program_id(program_fd(backend, filter), &want);

	if (ret || filter_query(filter->ifindex, filter->point) == want)
		return ret;
	return attach_filter(backend, filter);
}

static int mend_device(struct backend *backend, const struct plan_device *device)
{
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(hooks) && device->ifindex && !ret; i++) {
		const struct attached filter = {
			.ifindex = device->ifindex, .point = hooks[i].point, .side = device->side};

		if (hooks[i].side == device->side)
			ret = mend_filter(backend, &filter);
	}
	return ret;
}

int attach_mend(struct backend *backend, const struct plan *plan)
{
	int ret = 0;

	for (size_t i = 0; i < n_devices(plan) && !ret; i++) {
		const struct plan_device device = device_at(backend, plan, i);

		ret = mend_device(backend, &device);
	}
	return ret;
}

int attach_remove_all(const char *state, struct strbuf *why)
{
	struct if_nameindex *links = if_nameindex();
	int ret = links ? 0 : -errno;

	for (const struct if_nameindex *link = links; link && link->if_index; link++) {
		for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
			if (filter_query(link->if_index, points[i]))
				filter_remove(link->if_index, points[i]);
		}
		qdisc_release(state, link->if_index);
	}
	if (links)
		if_freenameindex(links);
	else
		strbuf_add(why, "the network devices cannot be listed: %s", strerror(-ret));
	return ret;
}
