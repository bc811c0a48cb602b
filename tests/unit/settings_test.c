// SPDX-License-Identifier: GPL-2.0-or-later
/* Order and memory of the kernel settings, against a store that is a table and notes what is done to it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sysctl.h"

struct setting {
	const char *name;
	char value[32];
};

struct store {
	struct setting settings[32];
	size_t n;
	struct strbuf log; /* what was written, in order, and R for each time the record was kept */
	const char *fails; /* writing this one does */
	const char *bridges[4], *devices[4];
	json_t *record;
	struct plan_device plan_devices[3];
	struct plan plan;
	struct strbuf why;
};

static struct setting *find(struct store *store, const char *name)
{
	for (size_t i = 0; i < store->n; i++) {
		if (!strcmp(store->settings[i].name, name))
			return &store->settings[i];
	}
	return NULL;
}

static int store_read(void *data, const char *name, struct strbuf *ret_value)
{
	const struct setting *setting = find(data, name);

	if (!setting)
		return -ENOENT;
	strbuf_add(ret_value, "%s", setting->value);
	return 0;
}

static int store_write(void *data, const char *name, const char *value)
{
	struct store *store = data;
	struct setting *setting = find(store, name);

	if (!setting)
		return -ENOENT;
	if (store->fails && !strcmp(store->fails, name))
		return -EROFS;
	snprintf(setting->value, sizeof(setting->value), "%s", value);
	strbuf_add(&store->log, "%s=%s\n", name, value);
	return 0;
}

static int store_links(void *data, bool bridges, sysctl_name_cb cb, void *cb_data)
{
	struct store *store = data;
	const char *const *names = bridges ? store->bridges : store->devices;

	for (size_t i = 0; i < ARRAY_SIZE(store->bridges) && names[i]; i++)
		cb(names[i], cb_data);
	return 0;
}

static int store_remember(void *data, const json_t *record)
{
	struct store *store = data;

	assert_ptr_equal(record, store->record);
	strbuf_add(&store->log, "R\n");
	return 0;
}

static struct sysctl_io io_of(struct store *store)
{
	return (struct sysctl_io){.read = store_read,
				  .write = store_write,
				  .links = store_links,
				  .remember = store_remember,
				  .store = store};
}

static void put(struct store *store, const char *name, const char *value)
{
	struct setting *setting = find(store, name);

	if (!setting) {
		assert_in_range(store->n, 0, ARRAY_SIZE(store->settings) - 1);
		setting = &store->settings[store->n++];
		setting->name = name;
	}
	snprintf(setting->value, sizeof(setting->value), "%s", value);
}

static void assert_value(struct store *store, const char *name, const char *value)
{
	assert_string_equal(find(store, name)->value, value);
}

static int setup(void **state)
{
	struct store *store = calloc(1, sizeof(*store));

	assert_non_null(store);
	store->record = json_array();
	store->plan_devices[0] = (struct plan_device){.name = "wan", .side = HP_SIDE_WAN};
	store->plan_devices[1] = (struct plan_device){.name = "br-lan", .side = HP_SIDE_LAN};
	store->plan.devices = store->plan_devices;
	store->plan.n_devices = 2;
	*state = store;
	return 0;
}

static int teardown(void **state)
{
	struct store *store = *state;

	json_decref(store->record);
	strbuf_fini(&store->log);
	strbuf_fini(&store->why);
	free(store);
	return 0;
}

static int apply(struct store *store, enum sysctl_phase phase)
{
	const struct sysctl_io io = io_of(store);

	strbuf_reset(&store->log);
	return sysctl_apply_to(&io, store->record, &store->plan, phase, &store->why);
}

static int restore(struct store *store)
{
	const struct sysctl_io io = io_of(store);

	strbuf_reset(&store->log);
	return sysctl_restore_to(&io, store->record, &store->why);
}

