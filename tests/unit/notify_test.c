// SPDX-License-Identifier: GPL-2.0-or-later
/* What a service manager hears, over a socket as it has one. */
#include "notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"

/* An abstract one of the kernel's choice, in the environment as sd_notify(3) has it. */
static int manager_open(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(address);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char name[sizeof(address)];

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	snprintf(name, sizeof(name), "@%.*s",
		 (int)(length - offsetof(struct sockaddr_un, sun_path) - 1), address.sun_path + 1);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static void assert_heard(int manager, const char *expected)
{
	char text[256] = "";

	assert_true(recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	assert_string_equal(text, expected);
}

static void assert_silent(int manager)
{
	char octet;

	assert_int_equal(recv(manager, &octet, 1, MSG_DONTWAIT), -1);
}

static void says_each_in_a_datagram(void **state)
{
	struct notify notify;
	int manager = manager_open();

	(void)state;
	notify_init(&notify);
	notify_ready(&notify, "generation 1");
	assert_heard(manager, "READY=1\nSTATUS=generation 1\n");
	notify_status(&notify, "generation 2");
	assert_heard(manager, "STATUS=generation 2\n");
	notify_stopping(&notify);
	assert_heard(manager, "STOPPING=1\n");
	assert_silent(manager);
	close(manager);
}

/* What is behind it would be words of the protocol: a configuration's text must not be able to say MAINPID=. */
static void says_one_line_of_a_status(void **state)
{
	struct notify notify;
	int manager = manager_open();

	(void)state;
	notify_init(&notify);
	notify_status(&notify, "refused\nMAINPID=1");
	assert_heard(manager, "STATUS=refused\n");
	close(manager);
}

static void dates_a_reload(void **state)
{
	unsigned long long before = clock_monotonic_us(), at;
	struct notify notify;
	int manager = manager_open();
	char text[256] = "";

	(void)state;
	notify_init(&notify);
	notify_reloading(&notify);
	assert_true(recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	assert_int_equal(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%llu\n", &at), 1);
	assert_in_range(at, before, clock_monotonic_us());
	close(manager);
}

static void leaves_nothing_to_heirs(void **state)
{
	struct notify notify;
	int manager = manager_open();

	(void)state;
	setenv("WATCHDOG_USEC", "2000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	notify_init(&notify);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	assert_null(getenv("WATCHDOG_PID"));
	/* It was for another process. */
	assert_int_equal(notify.watchdog_ms, 0);
	close(manager);
}

static void lives_while_the_loop_does(void **state)
{
	struct notify notify;
	uv_loop_t loop;
	int manager = manager_open();

	(void)state;
	setenv("WATCHDOG_USEC", "4000", 1);
	notify_init(&notify);
	assert_int_equal(notify.watchdog_ms, 2);
	uv_loop_init(&loop);
	notify_watch(&notify, &loop);
	assert_silent(manager);
	for (unsigned int i = 0; i < 3; i++) {
		uv_run(&loop, UV_RUN_ONCE);
		assert_heard(manager, "WATCHDOG=1\n");
	}
	uv_close((uv_handle_t *)&notify.alive, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	close(manager);
}

static void needs_no_manager(void **state)
{
	struct notify notify;
	uv_loop_t loop;

	(void)state;
	setenv("WATCHDOG_USEC", "4000", 1);
	notify_init(&notify);
	notify_ready(&notify, "generation 1");
	uv_loop_init(&loop);
	/* Nobody is there to be told, so nothing has to be woken for. */
	notify_watch(&notify, &loop);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_each_in_a_datagram),
		cmocka_unit_test(says_one_line_of_a_status),
		cmocka_unit_test(dates_a_reload),
		cmocka_unit_test(leaves_nothing_to_heirs),
		cmocka_unit_test(lives_while_the_loop_does),
		cmocka_unit_test(needs_no_manager),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
