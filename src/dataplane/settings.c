// SPDX-License-Identifier: GPL-2.0-or-later
/* What is set, in which order, and how it is remembered; where the settings live is the business of struct sysctl_io. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "sysctl.h"

#define NAME_MAX_LENGTH 96

#define IP_FORWARD "net/ipv4/ip_forward"
#define IP6_FORWARD "net/ipv6/conf/all/forwarding"
#define ALL_SOURCE_CHECK "net/ipv4/conf/all/rp_filter"

/* One run: what every step needs. `ret` is the first failure; the steps after it do nothing. */
struct run {
	const struct sysctl_io *io;
	json_t *record;
	const struct plan *plan;
	struct strbuf *why;
	int ret;
};

/* Index of the entry, or the size of the record. */
static size_t entry_index(const json_t *record, const char *name)
{
	size_t i;

	for (i = 0; i < json_array_size(record); i++) {
		const json_t *entry = json_array_get(record, i);
		const char *entry_name = json_string_value(json_object_get(entry, "name"));

		if (entry_name && !strcmp(entry_name, name))
			break;
	}
	return i;
}

static json_t *entry_find(const json_t *record, const char *name)
{
	return json_array_get(record, entry_index(record, name));
}

static const char *entry_text(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));

	return text ? text : "";
}

/* What it was before us: somebody else's last word if it is not ours any more. */
static const char *before_ours(const json_t *entry, const char *current)
{
	if (entry && !strcmp(entry_text(entry, "value"), current))
		return entry_text(entry, "before");
	return current;
}

static void fail(struct run *run, int ret, const char *name, const char *what)
{
	if (run->ret)
		return;
	run->ret = ret;
	strbuf_add(run->why, "%s: %s: %s", name, what, strerror(-ret));
}

/* The value, or false: no such setting here (which is fine), or a failure noted in @run. */
static bool get(struct run *run, const char *name, struct strbuf *ret_value)
{
	int ret = run->ret ? run->ret : run->io->read(run->io->store, name, ret_value);

	if (ret && ret != -ENOENT)
		fail(run, ret, name, "cannot be read");
	return !ret;
}

/* The entry moves to the end, behind what depends on it: putting back starts there. */
static int entry_put(struct run *run, const char *name, const char *before, const char *value)
{
	_json_ json_t *entry =
		json_pack("{s:s, s:s, s:s}", "name", name, "before", before, "value", value);

	json_array_remove(run->record, entry_index(run->record, name));
	if (!entry || json_array_append(run->record, entry))
		return -ENOMEM;
	return run->io->remember(run->io->store, run->record);
}

static void set(struct run *run, const char *name, const char *value)
{
	_strbuf_ struct strbuf current = {0}, before = {0};
	int ret;

	if (!get(run, name, &current) || !strcmp(strbuf_text(&current), value))
		return;
	strbuf_add(&before, "%s",
		   before_ours(entry_find(run->record, name), strbuf_text(&current)));
	ret = entry_put(run, name, strbuf_text(&before), value);
	if (ret) {
		fail(run, ret, name, "cannot be remembered");
		return;
	}
	ret = run->io->write(run->io->store, name, value);
	if (ret)
		fail(run, ret, name, "cannot be written");
}

static bool is(struct run *run, const char *name, const char *value)
{
	_strbuf_ struct strbuf current = {0};

	return get(run, name, &current) && !strcmp(strbuf_text(&current), value);
}

/* --- before filters and forwarding -------------------------------------------------------------- */

/* Forwarding stops router advertisements, and drops the routes learnt from them, unless this says 2. */
static void keep_advertisements(struct run *run, const struct plan_device *wan)
{
	char name[NAME_MAX_LENGTH];

	snprintf(name, sizeof(name), "net/ipv6/conf/%s/accept_ra", wan->name);
	if (is(run, name, "1"))
		set(run, name, "2");
}

/* A looped-back packet has the WAN address as its source; asking a LAN host for a neighbour in that name is not answered. */
static void announce_lan(struct run *run, const struct plan_device *lan)
{
	char name[NAME_MAX_LENGTH];

	snprintf(name, sizeof(name), "net/ipv4/conf/%s/arp_announce", lan->name);
	set(run, name, "2");
}

static void reserve_ports(struct run *run)
{
	static const char name[] = "net/ipv4/ip_local_reserved_ports";
	_strbuf_ struct strbuf current = {0}, range = {0}, ports = {0};
	const char *before;
	int ret;

	if (!get(run, name, &current) || !get(run, "net/ipv4/ip_local_port_range", &range))
		return;
	before = before_ours(entry_find(run->record, name), strbuf_text(&current));
	ret = sysctl_reserved_ports(run->plan, before, strbuf_text(&range), &ports);
	if (ret)
		fail(run, ret, name, "cannot be understood");
	else
		set(run, name, strbuf_text(&ports));
}

