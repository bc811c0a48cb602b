// SPDX-License-Identifier: GPL-2.0-or-later
/* Loading, pinning and adopting; putting a plan in force, and going back when that fails. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "place.h"
#include "test.h"

static struct bpf_map_info map_info(const char *name)
{
	struct bpf_map_info info = {0};
	__u32 length = sizeof(info);
	_close_ int fd = place_map(name);

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &length), 0);
	return info;
}

static __u32 active_slot(void)
{
	_close_ int fd = place_map("hp_active");
	__u32 zero = 0, slot;

	assert_int_equal(bpf_map_lookup_elem(fd, &zero, &slot), 0);
	return slot;
}

/* The map in the active slot of @outer, closed by the caller. */
static int active_inner(const char *outer)
{
	_close_ int fd = place_map(outer);
	__u32 slot = active_slot(), id;
	int inner;

	assert_int_equal(bpf_map_lookup_elem(fd, &slot, &id), 0);
	inner = bpf_map_get_fd_by_id(id);
	assert_true(inner >= 0);
	return inner;
}

static void fresh_tables_have_the_size_asked_for(void **state)
{
	struct place *place = *state;
	struct backend_status status;

	place_open(place);
	assert_int_equal(map_info("hp_flows4").max_entries, 2 * PLACE_SESSIONS);
	assert_int_equal(map_info("hp_flows6").max_entries, PLACE_SESSIONS);
	assert_int_equal(map_info("hp_sessions").max_entries, PLACE_SESSIONS);
	assert_int_equal(map_info("hp_free").max_entries, PLACE_SESSIONS);
	assert_int_equal(map_info("hp_mappings").max_entries, LIMIT_MAPPINGS);
	assert_int_equal(backend_bpf.status(place->backend, &status), 0);
	assert_false(status.adopted);
	assert_int_equal(status.sessions_size, PLACE_SESSIONS);
	assert_int_equal(status.generation, 0);
	/* Two flow keys and a session each are there, whatever the kernel adds. */
	assert_true(status.table_bytes > PLACE_SESSIONS * (sizeof(struct hp_session) + 32));
}

/* Also taken over, by whichever kind of table the plan of today would make. */
static void many_sessions_have_their_ports_ahead(void **state)
{
	struct place *place = *state;

	place_open(place);
	assert_true(map_info("hp_mappings").map_flags & BPF_F_NO_PREALLOC);
	place_close(place);
	place_detach(place);
	place->options.sessions = LIMIT_AHEAD_SESSIONS;
	place_open(place);
	assert_false(map_info("hp_mappings").map_flags & BPF_F_NO_PREALLOC);
	assert_false(map_info("hp_bindings").map_flags & BPF_F_NO_PREALLOC);
	assert_true(map_info("hp_peers").map_flags & BPF_F_NO_PREALLOC);
	place_close(place);
	place_open(place);
	assert_false(map_info("hp_mappings").map_flags & BPF_F_NO_PREALLOC);
}

static void every_session_is_on_the_free_list_once(void **state)
{
	bool seen[PLACE_SESSIONS] = {false};
	_close_ int fd = -1;
	__u32 index;

	place_open(*state);
	fd = place_map("hp_free");
	for (unsigned int i = 0; i < PLACE_SESSIONS; i++) {
		assert_int_equal(bpf_map_lookup_and_delete_elem(fd, NULL, &index), 0);
		assert_in_range(index, 0, PLACE_SESSIONS - 1);
		assert_false(seen[index]);
		seen[index] = true;
	}
	assert_int_not_equal(bpf_map_lookup_and_delete_elem(fd, NULL, &index), 0);
}

static void what_is_pinned_is_taken_over(void **state)
{
	struct hp_mapping_key key = {.port = 1, .proto = 6};
	struct hp_mapping mapping = {.created_s = 42};
	struct place *place = *state;
	struct backend_status status;
	_close_ int fd = -1;

	place_open(place);
	place_apply(place);
	fd = place_map("hp_mappings");
	assert_int_equal(bpf_map_update_elem(fd, &key, &mapping, BPF_NOEXIST), 0);
	place_close(place);

	place_open(place);
	assert_int_equal(backend_bpf.status(place->backend, &status), 0);
	assert_true(status.adopted);
	assert_int_equal(status.sessions_size, PLACE_SESSIONS);
	assert_int_equal(status.generation, PLACE_GENERATION);
	cleanup_close(&fd);
	fd = place_map("hp_mappings");
	mapping = (struct hp_mapping){0};
	assert_int_equal(bpf_map_lookup_elem(fd, &key, &mapping), 0);
	assert_int_equal(mapping.created_s, 42);
	/* The plan that was in force holds until the next one. */
	place_apply(place);
}