static void each_is_remembered_before_it_is_written(void **state)
{
	struct store *store = *state;

	put(store, "net/ipv6/conf/wan/accept_ra", "1");
	put(store, "net/ipv4/conf/br-lan/arp_announce", "0");
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	assert_string_equal(strbuf_text(&store->log), "R\nnet/ipv6/conf/wan/accept_ra=2\n"
						      "R\nnet/ipv4/conf/br-lan/arp_announce=2\n");
}

static void what_is_right_already_is_not_touched(void **state)
{
	struct store *store = *state;

	put(store, "net/ipv4/conf/br-lan/arp_announce", "2");
	put(store, "net/ipv4/ip_forward", "1");
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	assert_int_equal(apply(store, SYSCTL_OPEN), 0);
	assert_int_equal(json_array_size(store->record), 0);
	assert_int_equal(restore(store), 0);
	assert_value(store, "net/ipv4/ip_forward", "1");
}

static void forwarding_is_not_touched_before_the_end(void **state)
{
	struct store *store = *state;

	put(store, "net/ipv4/ip_forward", "0");
	put(store, "net/ipv6/conf/all/forwarding", "0");
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	assert_string_equal(strbuf_text(&store->log), "");
	assert_int_equal(apply(store, SYSCTL_OPEN), 0);
	assert_string_equal(strbuf_text(&store->log),
			    "R\nnet/ipv6/conf/all/forwarding=1\nR\nnet/ipv4/ip_forward=1\n");
}

static void bridges_of_others_are_set_before_the_one_for_all_is_cleared(void **state)
{
	struct store *store = *state;

	put(store, "net/bridge/bridge-nf-call-iptables", "1");
	put(store, "bridge/br-lan/nf_call_iptables", "0");
	put(store, "bridge/docker0/nf_call_iptables", "0");
	store->bridges[0] = "br-lan";
	store->bridges[1] = "docker0";
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	assert_string_equal(strbuf_text(&store->log), "R\nbridge/docker0/nf_call_iptables=1\n"
						      "R\nnet/bridge/bridge-nf-call-iptables=0\n");
	/* And the other way round. */
	assert_int_equal(restore(store), 0);
	assert_string_equal(strbuf_text(&store->log), "net/bridge/bridge-nf-call-iptables=1\n"
						      "bridge/docker0/nf_call_iptables=0\nR\n");
}

static void a_failure_names_the_setting_and_stops(void **state)
{
	struct store *store = *state;

	put(store, "net/ipv6/conf/all/forwarding", "0");
	put(store, "net/ipv4/ip_forward", "0");
	store->fails = "net/ipv6/conf/all/forwarding";
	assert_int_equal(apply(store, SYSCTL_OPEN), -EROFS);
	assert_non_null(strstr(strbuf_text(&store->why), "net/ipv6/conf/all/forwarding"));
	assert_value(store, "net/ipv4/ip_forward", "0");
}

static void the_value_before_the_first_change_is_the_one_put_back(void **state)
{
	struct store *store = *state;

	put(store, "net/ipv4/ip_local_port_range", "32768 60999");
	put(store, "net/ipv4/ip_local_reserved_ports", "7");
	for (__u16 port = 80; port < 83; port++) {
		struct plan_forward forward = {6, port, port, port};
		struct plan_service service = {.forwards = &forward, .n_forwards = 1};

		store->plan.services = &service;
		store->plan.n_services = 1;
		assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	}
	assert_value(store, "net/ipv4/ip_local_reserved_ports", "7,82");
	assert_int_equal(restore(store), 0);
	assert_value(store, "net/ipv4/ip_local_reserved_ports", "7");
}

static void what_somebody_set_between_two_plans_is_put_back(void **state)
{
	struct store *store = *state;

	put(store, "net/ipv4/conf/br-lan/arp_announce", "0");
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	put(store, "net/ipv4/conf/br-lan/arp_announce", "1");
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	assert_value(store, "net/ipv4/conf/br-lan/arp_announce", "2");
	assert_int_equal(restore(store), 0);
	assert_value(store, "net/ipv4/conf/br-lan/arp_announce", "1");
}