struct bridge_filter {
	struct run *run;
	const char *attribute;
};

static bool in_plan(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (!strcmp(plan->devices[i].name, name))
			return true;
	}
	return false;
}

static void bridge_filter_set(const char *bridge, void *data)
{
	const struct bridge_filter *filter = data;
	char name[NAME_MAX_LENGTH];

	snprintf(name, sizeof(name), "bridge/%s/%s", bridge, filter->attribute);
	set(filter->run, name, in_plan(filter->run->plan, bridge) ? "0" : "1");
}

static void bridge_filter_clear(const char *bridge, void *data)
{
	const struct bridge_filter *filter = data;
	char name[NAME_MAX_LENGTH];

	if (!in_plan(filter->run->plan, bridge))
		return;
	snprintf(name, sizeof(name), "bridge/%s/%s", bridge, filter->attribute);
	set(filter->run, name, "0");
}

/*
 * Off for our bridges. The setting for all is cleared too, and given back to the bridges of others one by
 * one: those first, so that there is no moment without it.
 */
static void unfilter_bridges(struct run *run, const char *setting, const char *attribute)
{
	struct bridge_filter filter = {.run = run, .attribute = attribute};
	const json_t *entry = entry_find(run->record, setting);
	bool all = is(run, setting, "1") || (entry && !strcmp(entry_text(entry, "before"), "1"));
	int ret;

	if (run->ret)
		return;
	ret = run->io->links(run->io->store, true, all ? bridge_filter_set : bridge_filter_clear,
			     &filter);
	if (ret)
		fail(run, ret, setting, "the bridges cannot be listed");
	set(run, setting, "0");
}

static bool one_arm(const struct plan *plan)
{
	return plan->settings.one_arm && plan->n_devices > 0;
}

/*
 * What goes through enters and leaves by one device, and the kernel would tell its sender of a shorter way: past us. Both settings have to be off
 * for a device's to be.
 */
static void no_redirects(struct run *run)
{
	const struct plan *plan = run->plan;
	char name[NAME_MAX_LENGTH];

	set(run, "net/ipv4/conf/all/send_redirects", "0");
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].side != HP_SIDE_LAN)
			continue;
		snprintf(name, sizeof(name), "net/ipv4/conf/%s/send_redirects",
			 plan->devices[i].name);
		set(run, name, "0");
	}
}

static const char *source_check(const struct plan *plan, char name[NAME_MAX_LENGTH])
{
	snprintf(name, NAME_MAX_LENGTH, "net/ipv4/conf/%s/rp_filter", plan->devices[0].name);
	return name;
}

/* The larger one of both settings counts. */
static bool is_strict(const struct strbuf *own, const struct strbuf *all)
{
	return !strcmp(strbuf_text(own), "1") ||
	       (!strcmp(strbuf_text(own), "0") && !strcmp(strbuf_text(all), "1"));
}

/*
 * On one arm every source is behind one device, so that the strict check of sources finds nothing there; but where a proxy beside us routes by other
 * tables, it drops who comes from outside.
 */
static void loosen_sources(struct run *run)
{
	_strbuf_ struct strbuf own = {0}, all = {0};
	char name[NAME_MAX_LENGTH];

	if (get(run, source_check(run->plan, name), &own) && get(run, ALL_SOURCE_CHECK, &all) &&
	    is_strict(&own, &all))
		set(run, name, "2");
}

static void apply_close(struct run *run)
{
	if (one_arm(run->plan)) {
		no_redirects(run);
		loosen_sources(run);
	}
	for (size_t i = 0; i < run->plan->n_devices; i++) {
		const struct plan_device *device = &run->plan->devices[i];

		if (device->side == HP_SIDE_WAN)
			keep_advertisements(run, device);
		else
			announce_lan(run, device);
	}
	reserve_ports(run);
	unfilter_bridges(run, "net/bridge/bridge-nf-call-iptables", "nf_call_iptables");
	unfilter_bridges(run, "net/bridge/bridge-nf-call-ip6tables", "nf_call_ip6tables");
}

/* --- connection tracking ------------------------------------------------------------------------- */

/* Never shortened: other people's flows have the same one. */
static void lengthen(struct run *run, const char *name, __u32 seconds)
{
	_strbuf_ struct strbuf current = {0}, value = {0};

	if (!get(run, name, &current) || strtoul(strbuf_text(&current), NULL, 10) >= seconds)
		return;
	strbuf_add(&value, "%u", seconds);
	set(run, name, strbuf_text(&value));
}