/* Its sessions are not ones that we can read: a table of plain numbers, which say nothing of what they mean. */
static void another_layout_is_refused_untouched(void **state)
{
	struct place *place = *state;

	place_run("mkdir -p " PLACE_PINS "/v99 && for map in hp_sessions hp_active; do "
		  "bpftool map create " PLACE_PINS "/v99/$map type array key 4 value 4 entries 1 "
		  "name $map; done");
	assert_true(backend_bpf.open(&place->options, &place->backend, &place->why) < 0);
	assert_null(place->backend);
	assert_non_null(strstr(strbuf_text(&place->why), "v99"));
	assert_non_null(strstr(strbuf_text(&place->why), "hairpin detach"));
	place_run("[ \"$(ls -A " PLACE_PINS ")\" = v99 ]");
	place_run("[ \"$(ls -A " PLACE_PINS "/v99 | wc -l)\" = 2 ]");
}

static void a_map_of_another_shape_is_refused(void **state)
{
	struct place *place = *state;
	char path[64];
	_close_ int fd = -1;

	place_open(place);
	place_close(place);
	snprintf(path, sizeof(path), PLACE_PINS "/v%d/hp_settings", HP_LAYOUT_VERSION);
	assert_int_equal(unlink(path), 0);
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "hp_settings", 4, 4, HP_SLOTS, NULL);
	assert_int_equal(bpf_obj_pin(fd, path), 0);
	assert_int_equal(backend_bpf.open(&place->options, &place->backend, &place->why), -EPROTO);
	assert_non_null(strstr(strbuf_text(&place->why), "hp_settings"));
}

/* The process died between two pins: nothing is attached yet, so that starting over loses nothing. */
static void half_made_pins_are_made_anew(void **state)
{
	struct place *place = *state;
	struct backend_status status;
	__u32 before;

	place_open(place);
	before = map_info("hp_sessions").id;
	place_close(place);
	place_run("cd " PLACE_PINS "/v%d && rm hp_active hp_reasons", HP_LAYOUT_VERSION);
	place_open(place);
	assert_int_equal(backend_bpf.status(place->backend, &status), 0);
	assert_false(status.adopted);
	assert_int_not_equal(map_info("hp_sessions").id, before);
}

static void a_bpffs_is_mounted_where_there_is_none(void **state)
{
	struct statfs fs;

	place_run("umount /sys/fs/bpf");
	assert_int_equal(statfs("/sys/fs/bpf", &fs), 0);
	if (fs.f_type == BPF_FS_MAGIC)
		place_run("umount /sys/fs/bpf");
	place_open(*state);
	assert_int_equal(statfs(PLACE_PINS, &fs), 0);
	assert_int_equal(fs.f_type, BPF_FS_MAGIC);
}

static void pins_outside_a_bpffs_are_refused(void **state)
{
	struct place *place = *state;

	place->options.pins = "/run/pins";
	assert_int_equal(backend_bpf.open(&place->options, &place->backend, &place->why), -EINVAL);
	assert_non_null(strstr(strbuf_text(&place->why), "/run/pins"));
	assert_non_null(strstr(strbuf_text(&place->why), "mount -t bpf"));
}

/* --- a plan ------------------------------------------------------------------------------------------- */

static void a_plan_stands_in_the_tables(void **state)
{
	struct place *place = *state;
	_close_ int rules = -1, prefixes = -1, settings = -1;
	struct hp_settings in_force;
	struct hp_prefix prefix;
	struct hp_rule rule;
	__u32 slot;

	place_open(place);
	place_apply(place);
	rules = active_inner("hp_rules");
	for (size_t i = 0; i < place->plan.n_rules; i++) {
		assert_int_equal(bpf_map_lookup_elem(rules, &place->rules[i].key, &rule), 0);
		assert_memory_equal(&rule, &place->rules[i].rule, sizeof(rule));
	}
	prefixes = active_inner("hp_prefixes");
	assert_int_equal(bpf_map_lookup_elem(prefixes, &place->prefixes[0].key, &prefix), 0);
	assert_memory_equal(&prefix, &place->prefixes[0].prefix, sizeof(prefix));
	settings = place_map("hp_settings");
	slot = active_slot();
	assert_int_equal(bpf_map_lookup_elem(settings, &slot, &in_force), 0);
	assert_int_equal(in_force.generation, PLACE_GENERATION);
	assert_int_equal(in_force.wan_addr, place->plan.settings.wan_addr);
}