static void what_somebody_set_last_is_left(void **state)
{
	struct store *store = *state;

	put(store, "net/ipv4/ip_forward", "0");
	put(store, "net/ipv4/conf/all/accept_redirects", "1");
	assert_int_equal(apply(store, SYSCTL_OPEN), 0);
	put(store, "net/ipv4/ip_forward", "2");
	put(store, "net/ipv4/conf/all/accept_redirects", "0");
	assert_int_equal(restore(store), 0);
	assert_value(store, "net/ipv4/ip_forward", "2");
	/* It goes with forwarding. */
	assert_value(store, "net/ipv4/conf/all/accept_redirects", "0");
	assert_int_equal(json_array_size(store->record), 0);
}

static void side_effects_of_forwarding_come_back_after_it(void **state)
{
	struct store *store = *state;

	store->devices[0] = "eth7";
	put(store, "net/ipv4/ip_forward", "0");
	put(store, "net/ipv4/conf/all/accept_redirects", "0");
	put(store, "net/ipv4/conf/eth7/forwarding", "1");
	assert_int_equal(apply(store, SYSCTL_OPEN), 0);
	assert_int_equal(restore(store), 0);
	assert_string_equal(strbuf_text(&store->log), "net/ipv4/ip_forward=0\n"
						      "net/ipv4/conf/eth7/forwarding=1\n"
						      "net/ipv4/conf/all/accept_redirects=0\nR\n");
}

static void what_cannot_be_put_back_stays_remembered(void **state)
{
	struct store *store = *state;

	put(store, "net/ipv6/conf/all/forwarding", "0");
	put(store, "net/ipv4/ip_forward", "0");
	assert_int_equal(apply(store, SYSCTL_OPEN), 0);
	store->fails = "net/ipv4/ip_forward";
	assert_int_equal(restore(store), -EROFS);
	assert_value(store, "net/ipv6/conf/all/forwarding", "0");
	assert_int_equal(json_array_size(store->record), 1);
	store->fails = NULL;
	assert_int_equal(restore(store), 0);
	assert_value(store, "net/ipv4/ip_forward", "0");
}

static void the_table_of_connections_is_made_larger_where_that_is_allowed(void **state)
{
	static const char name[] = "net/netfilter/nf_conntrack_max";
	struct store *store = *state;

	put(store, name, "65536");
	store->plan.sessions = 16384;
	assert_int_equal(apply(store, SYSCTL_TRACK), 0);
	assert_value(store, name, "65536");
	store->plan.sessions = 100000;
	store->fails = name;
	assert_int_equal(apply(store, SYSCTL_TRACK), 0);
	assert_int_equal(json_array_size(store->record), 0);
	store->fails = NULL;
	assert_int_equal(apply(store, SYSCTL_TRACK), 0);
	assert_value(store, name, "100000");
	assert_int_equal(restore(store), 0);
	assert_value(store, name, "65536");
}

static void what_somebody_set_is_seen_and_set_again(void **state)
{
	struct store *store = *state;
	const struct sysctl_io io = io_of(store);
	_backend_losses_ struct backend_losses losses = {0};

	put(store, "net/ipv4/ip_forward", "0");
	put(store, "net/bridge/bridge-nf-call-iptables", "1");
	assert_int_equal(apply(store, SYSCTL_OPEN), 0);
	/* That of bridges matters to netfilter alone. */
	sysctl_look_to(&io, &store->plan, false, &losses);
	assert_int_equal(losses.which, 0);
	put(store, "net/ipv4/ip_forward", "0");
	sysctl_look_to(&io, &store->plan, true, &losses);
	assert_int_equal(losses.which, BACKEND_LOSS_SETTING);
	assert_string_equal(strbuf_text(&losses.what),
			    "net.ipv4.ip_forward was set to 0, "
			    "net.bridge.bridge-nf-call-iptables was set to 1");
	assert_int_equal(apply(store, SYSCTL_OPEN), 0);
	assert_value(store, "net/ipv4/ip_forward", "1");
}