/*
 * The kernel's table of connections has one size for the whole machine: raised, never lowered. Only the first network namespace may, and what another one
 * has is said (lacks.c); a daemon that does not start for it would help nobody.
 */
static void make_room(struct run *run)
{
	static const char name[] = "net/netfilter/nf_conntrack_max";
	_strbuf_ struct strbuf current = {0}, value = {0}, before = {0};
	int ret;

	if (!get(run, name, &current) ||
	    strtoul(strbuf_text(&current), NULL, 10) >= run->plan->sessions)
		return;
	strbuf_add(&value, "%u", run->plan->sessions);
	strbuf_add(&before, "%s",
		   before_ours(entry_find(run->record, name), strbuf_text(&current)));
	ret = entry_put(run, name, strbuf_text(&before), strbuf_text(&value));
	if (!ret && run->io->write(run->io->store, name, strbuf_text(&value))) {
		json_array_remove(run->record, entry_index(run->record, name));
		ret = run->io->remember(run->io->store, run->record);
	}
	if (ret)
		fail(run, ret, name, "cannot be remembered");
}

/* What waits to be put together: not long, and with room for more than one source's (netfilter/ruleset_fragments.c). */
static void gather(struct run *run)
{
	static const struct {
		const char *name;
		unsigned int value;
	} settings[] = {
		{"net/ipv4/ipfrag_time", SORTER_WAIT_S},
		{"net/ipv4/ipfrag_high_thresh", LIMIT_FRAGMENTS_BYTES},
		{"net/netfilter/nf_conntrack_frag6_timeout", SORTER_WAIT_S},
		{"net/netfilter/nf_conntrack_frag6_high_thresh", LIMIT_FRAGMENTS_BYTES},
	};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		char value[16];

		snprintf(value, sizeof(value), "%u", settings[i].value);
		set(run, settings[i].name, value);
	}
}

/* Timeouts that an nftables object cannot have, and redirects: the kernel sees loopback, which enters and leaves by one device. */
static void apply_track(struct run *run)
{
	const struct plan *plan = run->plan;

	lengthen(run, "net/netfilter/nf_conntrack_icmp_timeout", plan->settings.icmp_s);
	lengthen(run, "net/netfilter/nf_conntrack_icmpv6_timeout", plan->settings.icmp_s);
	lengthen(run, "net/netfilter/nf_conntrack_generic_timeout", plan->settings.other_s);
	lengthen(run, "net/netfilter/nf_conntrack_gre_timeout", plan->settings.other_s);
	lengthen(run, "net/netfilter/nf_conntrack_gre_timeout_stream", plan->settings.other_s);
	make_room(run);
	gather(run);
	no_redirects(run);
}

/* --- forwarding ------------------------------------------------------------------------------------ */

struct side_effect {
	struct run *run;
	const char *family; /* "ipv4" or "ipv6" */
	const char *cause;
};

/* Notes a setting that the kernel itself changes together with @cause, to be put back together with it. */
static void keep(struct run *run, const char *name, const char *cause)
{
	_strbuf_ struct strbuf current = {0};
	_json_ json_t *entry = NULL;

	if (entry_find(run->record, name) || !get(run, name, &current))
		return;
	entry = json_pack("{s:s, s:s, s:s}", "name", name, "before", strbuf_text(&current),
			  "follows", cause);
	if (!entry || json_array_append(run->record, entry))
		fail(run, -ENOMEM, name, "cannot be remembered");
}

static void keep_forwarding(const char *device, void *data)
{
	const struct side_effect *effect = data;
	char name[NAME_MAX_LENGTH];

	snprintf(name, sizeof(name), "net/%s/conf/%s/forwarding", effect->family, device);
	if (is(effect->run, name, "1"))
		keep(effect->run, name, effect->cause);
}

/* Switching it for all sets it for each device, and what is one device's choice would not come back. */
static void forward(struct run *run, const char *family, const char *cause)
{
	struct side_effect effect = {.run = run, .family = family, .cause = cause};
	int ret;

	if (!is(run, cause, "0"))
		return;
	keep_forwarding("default", &effect);
	ret = run->io->links(run->io->store, false, keep_forwarding, &effect);
	if (ret)
		fail(run, ret, cause, "the devices cannot be listed");
	set(run, cause, "1");
}

static void apply_open(struct run *run)
{
	/* ip_forward resets this one to what hosts or routers have by default. */
	if (is(run, IP_FORWARD, "0"))
		keep(run, "net/ipv4/conf/all/accept_redirects", IP_FORWARD);
	forward(run, "ipv6", IP6_FORWARD);
	forward(run, "ipv4", IP_FORWARD);
}