static void the_next_plan_takes_the_other_slot(void **state)
{
	struct place *place = *state;
	struct hp_rule rule;
	_close_ int rules = -1;
	__u32 first;

	place_open(place);
	place_apply(place);
	first = active_slot();
	place->plan.n_rules = 1;
	place_apply(place);
	assert_int_equal(active_slot(), 1 - first);
	rules = active_inner("hp_rules");
	assert_int_equal(bpf_map_lookup_elem(rules, &place->rules[0].key, &rule), 0);
	assert_int_not_equal(bpf_map_lookup_elem(rules, &place->rules[1].key, &rule), 0);
}

static void an_empty_plan_can_be_put_in_force(void **state)
{
	struct place *place = *state;

	place->plan.n_rules = place->plan.n_prefixes = 0;
	place->plan.n_devices = place->plan.n_wan_addrs = 0;
	place_open(place);
	place_apply(place);
}

/* A clsact and the older ingress qdisc exclude each other. The sides are swapped, so that what is replaced has to come back. */
static void a_plan_that_fails_leaves_the_one_before(void **state)
{
	struct place *place = *state;
	struct backend_status status;
	__u32 slot;

	place->plan.n_devices = 2;
	place_open(place);
	place_apply(place);
	slot = active_slot();
	place_run("nft list table inet hairpin >/run/before && ip link add odd type veth && "
		  "tc qdisc add dev odd ingress");
	place->plan.n_devices = 3;
	snprintf(place->devices[2].name, IFNAMSIZ, "odd");
	place->devices[2].ifindex = if_nametoindex("odd");
	place->devices[0].side = HP_SIDE_LAN;
	place->devices[2].side = HP_SIDE_WAN;
	assert_int_equal(backend_bpf.apply(place->backend, &place->plan, 8, &place->why), -EBUSY);
	assert_non_null(strstr(strbuf_text(&place->why), "odd: "));

	assert_int_equal(active_slot(), slot);
	assert_int_equal(backend_bpf.status(place->backend, &status), 0);
	assert_int_equal(status.generation, PLACE_GENERATION);
	assert_true(place_try("nft list table inet hairpin | cmp - /run/before"));
	assert_false(place_prints("bpf", "tc filter show dev odd ingress"));
	assert_true(place_prints("hp_wan_ingress", "tc filter show dev wan ingress"));
	assert_true(place_prints("hp_wan_egress", "tc filter show dev wan egress"));
	assert_string_equal(place_read("/proc/sys/net/ipv4/ip_forward"), "1");
}

static void a_first_plan_that_fails_leaves_nothing(void **state)
{
	struct place *place = *state;

	place_run("tc qdisc add dev wan ingress; sysctl -qw net.ipv4.ip_forward=0");
	place_open(place);
	assert_int_not_equal(backend_bpf.apply(place->backend, &place->plan, 1, &place->why), 0);
	assert_false(place_prints("clsact", "tc qdisc show"));
	assert_false(place_try("nft list table inet hairpin 2>/dev/null"));
	assert_string_equal(place_read("/proc/sys/net/ipv4/ip_forward"), "0");
	assert_string_equal(place_read("/proc/sys/net/ipv4/conf/br-lan/arp_announce"), "0");
}

static void this_kernel_can_run_it(void **state)
{
	struct place *place = *state;

	assert_int_equal(backend_bpf.probe(&place->why), 0);
	assert_string_equal(strbuf_text(&place->why), "");
	/* What it tried, it tried elsewhere. */
	assert_false(place_prints("clsact", "tc qdisc show"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(this_kernel_can_run_it),
		TEST(fresh_tables_have_the_size_asked_for),
		TEST(many_sessions_have_their_ports_ahead),
		TEST(every_session_is_on_the_free_list_once),
		TEST(what_is_pinned_is_taken_over),
		TEST(another_layout_is_refused_untouched),
		TEST(a_map_of_another_shape_is_refused),
		TEST(half_made_pins_are_made_anew),
		TEST(a_bpffs_is_mounted_where_there_is_none),
		TEST(pins_outside_a_bpffs_are_refused),
		TEST(a_plan_stands_in_the_tables),
		TEST(the_next_plan_takes_the_other_slot),
		TEST(an_empty_plan_can_be_put_in_force),
		TEST(a_plan_that_fails_leaves_the_one_before),
		TEST(a_first_plan_that_fails_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
