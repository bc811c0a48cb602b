// SPDX-License-Identifier: GPL-2.0-or-later
#include "place.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "test.h"

static void devices_make(void)
{
	place_run("ip link set lo up");
	place_run("ip link add wan type veth peer name inet");
	place_run("ip link add lan2 type veth peer name lan2-peer");
	place_run("ip link add br-lan type bridge");
	place_run("ip link add br-other type bridge");
	place_run(
		"ip addr add 198.51.100.2/24 dev wan && ip addr add 192.168.11.1/24 dev br-lan && "
		"ip addr add 192.168.12.1/24 dev lan2");
	place_run(
		"for dev in wan inet lan2 lan2-peer br-lan br-other; do ip link set $dev up; done");
}

static void prefix_set(struct plan_prefix *prefix, const char *addr, __u8 length)
{
	struct ip_addr parsed;

	assert_int_equal(ip_addr_parse(addr, &parsed), 0);
	prefix->key.prefixlen = 128u + length;
	memcpy(prefix->key.addr, parsed.b, sizeof(parsed.b));
}

static void plan_make_test(struct place *place)
{
	struct plan *plan = &place->plan;
	static const char *const names[] = {"wan", "br-lan", "lan2"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct plan_device *device = &place->devices[i];

		snprintf(device->name, sizeof(device->name), "%s", names[i]);
		device->ifindex = if_nametoindex(names[i]);
		device->side = i ? HP_SIDE_LAN : HP_SIDE_WAN;
	}
	place->rules[0] = (struct plan_rule){
		.key = {.port = htons(8443), .proto = 6, .kind = HP_RULE_EXTERNAL},
		.rule = {.action = HP_ACTION_FORWARD,
			 .host = inet_addr("192.168.11.20"),
			 .host_port = htons(443),
			 .ext_port = htons(8443)},
	};
	place->rules[1] = (struct plan_rule){
		.key = {.port = htons(8444), .proto = 17, .kind = HP_RULE_EXTERNAL},
		.rule = {.action = HP_ACTION_PASS,
			 .host_port = htons(8444),
			 .service = HP_SERVICE_NONE},
	};
	prefix_set(&place->prefixes[0], "192.168.11.0", 24);
	place->prefixes[0].prefix =
		(struct hp_prefix){.kind = HP_NET_LAN, .ifindex = place->devices[1].ifindex};
	prefix_set(&place->prefixes[1], "198.51.100.2", 32);
	place->prefixes[1].prefix =
		(struct hp_prefix){.kind = HP_NET_WAN_LOCAL, .ifindex = place->devices[0].ifindex};
	assert_int_equal(ip_addr_parse("198.51.100.2", &place->wan_addr), 0);
	snprintf(place->service.name, sizeof(place->service.name), "web");
	place->forward = (struct plan_forward){
		.proto = 6, .external_first = 8443, .external_last = 8443, .internal_first = 443};
	place->service.forwards = &place->forward;
	place->service.n_forwards = 1;
	*plan = (struct plan){
		.settings = {HP_SETTINGS_DEFAULTS, .wan_ifindex = place->devices[0].ifindex,
			     .wan_addr = inet_addr("198.51.100.2"), .port_first = 1024,
			     .port_last = 65535},
		.devices = place->devices,
		.n_devices = ARRAY_SIZE(place->devices),
		.rules = place->rules,
		.n_rules = ARRAY_SIZE(place->rules),
		.prefixes = place->prefixes,
		.n_prefixes = ARRAY_SIZE(place->prefixes),
		.services = &place->service,
		.n_services = 1,
		.wan_addrs = &place->wan_addr,
		.n_wan_addrs = 1,
		.sessions = PLACE_SESSIONS,
	};
}

int place_setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	/* The namespaces of the test before go when nothing holds them. */
	assert_int_equal(unshare(CLONE_NEWNET | CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL), 0);
	assert_int_equal(mount("tmpfs", "/run", "tmpfs", 0, NULL), 0);
	devices_make();
	plan_make_test(place);
	place->options = (struct backend_options){
		.pins = PLACE_PINS, .state = PLACE_STATE, .sessions = PLACE_SESSIONS};
	*state = place;
	return 0;
}

int place_teardown(void **state)
{
	struct place *place = *state;

	place_close(place);
	strbuf_fini(&place->why);
	free(place);
	umount2("/run", MNT_DETACH);
	umount2("/sys/fs/bpf", MNT_DETACH);
	return 0;
}

static bool run(const char *format, va_list args)
{
	char command[1024];

	assert_in_range(vsnprintf(command, sizeof(command), format, args), 1, sizeof(command) - 1);
	return system(command) == 0;
}

void place_run(const char *format, ...)
{
	va_list args;
	bool done;

	va_start(args, format);
	done = run(format, args);
	va_end(args);
	if (!done)
		fail_msg("failed: %s", format);
}

bool place_try(const char *format, ...)
{
	va_list args;
	bool done;

	va_start(args, format);
	done = run(format, args);
	va_end(args);
	return done;
}

bool place_prints(const char *text, const char *format, ...)
{
	char command[1024], output[65536];
	va_list args;
	FILE *pipe;
	size_t n;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	n = fread(output, 1, sizeof(output) - 1, pipe);
	output[n] = '\0';
	assert_int_equal(pclose(pipe), 0);
	return strstr(output, text);
}

const char *place_read(const char *path)
{
	static char line[4096];
	_fclose_ FILE *file = fopen(path, "re");

	assert_non_null(file);
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return line;
}

/* So that the reason of an unexpected failure stands in the test's output. */
static void expect(const struct place *place, int ret)
{
	if (ret)
		fail_msg("%s: %s", strerror(-ret), strbuf_text(&place->why));
}

void place_open(struct place *place)
{
	strbuf_reset(&place->why);
	expect(place, backend_bpf.open(&place->options, &place->backend, &place->why));
}

void place_close(struct place *place)
{
	if (place->backend)
		backend_bpf.close(place->backend);
	place->backend = NULL;
}

void place_apply(struct place *place)
{
	strbuf_reset(&place->why);
	expect(place,
	       backend_bpf.apply(place->backend, &place->plan, PLACE_GENERATION, &place->why));
}

void place_detach(struct place *place)
{
	strbuf_reset(&place->why);
	expect(place, backend_bpf.detach(&place->options, &place->why));
}

int place_map(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), PLACE_PINS "/v%d/%s", HP_LAYOUT_VERSION, name);
	fd = bpf_obj_get(path);
	assert_true(fd >= 0);
	return fd;
}