int sysctl_apply_to(const struct sysctl_io *io, json_t *record, const struct plan *plan,
		    enum sysctl_phase phase, struct strbuf *why)
{
	struct run run = {.io = io, .record = record, .plan = plan, .why = why};

	if (phase == SYSCTL_CLOSE)
		apply_close(&run);
	else if (phase == SYSCTL_TRACK)
		apply_track(&run);
	else
		apply_open(&run);
	return run.ret;
}

/* --- looking after them ------------------------------------------------------------------------------ */

/* Of one device there is none, but of an arm: it comes and goes, and its settings with it. */
static const struct {
	const char *name, *value;
	bool tracks; /* of the nftables backend; with bpf, bridged packets may go where they like, but on one arm */
} watched[] = {
	{IP_FORWARD, "1", false},
	{IP6_FORWARD, "1", false},
	{"net/bridge/bridge-nf-call-iptables", "0", true},
	{"net/bridge/bridge-nf-call-ip6tables", "0", true},
	{"net/ipv4/conf/all/send_redirects", "0", true},
};

static void add_changed(const char *name, const char *value, struct backend_losses *losses)
{
	char dotted[NAME_MAX_LENGTH];
	size_t i = 0;

	for (; name[i] && i + 1 < sizeof(dotted); i++)
		dotted[i] = name[i] == '/' ? '.' : name[i];
	dotted[i] = '\0';
	backend_losses_add(losses, BACKEND_LOSS_SETTING, "%s was set to %s", dotted, value);
}

static void look_at(const struct sysctl_io *io, const char *name, const char *wanted,
		    struct backend_losses *losses)
{
	_strbuf_ struct strbuf value = {0};

	if (!io->read(io->store, name, &value) && strcmp(strbuf_text(&value), wanted))
		add_changed(name, strbuf_text(&value), losses);
}

/* Looser than what loosen_sources() makes is nobody's loss. */
static void look_at_sources(const struct sysctl_io *io, const struct plan *plan,
			    struct backend_losses *losses)
{
	_strbuf_ struct strbuf own = {0}, all = {0};
	char name[NAME_MAX_LENGTH];

	if (!io->read(io->store, source_check(plan, name), &own) &&
	    !io->read(io->store, ALL_SOURCE_CHECK, &all) && is_strict(&own, &all))
		add_changed(name, strbuf_text(&own), losses);
}

void sysctl_look_to(const struct sysctl_io *io, const struct plan *plan, bool tracks,
		    struct backend_losses *ret_losses)
{
	char name[NAME_MAX_LENGTH];

	for (size_t i = 0; i < ARRAY_SIZE(watched); i++) {
		if (!watched[i].tracks || tracks || one_arm(plan))
			look_at(io, watched[i].name, watched[i].value, ret_losses);
	}
	if (!one_arm(plan))
		return;
	snprintf(name, sizeof(name), "net/ipv4/conf/%s/send_redirects", plan->devices[0].name);
	look_at(io, name, "0", ret_losses);
	look_at_sources(io, plan, ret_losses);
}

/* --- putting back ------------------------------------------------------------------------------------ */

/* Judged for all before any is written: the kernel changes some together with others. */
static bool is_still_ours(const struct sysctl_io *io, const json_t *record, const json_t *entry)
{
	const char *cause = json_string_value(json_object_get(entry, "follows"));
	const json_t *judged = cause ? entry_find(record, cause) : entry;
	_strbuf_ struct strbuf current = {0};

	return judged && !io->read(io->store, entry_text(judged, "name"), &current) &&
	       !strcmp(strbuf_text(&current), entry_text(judged, "value"));
}

static int entry_restore(const struct sysctl_io *io, const json_t *entry, struct strbuf *why)
{
	const char *name = entry_text(entry, "name"), *before = entry_text(entry, "before");
	int ret = io->write(io->store, name, before);

	if (!ret || ret == -ENOENT)
		return 0;
	strbuf_add(why, "%s%s: cannot be put back to \"%s\": %s", why->length ? "; " : "", name,
		   before, strerror(-ret));
	return ret;
}

int sysctl_restore_to(const struct sysctl_io *io, json_t *record, struct strbuf *why)
{
	size_t n = json_array_size(record);
	_free_ bool *ours = calloc(n + 1, sizeof(*ours));
	int first = 0, ret;

	if (!ours)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		ours[i] = is_still_ours(io, record, json_array_get(record, i));
	for (size_t i = n; i-- > 0;) {
		ret = ours[i] ? entry_restore(io, json_array_get(record, i), why) : 0;
		if (!ret)
			json_array_remove(record, i);
		else if (!first)
			first = ret;
	}
	ret = io->remember(io->store, record);
	return first ? first : ret;
}