static void arm_setup(struct store *store)
{
	store->plan_devices[0] = (struct plan_device){.name = "eth0", .side = HP_SIDE_WAN};
	store->plan_devices[1] = (struct plan_device){.name = "eth0", .side = HP_SIDE_LAN};
	store->plan.settings.one_arm = 1;
	put(store, "net/ipv4/conf/all/send_redirects", "1");
	put(store, "net/ipv4/conf/eth0/send_redirects", "1");
	put(store, "net/ipv4/conf/all/rp_filter", "1");
	put(store, "net/ipv4/conf/eth0/rp_filter", "0");
}

/* With either backend: before forwarding, and looked after. */
static void one_arm_tells_of_no_other_way(void **state)
{
	struct store *store = *state;
	const struct sysctl_io io = io_of(store);
	_backend_losses_ struct backend_losses losses = {0};

	arm_setup(store);
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	assert_value(store, "net/ipv4/conf/all/send_redirects", "0");
	assert_value(store, "net/ipv4/conf/eth0/send_redirects", "0");
	sysctl_look_to(&io, &store->plan, false, &losses);
	assert_int_equal(losses.which, 0);
	put(store, "net/ipv4/conf/eth0/send_redirects", "1");
	put(store, "net/ipv4/conf/all/send_redirects", "1");
	sysctl_look_to(&io, &store->plan, false, &losses);
	assert_string_equal(strbuf_text(&losses.what),
			    "net.ipv4.conf.all.send_redirects was set to 1, "
			    "net.ipv4.conf.eth0.send_redirects was set to 1");
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	assert_value(store, "net/ipv4/conf/eth0/send_redirects", "0");
	assert_int_equal(restore(store), 0);
	assert_value(store, "net/ipv4/conf/eth0/send_redirects", "1");
}

static void one_arm_checks_no_source_strictly(void **state)
{
	struct store *store = *state;
	const struct sysctl_io io = io_of(store);
	_backend_losses_ struct backend_losses losses = {0};

	arm_setup(store);
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	assert_value(store, "net/ipv4/conf/eth0/rp_filter", "2");
	/* The larger one counts: of all it may be strict as long as ours is looser. */
	sysctl_look_to(&io, &store->plan, false, &losses);
	assert_int_equal(losses.which, 0);
	put(store, "net/ipv4/conf/eth0/rp_filter", "0");
	sysctl_look_to(&io, &store->plan, false, &losses);
	assert_string_equal(strbuf_text(&losses.what), "net.ipv4.conf.eth0.rp_filter was set to 0");
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	assert_value(store, "net/ipv4/conf/eth0/rp_filter", "2");
	assert_int_equal(restore(store), 0);
	assert_value(store, "net/ipv4/conf/eth0/rp_filter", "0");
	/* Where nobody checks, nobody begins to. */
	put(store, "net/ipv4/conf/all/rp_filter", "0");
	assert_int_equal(apply(store, SYSCTL_CLOSE), 0);
	assert_value(store, "net/ipv4/conf/eth0/rp_filter", "0");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_is_remembered_before_it_is_written),
		TEST(what_is_right_already_is_not_touched),
		TEST(forwarding_is_not_touched_before_the_end),
		TEST(bridges_of_others_are_set_before_the_one_for_all_is_cleared),
		TEST(a_failure_names_the_setting_and_stops),
		TEST(the_value_before_the_first_change_is_the_one_put_back),
		TEST(what_somebody_set_between_two_plans_is_put_back),
		TEST(what_somebody_set_last_is_left),
		TEST(side_effects_of_forwarding_come_back_after_it),
		TEST(what_cannot_be_put_back_stays_remembered),
		TEST(the_table_of_connections_is_made_larger_where_that_is_allowed),
		TEST(one_arm_tells_of_no_other_way),
		TEST(one_arm_checks_no_source_strictly),
		TEST(what_somebody_set_is_seen_and_set_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
